import { z } from 'zod';
import type { CreateExecutionResponse } from '../../contracts/api/executions.ts';
import type { Wallet } from '../../contracts/api/wallet.ts';
import type { ExecutionOutcome, ExecutionStart } from '../../contracts/journal.ts';
import { attemptReceipt } from '../../contracts/usage.ts';
import type { AttemptsOutcome } from '../providers/attempts.ts';
import { chargeOf, costMicroUsd } from '../providers/pricing.ts';
import { completionBytes, estimatedUsage } from '../providers/token-bound.ts';
import type { ReadyCandidate } from './candidates.ts';
import type { Plan } from './execution-plan.ts';

/** How the candidates were asked, and what came of it. */
export type Attempted = AttemptsOutcome<ReadyCandidate & { breaker_key: string }>;

/** How the execution ended, and the wallet tokens it is charged: never more than was reserved. Pure. */
export function settlementOf(start: ExecutionStart, plan: Plan, attempted: Attempted, nowMs: number) {
  const common = { id: start.id, attempts: attempted.attempts, finished_at_ms: nowMs };
  if (!attempted.ok) {
    const rejected = attempted.reason === 'not_retryable';
    const outcome: ExecutionOutcome = {
      ...common,
      status: 'failed',
      provider_name: null,
      provider_model: null,
      finish_reason: null,
      usage: null,
      usage_source: null,
      price_version: null,
      cost_micro_usd: 0,
      error_code: rejected ? 'provider_rejected' : 'provider_failed',
    };
    return { charge: 0, outcome, clamped: false };
  }
  const { candidate, completion } = attempted;
  const usage =
    completion.usage ??
    estimatedUsage(plan.input_tokens_bound, plan.max_output_tokens, completionBytes(completion));
  const charge = chargeOf(usage, candidate.price.wallet_tokens_per_1000);
  const cost = costMicroUsd(usage, candidate.price.micro_usd_per_million);
  const clamped = !charge.ok || charge.value > plan.worst_case_tokens;
  const outcome: ExecutionOutcome = {
    ...common,
    status: 'succeeded',
    provider_name: candidate.provider.name,
    provider_model: candidate.provider_model,
    finish_reason: completion.finish_reason,
    usage,
    usage_source: completion.usage === null ? 'estimated' : 'reported',
    price_version: candidate.price.version,
    cost_micro_usd: cost.ok ? cost.value : 0,
    error_code: null,
  };
  return { charge: clamped ? plan.worst_case_tokens : charge.value, outcome, clamped };
}

/** What the caller and the wallet add to an outcome. `shortfall` is 0 when the balance covered the reservation. */
type Receipt = { user_id: string; charge: number; text: string; shortfall: number; wallet: Wallet };

/** The finished execution as its caller sees it. Pure. */
export const presentExecution = (
  start: ExecutionStart,
  plan: Plan,
  outcome: ExecutionOutcome,
  { user_id, charge, text, shortfall, wallet }: Receipt,
): CreateExecutionResponse => ({
  id: start.id,
  user_id,
  model: start.model,
  status: outcome.status,
  output_text: text,
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
  attempts: z.array(attemptReceipt).parse(outcome.attempts),
  error_code: outcome.error_code,
  created_at: new Date(start.started_at_ms).toISOString(),
  finished_at: new Date(outcome.finished_at_ms).toISOString(),
  balance_after: wallet.available,
});
