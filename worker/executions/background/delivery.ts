import type { ExecutionJob } from '../../../contracts/execution-job.ts';
import { fail, ok, type Result } from '../../../contracts/result.ts';
import type { Attempt } from '../../../contracts/usage.ts';
import { candidatesOf } from '../../catalog/candidates.ts';
import { type Contents, type ContentsKey, loadContents } from '../../db/contents.ts';
import { createProvider } from '../../providers/create-provider.ts';
import { runStream } from '../../providers/failover/stream-attempts.ts';
import { worstCaseCharge } from '../../providers/metering/pricing.ts';
import { eventBytes, outputBytesMax } from '../../providers/metering/token-bound.ts';
import type { ProviderFailure } from '../../providers/provider.ts';
import type { Dependencies } from '../../runtime/dependencies.ts';
import { resolveTenant } from '../../tenants/tenant-lookup.ts';
import { callWallet } from '../../wallet-access/wallet-client.ts';
import { failoverPlanOf, isOverTime } from '../attempts.ts';
import { appendEvent, emptyCompletion, truncated } from '../collect.ts';
import { neutralRequestOf, type PlannedCandidate, planOf } from '../plan.ts';
import { type Ended, settlementOf } from '../settlement.ts';
import {
  ATTEMPTS_KEPT_MAX,
  endBackground,
  endUnused,
  mergeAttempts,
  releaseDeleted,
  revise,
  settleDecided,
} from './settlement.ts';
import { turnOf } from './turn.ts';

/**
 * One attempt may take this long, as long as the provider keeps speaking; the platform ends a delivery after 15 minutes. What was
 * said by then is the answer: another attempt would take as long, and be billed once more.
 */
const ATTEMPT_MAX_MS = 720_000;
/** A provider that has begun and then says nothing for so long has broken off. */
const IDLE_TIMEOUT_MS = 30_000;
/** Left between the last attempt and the reservation's own deadline, to settle in. */
const SETTLE_MARGIN_MS = 5_000;

/** What becomes of the message: it is done, or it is delivered again, not sooner than after `wait_ms`. */
export type Delivery = { do: 'done' } | { do: 'retry'; wait_ms: number };

const DONE: Delivery = { do: 'done' };
const SOON: Delivery = { do: 'retry', wait_ms: 0 };

/** Where what is said of a job's execution is kept. */
export const contentsKeyOf = ({ tenant, user_id, execution_id }: ExecutionJob): ContentsKey => ({
  tenant_id: tenant.id,
  user_id,
  execution_id,
});

/** What is over is done; a wallet that could not be reached is asked by the next delivery. */
export const deliveryOf = (settled: { ok: boolean; failure?: { code: string } }): Delivery =>
  settled.failure?.code === 'unavailable' ? SOON : DONE;

type Candidates = [PlannedCandidate, ...PlannedCandidate[]];

/**
 * Whom to ask, from what the catalog says now. What the caller may use was decided when it was reserved; what has become dearer
 * than the reservation is left out.
 */
async function planNow(
  deps: Dependencies,
  job: ExecutionJob,
  { input, output: { background } }: Contents,
): Promise<Result<Candidates, { code: string }>> {
  if (background === null) throw new Error('This does not run in the background');
  const tenant = await resolveTenant(deps, { slug: job.tenant.slug }, async () => null);
  if (tenant === null || tenant.status === 'suspended') return fail({ code: 'tenant_suspended' });
  const { model, max_output_tokens } = background.start;
  const candidates = await candidatesOf(deps, model, tenant, { allowed_models: null, api_key: null });
  if (!candidates.ok) return candidates;
  const planned = planOf({ model, max_output_tokens, chat: input.chat }, candidates.value);
  if (!planned.ok) return planned;
  const [first, ...rest] = planned.value.candidates.filter(({ price, input_tokens_bound }) => {
    const most = worstCaseCharge(input_tokens_bound, max_output_tokens, price.wallet_tokens_per_1000);
    return most.ok && most.value <= background.worst_case_tokens;
  });
  return first === undefined ? fail({ code: 'price_raised' }) : ok([first, ...rest]);
}

type Attempted =
  | Extract<Ended, { how: 'answered' | 'left' }>
  /** `failure` null when there was no time left for an attempt. */
  | { how: 'broken'; failure: ProviderFailure | null; attempts: Attempt[] };

/** Asks one candidate, as a stream: so it may speak for long, and is left when it falls silent. Nobody hears it before the end. */
async function attempt(
  candidate: PlannedCandidate,
  chat: Contents['input']['chat'],
  max_output_tokens: number,
  expires_at_ms: number,
): Promise<Attempted> {
  const deadline_ms = Math.min(Date.now() + ATTEMPT_MAX_MS, expires_at_ms - SETTLE_MARGIN_MS);
  const outcome = await runStream({
    ...failoverPlanOf({ candidates: [candidate], max_output_tokens }, new AbortController().signal),
    deadline_ms,
    idle_timeout_ms: IDLE_TIMEOUT_MS,
    hears_reasoning: true,
    call: (asked, { timeout_ms, ...patience }, signal) =>
      createProvider({ ...asked.credential, timeout_ms }).stream(
        neutralRequestOf({ chat, max_output_tokens }, asked),
        signal,
        patience,
      ),
  });
  if (!outcome.ok) return { how: 'broken', failure: outcome.failure, attempts: outcome.attempts };
  const { events, attempts } = outcome;
  let completion = emptyCompletion;
  let output_bytes = 0;
  for await (const event of events) {
    completion = appendEvent(completion, event);
    output_bytes += eventBytes(event);
    if (event.type === 'done') return { how: 'answered', candidate, completion, output_bytes, attempts };
    const isCut =
      event.type === 'failed' ? isOverTime(deadline_ms) : output_bytes > outputBytesMax(max_output_tokens);
    if (isCut && output_bytes > 0)
      return { how: 'answered', candidate, completion: truncated(completion), output_bytes, attempts };
    if (event.type === 'failed') return { how: 'broken', failure: event.failure, attempts };
  }
  throw new Error('A stream ends with a terminal event');
}

/** Whether another candidate's model takes a longer prompt. */
const isLarger = (other: PlannedCandidate, asked: PlannedCandidate) =>
  other.context_window_tokens > asked.context_window_tokens;

/** Writes down what was tried, and says when to try again; ends it when that is no use. */
async function afterFailure(
  deps: Dependencies,
  key: ContentsKey,
  contents: Contents,
  { candidates, asked }: { candidates: Candidates; asked: PlannedCandidate },
  { failure, attempts }: Extract<Attempted, { how: 'broken' }>,
): Promise<Delivery> {
  const end = (error_code: string) =>
    endBackground(deps, key, contents, (known) =>
      endUnused(key.execution_id, 'failed', error_code)(mergeAttempts(known, attempts)),
    );
  if (failure === null) return deliveryOf(await end('provider_failed'));
  if (!failure.retryable) return deliveryOf(await end('provider_rejected'));
  const { kind } = failure;
  if (kind === 'context_length' && !candidates.some((other) => isLarger(other, asked)))
    return deliveryOf(await end('context_length_exceeded'));
  if (contents.output.attempts.length + attempts.length >= ATTEMPTS_KEPT_MAX)
    return deliveryOf(await end('provider_failed'));
  const revised = await revise(deps, key, contents, (output) => ({
    ...output,
    attempts: mergeAttempts(output.attempts, attempts),
  }));
  if (revised === null) return deliveryOf(await releaseDeleted(deps, key));
  if (revised.output.settlement !== null) return deliveryOf(await settleDecided(deps, key, revised));
  const { wait_ms } = turnOf(candidates, revised.output.attempts, Date.now());
  return { do: 'retry', wait_ms };
}

/**
 * One delivery of an execution in the background: one attempt at most, of the candidate whose turn it is, and only while the wallet
 * says that its reservation lives. How it ends is written down before the wallet is told, so a delivery that comes after a crash, or
 * twice, finishes what was decided.
 */
export async function deliverExecution(deps: Dependencies, job: ExecutionJob): Promise<Delivery> {
  const key = contentsKeyOf(job);
  const { tenant_id, user_id, execution_id } = key;
  const contents = await loadContents(deps.database, key);
  if (contents === null) return deliveryOf(await releaseDeleted(deps, key));
  const { background, settlement } = contents.output;
  if (settlement !== null) return deliveryOf(await settleDecided(deps, key, contents));
  if (background === null) throw new Error('This does not run in the background');
  const wallet = { tenant_id, user_id };
  const hold = await callWallet(deps, wallet, (stub) => stub.extend({ wallet, execution_id }));
  if (!hold.ok) return SOON;
  const fails = async (code: string) =>
    deliveryOf(await endBackground(deps, key, contents, endUnused(execution_id, 'failed', code)));
  if (!hold.value.ok) {
    const { code } = hold.value;
    return code === 'user_disabled' || code === 'api_key_revoked' ? fails(code) : DONE;
  }
  const candidates = await planNow(deps, job, contents);
  if (!candidates.ok)
    return candidates.failure.code === 'unavailable' ? SOON : fails(candidates.failure.code);
  const { candidate, wait_ms } = turnOf(candidates.value, contents.output.attempts, Date.now());
  if (wait_ms > 0) return { do: 'retry', wait_ms };
  const { start, worst_case_tokens } = background;
  const { max_output_tokens } = start;
  const ended = await attempt(candidate, contents.input.chat, max_output_tokens, hold.value.expires_at_ms);
  if (ended.how === 'broken')
    return afterFailure(deps, key, contents, { candidates: candidates.value, asked: candidate }, ended);
  const finished_at_ms = Date.now();
  const { text, tool_calls } = ended.completion;
  const settled = await endBackground(deps, key, contents, (known) => {
    const attempts = mergeAttempts(known, ended.attempts);
    const plan = { worst_case_tokens, max_output_tokens };
    return {
      settlement: settlementOf(start, plan, { ...ended, attempts }, finished_at_ms),
      answer: { text, tool_calls },
    };
  });
  return deliveryOf(settled);
}

/** Every delivery was in vain: the tokens are given back, and the execution says what was tried. */
export async function abandonExecution(deps: Dependencies, job: ExecutionJob): Promise<Delivery> {
  const key = contentsKeyOf(job);
  const contents = await loadContents(deps.database, key);
  if (contents === null) return deliveryOf(await releaseDeleted(deps, key));
  const settled = await endBackground(deps, key, contents, (attempts) => {
    const code = attempts.length > 0 ? 'provider_failed' : 'unavailable';
    return endUnused(key.execution_id, 'failed', code)(attempts);
  });
  return deliveryOf(settled);
}
