import type { ExecutionOutcome } from '../../../contracts/wallet/journal.ts';
import type { ExtendAnswer, Refusal, ReserveAnswer, ReserveCommand } from '../commands.ts';
import { insufficientBalance, refuseAccess } from './access.ts';
import { bringUpToDate } from './allocation.ts';
import { post, staysInRange } from './entries.ts';
import {
  claimKey,
  completeKey,
  fingerprintOf,
  type IdempotencyRecord,
  refuseRepeatedKey,
} from './idempotency.ts';
import { admit, type KeyRecord, recordKeyUse } from './key-limits.ts';
import { canHoldMore, isLeased, moveLease } from './leases.ts';
import { lower, raise } from './raises.ts';
import { availableOf, type Change, type Reservation, SYSTEM, type WalletState } from './state.ts';
import { countShortfall, countUse } from './warnings.ts';

/**
 * Pure: the rules of reservations. Each takes state, command and time, and returns the change and a refusal if any. A refused
 * command still brings the wallet up to date with time and policy, and changes nothing else.
 */

/** The change of a command, with its refusal when it was refused. */
type Decision<Code> = Change & { refusal?: Code };

/** The tenant's wallet must be asked for `amount` micro-USD first. */
export type LeaseNeeded = Refusal<'lease_needed'> & { amount: number };

type ReserveRefusal = Exclude<ReserveAnswer, { ok: true }> | LeaseNeeded;

/** The refusal of a repeated reserve: other parameters, or a hold that has ended. Undefined for a live hold, which is answered again. */
function refuseRepeatedReserve(known: Reservation, fingerprint: string): ReserveRefusal | undefined {
  if (known.fingerprint !== fingerprint) return { ok: false, code: 'idempotency_mismatch' };
  return known.state === 'held' ? undefined : { ok: false, code: `reservation_${known.state}` };
}

/** The stored records of an execution: its reservation, its API key and its Idempotency-Key. Undefined where there is none. */
export type RelatedRecords = {
  known: Reservation | undefined;
  key: KeyRecord | undefined;
  idempotency: IdempotencyRecord | undefined;
};

/** The refusal of an amount that the balance or the lease of the tenant's budget does not cover. Undefined when both do. */
function refuseSpending(
  state: WalletState,
  { amount, wholesale }: ReserveCommand,
  nowMs: number,
): ReserveRefusal | undefined {
  if (amount > availableOf(state) && state.policy.enforcement === 'hard')
    return insufficientBalance(state, amount);
  if (wholesale !== undefined && !isLeased(state, wholesale.amount, nowMs))
    return { ok: false, code: 'lease_needed', amount: wholesale.amount };
  return undefined;
}

/**
 * Holds `amount` for an execution, monthly tokens first. Hard enforcement refuses an amount above the balance. Warn and monitor
 * hold the available tokens and record the shortfall; the settlement records what is still missing as overage.
 */
export function reserve(
  before: WalletState,
  { known, key, idempotency }: RelatedRecords,
  command: ReserveCommand,
  nowMs: number,
): Decision<ReserveRefusal> {
  const change = bringUpToDate(before, command.policy, nowMs);
  const { state } = change;
  const { amount, execution, actor } = command;
  const fingerprint = fingerprintOf({ amount, execution, actor });
  if (known !== undefined) {
    const refusal = refuseRepeatedReserve(known, fingerprint);
    return refusal === undefined ? { ...change, reservation: known } : { ...change, refusal };
  }
  const revoked = refuseAccess(state, command.session_issued_at_s, key);
  if (revoked !== undefined) return { ...change, refusal: revoked };
  if (idempotency !== undefined && command.idempotency !== undefined)
    return {
      ...change,
      refusal: refuseRepeatedKey(idempotency, command.idempotency.fingerprint, availableOf(state)),
    };
  const { in_flight_max, mode, enforcement, allocation_tokens } = state.policy;
  if (state.in_flight >= in_flight_max)
    return { ...change, refusal: { ok: false, code: 'too_many_in_flight', in_flight_max } };
  const admitted = command.key === null ? null : admit(key, command.key, amount, nowMs);
  if (admitted?.ok === false) return { ...change, refusal: admitted.refusal };
  const refusal = refuseSpending(state, command, nowMs);
  if (refusal !== undefined) return { ...change, refusal };

  const available = availableOf(state);
  const wholesale = command.wholesale?.amount;
  const held = Math.min(amount, available);
  const heldMonthly = Math.min(held, state.monthly - state.held_monthly);
  const reservation: Reservation = {
    id: execution.id,
    state: 'held',
    amount,
    held_monthly: heldMonthly,
    held_lifetime: held - heldMonthly,
    ...(wholesale === undefined ? {} : { wholesale }),
    period: state.period,
    reserved_at_ms: nowMs,
    api_key_id: execution.api_key_id,
    idempotency_key: command.idempotency?.key ?? null,
    expires_at_ms: nowMs + Math.max(state.policy.reservation_lifetime_ms, command.lifetime_ms ?? 0),
    fingerprint,
    settled: 0,
    end_fingerprint: null,
  };
  const movement = { held_monthly: heldMonthly, held_lifetime: held - heldMonthly, in_flight: 1 };
  const shortfall = amount - held;
  const details = {
    kind: 'reserve',
    operation_id: execution.id,
    amount,
    actor,
    execution_start: { ...execution, policy: { mode, enforcement, allocation_tokens } },
    ...(shortfall === 0 ? {} : { shortfall }),
  } as const;
  const leased = moveLease(state, { held: wholesale ?? 0 });
  const counted = { ...change, state: countShortfall(leased, shortfall) };
  return {
    ...post(counted, movement, details, nowMs),
    reservation,
    ...(admitted === null ? {} : { key: admitted.key }),
    ...(command.idempotency === undefined
      ? {}
      : { idempotency: claimKey(command.idempotency, execution.id, nowMs) }),
  };
}

/** Longest lifetime of an extended reservation: the maximum of `reservation_lifetime_ms` in a policy. */
const EXTENDED_MAX_MS = 3_600_000;

type ExtendRefusal = Exclude<ExtendAnswer, { ok: true }> | LeaseNeeded;

/** The totals that a hold is changed to, in wallet tokens and in micro-USD of the tenant's budget. */
type ChangedTotals = {
  amount?: number | undefined;
  lowers_from?: number | undefined;
  wholesale?: number | undefined;
};

/**
 * Raises a hold towards `amount`, if that is more, and moves its deadline to one reservation lifetime from now, for a stream that is
 * still running. Lowers it to `amount`, if that is less and it is `lowers_from`. Never shortens it, and never extends it beyond an hour
 * after the reserve. Raises what it holds of the tenant's budget to `wholesale`. Refused when the user has been disabled or the API key
 * revoked.
 */
export function extend(
  before: WalletState,
  { known, key }: Pick<RelatedRecords, 'known' | 'key'>,
  nowMs: number,
  { amount = 0, lowers_from, wholesale }: ChangedTotals = {},
): Decision<ExtendRefusal> {
  const change = bringUpToDate(before, before.policy, nowMs);
  if (known === undefined) return { ...change, refusal: { ok: false, code: 'reservation_not_found' } };
  if (known.state !== 'held')
    return { ...change, refusal: { ok: false, code: `reservation_${known.state}` } };
  if (change.state.standing.status === 'disabled')
    return { ...change, refusal: { ok: false, code: 'user_disabled' } };
  if (key?.revoked === true) return { ...change, refusal: { ok: false, code: 'api_key_revoked' } };
  const more = Math.max(0, (wholesale ?? 0) - (known.wholesale ?? 0));
  if (!canHoldMore(change.state, more))
    return { ...change, refusal: { ok: false, code: 'lease_needed', amount: more } };
  const wanted = Math.min(
    nowMs + change.state.policy.reservation_lifetime_ms,
    known.reserved_at_ms + EXTENDED_MAX_MS,
  );
  const extended = {
    ...known,
    ...(more === 0 ? {} : { wholesale: (known.wholesale ?? 0) + more }),
    expires_at_ms: Math.max(known.expires_at_ms, wanted),
  };
  // An extension without a lowering has no entry. The new time makes it a change that is stored.
  const state = { ...moveLease(change.state, { held: more }), at_ms: nowMs };
  if (lowers_from === known.amount && amount < known.amount)
    return lower({ ...change, state }, extended, key, amount, nowMs);
  return { ...change, ...raise(state, extended, key, amount, nowMs) };
}

export type EndKind = 'debit' | 'release' | 'expiry';

/** The end of a reservation. `answer` is kept for its Idempotency-Key when it is charged. */
export type ReservationEnd = {
  kind: EndKind;
  amount: number;
  /** Null for a lease in a tenant's wallet. */
  outcome: ExecutionOutcome | null;
  answer?: string | undefined;
};

const endStates = { debit: 'settled', release: 'released', expiry: 'expired' } as const;

type EndRefusal = Refusal<
  `reservation_${Reservation['state'] | 'not_found'}` | 'idempotency_mismatch' | 'amount_out_of_range'
>;

/** The refusal of a repeated end: the reservation ended in another way. Undefined for the same end, which is answered again. */
function refuseRepeatedEnd(known: Reservation, kind: EndKind, fingerprint: string): EndRefusal | undefined {
  if (known.state !== endStates[kind]) return { ok: false, code: `reservation_${known.state}` };
  return known.end_fingerprint === fingerprint ? undefined : { ok: false, code: 'idempotency_mismatch' };
}

/**
 * Splits a charge by bucket: held tokens first, monthly before lifetime; then, where warn or monitor mode held less than the
 * amount, free tokens in the same order. The rest is overage.
 */
function charge(state: WalletState, { held_monthly, held_lifetime }: Reservation, amount: number) {
  const fromHeldMonthly = Math.min(amount, held_monthly);
  const fromHeldLifetime = Math.min(amount - fromHeldMonthly, held_lifetime);
  const uncovered = amount - fromHeldMonthly - fromHeldLifetime;
  const fromFreeMonthly = Math.min(uncovered, state.monthly - state.held_monthly);
  const fromFreeLifetime = Math.min(uncovered - fromFreeMonthly, state.lifetime - state.held_lifetime);
  return {
    monthly: fromHeldMonthly + fromFreeMonthly,
    lifetime: fromHeldLifetime + fromFreeLifetime,
    overage: uncovered - fromFreeMonthly - fromFreeLifetime,
    unusedMonthly: held_monthly - fromHeldMonthly,
  };
}

/** Splits the freed tokens of a closed month into those that still roll over and those that expire. */
function lateRelease(state: WalletState, reservation: Reservation, freedMonthly: number) {
  if (reservation.period === state.period) return { expires: 0, rolls: 0 };
  const rolls = Math.min(freedMonthly, state.rollover_left);
  return { expires: freedMonthly - rolls, rolls };
}

/**
 * Ends a reservation. `debit` charges `amount`, monthly tokens first, and frees the rest; `release` and `expiry` free all of it.
 * Refused with `amount_out_of_range` when `amount` exceeds the reservation, since providers were given a limit that rules
 * it out, or when it takes the overage above the largest amount.
 */
export function end(
  before: WalletState,
  { known, key, idempotency }: RelatedRecords,
  { kind, amount, outcome, answer }: ReservationEnd,
  nowMs: number,
): Decision<EndRefusal> {
  const change = bringUpToDate(before, before.policy, nowMs);
  const fingerprint = fingerprintOf({ amount, outcome });
  if (known === undefined) return { ...change, refusal: { ok: false, code: 'reservation_not_found' } };
  if (known.state !== 'held') {
    const refusal = refuseRepeatedEnd(known, kind, fingerprint);
    return refusal === undefined ? { ...change, reservation: known } : { ...change, refusal };
  }
  const wholesale = { held: known.wholesale ?? 0, spent: outcome?.wholesale_micro_usd ?? 0 };
  if (amount > known.amount || wholesale.spent > wholesale.held)
    return { ...change, refusal: { ok: false, code: 'amount_out_of_range' } };

  const spent = charge(change.state, known, amount);
  const late = lateRelease(change.state, known, spent.unusedMonthly);
  const movement = {
    monthly: -spent.monthly - late.expires,
    lifetime: -spent.lifetime,
    held_monthly: -known.held_monthly,
    held_lifetime: -known.held_lifetime,
    raised: -(known.raised ?? 0),
    consumed: spent.monthly + spent.lifetime,
    overage: spent.overage,
    expired: late.expires,
    in_flight: -1,
  };
  if (!staysInRange(change.state, movement))
    return { ...change, refusal: { ok: false, code: 'amount_out_of_range' } };
  const { state, thresholds_crossed } =
    kind === 'debit' ? countUse(change.state, amount) : { state: change.state, thresholds_crossed: [] };
  const crossed = thresholds_crossed.length === 0 ? {} : { thresholds_crossed };
  const reservation: Reservation = {
    ...known,
    ...crossed,
    state: endStates[kind],
    settled: amount,
    end_fingerprint: fingerprint,
  };
  const details = {
    kind,
    operation_id: known.id,
    amount: kind === 'debit' ? amount : known.held_monthly + known.held_lifetime - (known.raised ?? 0),
    actor: SYSTEM,
    execution_outcome: outcome,
    ...crossed,
  };
  const leased = moveLease(state, { held: -wholesale.held, spent: wholesale.spent });
  const counted = { ...leased, rollover_left: state.rollover_left - late.rolls };
  return {
    ...post({ ...change, state: counted }, movement, details, nowMs),
    reservation,
    ...(key === undefined ? {} : { key: recordKeyUse(key, known, amount, nowMs) }),
    ...(idempotency === undefined ? {} : completeKey(idempotency, kind === 'debit', answer, nowMs)),
  };
}
