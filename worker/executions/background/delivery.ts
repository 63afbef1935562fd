import type { BackgroundStart, ExecutionJob } from '../../../contracts/execution-job.ts';
import { fail, ok, type Result } from '../../../contracts/result.ts';
import { type Contents, type ContentsKey, loadContents } from '../../db/executions/contents.ts';
import type { Dependencies } from '../../runtime/dependencies.ts';
import { resolveTenant } from '../../tenants/tenant-lookup.ts';
import { callWallet } from '../../wallet-access/wallet-client.ts';
import { restoreChat } from '../chat-task.ts';
import { GrowingHold } from '../growing-hold.ts';
import { type PlannedCandidate, planOf, worstCaseOf } from '../plan.ts';
import { routedCandidates } from '../routing.ts';
import { mostOf, settlementOf } from '../settlement.ts';
import { type Attempted, attempt } from './attempt.ts';
import {
  ATTEMPTS_KEPT_MAX,
  cancelledOf,
  endBackground,
  endUnused,
  mergeAttempts,
  releaseDeleted,
  revise,
  settleDecided,
} from './decide.ts';
import { notRefused, turnOf } from './turn.ts';
import { CancellationWatch } from './watch-cancellation.ts';

/** The result of a delivery: the execution is over, or is delivered again after `wait_ms` or later. */
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
  const { id, model, routing, max_output_tokens } = background.start;
  const [, ...others] = routing?.asked_models ?? [];
  const everything = { allowed_models: null, api_key: null, user: { id: job.user_id } };
  const routed = await routedCandidates(deps, tenant, everything, {
    ...{ asked: [model, ...others], beginning: () => null, seed: id, knows_isolate: false },
  });
  if (!routed.ok) return routed;
  const planned = planOf(restoreChat(background.start, input), routed.value.candidates);
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
    endBackground(deps, key, contents, (known, is_cancelled) =>
      endUnused(key.execution_id, 'failed', error_code)(mergeAttempts(known, attempts), is_cancelled),
    );
  if (failure === null) return deliveryOf(await end('provider_failed'));
  const [first, ...rest] = notRefused(candidates, mergeAttempts(contents.output.attempts, attempts));
  if (first === undefined) return deliveryOf(await end('provider_rejected'));
  const { kind } = failure;
  if (kind === 'context_length' && !candidates.some((other) => isLarger(other, asked)))
    return deliveryOf(await end('context_length_exceeded'));
  if (contents.output.attempts.length + attempts.length >= ATTEMPTS_KEPT_MAX)
    return deliveryOf(await end('provider_failed'));
  const revised = await revise(deps, key, contents, ({ attempt_began_at_ms: _began, ...output }) => ({
    ...output,
    attempts: mergeAttempts(output.attempts, attempts),
  }));
  const known = mergeAttempts(contents.output.attempts, attempts);
  if (revised === null) return deliveryOf(await releaseDeleted(deps, key, known));
  const over = await overAlready(deps, key, revised);
  if (over !== null) return over;
  const { wait_ms } = turnOf([first, ...rest], revised.output.attempts, Date.now());
  return { do: 'retry', wait_ms };
}

/**
 * Returns the result of a delivery that makes no attempt: the contents were deleted, the end was decided, or the execution was cancelled
 * during an attempt that never reported. Null if an attempt can be made.
 */
async function overAlready(
  deps: Dependencies,
  key: ContentsKey,
  contents: Contents | null,
): Promise<DeliveryResult | null> {
  if (contents === null) return deliveryOf(await releaseDeleted(deps, key));
  const { settlement, cancelled_at_ms } = contents.output;
  if (settlement !== null) return deliveryOf(await settleDecided(deps, key, contents));
  if (cancelled_at_ms === undefined) return null;
  const unused = endUnused(key.execution_id, 'cancelled', 'cancelled');
  return deliveryOf(await endBackground(deps, key, contents, unused));
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
  const over = await overAlready(deps, key, contents);
  if (over !== null || contents === null) return over ?? DONE;
  const { background } = contents.output;
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
  const planned = await planNow(deps, job, contents);
  if (!planned.ok) return planned.failure.code === 'unavailable' ? SOON : fails(planned.failure.code);
  const [first, ...rest] = notRefused(planned.value, contents.output.attempts);
  if (first === undefined) return fails('provider_rejected');
  const candidates: Candidates = [first, ...rest];
  const { candidate, wait_ms } = turnOf(candidates, contents.output.attempts, Date.now());
  if (wait_ms > 0) return { do: 'retry', wait_ms };
  // From here on a cancellation leaves the end to this delivery, which knows what was used.
  const begun = await revise(deps, key, contents, (output) => ({
    ...output,
    ...(output.cancelled_at_ms === undefined && { attempt_began_at_ms: Date.now() }),
  }));
  const overMeanwhile = await overAlready(deps, key, begun);
  if (overMeanwhile !== null || begun === null) return overMeanwhile ?? DONE;
  return makeAttempt(deps, key, begun, {
    background,
    hold: hold.value,
    candidates,
    candidate,
  });
}

/** The input of an attempt: the state at its start, the hold, and the candidates, of which one is asked. */
type AttemptTerms = {
  background: BackgroundStart;
  hold: { reserved: number; wholesale: number; expires_at_ms: number };
  candidates: Candidates;
  candidate: PlannedCandidate;
};

/** Makes an attempt, which is given up when its user cancels the execution, and ends the execution or stores the failure. */
async function makeAttempt(
  deps: Dependencies,
  key: ContentsKey,
  contents: Contents,
  { background, hold, candidates, candidate }: AttemptTerms,
): Promise<DeliveryResult> {
  const { tenant_id, user_id } = key;
  const { start } = background;
  const { max_output_tokens } = start;
  const task = restoreChat(start, contents.input);
  const held = heldNow(background, hold);
  const growing = new GrowingHold(
    deps,
    { start, wallet: { tenant_id, user_id }, ...held, plan: { ...held, task }, free_tokens: 0 },
    { is_live: false },
  );
  const watch = new CancellationWatch(deps, key);
  const { expires_at_ms } = hold;
  const { signal } = watch;
  const ended = await attempt(task, candidate, max_output_tokens, {
    tenant_id,
    expires_at_ms,
    signal,
    hold: growing,
  }).finally(() => watch.stop());
  if (ended.how === 'broken')
    return afterFailure(deps, key, contents, { candidates, asked: candidate }, ended);
  const finished_at_ms = Date.now();
  const { amount, wholesale } = await growing.raiseTo(mostOf(held, ended));
  const limits = {
    ...{ worst_case_tokens: amount, max_output_tokens },
    wholesale: held.wholesale && { ...held.wholesale, held: wholesale },
  };
  const settled = await endBackground(deps, key, contents, (known, is_cancelled) => {
    const attempts = mergeAttempts(known, ended.attempts);
    const settlement = settlementOf(start, limits, { ...ended, attempts }, finished_at_ms);
    // What a provider has said by then is paid for, also if it ended just before it was left.
    return is_cancelled || ended.how === 'left'
      ? { settlement: cancelledOf(settlement), answer: null }
      : { settlement, answer: task.storage.answerOf(ended.answer) };
  });
  return deliveryOf(settled);
}

/** Ends an execution after its last delivery failed: releases the reservation and records the attempts. */
export async function abandonExecution(deps: Dependencies, job: ExecutionJob): Promise<DeliveryResult> {
  const key = contentsKeyOf(job);
  const contents = await loadContents(deps.database, key);
  if (contents === null) return deliveryOf(await releaseDeleted(deps, key));
  const settled = await endBackground(deps, key, contents, (attempts, is_cancelled) => {
    const code = attempts.length > 0 ? 'provider_failed' : 'unavailable';
    return endUnused(key.execution_id, 'failed', code)(attempts, is_cancelled);
  });
  return deliveryOf(settled);
}
