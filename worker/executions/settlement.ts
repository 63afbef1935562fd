import { z } from 'zod';
import { MICRO_USD_MAX } from '../../contracts/amounts.ts';
import type { CreateExecutionResponse } from '../../contracts/api/executions.ts';
import type { ExecutionOutcome, ExecutionStart } from '../../contracts/journal.ts';
import type { Result } from '../../contracts/result.ts';
import { type Attempt, attemptReceipt, type Usage } from '../../contracts/usage.ts';
import type { NoAnswer } from '../providers/failover/attempts.ts';
import { chargeOf, costMicroUsd, worstCaseCostMicroUsd } from '../providers/metering/pricing.ts';
import { estimatedUsage } from '../providers/metering/token-bound.ts';
import type { Completion } from '../providers/provider.ts';
import { emptyCompletion } from './collect.ts';
import type { Plan, PlannedCandidate } from './plan.ts';

/** An answer, or what there was of it, in `output_bytes` of text, calls and reasoning. */
type Heard = {
  candidate: PlannedCandidate;
  completion: Completion;
  output_bytes: number;
  attempts: Attempt[];
};

/** How an execution ended. `left` is an answer nobody waited for to the end: what was used by then is estimated. */
export type Ended =
  | ({ how: 'answered' | 'left' } & Heard)
  | { how: 'failed'; error_code: string; attempts: Attempt[] };

/**
 * How an execution ended whose client left before anything was heard: the call that was running has used its input, and what it
 * had said of an answer, which may be all of it where that is not known. Null when none was running. Pure.
 */
export function leftUnheard(
  { cut_short, attempts }: Pick<NoAnswer<PlannedCandidate>, 'cut_short' | 'attempts'>,
  { max_output_tokens }: Pick<Plan, 'max_output_tokens'>,
): Ended | null {
  if (cut_short === null) return null;
  const { candidate, output_bytes } = cut_short;
  return {
    how: 'left',
    candidate,
    completion: emptyCompletion,
    output_bytes: output_bytes ?? max_output_tokens,
    attempts,
  };
}

/** What the wallet is told: how much to charge, never more than was reserved, and what the books say of it. */
export type Settlement = { charge: number; outcome: ExecutionOutcome };

const statuses = { answered: 'succeeded', left: 'cancelled' } as const;

function usageOf(
  plan: Pick<Plan, 'max_output_tokens'>,
  { completion, candidate, output_bytes }: Heard,
): { usage: Usage; usage_source: 'reported' | 'estimated' } {
  if (completion.usage !== null) return { usage: completion.usage, usage_source: 'reported' };
  const usage = estimatedUsage(candidate.input_tokens_bound, plan.max_output_tokens, output_bytes);
  return { usage, usage_source: 'estimated' };
}

/** An amount, or the most it can be where it is more than that, or more than an amount can say. */
const atMost = (amount: Result<number, { code: string }>, most: number) => ({
  value: amount.ok ? Math.min(amount.value, most) : most,
  isClamped: !amount.ok || amount.value > most,
});

/**
 * What an answer is charged and what it costs us. Neither can be more than the bounds that the request went out with allow, whatever a
 * provider reports: more is clamped, and flagged.
 */
function pricesOf(
  plan: Pick<Plan, 'worst_case_tokens' | 'max_output_tokens'>,
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

/**
 * What to charge, and what to write down. Pure. A failure charges nothing, whatever a provider bills us for it: pulling a provider
 * down costs users nothing.
 */
export function settlementOf(
  start: Pick<ExecutionStart, 'id'>,
  plan: Pick<Plan, 'worst_case_tokens' | 'max_output_tokens'>,
  ended: Ended,
  finished_at_ms: number,
): Settlement {
  const common = { id: start.id, attempts: ended.attempts, finished_at_ms };
  if (ended.how === 'failed') {
    const { error_code } = ended;
    return { charge: 0, outcome: { ...common, ...nothingUsed, status: 'failed', error_code } };
  }
  const { candidate, completion } = ended;
  const { usage, usage_source } = usageOf(plan, ended);
  const { charge, cost } = pricesOf(plan, candidate, usage);
  const outcome: ExecutionOutcome = {
    ...common,
    status: statuses[ended.how],
    provider_name: candidate.provider.name,
    provider_model: candidate.provider_model,
    finish_reason: ended.how === 'answered' ? completion.finish_reason : null,
    usage,
    usage_source: charge.isClamped || cost.isClamped ? 'clamped' : usage_source,
    price_version: candidate.price.version,
    price: candidate.price,
    cost_micro_usd: cost.value,
    error_code: ended.how === 'answered' ? null : 'client_left',
  };
  return { charge: charge.value, outcome };
}

/** Everything an answer is made of but the balance, which the settlement is yet to tell. */
export type Answer = Omit<CreateExecutionResponse, 'balance_after'>;

/** The finished execution as its caller sees it. `shortfall` is 0 when the balance covered the reservation. Pure. */
export const answerOf = (
  {
    start,
    plan,
    shortfall,
    user_id,
  }: {
    start: ExecutionStart;
    plan: Pick<Plan, 'worst_case_tokens' | 'max_output_tokens' | 'fitted'>;
    shortfall: number;
    user_id: string;
  },
  { outcome, charge }: Settlement,
  { text, tool_calls }: Pick<Completion, 'text' | 'tool_calls'>,
): Answer => ({
  id: start.id,
  user_id,
  model: start.model,
  status: outcome.status,
  output_text: text,
  tool_calls,
  finish_reason: outcome.finish_reason,
  provider:
    outcome.provider_name === null || outcome.provider_model === null
      ? null
      : { name: outcome.provider_name, model: outcome.provider_model },
  usage: outcome.usage,
  usage_source: outcome.usage_source,
  tokens_reserved: plan.worst_case_tokens,
  tokens_charged: charge,
  shortfall: shortfall === 0 ? null : shortfall,
  cost_micro_usd: outcome.cost_micro_usd,
  price_version: outcome.price_version,
  price: outcome.price ?? null,
  attempts: z.array(attemptReceipt).parse(outcome.attempts),
  error_code: outcome.error_code,
  created_at: new Date(start.started_at_ms).toISOString(),
  finished_at: new Date(outcome.finished_at_ms).toISOString(),
  fitted_max_output_tokens: plan.fitted ? plan.max_output_tokens : null,
});
