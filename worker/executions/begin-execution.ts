import { v7 as uuidv7 } from 'uuid';
import { type CreateExecutionResponse, createExecutionResponse } from '../../contracts/api/executions.ts';
import type { ExecutionStart, WalletIdentity } from '../../contracts/journal.ts';
import { fail, ok } from '../../contracts/result.ts';
import type { ReserveAnswer } from '../../durable-objects/wallet/commands.ts';
import { candidatesOf } from '../catalog/candidates.ts';
import type { Principal } from '../db/context.ts';
import type { CallerSnapshot, TenantSnapshot } from '../db/snapshots.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import { resolveCaller } from '../tenants/tenant-lookup.ts';
import { callWallet } from '../wallet-access/wallet-client.ts';
import { failureOfRefusal, type OrFailure } from './failure.ts';
import { fitToBalance, leastOutputTokens, type Plan, type PlanRequest, planOf } from './plan.ts';
import { type Ended, settlementOf } from './settlement.ts';

export type ExecutionRequest = PlanRequest & {
  fit_to_balance: boolean;
  /** How long the reservation should live at least; the policy's lifetime when absent. */
  lifetime_ms?: number | undefined;
  /** The caller's Idempotency-Key, and the digest of the request it stands for. */
  idempotency?: { key: string; fingerprint: string } | undefined;
};

/** A reservation that is durable: from here on the execution ends, one way or another. */
export type Begun = {
  start: ExecutionStart;
  plan: Plan;
  wallet: WalletIdentity;
  user_id: string;
  /** What the balance did not cover, where its policy let that pass; 0 when it did. */
  shortfall: number;
  expires_at_ms: number;
  keeps_answer: boolean;
  /** The tenant keeps what is asked and answered. */
  stores_contents: boolean;
};

/** The key's budget, the wallet and what begins meanwhile may each leave less: so often a request is fitted to what is left. */
const FITS_MAX = 3;

type Reserving = { caller: CallerSnapshot; principal: Principal; request: ExecutionRequest };

function startOf(plan: Plan, model: string, api_key_id: string | null): ExecutionStart {
  return {
    id: uuidv7(),
    model,
    api_key_id,
    input_tokens_bound: Math.max(...plan.candidates.map(({ input_tokens_bound }) => input_tokens_bound)),
    max_output_tokens: plan.max_output_tokens,
    price_version: plan.candidates[0].price.version,
    started_at_ms: Date.now(),
  };
}

/**
 * Whether a wallet reserved that did not answer is unknown. If it did, nobody will use the tokens: they need not wait for their
 * deadline, nor a repeated Idempotency-Key with them.
 */
async function giveBack(
  deps: Dependencies,
  wallet: WalletIdentity,
  start: ExecutionStart,
  plan: Plan,
): Promise<void> {
  const unused: Ended = { how: 'failed', error_code: 'unavailable', attempts: [] };
  const { outcome } = settlementOf(start, plan, unused, Date.now());
  await callWallet(deps, wallet, (stub) => stub.release({ wallet, outcome }));
}

/** Holds the most the plan can cost; fitted to the balance where that is needed, and asked for or no limit was named. */
async function reserve(
  deps: Dependencies,
  { caller, principal, request }: Reserving,
  plan: Plan,
  fits = 0,
): OrFailure<{
  answer: Exclude<ReserveAnswer, { ok: false }> | RepeatedAnswer;
  start: ExecutionStart;
  plan: Plan;
}> {
  const { id: user_id, tenant_id, role } = caller.user;
  const wallet = { tenant_id, user_id };
  const start = startOf(plan, request.model, caller.api_key?.id ?? null);
  const answer = await callWallet(deps, wallet, (stub) =>
    stub.reserve({
      wallet,
      policy: caller.policy,
      amount: plan.worst_case_tokens,
      actor: { kind: role, id: user_id },
      session_issued_at_s: 'hash' in principal ? null : principal.iat,
      key: caller.api_key?.limits ?? null,
      idempotency: request.idempotency,
      lifetime_ms: request.lifetime_ms,
      execution: start,
    }),
  );
  if (!answer.ok) {
    deps.waitUntil(giveBack(deps, wallet, start, plan));
    return answer;
  }
  const reserved = answer.value;
  if (reserved.ok || reserved.code === 'already_done') return ok({ answer: reserved, start, plan });
  if (reserved.code === 'insufficient_balance' && fits < FITS_MAX) {
    const fitted = fitToBalance(plan, reserved.available, leastOutputTokens(request, request.fit_to_balance));
    if (fitted !== null) return reserve(deps, { caller, principal, request }, fitted, fits + 1);
  }
  return fail(failureOfRefusal(reserved));
}

type RepeatedAnswer = Extract<ReserveAnswer, { code: 'already_done' }>;

/** What an Idempotency-Key stands for, with the balance as it is now. */
function replay({ execution_id, answer, available }: RepeatedAnswer): Awaited<OrFailure<BeginAnswer>> {
  if (answer === null) return fail({ code: 'idempotency_answer_gone', execution_id });
  // Answers that were kept before prices were written down do not speak of one.
  const said = { price: null, ...JSON.parse(answer) };
  const kept = createExecutionResponse.parse({ ...said, balance_after: available });
  return ok({ is: 'repeated', execution: kept });
}

/** `repeated`: the same request was done and charged before; this is its answer. */
export type BeginAnswer =
  | { is: 'begun'; begun: Begun }
  | { is: 'repeated'; execution: CreateExecutionResponse };

/**
 * Begins an execution: estimates the most it can cost and reserves that in the caller's wallet. Nothing leaves for a provider
 * before the reservation is durable. Warm, it makes no database round trip.
 */
export async function beginExecution(
  deps: Dependencies,
  tenant: TenantSnapshot,
  principal: Principal,
  request: ExecutionRequest,
): OrFailure<BeginAnswer> {
  const caller = await resolveCaller(deps, principal);
  if (!caller.ok) return caller;
  const candidates = await candidatesOf(deps, request.model, tenant, caller.value);
  if (!candidates.ok) return fail({ ...candidates.failure, details: { field: 'model' } });
  const planned = planOf(request, candidates.value);
  if (!planned.ok) return planned;
  const reserved = await reserve(deps, { caller: caller.value, principal, request }, planned.value);
  if (!reserved.ok) return reserved;
  const { answer, start, plan } = reserved.value;
  if (!answer.ok) return replay(answer);
  const { id: user_id, tenant_id } = caller.value.user;
  const { shortfall, expires_at_ms } = answer;
  const keeps_answer = request.idempotency !== undefined;
  const wallet = { tenant_id, user_id };
  const { stores_contents } = tenant;
  return ok({
    is: 'begun',
    begun: { start, plan, wallet, user_id, shortfall, expires_at_ms, keeps_answer, stores_contents },
  });
}
