import { MICRO_USD_MAX } from '../../contracts/amounts.ts';
import type { ExecutionOutcome, ExecutionStart } from '../../contracts/journal.ts';
import type { Result } from '../../contracts/result.ts';
import type { Attempt, Usage } from '../../contracts/usage.ts';
import { presentExecution, recordOfRun } from '../db/present-execution.ts';
import type { NoAnswer } from '../providers/failover/attempts.ts';
import { chargeOf, costMicroUsd, worstCaseCostMicroUsd } from '../providers/metering/pricing.ts';
import { estimatedUsage } from '../providers/metering/token-bound.ts';
import type { Plan, PlanLimits, PlannedCandidate } from './plan.ts';
import type { Collected, FinishedExecution, TaskTypes } from './task.ts';

/** An answer, or the part of it that was received, in `output_bytes` of text, tool calls and reasoning. */
type Received<Answer> = {
  candidate: PlannedCandidate;
  answer: Answer;
  output_bytes: number;
  attempts: Attempt[];
};

/** The end of an execution. `left`: the client left before the end, so the usage by then is estimated. */
export type ExecutionEnd<Answer extends Collected = Collected> =
  | ({ how: 'answered' | 'left' } & Received<Answer>)
  | { how: 'failed'; error_code: string; attempts: Attempt[] };

/**
 * Returns the end of an execution whose client left before anything was delivered: the running attempt has used its input and the
 * output by then, or all the output it was allowed if that is unknown. Null if no attempt was running. Pure.
 */
export function endOfCancelledAttempt<T extends TaskTypes>(
  { cancelled_attempt, attempts }: Pick<NoAnswer<PlannedCandidate>, 'cancelled_attempt' | 'attempts'>,
  { task, max_output_tokens }: Pick<Plan<T>, 'task' | 'max_output_tokens'>,
): ExecutionEnd<T['answer']> | null {
  if (cancelled_attempt === null) return null;
  const { candidate, output_bytes } = cancelled_attempt;
  return {
    how: 'left',
    candidate,
    answer: task.empty,
    output_bytes: output_bytes ?? max_output_tokens,
    attempts,
  };
}

/** The charge in wallet tokens, never more than was reserved, and the outcome that the journal records. */
export type Settlement = { charge: number; outcome: ExecutionOutcome };

const statuses = { answered: 'succeeded', left: 'cancelled' } as const;

function usageOf(
  plan: Pick<PlanLimits, 'max_output_tokens'>,
  { answer, candidate, output_bytes }: Received<Collected>,
): { usage: Usage; usage_source: 'reported' | 'estimated' } {
  if (answer.usage !== null) return { usage: answer.usage, usage_source: 'reported' };
  const usage = estimatedUsage(candidate.input_tokens_bound, plan.max_output_tokens, output_bytes);
  return { usage, usage_source: 'estimated' };
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
  { input_tokens_bound, price }: PlannedCandidate,
  usage: Usage,
) {
  const { wallet_tokens_per_1000, micro_usd_per_million } = price;
  const worstCost = worstCaseCostMicroUsd(input_tokens_bound, plan.max_output_tokens, micro_usd_per_million);
  return {
    charge: atMost(chargeOf(usage, wallet_tokens_per_1000), plan.worst_case_tokens),
    cost: atMost(costMicroUsd(usage, micro_usd_per_million), worstCost.ok ? worstCost.value : MICRO_USD_MAX),
  };
}

const nothingUsed = {
  provider_name: null,
  provider_model: null,
  finish_reason: null,
  usage: null,
  usage_source: null,
  price_version: null,
  cost_micro_usd: 0,
} as const;

/** Returns the charge and the outcome of an execution. Pure. A failure charges nothing, even if a provider bills us for it. */
export function settlementOf(
  start: Pick<ExecutionStart, 'id'>,
  plan: Pick<PlanLimits, 'worst_case_tokens' | 'max_output_tokens'>,
  ended: ExecutionEnd,
  finished_at_ms: number,
): Settlement {
  const common = { id: start.id, attempts: ended.attempts, finished_at_ms };
  if (ended.how === 'failed') {
    const { error_code } = ended;
    return { charge: 0, outcome: { ...common, ...nothingUsed, status: 'failed', error_code } };
  }
  const { candidate, answer } = ended;
  const { usage, usage_source } = usageOf(plan, ended);
  const { charge, cost } = pricesOf(plan, candidate, usage);
  const outcome: ExecutionOutcome = {
    ...common,
    status: statuses[ended.how],
    provider_name: candidate.provider.name,
    provider_model: candidate.provider_model,
    finish_reason: ended.how === 'answered' ? answer.finish_reason : null,
    usage,
    usage_source: charge.isClamped || cost.isClamped ? 'clamped' : usage_source,
    price_version: candidate.price.version,
    price: candidate.price,
    cost_micro_usd: cost.value,
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
