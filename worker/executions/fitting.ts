import type { BudgetTerms } from '../../contracts/wallet/budget-terms.ts';
import type { BalanceRefusal, TenantBudgetRefusal } from '../../durable-objects/wallet/commands.ts';
import { type Plan, type PlanLimits, worstCaseOf } from './plan.ts';
import type { TaskTypes } from './task.ts';
import { wholesaleBound } from './wholesale.ts';

/** Fits the output limit of a plan to what is left of the user's balance and of the tenant's budget. Pure. */

/** Tells if something left covers so much output of the candidates. */
export type Cover = (candidates: PlanLimits['candidates'], output_tokens: number) => boolean;

/** Covers what costs at most so many wallet tokens. */
export const byBalance =
  (available: number): Cover =>
  (candidates, output_tokens) =>
    (worstCaseOf(candidates, output_tokens) ?? Number.POSITIVE_INFINITY) <= available;

/** Covers what costs the tenant at most so many micro-USD. */
export const byBudget =
  (available: number, terms: BudgetTerms): Cover =>
  (candidates, output_tokens) =>
    wholesaleBound(candidates, output_tokens, terms) <= available;

/** Returns the highest limit that is covered, or null if the least is not. A binary search: a higher limit costs more. */
export function highestLimit(
  { least, most }: { least: number; most: number },
  isCovered: (limit: number) => boolean,
): number | null {
  let fits = least - 1;
  let exceeds = most + 1;
  while (exceeds - fits > 1) {
    const middle = Math.floor((fits + exceeds) / 2);
    if (isCovered(middle)) fits = middle;
    else exceeds = middle;
  }
  return fits < least ? null : fits;
}

/** Returns the plan with the highest output limit that is covered from the start, or null if that is less than `least` output tokens. */
export function fitTo<Limits extends PlanLimits>(plan: Limits, covers: Cover, least: number): Limits | null {
  const { candidates, held_output_tokens: most } = plan;
  const fits = highestLimit({ least, most }, (limit) => covers(candidates, limit));
  if (fits === null) return null;
  return {
    ...plan,
    max_output_tokens: fits,
    held_output_tokens: fits,
    worst_case_tokens: worstCaseOf(candidates, fits) ?? plan.worst_case_tokens,
    fitted: true,
  };
}

/**
 * Returns the plan with an output limit that the hold can grow to, so that the provider knows where the answer ends. The same plan if its
 * limit is covered.
 */
export function limitTo<Limits extends PlanLimits>(plan: Limits, covers: Cover): Limits {
  const { candidates, held_output_tokens: least, max_output_tokens: most } = plan;
  const fits = highestLimit({ least, most }, (limit) => covers(candidates, limit)) ?? least;
  return fits === most ? plan : { ...plan, max_output_tokens: fits, fitted: true };
}

/** The longest token of any vocabulary, in bytes. */
const TOKEN_BYTES_MAX = 128;

/**
 * Returns true if the plan could be covered with the fewest input tokens that a text of its bound can have. The context window says
 * nothing about them.
 */
export function mayCover({ candidates, task }: Plan<TaskTypes>, covers: Cover): boolean {
  if (task.is_bounded_by_window) return true;
  const [first, ...rest] = candidates.map((candidate) => ({
    ...candidate,
    held_input_tokens: Math.ceil(candidate.input_tokens_bound / TOKEN_BYTES_MAX),
  }));
  return first !== undefined && covers([first, ...rest], task.output_tokens_min);
}

/** The room that a refusal leaves to a plan: now, and if nothing else ran. `isBusy`: running executions hold a part of it. */
export type Room = { now: Cover; alone: Cover; isBusy: boolean };

/** Returns what is left where the balance, or the tenant's budget, refused a reservation. */
export function roomOf(refusal: BalanceRefusal | TenantBudgetRefusal, budget: BudgetTerms): Room {
  if (refusal.code === 'tenant_budget') {
    const { covered, covered_alone } = refusal;
    return {
      now: byBudget(covered, budget),
      alone: byBudget(covered_alone, budget),
      isBusy: covered_alone > covered,
    };
  }
  const { available, reserved } = refusal;
  return { now: byBalance(available), alone: byBalance(available + reserved), isBusy: reserved > 0 };
}

/** While other executions run, an output limit is not lowered below this: a better answer is a moment away. */
const USEFUL_OUTPUT_TOKENS = 1_024;

/** Returns the least output limit to which a plan may be lowered. A limit below the task's least is not lowered. */
const leastOf = <T extends TaskTypes>({ task, max_output_tokens }: Plan<T>): number =>
  Math.min(task.output_tokens_min, max_output_tokens);

/** Returns the plan, fitted if that is needed, or null if what is left does not cover an answer as long as the task needs. */
export function fitToRoom<T extends TaskTypes>(plan: Plan<T>, { now, isBusy }: Room): Plan<T> | null {
  if (now(plan.candidates, plan.held_output_tokens)) return plan;
  const least = leastOf(plan);
  const useful = Math.min(USEFUL_OUTPUT_TOKENS, plan.max_output_tokens);
  return fitTo(plan, now, isBusy ? Math.max(least, useful) : least);
}

/** Tells whether the request could be paid for, fitted or not, if nothing else ran. */
export const isPayable = <T extends TaskTypes>(plan: Plan<T>, { alone, isBusy }: Room): boolean =>
  isBusy && fitTo(plan, alone, leastOf(plan)) !== null;
