import { MICRO_USD_MAX } from '../../contracts/amounts.ts';
import type { FinishedExecution } from '../../contracts/api/executions.ts';
import type { Result } from '../../contracts/result.ts';
import type { CacheHit } from '../../contracts/tenants/response-cache.ts';
import type { Attempt, Usage } from '../../contracts/usage.ts';
import type { WholesaleHold } from '../../contracts/wallet/budget-terms.ts';
import type { ExecutionOutcome, ExecutionStart } from '../../contracts/wallet/journal.ts';
import { presentExecution, recordOfRun } from '../db/executions/present-execution.ts';
import type { NoAnswer } from '../providers/failover/attempts.ts';
import { tokensThoughtIn } from '../providers/metering/hidden-reasoning.ts';
import {
  chargeOf,
  costMicroUsd,
  worstCaseCharge,
  worstCaseCostMicroUsd,
} from '../providers/metering/pricing.ts';
import type { Plan, PlanLimits, PlannedCandidate } from './plan.ts';
import type { Collected, TaskTypes } from './task.ts';
import { wholesaleOf } from './wholesale.ts';

/** The hold of an execution, and the limits that its charge stays within. */
export type Held = Pick<PlanLimits, 'worst_case_tokens' | 'max_output_tokens'> & {
  /** Absent where no budget of the tenant applies. */
  wholesale?: WholesaleHold | undefined;
};

/** The tokens that an execution without a report has probably used. Those that were thought unseen are part of the output. */
type UsageEstimate = { input_tokens: number; output_tokens: number; hidden_tokens?: number };

/**
 * An answer, or the part of it that was received. `estimate` is null if the provider reported the usage. `hit` is absent if a provider
 * answered.
 */
type Received<Answer> = {
  candidate: PlannedCandidate;
  answer: Answer;
  estimate: UsageEstimate | null;
  attempts: Attempt[];
  hit?: CacheHit | undefined;
  /** The time at which a streamed answer began, in epoch milliseconds. Null or absent for one in one piece. */
  content_began_at_ms?: number | null;
};

/**
 * Returns the tokens that a candidate has probably thought unseen, in the time from its call to the first piece of the answer itself, or
 * to the end of the call. 0 for one that shows what it thinks. Pure.
 */
const thoughtUnseen = <T extends TaskTypes>(
  { task }: Pick<Plan<T>, 'task'>,
  candidate: PlannedCandidate,
  attempts: readonly Attempt[],
  content_began_at_ms: number | null,
): number => {
  const running = attempts.at(-1);
  if (running === undefined || !task.hidesOutput(candidate)) return 0;
  const { started_at_ms, latency_ms } = running;
  return tokensThoughtIn(content_began_at_ms === null ? latency_ms : content_began_at_ms - started_at_ms);
};

/**
 * Returns the estimate of an answer whose usage the provider did not report, else null. Pure. `is_too_long`: it passed the most bytes
 * that its output limit can hold, so it has reached the limit.
 */
export const estimateOf = <T extends TaskTypes>(
  { task, max_output_tokens }: Pick<Plan<T>, 'task' | 'max_output_tokens'>,
  candidate: PlannedCandidate,
  answer: T['answer'],
  { is_too_long }: { is_too_long: boolean },
): UsageEstimate | null =>
  answer.usage === null
    ? {
        input_tokens: task.estimateInputTokens(candidate, max_output_tokens),
        output_tokens: is_too_long ? max_output_tokens : task.estimateOutputTokens(answer),
      }
    : null;

/**
 * Returns the estimate of an answer that was left before its end: what it said, and what its model has probably thought unseen before.
 * `attempts` ends with the call that was left. Pure.
 */
export function estimateOfLeft<T extends TaskTypes>(
  plan: Pick<Plan<T>, 'task' | 'max_output_tokens'>,
  { candidate, answer, attempts }: Omit<Received<T['answer']>, 'estimate'>,
  content_began_at_ms: number | null,
): UsageEstimate {
  const { task, max_output_tokens } = plan;
  const hidden = thoughtUnseen(plan, candidate, attempts, content_began_at_ms);
  // A summary of its thoughts is not charged beside them.
  const hidden_tokens = Math.max(0, hidden - task.estimateReasoningTokens(answer));
  return {
    input_tokens: task.estimateInputTokens(candidate, max_output_tokens),
    output_tokens: task.estimateOutputTokens(answer) + hidden_tokens,
    hidden_tokens,
  };
}

/** Output that was held back is known by its bytes alone. Prose has about four of them per token. */
const BYTES_PER_TOKEN = 3;

/** The end of an execution. `left`: the client left before the end, so the usage by then is estimated. */
export type ExecutionEnd<Answer extends Collected = Collected> =
  | ({ how: 'answered' | 'left' } & Received<Answer>)
  | { how: 'failed'; error_code: string; attempts: Attempt[] };

/**
 * Returns the end of an execution whose client left before anything was delivered: the running attempt has used its input and the
 * output by then, also what it thought unseen, or all the output it was allowed if that is unknown. Null if no attempt was running. Pure.
 */
export function endOfCancelledAttempt<T extends TaskTypes>(
  { cancelled_attempt, attempts }: Pick<NoAnswer<PlannedCandidate>, 'cancelled_attempt' | 'attempts'>,
  { task, max_output_tokens }: Pick<Plan<T>, 'task' | 'max_output_tokens'>,
): ExecutionEnd<T['answer']> | null {
  if (cancelled_attempt === null) return null;
  const { candidate, output_bytes } = cancelled_attempt;
  const input_tokens = task.estimateInputTokens(candidate, max_output_tokens);
  const said = Math.ceil((output_bytes ?? 0) / BYTES_PER_TOKEN);
  const hidden_tokens = Math.max(0, thoughtUnseen({ task }, candidate, attempts, null) - said);
  const estimate =
    output_bytes === null
      ? { input_tokens, output_tokens: max_output_tokens }
      : { input_tokens, output_tokens: said + hidden_tokens, hidden_tokens };
  return { how: 'left', candidate, answer: task.empty, estimate, attempts };
}

/** The charge in wallet tokens, never more than was reserved, and the outcome that the journal records. */
export type Settlement = { charge: number; outcome: ExecutionOutcome };

const statuses = { answered: 'succeeded', left: 'cancelled' } as const;

const noInput = { cache_read_tokens: 0, cache_write_tokens: 0, reasoning_tokens: 0 };

/** Returns the reported usage, or the estimate within the plan's bounds. The input that the provider told early is not estimated. */
function usageOf(
  plan: Pick<PlanLimits, 'max_output_tokens'>,
  { answer, candidate, estimate }: Received<Collected>,
): { usage: Usage; usage_source: 'reported' | 'estimated' } {
  if (answer.usage !== null)
    return { usage: answer.usage, usage_source: answer.usage_corrected ? 'estimated' : 'reported' };
  if (estimate === null) throw new Error('An answer without a report has an estimate');
  const input_tokens = Math.min(estimate.input_tokens, candidate.input_tokens_bound);
  const output_tokens = Math.min(estimate.output_tokens, plan.max_output_tokens);
  const usage = { ...noInput, input_tokens, ...answer.input_told, output_tokens };
  const reasoning_tokens = Math.min(estimate.hidden_tokens ?? 0, output_tokens);
  return { usage: { ...usage, reasoning_tokens }, usage_source: 'estimated' };
}

/** Returns the amount, or `most` if the amount is larger or out of range. */
const atMost = (amount: Result<number, { code: string }>, most: number) => ({
  value: amount.ok ? Math.min(amount.value, most) : most,
  isClamped: !amount.ok || amount.value > most,
});

/**
 * Returns the charge in wallet tokens and the provider's cost in micro-USD. Neither exceeds the bounds of the plan, whatever a provider
 * reports: a larger amount is clamped and flagged.
 */
function pricesOf(
  plan: Pick<PlanLimits, 'worst_case_tokens' | 'max_output_tokens'>,
  {
    candidate: { input_tokens_bound, input_classes, price },
    hit,
  }: Pick<Received<Collected>, 'candidate' | 'hit'>,
  usage: Usage,
) {
  const { wallet_tokens_per_1000, micro_usd_per_million } = price;
  const { max_output_tokens } = plan;
  const worstCost = worstCaseCostMicroUsd(
    input_tokens_bound,
    max_output_tokens,
    micro_usd_per_million,
    input_classes,
  );
  const charge = atMost(chargeOf(usage, wallet_tokens_per_1000, hit?.price_percent), plan.worst_case_tokens);
  // Nothing was bought for an answer that was kept.
  if (hit !== undefined) return { charge, cost: { value: 0, isClamped: false } };
  return {
    charge,
    cost: atMost(costMicroUsd(usage, micro_usd_per_million), worstCost.ok ? worstCost.value : MICRO_USD_MAX),
  };
}

/** Amounts to hold: wallet tokens, and micro-USD of the tenant's budget. */
export type HeldTotals = { amount: number; wholesale: number };

/** Returns the charges that an answer's usage asks for, within the bounds of its candidate, however much is held. Pure. */
export function mostOf(plan: Held, received: Received<Collected>): HeldTotals {
  const { candidate } = received;
  const { input_tokens_bound, input_classes } = candidate;
  const { wallet_tokens_per_1000: rates } = candidate.price;
  const most = worstCaseCharge(input_tokens_bound, plan.max_output_tokens, rates, input_classes);
  const worst_case_tokens = most.ok ? most.value : plan.worst_case_tokens;
  const { charge, cost } = pricesOf({ ...plan, worst_case_tokens }, received, usageOf(plan, received).usage);
  const { wholesale } = plan;
  return {
    amount: charge.value,
    wholesale: wholesale === undefined ? 0 : wholesaleOf(candidate, cost.value, wholesale.terms),
  };
}

/** Returns what the tenant is charged, never more than is held of its budget. */
const soldFor = ({ wholesale }: Held, candidate: PlannedCandidate, cost_micro_usd: number) =>
  wholesale === undefined
    ? {}
    : {
        wholesale_micro_usd: Math.min(
          wholesale.held,
          wholesaleOf(candidate, cost_micro_usd, wholesale.terms),
        ),
      };

const nothingUsed = {
  provider_name: null,
  provider_model: null,
  finish_reason: null,
  usage: null,
  usage_source: null,
  price_version: null,
  cost_micro_usd: 0,
} as const;

/** Names the model that answered, if it is another than the first one asked. */
const modelOf = ({ model }: { model?: string }, { public_name }: PlannedCandidate) =>
  model === undefined || model === public_name ? {} : { model: public_name };

/** Tells the time until a streamed answer began. */
const firstTokenOf = (
  { started_at_ms }: { started_at_ms?: number },
  { content_began_at_ms = null }: Pick<Received<Collected>, 'content_began_at_ms'>,
) =>
  started_at_ms === undefined || content_began_at_ms === null
    ? {}
    : { first_token_ms: Math.max(0, content_began_at_ms - started_at_ms) };

/** Returns the charge and the outcome of an execution. Pure. A failure charges nothing, even if a provider bills us for it. */
export function settlementOf(
  start: { id: string; model?: string; started_at_ms?: number },
  plan: Held,
  ended: ExecutionEnd,
  finished_at_ms: number,
): Settlement {
  const common = { id: start.id, attempts: ended.attempts, finished_at_ms };
  if (ended.how === 'failed') {
    const { error_code } = ended;
    return { charge: 0, outcome: { ...common, ...nothingUsed, status: 'failed', error_code } };
  }
  const { candidate, answer, hit } = ended;
  const { usage, usage_source } = usageOf(plan, ended);
  const { charge, cost } = pricesOf(plan, ended, usage);
  const outcome: ExecutionOutcome = {
    ...common,
    status: statuses[ended.how],
    provider_name: candidate.provider.name,
    provider_model: candidate.provider_model,
    ...modelOf(start, candidate),
    finish_reason: ended.how === 'answered' ? answer.finish_reason : null,
    usage,
    usage_source: charge.isClamped || cost.isClamped ? 'clamped' : usage_source,
    price_version: candidate.price.version,
    price: candidate.price,
    ...(hit !== undefined && { response_cache: hit }),
    cost_micro_usd: cost.value,
    ...soldFor(plan, candidate, cost.value),
    ...firstTokenOf(start, ended),
    error_code: ended.how === 'answered' ? null : 'client_left',
  };
  return { charge: charge.value, outcome };
}

/** A finished execution with its output, without the balance: the settlement returns that. */
export type FinishedResponse<Output extends object> = Omit<FinishedExecution, 'balance_after'> & Output;

/** Returns the response to a finished execution. `shortfall` is 0 if the balance covered the reservation. Pure. */
export const finishedOf = <Output extends object>(
  {
    start,
    plan,
    shortfall,
    user_id,
  }: {
    start: ExecutionStart;
    plan: Pick<PlanLimits, 'worst_case_tokens' | 'max_output_tokens' | 'fitted'>;
    shortfall: number;
    user_id: string;
  },
  settlement: Settlement,
  output: Output,
): FinishedResponse<Output> => ({
  ...presentExecution(
    recordOfRun({
      start,
      user_id,
      tokens_reserved: plan.worst_case_tokens,
      shortfall,
      attempts: [],
      settlement,
    }),
    output,
  ),
  fitted_max_output_tokens: plan.fitted ? plan.max_output_tokens : null,
});
