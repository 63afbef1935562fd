import type { ExecutionOutcome } from '../../../contracts/journal.ts';
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
import { availableOf, type Change, type Reservation, SYSTEM, type WalletState } from './state.ts';
import { countShortfall, countUse } from './warnings.ts';

/**
 * Pure: the rules of reservations. Each takes state, command and time, and returns the change and a refusal if any. A refused
 * command still brings the wallet up to date with time and policy, and changes nothing else.
 */

/** The change of a command, with its refusal when it was refused. */
type Decision<Code> = Change & { refusal?: Code };

type ReserveRefusal = Exclude<ReserveAnswer, { ok: true }>;

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
  const available = availableOf(state);
  if (amount > available && enforcement === 'hard')
    return { ...change, refusal: insufficientBalance(state, amount) };

  const held = Math.min(amount, available);
  const heldMonthly = Math.min(held, state.monthly - state.held_monthly);
  const reservation: Reservation = {
    id: execution.id,
    state: 'held',
    amount,
    held_monthly: heldMonthly,
    held_lifetime: held - heldMonthly,
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
  const counted = { ...change, state: countShortfall(state, shortfall) };
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

type ExtendRefusal = Exclude<ExtendAnswer, { ok: true }>;

/**
 * Moves a hold's deadline to one reservation lifetime from now, for a stream that is still running. Never shortens it, and
 * never extends it beyond an hour after the reserve. Refused when the user has been disabled or the API key revoked.
 */
export function extend(
  before: WalletState,
  { known, key }: Pick<RelatedRecords, 'known' | 'key'>,
  nowMs: number,
): Decision<ExtendRefusal> {
  const change = bringUpToDate(before, before.policy, nowMs);
  if (known === undefined) return { ...change, refusal: { ok: false, code: 'reservation_not_found' } };
  if (known.state !== 'held')
    return { ...change, refusal: { ok: false, code: `reservation_${known.state}` } };
  if (change.state.standing.status === 'disabled')
    return { ...change, refusal: { ok: false, code: 'user_disabled' } };
  if (key?.revoked === true) return { ...change, refusal: { ok: false, code: 'api_key_revoked' } };
  const wanted = Math.min(
    nowMs + change.state.policy.reservation_lifetime_ms,
    known.reserved_at_ms + EXTENDED_MAX_MS,
  );
  const reservation = { ...known, expires_at_ms: Math.max(known.expires_at_ms, wanted) };
  // An extension moves no tokens, so it has no entry. The new time makes it a change that is stored.
  return { ...change, state: { ...change.state, at_ms: nowMs }, reservation };
}

export type EndKind = 'debit' | 'release' | 'expiry';

/** The end of a reservation. `answer` is kept for its Idempotency-Key when it is charged. */
export type ReservationEnd = {
  kind: EndKind;
  amount: number;
  outcome: ExecutionOutcome;
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
  if (amount > known.amount) return { ...change, refusal: { ok: false, code: 'amount_out_of_range' } };

  const spent = charge(change.state, known, amount);
  const late = lateRelease(change.state, known, spent.unusedMonthly);
  const movement = {
    monthly: -spent.monthly - late.expires,
    lifetime: -spent.lifetime,
    held_monthly: -known.held_monthly,
    held_lifetime: -known.held_lifetime,
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
    amount: kind === 'debit' ? amount : known.held_monthly + known.held_lifetime,
    actor: SYSTEM,
    execution_outcome: outcome,
    ...crossed,
  };
  const counted = { ...state, rollover_left: state.rollover_left - late.rolls };
  return {
    ...post({ ...change, state: counted }, movement, details, nowMs),
    reservation,
    ...(key === undefined ? {} : { key: recordKeyUse(key, known, amount, nowMs) }),
    ...(idempotency === undefined ? {} : completeKey(idempotency, kind === 'debit', answer, nowMs)),
  };
}
