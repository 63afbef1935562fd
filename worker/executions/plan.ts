import { modelKinds, refusalOfKind } from '../../contracts/catalog/model-kinds.ts';
import { servesModels } from '../../contracts/catalog/provider-kinds.ts';
import { fail, ok, type Result } from '../../contracts/result.ts';
import type { ReadyCandidate } from '../catalog/candidates.ts';
import { type InputClass, worstCaseCharge } from '../providers/metering/pricing.ts';
import { type PlanFailure, refusedField, type Task, type TaskTypes } from './task.ts';

/** A candidate that can run the task. */
export type PlannedCandidate = ReadyCandidate & {
  /** An upper bound of the input tokens that it can count. */
  input_tokens_bound: number;
  /** The input tokens that are held for it: the bound, or fewer if they were counted. */
  held_input_tokens: number;
  /** The classes that the input may have beside text, whose rates are held. */
  input_classes: readonly InputClass[];
};

/** The candidates of an execution and its limits, which the reservation rests on. */
export type PlanLimits = {
  candidates: [PlannedCandidate, ...PlannedCandidate[]];
  max_output_tokens: number;
  /** Output tokens that are held from the start; less than `max_output_tokens` if the hold grows with the answer. */
  held_output_tokens: number;
  /** Wallet tokens to hold: the most that the held input and output can cost, whichever candidate answers. */
  worst_case_tokens: number;
  /** True if the output limit was lowered to what the balance covers. */
  fitted: boolean;
};

/** A task with its candidates and limits. */
export interface Plan<T extends TaskTypes = TaskTypes> extends PlanLimits {
  task: Task<T>;
}

/** Returns the most that any of the candidates is held for, or null if that exceeds the range of an amount. */
export function worstCaseOf(candidates: PlannedCandidate[], max_output_tokens: number): number | null {
  let worst = 1;
  for (const { price, held_input_tokens, input_classes } of candidates) {
    const rates = price.wallet_tokens_per_1000;
    const charge = worstCaseCharge(held_input_tokens, max_output_tokens, rates, input_classes);
    if (!charge.ok) return null;
    worst = Math.max(worst, charge.value);
  }
  return worst;
}

/** The output that is held before the answer begins. Most answers are shorter. */
const FIRST_OUTPUT_TOKENS = 1_024;

/** `default_output_limit`: the output limit of a request that names none; null for the candidates'. */
type PlanOptions = { default_output_limit?: number | null };

type Candidates = [ReadyCandidate, ...ReadyCandidate[]];

/**
 * Returns the candidates whose models are of the task's kind and whose providers serve it, or refuses a model that is called at the
 * endpoint of another kind.
 */
function candidatesOfKind(
  { kind }: Pick<Task, 'kind'>,
  candidates: Candidates,
): Result<Candidates, PlanFailure> {
  const ofKind = candidates.filter((candidate) => candidate.kind === kind);
  if (ofKind.length === 0) return refusedField('model', 'wrong_kind', refusalOfKind(candidates[0].kind));
  const [first, ...rest] = ofKind.filter(({ provider }) => servesModels(provider.kind, kind));
  return first === undefined
    ? refusedField('model', 'unsupported', `The provider of this model has no ${modelKinds[kind].plural}`)
    : ok([first, ...rest]);
}

/**
 * Plans a task: the candidates that can run it with that much output, and a reservation that covers the most expensive of them. Pure.
 * The output is held piece by piece, unless the client wants all of it held or a candidate does not show what it is paid for. Refuses a task that no candidate can run, and one that costs more than an amount can hold.
 */
export function planOf<T extends TaskTypes>(
  task: Task<T>,
  named: Candidates,
  { default_output_limit = null }: PlanOptions = {},
): Result<Plan<T>, PlanFailure> {
  const ofKind = candidatesOfKind(task, named);
  if (!ofKind.ok) return ofKind;
  const candidates = ofKind.value;
  const refused = task.refusal(candidates);
  if (refused !== null) return refused;
  const grows = !candidates.some((candidate) => task.needsWholeHold(candidate));
  const limits = candidates.map(({ max_output_tokens }) => max_output_tokens);
  const limited = task.outputLimit(limits, grows, default_output_limit);
  if (!limited.ok) return limited;
  const max_output_tokens = limited.value;
  const obstacles = candidates.map((candidate) => task.obstacle(candidate, max_output_tokens));
  const [first, ...rest] = candidates
    .filter(
      (candidate, index) => obstacles[index] === null && task.allowsOutput(candidate, max_output_tokens),
    )
    .map((candidate) => {
      const input_tokens_bound = task.inputTokensBound(candidate, max_output_tokens);
      const { input_classes } = task;
      return { ...candidate, input_tokens_bound, held_input_tokens: input_tokens_bound, input_classes };
    });
  if (first === undefined) {
    const reason = obstacles.find((obstacle) => obstacle !== null) ?? 'No provider of this model can do this';
    return refusedField('model', 'unsupported', reason);
  }
  const held_output_tokens = grows ? Math.min(FIRST_OUTPUT_TOKENS, max_output_tokens) : max_output_tokens;
  const worst_case_tokens = worstCaseOf([first, ...rest], held_output_tokens);
  if (worst_case_tokens === null)
    return fail({ code: 'amount_out_of_range', details: { field: 'max_output_tokens' } });
  const limitsOfPlan = { max_output_tokens, held_output_tokens, worst_case_tokens, fitted: false };
  return ok({ task, candidates: [first, ...rest], ...limitsOfPlan });
}

/** Returns the candidates with their input as counted, in their order; null is no count. Never more than their bounds. Pure. */
const countedCandidates = (
  [first, ...rest]: PlanLimits['candidates'],
  counts: readonly (number | null)[],
): PlanLimits['candidates'] => {
  const counted = (candidate: PlannedCandidate, at: number): PlannedCandidate => {
    const held_input_tokens = Math.min(candidate.input_tokens_bound, counts[at] ?? Number.POSITIVE_INFINITY);
    return { ...candidate, held_input_tokens };
  };
  return [counted(first, 0), ...rest.map((candidate, index) => counted(candidate, index + 1))];
};

/** Counts the input at every candidate, and returns the plan that holds what was counted. A candidate without a count keeps its bound. */
export async function countedPlan<T extends TaskTypes>(plan: Plan<T>): Promise<Plan<T>> {
  const { task, max_output_tokens, held_output_tokens } = plan;
  const counts = await Promise.all(
    plan.candidates.map((candidate) => task.countInputTokens(candidate, max_output_tokens)),
  );
  const candidates = countedCandidates(plan.candidates, counts);
  const worst_case_tokens = worstCaseOf(candidates, held_output_tokens) ?? plan.worst_case_tokens;
  return { ...plan, candidates, worst_case_tokens };
}

/** The part of the free tokens from which on the bound of the input leaves too little for the output to be limited by it. */
const LARGE_INPUT = 1 / 4;

/** Returns true if a plan of limited output would be limited less if its input were counted. Pure. */
export function isLimitedByInput({ candidates, fitted }: PlanLimits, available: number): boolean {
  const input = worstCaseOf(candidates, 0) ?? 0;
  return fitted && input >= available * LARGE_INPUT;
}
