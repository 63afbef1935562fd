import type { BackgroundStart, ExecutionJob } from '../../../contracts/execution-job.ts';
import { fail, ok, type Result } from '../../../contracts/result.ts';
import type { Attempt } from '../../../contracts/usage.ts';
import { candidatesOf } from '../../catalog/candidates.ts';
import { type Contents, type ContentsKey, loadContents } from '../../db/executions/contents.ts';
import type { Completion, ProviderFailure } from '../../providers/provider.ts';
import type { Dependencies } from '../../runtime/dependencies.ts';
import { resolveTenant } from '../../tenants/tenant-lookup.ts';
import { callWallet } from '../../wallet-access/wallet-client.ts';
import { type Chat, type ChatTask, restoreChat } from '../chat-task.ts';
import { GrowingHold } from '../growing-hold.ts';
import { isOverTime } from '../patience.ts';
import { type PlannedCandidate, planOf, worstCaseOf } from '../plan.ts';
import { readStream } from '../read-stream.ts';
import { openStream } from '../run.ts';
import { type ExecutionEnd, estimateOf, mostOf, settlementOf } from '../settlement.ts';
import {
  ATTEMPTS_KEPT_MAX,
  endBackground,
  endUnused,
  mergeAttempts,
  releaseDeleted,
  revise,
  settleDecided,
} from './decide.ts';
import { turnOf } from './turn.ts';

/**
 * Longest time of one attempt whose provider keeps streaming; the platform ends a delivery after 15 minutes. The output by then is the
 * answer, since another attempt would take as long and be billed again.
 */
const ATTEMPT_MAX_MS = 720_000;
/** Time between the end of the last attempt and the reservation's deadline, in which it is settled. */
const SETTLE_MARGIN_MS = 5_000;

/** The result for the queue: acknowledge the message, or deliver it again after `wait_ms` or later. */
export type DeliveryResult = { do: 'done' } | { do: 'retry'; wait_ms: number };

const DONE: DeliveryResult = { do: 'done' };
const SOON: DeliveryResult = { do: 'retry', wait_ms: 0 };

/** Returns the key of the stored contents of a job's execution. */
export const contentsKeyOf = ({ tenant, user_id, execution_id }: ExecutionJob): ContentsKey => ({
  tenant_id: tenant.id,
  user_id,
  execution_id,
});

/** Returns the result after a settlement. If the wallet could not be reached, the next delivery settles. */
export const deliveryOf = (settled: { ok: boolean; failure?: { code: string } }): DeliveryResult =>
  settled.failure?.code === 'unavailable' ? SOON : DONE;

type Candidates = [PlannedCandidate, ...PlannedCandidate[]];

/**
 * Returns the candidates according to the catalog now. The models that the caller may use were checked when the execution was reserved.
 * Candidates that have become more expensive than the reservation are left out.
 */
async function planNow(
  deps: Dependencies,
  job: ExecutionJob,
  { input, output: { background } }: Contents,
): Promise<Result<Candidates, { code: string }>> {
  if (background === null) throw new Error('This execution does not run in the background');
  const tenant = await resolveTenant(deps, { slug: job.tenant.slug }, async () => null);
  if (tenant === null || tenant.status !== 'active') return fail({ code: 'tenant_suspended' });
  const { model, max_output_tokens } = background.start;
  const candidates = await candidatesOf(deps, model, tenant, { allowed_models: null, api_key: null });
  if (!candidates.ok) return candidates;
  const planned = planOf(restoreChat(background.start, input), candidates.value);
  if (!planned.ok) return planned;
  const { worst_case_tokens, held_output_tokens = max_output_tokens } = background;
  const { input_tokens_bound } = background.start;
  const [first, ...rest] = planned.value.candidates
    .map((one) => ({ ...one, held_input_tokens: Math.min(one.input_tokens_bound, input_tokens_bound) }))
    .filter(
      (one) => (worstCaseOf([one], held_output_tokens) ?? Number.POSITIVE_INFINITY) <= worst_case_tokens,
    );
  return first === undefined ? fail({ code: 'price_raised' }) : ok([first, ...rest]);
}

/** Returns what an execution holds by now: earlier attempts may have raised it. */
const heldNow = (
  { start, held_output_tokens = start.max_output_tokens, wholesale }: BackgroundStart,
  now: { reserved: number; wholesale: number },
) => ({
  worst_case_tokens: now.reserved,
  max_output_tokens: start.max_output_tokens,
  held_output_tokens,
  wholesale: wholesale && { ...wholesale, held: now.wholesale },
});

type Attempted =
  | Extract<ExecutionEnd<Completion>, { how: 'answered' | 'left' }>
  /** `failure` is null if there was no time for an attempt. */
  | { how: 'broken'; failure: ProviderFailure | null; attempts: Attempt[] };

/** Makes one attempt. Its stream is read to the end, so it can take long, and a silent provider is left early. */
async function attempt(
  task: ChatTask,
  candidate: PlannedCandidate,
  max_output_tokens: number,
  { expires_at_ms, hold }: { expires_at_ms: number; hold: GrowingHold<Chat> },
): Promise<Attempted> {
  const deadline_ms = Math.min(Date.now() + ATTEMPT_MAX_MS, expires_at_ms - SETTLE_MARGIN_MS);
  const plan = { task, candidates: [candidate] as Candidates, max_output_tokens };
  const outcome = await openStream(plan, {
    hold,
    delivery: 'live',
    signal: new AbortController().signal,
    deadline_ms,
  });
  if (!outcome.ok) return { how: 'broken', failure: outcome.failure, attempts: outcome.attempts };
  const { events, attempts } = outcome;
  const read = await readStream(plan, events);
  const { answer, output_bytes } = read;
  const estimate = estimateOf(plan, candidate, answer, { is_too_long: read.end === 'too_long' });
  const received = { candidate, estimate, attempts };
  if (read.end === 'done') return { how: 'answered', answer, ...received };
  const isCut = read.end === 'failed' ? isOverTime(deadline_ms) : read.end === 'too_long';
  if (isCut && output_bytes > 0) return { how: 'answered', answer: task.truncate(answer), ...received };
  return { how: 'broken', failure: read.end === 'failed' ? read.failure : null, attempts };
}

/** Returns true if another candidate's model has a larger context window. */
const isLarger = (other: PlannedCandidate, asked: PlannedCandidate) =>
  other.context_window_tokens > asked.context_window_tokens;

/** Stores a failed attempt and returns when to try again, or ends the execution if another attempt cannot succeed. */
async function afterFailure(
  deps: Dependencies,
  key: ContentsKey,
  contents: Contents,
  { candidates, asked }: { candidates: Candidates; asked: PlannedCandidate },
  { failure, attempts }: Extract<Attempted, { how: 'broken' }>,
): Promise<DeliveryResult> {
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
 * Handles one delivery of an execution in the background: at most one attempt, by the next candidate in rotation, and only while the
 * reservation is held. The end is stored before the wallet settles it, so a delivery after a crash, or a second one, settles the same
 * end.
 */
export async function deliverExecution(deps: Dependencies, job: ExecutionJob): Promise<DeliveryResult> {
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
  const { start } = background;
  const { max_output_tokens } = start;
  const task = restoreChat(start, contents.input);
  const held = heldNow(background, hold.value);
  const growing = new GrowingHold(
    deps,
    { start, wallet, ...held, plan: { ...held, task }, free_tokens: 0 },
    { is_live: false },
  );
  const ended = await attempt(task, candidate, max_output_tokens, {
    expires_at_ms: hold.value.expires_at_ms,
    hold: growing,
  });
  if (ended.how === 'broken')
    return afterFailure(deps, key, contents, { candidates: candidates.value, asked: candidate }, ended);
  const finished_at_ms = Date.now();
  const { amount, wholesale } = await growing.raiseTo(mostOf(held, ended));
  const limits = {
    ...{ worst_case_tokens: amount, max_output_tokens },
    wholesale: held.wholesale && { ...held.wholesale, held: wholesale },
  };
  const settled = await endBackground(deps, key, contents, (known) => {
    const attempts = mergeAttempts(known, ended.attempts);
    return {
      settlement: settlementOf(start, limits, { ...ended, attempts }, finished_at_ms),
      answer: task.storage.answerOf(ended.answer),
    };
  });
  return deliveryOf(settled);
}

/** Ends an execution after its last delivery failed: releases the reservation and records the attempts. */
export async function abandonExecution(deps: Dependencies, job: ExecutionJob): Promise<DeliveryResult> {
  const key = contentsKeyOf(job);
  const contents = await loadContents(deps.database, key);
  if (contents === null) return deliveryOf(await releaseDeleted(deps, key));
  const settled = await endBackground(deps, key, contents, (attempts) => {
    const code = attempts.length > 0 ? 'provider_failed' : 'unavailable';
    return endUnused(key.execution_id, 'failed', code)(attempts);
  });
  return deliveryOf(settled);
}
