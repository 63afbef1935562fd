import { z } from 'zod';
import { epochMs } from '../../../contracts/amounts.ts';
import { type CacheScope, TTL_S } from '../../../contracts/tenants/response-cache.ts';
import type { ExecutionOutcome, WalletIdentity } from '../../../contracts/wallet/journal.ts';
import { canonicalJson, sha256Hex } from '../../../journal/hash.ts';
import { ANSWER_BYTES_MAX, type AnswerAddress, SHARED } from '../../objects/kept-answers.ts';
import { jsonOf } from '../../providers/transport/stream-reader.ts';
import type { Plan, PlannedCandidate } from '../plan.ts';
import type { TaskCache, TaskTypes } from '../task.ts';

/** Which requests are equal, and which answers are kept. Pure. */

/** The model that answered. */
const keptModel = z.object({
  public_name: z.string(),
  provider_tenant_id: z.uuid(),
  provider_id: z.uuid(),
  provider_model: z.string(),
});

/** A kept answer as it is stored, with the address that it was stored at. `answer` has the form of its task. */
const keptAnswer = z.object({
  version: z.literal(1),
  tenant_id: z.uuid(),
  owner: z.string(),
  hash: z.string(),
  execution_id: z.uuid(),
  kept_at_ms: epochMs,
  ttl_s: z.int().min(TTL_S.min).max(TTL_S.max),
  model: keptModel,
  answer: z.unknown(),
});
export type KeptAnswer = z.infer<typeof keptAnswer>;

const modelOf = ({ public_name, provider, provider_model }: PlannedCandidate) => ({
  public_name,
  provider_tenant_id: provider.tenant_id,
  provider_id: provider.id,
  provider_model,
});

/** The parts of a candidate that an answer depends on. The credential is none, nor is the order of the candidates. */
const identityOf = (candidate: PlannedCandidate): string => {
  const { kind, base_url, settings } = candidate.provider;
  return canonicalJson({ ...modelOf(candidate), kind, base_url, settings });
};

/**
 * Returns the address of the answer to a task. Requests with the same address are equal: the same candidates for the same names, the same
 * output limit and the same input, of the same user unless the scope is the tenant.
 */
export function addressOf<T extends TaskTypes>(
  { tenant_id, user_id }: WalletIdentity,
  scope: CacheScope,
  { task, candidates, max_output_tokens }: Plan<T>,
  { input }: TaskCache<T['piece'], T['answer']>,
): AnswerAddress {
  const owner = scope === 'tenant' ? SHARED : user_id;
  const names = new Set(candidates.map(({ public_name }) => public_name));
  const request = {
    ...{ version: 1, tenant_id, owner, task: task.kind, max_output_tokens, input },
    names: [...names],
    candidates: candidates.map(identityOf).toSorted(),
  };
  return { tenant_id, owner, hash: sha256Hex(canonicalJson(request)) };
}

/** True for an answer that an equal request may get: whole, of a provider, and with the usage that the provider reported. */
export const isKept = <T extends TaskTypes>(
  { isWhole }: TaskCache<T['piece'], T['answer']>,
  answer: T['answer'],
  { status, usage_source, response_cache }: ExecutionOutcome,
): boolean =>
  status === 'succeeded' && usage_source === 'reported' && response_cache === undefined && isWhole(answer);

/** Returns an answer as it is stored, or null if it is too long to keep. */
export function storedText(
  address: AnswerAddress,
  {
    candidate,
    ...kept
  }: Pick<KeptAnswer, 'execution_id' | 'kept_at_ms' | 'ttl_s' | 'answer'> & { candidate: PlannedCandidate },
): string | null {
  const stored: KeptAnswer = { version: 1, ...address, model: modelOf(candidate), ...kept };
  const text = JSON.stringify(stored);
  return new TextEncoder().encode(text).byteLength > ANSWER_BYTES_MAX ? null : text;
}

/** Clocks of two machines differ by less. An answer from later than that was not stored by us. */
const CLOCKS_MS = 60_000;

/**
 * Returns what was stored at an address, or null if it is expired, from another address, or of another form. `ttl_s` is the setting of
 * now: a shorter one applies to what is stored already.
 */
export function readStored(
  text: string,
  address: AnswerAddress,
  { ttl_s, now_ms }: { ttl_s: number; now_ms: number },
): KeptAnswer | null {
  const read = keptAnswer.safeParse(jsonOf(text));
  if (!read.success) return null;
  const { tenant_id, owner, hash, kept_at_ms } = read.data;
  const isHere = tenant_id === address.tenant_id && owner === address.owner && hash === address.hash;
  const ends_at_ms = kept_at_ms + Math.min(ttl_s, read.data.ttl_s) * 1_000;
  return isHere && kept_at_ms <= now_ms + CLOCKS_MS && now_ms < ends_at_ms ? read.data : null;
}

/** Returns the candidate that gave a kept answer, if it is one of them still. */
export const candidateOf = (
  candidates: readonly PlannedCandidate[],
  { model }: KeptAnswer,
): PlannedCandidate | undefined =>
  candidates.find((candidate) => canonicalJson(modelOf(candidate)) === canonicalJson(model));
