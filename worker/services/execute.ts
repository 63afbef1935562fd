import { v7 as uuidv7 } from 'uuid';
import type { SessionClaims } from '../../contracts/api/auth.ts';
import type { CreateExecutionRequest, CreateExecutionResponse } from '../../contracts/api/executions.ts';
import type { Wallet } from '../../contracts/api/wallet.ts';
import type { ExecutionOutcome, ExecutionStart } from '../../contracts/journal.ts';
import { fail, ok, type Result } from '../../contracts/result.ts';
import type { BalanceRefusal, ReserveAnswer } from '../../durable-objects/wallet/commands.ts';
import type { EnterRefusal } from '../db/context.ts';
import type { CallerSnapshot, TenantSnapshot } from '../db/snapshots.ts';
import { runAttempts } from '../providers/attempts.ts';
import type { Breaker } from '../providers/breaker.ts';
import { createProvider } from '../providers/create-provider.ts';
import { candidatesOf } from './candidates.ts';
import type { Dependencies } from './dependencies.ts';
import { type Attempted, presentExecution, settlementOf } from './execution-outcome.ts';
import { type Plan, planOf } from './execution-plan.ts';
import { resolveCaller } from './tenant-directory.ts';
import { callWallet, PATIENT } from './wallet-client.ts';

const ATTEMPT_TIMEOUT_MS = 30_000;
/** All attempts of one execution end within this. */
const ATTEMPTS_TOTAL_MS = 55_000;
/** Left between the last attempt and the reservation's own deadline, to settle in. */
const SETTLE_MARGIN_MS = 5_000;

/** Breakers of this isolate, by credential. */
const breakers = new Map<string, Breaker>();

export type ExecutionFailure = {
  execution_id?: string;
  details?: Record<string, unknown>;
  retry_after_ms?: number | null;
} & (
  | {
      code:
        | EnterRefusal
        | 'unknown_model'
        | 'model_unpriced'
        | 'invalid_request'
        | 'amount_out_of_range'
        | 'too_many_in_flight'
        | 'api_key_revoked'
        | 'rate_limited'
        | 'provider_rejected'
        | 'provider_failed'
        | 'unavailable';
    }
  | { code: 'insufficient_balance'; refusal: BalanceRefusal }
);

/** The finished execution, and the warning its wallet gives along with it. */
type Executed = { execution: CreateExecutionResponse; warning: Wallet['warning'] };

function refusalOf(answer: Exclude<ReserveAnswer, { ok: true }>): ExecutionFailure {
  switch (answer.code) {
    case 'insufficient_balance':
      return { code: answer.code, refusal: answer };
    case 'too_many_in_flight':
      return { code: answer.code, details: { scope: 'wallet', limit: answer.in_flight_max } };
    case 'rate_limited': {
      const { code, retry_after_ms, scope, limit, limit_max } = answer;
      return { code, retry_after_ms, details: { scope, limit, limit_max } };
    }
    case 'session_revoked':
    case 'user_disabled':
    case 'api_key_revoked':
    case 'amount_out_of_range':
      return { code: answer.code };
    default:
      throw new Error(`A fresh execution id was refused: ${answer.code}`);
  }
}

function attempt(plan: Plan, deadlineMs: number): Promise<Attempted> {
  const candidates = plan.candidates.map((candidate) => ({
    ...candidate,
    breaker_key: `${candidate.provider.tenant_id}/${candidate.provider.id}/${candidate.provider.api_key_version}`,
    provider_kind: candidate.provider.kind,
    provider_name: candidate.provider.name,
  }));
  return runAttempts({
    candidates,
    deadline_ms: deadlineMs,
    attempt_timeout_ms: ATTEMPT_TIMEOUT_MS,
    // A client that hangs up does not stop the call: what the provider bills us for is settled, not guessed.
    signal: new AbortController().signal,
    breakers,
    call: ({ credential, provider_model }, timeout_ms, signal) =>
      createProvider({ ...credential, timeout_ms }).complete(
        { model: provider_model, messages: plan.messages, max_output_tokens: plan.max_output_tokens },
        signal,
      ),
    now: Date.now,
  });
}

/** Ends the reservation and tells the wallet after it. */
async function settle(
  deps: Dependencies,
  caller: CallerSnapshot,
  charge: number,
  outcome: ExecutionOutcome,
): Promise<Result<Wallet, { code: 'unavailable' }>> {
  const wallet = { tenant_id: caller.user.tenant_id, user_id: caller.user.id };
  const answer = await callWallet(
    deps,
    wallet,
    (stub) =>
      outcome.status === 'succeeded'
        ? stub.settle({ wallet, amount: charge, outcome })
        : stub.release({ wallet, outcome }),
    PATIENT,
  );
  if (!answer.ok) {
    // The reservation's deadline gives the tokens back; nobody is charged for what could not be settled.
    deps.log.error('settlement_failed', { execution_id: outcome.id, wallet, charge });
    return answer;
  }
  if (!answer.value.ok) throw new Error(`The wallet did not settle ${outcome.id}: ${answer.value.code}`);
  const { thresholds_crossed, view } = answer.value;
  if (thresholds_crossed.length > 0)
    deps.log.warn('wallet_threshold_crossed', { execution_id: outcome.id, wallet, thresholds_crossed });
  return ok(view);
}

function failureOf(
  outcome: ExecutionOutcome,
  attempted: Extract<Attempted, { ok: false }>,
): ExecutionFailure {
  const attempts = outcome.attempts.map(({ provider_name, failure }) => ({
    provider: provider_name,
    kind: failure?.kind,
    status: failure?.status,
  }));
  return {
    code: attempted.reason === 'not_retryable' ? 'provider_rejected' : 'provider_failed',
    execution_id: outcome.id,
    details: { execution_id: outcome.id, reason: attempted.reason, attempts },
    retry_after_ms: attempted.reason === 'not_retryable' ? null : (attempted.failure?.retry_after_ms ?? null),
  };
}

/**
 * Runs one prompt: estimates the most it can cost, reserves that in the caller's wallet, asks the candidates in order,
 * settles what it did cost. Nothing leaves for a provider before the reservation is durable, and every reservation ends:
 * here, or by its deadline. Warm, it makes no database round trip.
 */
export async function execute(
  deps: Dependencies,
  tenant: TenantSnapshot,
  claims: SessionClaims,
  request: CreateExecutionRequest,
): Promise<Result<Executed, ExecutionFailure>> {
  const caller = await resolveCaller(deps, claims);
  if (!caller.ok) return caller;
  const candidates = candidatesOf(request.model, tenant, caller.value, deps.settings);
  if (!candidates.ok) return fail({ ...candidates.failure, details: { field: 'model' } });
  const planned = planOf(request, candidates.value);
  if (!planned.ok) return planned;
  const plan = planned.value;

  const startedAtMs = Date.now();
  const { id: user_id, tenant_id, role } = caller.value.user;
  const wallet = { tenant_id, user_id };
  const start: ExecutionStart = {
    id: uuidv7(),
    model: request.model,
    api_key_id: null,
    input_tokens_bound: plan.input_tokens_bound,
    max_output_tokens: plan.max_output_tokens,
    price_version: candidates.value[0].price.version,
    started_at_ms: startedAtMs,
  };
  const reserved = await callWallet(deps, wallet, (stub) =>
    stub.reserve({
      wallet,
      policy: caller.value.policy,
      amount: plan.worst_case_tokens,
      actor: { kind: role, id: user_id },
      session_issued_at_s: claims.iat,
      key: null,
      execution: start,
    }),
  );
  if (!reserved.ok) return reserved;
  if (!reserved.value.ok) return fail(refusalOf(reserved.value));

  const deadlineMs = Math.min(
    startedAtMs + ATTEMPTS_TOTAL_MS,
    reserved.value.expires_at_ms - SETTLE_MARGIN_MS,
  );
  const attempted = await attempt(plan, deadlineMs).catch(async (bug) => {
    // A bug must not keep the tokens held until the deadline.
    const none: Attempted = { ok: false, reason: 'candidates_exhausted', failure: null, attempts: [] };
    await settle(deps, caller.value, 0, settlementOf(start, plan, none, Date.now()).outcome);
    throw bug;
  });
  const { charge, outcome, clamped } = settlementOf(start, plan, attempted, Date.now());
  if (clamped) deps.log.error('usage_above_reservation', { execution_id: start.id, usage: outcome.usage });
  const settled = await settle(deps, caller.value, charge, outcome);
  if (!attempted.ok) return fail(failureOf(outcome, attempted));
  if (!settled.ok) return fail({ ...settled.failure, execution_id: start.id });
  const text = attempted.completion.text;
  const { shortfall } = reserved.value;
  return ok({
    execution: presentExecution(start, plan, outcome, {
      user_id,
      charge,
      text,
      shortfall,
      wallet: settled.value,
    }),
    warning: settled.value.warning,
  });
}
