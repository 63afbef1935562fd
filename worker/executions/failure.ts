import type { Result } from '../../contracts/result.ts';
import type { BalanceRefusal, ReserveAnswer } from '../../durable-objects/wallet/commands.ts';
import type { EnterRefusal } from '../db/context.ts';
import type { NoAnswer } from '../providers/failover/attempts.ts';
import type { ProviderFailure } from '../providers/provider.ts';

/** The failure of an execution that did not begin, or ended without an answer. Nothing was charged, except with `execution_over`. */
export type ExecutionFailure = {
  execution_id?: string;
  message?: string;
  details?: Record<string, unknown>;
  retry_after_ms?: number | null;
} & (
  | {
      code:
        | EnterRefusal
        | 'forbidden'
        | 'unknown_model'
        | 'model_unpriced'
        | 'invalid_request'
        | 'amount_out_of_range'
        | 'too_many_in_flight'
        | 'api_key_revoked'
        | 'rate_limited'
        | 'idempotency_mismatch'
        | 'idempotency_in_progress'
        | 'idempotency_answer_gone'
        | 'provider_rejected'
        | 'context_length_exceeded'
        | 'provider_failed'
        | 'execution_over'
        | 'unavailable'
        | 'internal';
    }
  | { code: 'insufficient_balance' | 'tokens_held'; refusal: BalanceRefusal | TenantBudget }
);

/** The tenant's budget as the limit that refuses. Users are not told its figures. */
export type TenantBudget = { scope: 'tenant' };

type ReserveRefusal = Exclude<ReserveAnswer, { ok: true } | { code: 'already_done' }>;

/** Returns the failure for a wallet's refusal of a reservation. `payable`: the request could be paid for if nothing else ran. */
export function failureOfRefusal(answer: ReserveRefusal, payable = false): ExecutionFailure {
  switch (answer.code) {
    case 'insufficient_balance':
      return { code: payable ? 'tokens_held' : answer.code, refusal: answer };
    case 'tenant_budget':
      return { code: payable ? 'tokens_held' : 'insufficient_balance', refusal: { scope: 'tenant' } };
    case 'tenant_suspended':
      return { code: answer.code };
    case 'tenant_unreachable':
      return { code: 'unavailable' };
    case 'too_many_in_flight':
      return { code: answer.code, details: { scope: 'wallet', limit: answer.in_flight_max } };
    case 'rate_limited': {
      const { code, retry_after_ms, scope, limit, limit_max } = answer;
      return { code, retry_after_ms, details: { scope, limit, limit_max } };
    }
    case 'already_running':
      return { code: 'idempotency_in_progress', execution_id: answer.execution_id, retry_after_ms: 1_000 };
    case 'session_revoked':
    case 'user_disabled':
    case 'api_key_revoked':
    case 'idempotency_mismatch':
    case 'amount_out_of_range':
      return { code: answer.code };
    default:
      throw new Error(`A fresh execution id was refused: ${answer.code}`);
  }
}

/** Returns the error code for an execution that no provider answered. */
export function failureCodeOf(
  reason: NoAnswer<unknown>['reason'],
): 'provider_rejected' | 'context_length_exceeded' | 'execution_over' | 'provider_failed' {
  switch (reason) {
    case 'not_retryable':
      return 'provider_rejected';
    case 'context_too_long':
      return 'context_length_exceeded';
    // The client has left, or its user was disabled.
    case 'cancelled':
      return 'execution_over';
    default:
      return 'provider_failed';
  }
}

/** Account ids of the platform or the tenant, which providers name in their messages. They are removed. */
const accounts = /\b(?:org|proj|acct)[-_]\w{6,}/g;

/** Quotes the provider that refused the request itself, since only the client can correct it. The quote goes to that client alone. */
const refusalOf = ({ message }: ProviderFailure) =>
  `The provider refused this request: ${message.replace(/^\d{3} /, '').replace(accounts, '[account]')}`;

/** Returns the failure of an execution that no provider answered, with its attempts. Only a refusal of the request itself is quoted. */
export function failureOfAttempts(
  execution_id: string,
  { reason, failure, attempts }: NoAnswer<unknown>,
): ExecutionFailure {
  const code = failureCodeOf(reason);
  const tried = attempts.map(({ provider_name, failure }) => ({
    provider: provider_name,
    kind: failure?.kind,
    status: failure?.status,
  }));
  return {
    code,
    execution_id,
    ...(code === 'provider_rejected' && failure !== null && { message: refusalOf(failure) }),
    details: { execution_id, reason, attempts: tried },
    retry_after_ms: code === 'provider_failed' ? (failure?.retry_after_ms ?? null) : null,
  };
}

export type OrFailure<Value> = Promise<Result<Value, ExecutionFailure>>;
