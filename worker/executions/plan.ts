import { fail, ok, type Result } from '../../contracts/result.ts';
import type { ReadyCandidate } from '../catalog/candidates.ts';
import { worstCaseCharge } from '../providers/metering/pricing.ts';
import { type PlanFailure, refusedField, type Task, type TaskTypes } from './task.ts';

/** A candidate that can run the task, with an upper bound of the input tokens that it can count. */
export type PlannedCandidate = ReadyCandidate & { input_tokens_bound: number };

/** The candidates of an execution and its limits, which the reservation rests on. */
export type PlanLimits = {
  candidates: [PlannedCandidate, ...PlannedCandidate[]];
  max_output_tokens: number;
  /** Wallet tokens: the most the execution can cost, whichever candidate answers. */
  worst_case_tokens: number;
  /** True if the output limit was lowered to what the balance covers. */
  fitted: boolean;
};

/** A task with its candidates and limits. */
export interface Plan<T extends TaskTypes = TaskTypes> extends PlanLimits {
  task: Task<T>;
}

/** Returns the most that any of the candidates can be charged for, or null if that exceeds the range of an amount. */
function worstCaseOf(candidates: PlannedCandidate[], max_output_tokens: number): number | null {
  let worst = 1;
  for (const { price, input_tokens_bound } of candidates) {
    const charge = worstCaseCharge(input_tokens_bound, max_output_tokens, price.wallet_tokens_per_1000);
    if (!charge.ok) return null;
    worst = Math.max(worst, charge.value);
  }
  return worst;
}

/**
 * Plans a task: the candidates that can run it with that much output, and a reservation that covers the most expensive of them. Pure.
 * Refuses a task that no candidate can run, and one that costs more than an amount can hold.
 */
export function planOf<T extends TaskTypes>(
  task: Task<T>,
  candidates: [ReadyCandidate, ...ReadyCandidate[]],
): Result<Plan<T>, PlanFailure> {
  const limited = task.outputLimit(candidates.map(({ max_output_tokens }) => max_output_tokens));
  if (!limited.ok) return limited;
  const max_output_tokens = limited.value;
  const obstacles = candidates.map((candidate) => task.obstacle(candidate, max_output_tokens));
  const [first, ...rest] = candidates
    .filter(
      (candidate, index) => obstacles[index] === null && candidate.max_output_tokens >= max_output_tokens,
    )
    .map((candidate) => ({
      ...candidate,
      input_tokens_bound: task.inputTokensBound(candidate, max_output_tokens),
    }));
  if (first === undefined) {
    const reason = obstacles.find((obstacle) => obstacle !== null) ?? 'No provider of this model can do this';
    return refusedField('model', 'unsupported', reason);
  }
  const worst_case_tokens = worstCaseOf([first, ...rest], max_output_tokens);
  if (worst_case_tokens === null)
    return fail({ code: 'amount_out_of_range', details: { field: 'max_output_tokens' } });
  return ok({ task, candidates: [first, ...rest], max_output_tokens, worst_case_tokens, fitted: false });
}

/**
 * Returns the plan with the highest output limit that `available` wallet tokens cover, or null if that is less than `least` output
 * tokens. Pure. A binary search: the charge grows with the limit.
 */
export function fitToBalance<Limits extends PlanLimits>(
  plan: Limits,
  available: number,
  least: number,
): Limits | null {
  const worstCase = (limit: number) => worstCaseOf(plan.candidates, limit) ?? Number.POSITIVE_INFINITY;
  let fits = least - 1;
  let exceeds = plan.max_output_tokens + 1;
  while (exceeds - fits > 1) {
    const middle = Math.floor((fits + exceeds) / 2);
    if (worstCase(middle) <= available) fits = middle;
    else exceeds = middle;
  }
  if (fits < least) return null;
  return { ...plan, max_output_tokens: fits, worst_case_tokens: worstCase(fits), fitted: true };
}
