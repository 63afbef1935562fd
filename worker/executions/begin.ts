import { v7 as uuidv7 } from 'uuid';
import { fail, ok } from '../../contracts/result.ts';
import type { BudgetTerms, WholesaleHold } from '../../contracts/wallet/budget-terms.ts';
import type { ExecutionStart, WalletIdentity } from '../../contracts/wallet/journal.ts';
import type { KeyWindow } from '../../contracts/wallet/key-limits.ts';
import type { ReserveAnswer } from '../../durable-objects/wallet/commands.ts';
import { canonicalJson, sha256Hex } from '../../journal/hash.ts';
import type { Principal } from '../db/context.ts';
import type { CallerSnapshot, TenantSnapshot } from '../db/snapshots.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import { resolveCaller } from '../tenants/tenant-lookup.ts';
import { callWallet } from '../wallet-access/wallet-client.ts';
import { failureOfRefusal, type OrFailure } from './failure.ts';
import { byBalance, byBudget, fitToRoom, isPayable, limitTo, mayCover, roomOf } from './fitting.ts';
import { countedPlan, isLimitedByInput, type Plan, type PlanLimits, planOf } from './plan.ts';
import { type CacheChoice, type CacheUse, cacheUseOf } from './response-cache/use.ts';
import { type RoutedCandidates, routedCandidates } from './routing.ts';
import { type ExecutionEnd, settlementOf } from './settlement.ts';
import type { ResponseOf, Task, TaskTypes } from './task.ts';
import { wholesaleBound } from './wholesale.ts';

/** A caller's Idempotency-Key, and the digest of the request that it stands for. */
type Idempotency = { key: string; fingerprint: string };

/** A task to run, and how. */
export type ExecutionRequest<T extends TaskTypes> = {
  task: Task<T>;
  /** Shortest lifetime of the reservation in milliseconds; the policy's if absent. */
  lifetime_ms?: number | undefined;
  idempotency?: Idempotency | undefined;
  /** The request's choice about the response cache; absent to use it. */
  cache?: CacheChoice | undefined;
};

/** An execution whose reservation is durable. It must be settled or released. */
export interface ReservedExecution<T extends TaskTypes = TaskTypes> {
  start: ExecutionStart;
  plan: Plan<T>;
  wallet: WalletIdentity;
  user_id: string;
  /** The part of the tenant's budget that it holds at first. */
  wholesale: WholesaleHold;
  /** Wallet tokens that the balance did not cover and the policy allowed; 0 if it covered all. */
  shortfall: number;
  /** Wallet tokens that were free after the reserve. */
  free_tokens: number;
  expires_at_ms: number;
  /** The rest of the limits of the request's API key; null without one. */
  key_window: KeyWindow | null;
  /** The key of the conversation whose provider is kept; null if none is. */
  conversation: string | null;
  /** True if the response is kept for an Idempotency-Key. */
  keeps_answer: boolean;
  /** True if the tenant stores prompts and answers. */
  stores_contents: boolean;
  /** The use of the response cache; null if it does not use it. */
  cache: CacheUse | null;
}

/** `repeated`: the same request was run and charged before; this is its response. */
export type BeginAnswer<T extends TaskTypes> =
  | { is: 'reserved'; execution: ReservedExecution<T> }
  | { is: 'repeated'; response: ResponseOf<T> };

/** Returns the identity of a request for its Idempotency-Key; undefined without a key. `surface` tells APIs apart. Pure. */
export const idempotencyOf = (
  key: string | undefined,
  surface: string,
  body: unknown,
): Idempotency | undefined =>
  key === undefined ? undefined : { key, fingerprint: sha256Hex(canonicalJson({ surface, body })) };

/** A key's budget, the wallet and executions that begin meanwhile can each leave less, so a request is fitted this often. */
const FITS_MAX = 3;

type Caller = { snapshot: CallerSnapshot; principal: Principal; budget: BudgetTerms };
/** The model that is asked first, and the choice among candidates, as the journal records them. */
type Choice = Pick<RoutedCandidates, 'model' | 'routing'>;
type Terms = {
  lifetime_ms?: number | undefined;
  idempotency?: Idempotency | undefined;
  choice: Choice;
};

function startOf(
  { candidates, max_output_tokens }: PlanLimits,
  { kind, model, routing }: { kind: string } & Choice,
  { user, api_key }: Pick<CallerSnapshot, 'user' | 'api_key'>,
): ExecutionStart {
  return {
    id: uuidv7(),
    // Journal entries from before there were other tasks have no `task`: a chat's entries keep their form.
    ...(kind === 'chat' ? {} : { task: kind }),
    model,
    ...(routing !== undefined && { routing }),
    api_key_id: api_key?.id ?? null,
    level_id: user.level.id,
    input_tokens_bound: Math.max(...candidates.map(({ held_input_tokens }) => held_input_tokens)),
    max_output_tokens,
    price_version: candidates[0].price.version,
    started_at_ms: Date.now(),
  };
}

/** Releases a reservation that a wallet may have made although it did not answer, so that its tokens and its key are free at once. */
async function releaseUnanswered(
  deps: Dependencies,
  wallet: WalletIdentity,
  start: ExecutionStart,
  plan: PlanLimits,
): Promise<void> {
  const unused: ExecutionEnd = { how: 'failed', error_code: 'unavailable', attempts: [] };
  const { outcome } = settlementOf(start, plan, unused, Date.now());
  await callWallet(deps, wallet, (stub) => stub.release({ wallet, outcome }));
}

type Reserved<T extends TaskTypes> =
  | { is: 'reserved'; answer: Extract<ReserveAnswer, { ok: true }>; start: ExecutionStart; plan: Plan<T> }
  | { is: 'repeated'; answer: Extract<ReserveAnswer, { code: 'already_done' }> };

/** Returns what a plan holds of the tenant's budget at first, in micro-USD. */
const wholesaleOfPlan = ({ candidates, held_output_tokens }: PlanLimits, budget: BudgetTerms): number =>
  wholesaleBound(candidates, held_output_tokens, budget);

/** A plan, how often it was fitted, and whether its input was counted. */
type Try<T extends TaskTypes> = { plan: Plan<T>; fits: number; is_counted: boolean };

type ReservedAnswer = Extract<ReserveAnswer, { ok: true }>;

/**
 * Returns the plan of a reserved hold, with the limit that the balance lets the hold grow to. Warn and monitor mode set none. Input that
 * would leave little for the output is counted.
 */
async function limitedByBalance<T extends TaskTypes>(
  { plan, is_counted }: Try<T>,
  { reserved, view }: ReservedAnswer,
): Promise<Plan<T>> {
  if (view.policy.enforcement !== 'hard') return plan;
  const available = reserved + view.available;
  const limited = limitTo(plan, byBalance(available));
  if (is_counted || !isLimitedByInput(limited, available)) return limited;
  // What is held stays held: it covers more output now.
  const { worst_case_tokens } = plan;
  return { ...limitTo(await countedPlan(plan), byBalance(available)), worst_case_tokens };
}

/** Returns the plan of a reserved hold, with the limit that balance and budget let the hold grow to. */
async function limitedBy<T extends TaskTypes>(
  tried: Try<T>,
  answer: ReservedAnswer,
  budget: BudgetTerms,
): Promise<Plan<T>> {
  const limited = await limitedByBalance(tried, answer);
  const { tenant_left } = answer;
  if (tenant_left === null) return limited;
  return limitTo(limited, byBudget(wholesaleOfPlan(tried.plan, budget) + tenant_left, budget));
}

/**
 * Reserves what the plan holds at first. If the balance or the tenant's budget does not cover it, the input is counted; if it still does
 * not, the plan is fitted to what is left, as far as the task allows. Then it is reserved again.
 */
async function reserve<T extends TaskTypes>(
  deps: Dependencies,
  caller: Caller,
  terms: Terms,
  tried: Try<T>,
): OrFailure<Reserved<T>> {
  const { snapshot, principal, budget } = caller;
  const { plan, fits, is_counted } = tried;
  const { id: user_id, tenant_id, role } = snapshot.user;
  const wallet = { tenant_id, user_id };
  const start = startOf(plan, { kind: plan.task.kind, ...terms.choice }, snapshot);
  const answer = await callWallet(deps, wallet, (stub) =>
    stub.reserve({
      wallet,
      policy: snapshot.policy,
      amount: plan.worst_case_tokens,
      actor: { kind: role, id: user_id },
      session_issued_at_s: 'hash' in principal ? null : principal.iat,
      session_id: 'hash' in principal ? null : (principal.sessionId ?? null),
      key: snapshot.api_key?.limits ?? null,
      idempotency: terms.idempotency,
      lifetime_ms: terms.lifetime_ms,
      wholesale: { amount: wholesaleOfPlan(plan, budget), policy: budget.policy },
      execution: start,
    }),
  );
  if (!answer.ok) {
    deps.waitUntil(releaseUnanswered(deps, wallet, start, plan));
    return answer;
  }
  const reserved = answer.value;
  if (reserved.ok)
    return ok({ is: 'reserved', answer: reserved, start, plan: await limitedBy(tried, reserved, budget) });
  if (reserved.code === 'already_done') return ok({ is: 'repeated', answer: reserved });
  if (reserved.code !== 'insufficient_balance' && reserved.code !== 'tenant_budget')
    return fail(failureOfRefusal(reserved));
  const room = roomOf(reserved, budget);
  const exact = is_counted || !mayCover(plan, room.alone) ? plan : await countedPlan(plan);
  const next = fits >= FITS_MAX ? null : fitToRoom(exact, room);
  if (next !== null) return reserve(deps, caller, terms, { plan: next, fits: fits + 1, is_counted: true });
  const refusal =
    reserved.code === 'tenant_budget' ? reserved : { ...reserved, required: exact.worst_case_tokens };
  return fail(failureOfRefusal(refusal, isPayable(exact, room)));
}

/** Returns the candidates of a task's models. A name that the caller cannot use is refused by its field. */
export async function routeTask<T extends TaskTypes>(
  deps: Dependencies,
  tenant: TenantSnapshot,
  caller: CallerSnapshot,
  { model, fallback_models = [], beginning }: Task<T>,
): OrFailure<RoutedCandidates> {
  const routed = await routedCandidates(deps, tenant, caller, {
    asked: [model, ...fallback_models],
    beginning: () => beginning?.() ?? null,
    seed: crypto.randomUUID(),
    knows_isolate: true,
  });
  if (routed.ok) return routed;
  const { code, place } = routed.failure;
  return fail({ code, details: { field: place === 0 ? 'model' : `models.${place - 1}` } });
}

/**
 * Begins an execution: plans it and reserves the most it can cost in the caller's wallet. The reservation is durable before anything
 * is sent to a provider. Makes no database round trip when its caches are warm.
 */
export async function beginExecution<T extends TaskTypes>(
  deps: Dependencies,
  tenant: TenantSnapshot,
  principal: Principal,
  { task, cache: choice, ...terms }: ExecutionRequest<T>,
): OrFailure<BeginAnswer<T>> {
  const caller = await resolveCaller(deps, principal);
  if (!caller.ok) return caller;
  const snapshot = caller.value;
  const routed = await routeTask(deps, tenant, snapshot, task);
  if (!routed.ok) return routed;
  const { candidates, conversation, ...routing } = routed.value;
  const planned = planOf(task, candidates, {
    default_output_limit: snapshot.default_output_limit ?? tenant.default_output_limit,
  });
  if (!planned.ok) return planned;
  const { budget } = tenant;
  const { id: user_id, tenant_id } = snapshot.user;
  const wallet = { tenant_id, user_id };
  // An answer of the background is not there in time for its request, and is neither read nor kept.
  const isBackground = terms.lifetime_ms !== undefined;
  const cache = isBackground ? null : cacheUseOf(deps, tenant, wallet, planned.value, choice);
  const reserved = await reserve(
    deps,
    { snapshot, principal, budget },
    { ...terms, choice: routing },
    {
      plan: planned.value,
      fits: 0,
      is_counted: false,
    },
  );
  if (!reserved.ok) return reserved;
  if (reserved.value.is === 'repeated') {
    const { execution_id, answer, available } = reserved.value.answer;
    if (answer === null) return fail({ code: 'idempotency_answer_gone', execution_id });
    // Responses that were kept before there was a response cache lack its field.
    const kept = { response_cache: null, ...JSON.parse(answer), balance_after: available };
    return ok({ is: 'repeated', response: task.parseResponse(kept) });
  }
  const { start, plan, answer } = reserved.value;
  const execution = {
    ...{ start, plan, wallet, user_id, cache },
    wholesale: { held: wholesaleOfPlan(plan, budget), terms: budget },
    shortfall: answer.shortfall,
    free_tokens: answer.view.available,
    expires_at_ms: answer.expires_at_ms,
    key_window: answer.key_window,
    conversation,
    keeps_answer: terms.idempotency !== undefined,
    stores_contents: tenant.stores_contents,
  };
  return ok({ is: 'reserved', execution });
}
