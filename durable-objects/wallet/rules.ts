import type { ExecutionOutcome } from '../../contracts/journal.ts';
import { canonicalJson, sha256Hex } from '../../journal/hash.ts';
import { bringUpToDate, startBudget } from './allocation.ts';
import type {
  AdjustCommand,
  BalanceRefusal,
  CreditCommand,
  ExtendAnswer,
  Refusal,
  ReserveAnswer,
  ReserveCommand,
} from './commands.ts';
import { post, staysInRange } from './entries.ts';
import { answerRepeatedKey, claimKey, endOfKey, type IdempotencyRecord } from './idempotency.ts';
import { admit, endUse, type KeyRecord } from './key-limits.ts';
import {
  availableOf,
  type Change,
  type Reservation,
  reservedOf,
  resetsAtMs,
  SYSTEM,
  type WalletState,
} from './state.ts';
import { countShortfall, countUse } from './warnings.ts';

/**
 * The wallet's rules: pure. State, command and time go in; the change and the answer come out. No clock, no storage; what
 * is refused changes nothing but what time and policy had already made due.
 */

/** A decision: what changes, and why it was refused if it was. */
type Decision<Code> = Change & { refusal?: Code };

/** What an operation means, as a hash: two that mean the same are one, sent twice. */
export const fingerprintOf = (value: unknown): string => sha256Hex(canonicalJson(value));

const refused = (state: WalletState, required: number): BalanceRefusal => ({
  ok: false,
  code: 'insufficient_balance',
  scope: 'wallet',
  limit: state.granted - state.expired,
  used: state.consumed,
  reserved: reservedOf(state),
  available: availableOf(state),
  required,
  resets_at_ms: resetsAtMs(state),
});

type ReserveRefusal = Exclude<ReserveAnswer, { ok: true }>;

/** How a repeated reserve is answered: a live hold again, an ended one by how it ended, another command not at all. */
function answerRepeated(known: Reservation, fingerprint: string): ReserveRefusal | undefined {
  if (known.fingerprint !== fingerprint) return { ok: false, code: 'idempotency_mismatch' };
  return known.state === 'held' ? undefined : { ok: false, code: `reservation_${known.state}` };
}

/** What the shell knows of a command besides the state: the reservation of that id, its API key and its Idempotency-Key. */
export type Facts = {
  known: Reservation | undefined;
  key: KeyRecord | undefined;
  idempotency: IdempotencyRecord | undefined;
};

/** Whether this user, session and key may spend at all: what was revoked here is revoked, whatever caches say. */
function refuseRevoked(
  { standing, sessions_revoked_until_s }: WalletState,
  { session_issued_at_s }: ReserveCommand,
  key: KeyRecord | undefined,
): ReserveRefusal | undefined {
  if (standing.status === 'disabled') return { ok: false, code: 'user_disabled' };
  if (session_issued_at_s !== null && session_issued_at_s <= sessions_revoked_until_s)
    return { ok: false, code: 'session_revoked' };
  return key?.revoked === true ? { ok: false, code: 'api_key_revoked' } : undefined;
}

/**
 * Holds `amount` for an execution, monthly tokens first. Hard enforcement refuses what the balance cannot cover; warn and
 * monitor hold what there is, say how much was short, and let the settlement record what is still missing as overage.
 */
export function reserve(
  before: WalletState,
  { known, key, idempotency }: Facts,
  command: ReserveCommand,
  nowMs: number,
): Decision<ReserveRefusal> {
  const change = bringUpToDate(before, command.policy, nowMs);
  const { state } = change;
  const { amount, execution, actor } = command;
  const fingerprint = fingerprintOf({ amount, execution, actor });
  if (known !== undefined) {
    const refusal = answerRepeated(known, fingerprint);
    return refusal === undefined ? { ...change, reservation: known } : { ...change, refusal };
  }
  const revoked = refuseRevoked(state, command, key);
  if (revoked !== undefined) return { ...change, refusal: revoked };
  if (idempotency !== undefined && command.idempotency !== undefined)
    return {
      ...change,
      refusal: answerRepeatedKey(idempotency, command.idempotency.fingerprint, availableOf(state)),
    };
  const { in_flight_max, mode, enforcement, allocation_tokens } = state.policy;
  if (state.in_flight >= in_flight_max)
    return { ...change, refusal: { ok: false, code: 'too_many_in_flight', in_flight_max } };
  const admitted = command.key === null ? null : admit(key, command.key, amount, nowMs);
  if (admitted?.ok === false) return { ...change, refusal: admitted.refusal };
  const available = availableOf(state);
  if (amount > available && enforcement === 'hard') return { ...change, refusal: refused(state, amount) };

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
  const note = {
    kind: 'reserve',
    operation_id: execution.id,
    amount,
    actor,
    execution_start: { ...execution, policy: { mode, enforcement, allocation_tokens } },
    ...(shortfall === 0 ? {} : { shortfall }),
  } as const;
  const counted = { ...change, state: countShortfall(state, shortfall) };
  return {
    ...post(counted, movement, note, nowMs),
    reservation,
    ...(admitted === null ? {} : { key: admitted.key }),
    ...(command.idempotency === undefined
      ? {}
      : { idempotency: claimKey(command.idempotency, execution.id, nowMs) }),
  };
}

/** However often it is extended, a reservation ends within this: as long as a policy may say at most. */
const EXTENDED_MAX_MS = 3_600_000;

type ExtendRefusal = Exclude<ExtendAnswer, { ok: true }>;

/**
 * Moves a hold's deadline to a whole reservation lifetime from now: what a stream asks for while it runs. Never brings a
 * deadline forward, and never beyond an hour after the reserve. A user disabled meanwhile gets no more time, nor does what a key began
 * that was revoked.
 */
export function extend(
  before: WalletState,
  { known, key }: Pick<Facts, 'known' | 'key'>,
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
  // Moves no tokens, so no entry says so; it is a change all the same.
  return { ...change, state: { ...change.state, at_ms: nowMs }, reservation };
}

export type EndKind = 'debit' | 'release' | 'expiry';

/** How a reservation is to end; `answer` is what its Idempotency-Key will stand for when it is charged. */
export type Ending = {
  kind: EndKind;
  amount: number;
  outcome: ExecutionOutcome;
  answer?: string | undefined;
};

const endStates = { debit: 'settled', release: 'released', expiry: 'expired' } as const;

type EndRefusal = Refusal<
  `reservation_${Reservation['state'] | 'not_found'}` | 'idempotency_mismatch' | 'amount_out_of_range'
>;

/** How an end that comes again is answered: the same end is the same answer, another end is told which came first. */
function answerEnded(known: Reservation, kind: EndKind, fingerprint: string): EndRefusal | undefined {
  if (known.state !== endStates[kind]) return { ok: false, code: `reservation_${known.state}` };
  return known.end_fingerprint === fingerprint ? undefined : { ok: false, code: 'idempotency_mismatch' };
}

/**
 * What a charge takes: held tokens first, monthly before lifetime; then, where warn or monitor mode held less than was
 * asked for, whatever is available by now in the same order. The rest is overage.
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

/** Held tokens of a closed month go back where its rollover rule lets them, and expire where it does not. */
function lateRelease(state: WalletState, reservation: Reservation, freedMonthly: number) {
  if (reservation.period === state.period) return { expires: 0, rolls: 0 };
  const rolls = Math.min(freedMonthly, state.rollover_left);
  return { expires: freedMonthly - rolls, rolls };
}

/**
 * Ends a reservation: `debit` takes what the execution cost, monthly tokens first, and gives the rest back; `release` and
 * `expiry` give all of it back. A cost above what was asked for is refused, since providers were told a limit that
 * rules it out; so is one that takes the overage past the largest amount.
 */
export function end(
  before: WalletState,
  { known, key, idempotency }: Facts,
  { kind, amount, outcome, answer }: Ending,
  nowMs: number,
): Decision<EndRefusal> {
  const change = bringUpToDate(before, before.policy, nowMs);
  const fingerprint = fingerprintOf({ amount, outcome });
  if (known === undefined) return { ...change, refusal: { ok: false, code: 'reservation_not_found' } };
  if (known.state !== 'held') {
    const refusal = answerEnded(known, kind, fingerprint);
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
  const note = {
    kind,
    operation_id: known.id,
    amount: kind === 'debit' ? amount : known.held_monthly + known.held_lifetime,
    actor: SYSTEM,
    execution_outcome: outcome,
    ...crossed,
  };
  const counted = { ...state, rollover_left: state.rollover_left - late.rolls };
  return {
    ...post({ ...change, state: counted }, movement, note, nowMs),
    reservation,
    ...(key === undefined ? {} : { key: endUse(key, known, amount, nowMs) }),
    ...(idempotency === undefined ? {} : endOfKey(idempotency, kind === 'debit', answer, nowMs)),
  };
}

type CorrectionRefusal = BalanceRefusal | Refusal<'amount_out_of_range'>;

/**
 * Adds lifetime tokens (credit), or corrects the balance by a signed amount (adjustment). Taking goes from lifetime tokens
 * nobody holds, then from monthly ones, and never below zero.
 */
export function correct(
  before: WalletState,
  kind: 'credit' | 'adjustment',
  command: CreditCommand | AdjustCommand,
  nowMs: number,
): Decision<CorrectionRefusal> {
  const change = bringUpToDate(before, command.policy, nowMs);
  const { state } = change;
  const { operation_id, amount, actor, reason, reference } = command;
  if (amount < 0 && -amount > availableOf(state)) return { ...change, refusal: refused(state, -amount) };
  const fromLifetime = amount >= 0 ? 0 : Math.min(-amount, state.lifetime - state.held_lifetime);
  const fromMonthly = amount >= 0 ? 0 : -amount - fromLifetime;
  // What an adjustment takes was granted by mistake, so it is no longer granted.
  const movement = { lifetime: Math.max(amount, 0) - fromLifetime, monthly: -fromMonthly, granted: amount };
  if (!staysInRange(state, movement))
    return { ...change, refusal: { ok: false, code: 'amount_out_of_range' } };
  const done = post(change, movement, { kind, operation_id, amount, actor, reason, reference }, nowMs);
  return amount > 0 ? startBudget(done) : done;
}
