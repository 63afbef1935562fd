import type { Execution } from '../../../contracts/api/executions.ts';
import type { AppliedPrice, ShownPrice } from '../../../contracts/catalog/price.ts';
import type { CacheHit } from '../../../contracts/tenants/response-cache.ts';
import type { Attempt, AttemptReceipt } from '../../../contracts/usage.ts';
import type { ExecutionOutcome, ExecutionStart } from '../../../contracts/wallet/journal.ts';
import type { aiExecutions } from '../schema/executions.ts';

/** The one place where the fields of an execution are presented, whether it is read from the ledger's projection or runs right now. */

type ExecutionRow = typeof aiExecutions.$inferSelect;

/** An execution as it is recorded: the columns of `ai_executions` that the API shows. */
export type ExecutionRecord = Omit<
  ExecutionRow,
  | 'tenant_id'
  | 'api_key_id'
  | 'level_id'
  | 'input_tokens_bound'
  | 'max_output_tokens'
  | 'wholesale_micro_usd'
  | 'first_token_ms'
>;

/** The output of an execution in the API. Null if it is not stored. */
type StoredOutput = Pick<Execution, 'output_text' | 'tool_calls'>;

export const NO_OUTPUT: StoredOutput = { output_text: null, tool_calls: null };

const isoOfMs = (ms: number) => new Date(ms).toISOString();

/** An execution that runs, or has ended, before the ledger's projection knows it. */
export type ExecutionInProgress = {
  start: ExecutionStart;
  user_id: string;
  tokens_reserved: number;
  /** Wallet tokens; 0 if the balance covered the reservation. */
  shortfall: number;
  /** Attempts so far. Those of the settlement replace them. */
  attempts: Attempt[];
  settlement: { charge: number; outcome: ExecutionOutcome } | null;
};

const NOT_ENDED = {
  status: 'running',
  finish_reason: null,
  provider_name: null,
  provider_model: null,
  usage: null,
  usage_source: null,
  tokens_charged: 0,
  cost_micro_usd: 0,
  price: null,
  response_cache: null,
  error_code: null,
  finished_at_ms: null,
} as const;

/** Returns the record that the ledger's projection will hold of an execution. Pure. */
export function recordOfRun({ start, settlement, ...run }: ExecutionInProgress): ExecutionRecord {
  return {
    ...NOT_ENDED,
    id: start.id,
    task: start.task ?? 'chat',
    user_id: run.user_id,
    model: start.model,
    routing: start.routing ?? null,
    price_version: start.price_version,
    tokens_reserved: run.tokens_reserved,
    shortfall: run.shortfall === 0 ? null : run.shortfall,
    attempts: run.attempts,
    started_at_ms: start.started_at_ms,
    ...(settlement !== null && {
      ...settlement.outcome,
      model: settlement.outcome.model ?? start.model,
      price: settlement.outcome.price ?? null,
      response_cache: settlement.outcome.response_cache ?? null,
      tokens_charged: settlement.charge,
    }),
  };
}

/** Returns an execution as the API shows it. An outcome that arrived before its start shows with the figures it brought. Pure. */
export const presentExecution = <Output extends object>(
  record: ExecutionRecord,
  output: Output,
): Omit<Execution, keyof StoredOutput> & Output => ({
  id: record.id,
  task: record.task,
  user_id: record.user_id,
  model: record.model ?? '',
  routing: record.routing,
  status: record.status,
  ...output,
  finish_reason: record.finish_reason,
  provider:
    record.provider_name === null || record.provider_model === null
      ? null
      : { name: record.provider_name, model: record.provider_model },
  usage: record.usage,
  usage_source: record.usage_source,
  // A hold that grew covers the charge; its raises have no entry.
  tokens_reserved: Math.max(record.tokens_reserved ?? 0, record.tokens_charged),
  tokens_charged: record.tokens_charged,
  shortfall: record.shortfall,
  cost_micro_usd: record.cost_micro_usd,
  price_version: record.price_version,
  price: record.price === null ? null : presentPrice(record.price),
  response_cache: record.response_cache === null ? null : presentHit(record.response_cache),
  attempts: presentAttempts(record.attempts),
  error_code: record.error_code,
  created_at: isoOfMs(record.started_at_ms ?? record.finished_at_ms ?? 0),
  finished_at: record.finished_at_ms === null ? null : isoOfMs(record.finished_at_ms),
});

/** An execution's fields that tell the provider's price and cost. */
export type Costly = Pick<Execution, 'cost_micro_usd' | 'price'>;

/** Returns an execution without the provider's price and cost. Pure. */
export function withoutCost<Shown extends Costly>({
  cost_micro_usd: _cost,
  price,
  ...execution
}: Shown): Shown {
  return { ...execution, price: price === null ? null : priceWithoutCost(price) } as Shown;
}

/** Returns a price without the provider's. Pure. */
export const priceWithoutCost = ({
  list,
  model_id,
  version,
  wallet_tokens_per_1000,
}: ShownPrice): ShownPrice => ({ list, model_id, version, wallet_tokens_per_1000 });

/** Returns the attempts without the fields that users do not see. */
export const presentAttempts = (attempts: readonly Attempt[]): AttemptReceipt[] =>
  attempts.map(({ provider_kind, provider_name, provider_model, started_at_ms, latency_ms, failure }) => ({
    ...{ provider_kind, provider_name, provider_model, started_at_ms, latency_ms },
    failure: failure === null ? null : presentFailure(failure),
  }));

const presentFailure = ({
  kind,
  status,
  retryable,
  retry_after_ms,
}: NonNullable<Attempt['failure']>): AttemptReceipt['failure'] => ({
  kind,
  status,
  retryable,
  retry_after_ms,
});

/** Returns the record with its fields in the order of the API, as {@link presentPrice} does. */
const presentHit = ({ result, price_percent }: CacheHit): CacheHit => ({ result, price_percent });

/** Returns the price with its fields in the order of the API: Postgres keeps them in another. */
function presentPrice({
  list,
  model_id,
  version,
  cost_list,
  cost_version,
  ...rates
}: AppliedPrice): AppliedPrice {
  const { wallet_tokens_per_1000, micro_usd_per_million } = rates;
  return { list, model_id, version, wallet_tokens_per_1000, cost_list, cost_version, micro_usd_per_million };
}
