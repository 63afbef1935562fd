import type { LeaseEnd } from '../../../contracts/wallet/lease.ts';
import type { BalanceRefusal, Refusal } from '../../wallet/commands.ts';
import { insufficientBalance } from '../../wallet/rules/access.ts';
import { bringUpToDate } from '../../wallet/rules/allocation.ts';
import { post } from '../../wallet/rules/entries.ts';
import { raise } from '../../wallet/rules/raises.ts';
import { end } from '../../wallet/rules/reservations.ts';
import {
  availableOf,
  type Change,
  type Reservation,
  SYSTEM,
  type WalletState,
} from '../../wallet/rules/state.ts';
import { countShortfall } from '../../wallet/rules/warnings.ts';
import type { LeaseCommand } from '../commands.ts';

/**
 * Pure: the leases of a tenant's wallet, which are its reservations. What is leased and what is spent never exceed the budget, since a
 * lease is held like any reservation and charged at most what it holds.
 */

/** A wallet asks again after this time, so that what it does not use comes back and what it spent is known. */
export const LEASE_LIFETIME_MS = 300_000;
/** A wallet that has not ended its lease by then is asked for it. */
export const OVERDUE_AFTER_MS = 600_000;
/** The share of the free budget that a lease may take beyond what is needed: an eighth, so that it shrinks as the budget runs low. */
const SHARE = 8;

type LeaseRefusal = BalanceRefusal | Refusal<'tenant_suspended' | 'lease_ended'>;

/** Returns what is leased of `wanted`: at least `least`, and more only as a share of what is free then. */
function grantOf({ least, wanted, free }: { least: number; wanted: number; free: number }): number {
  return least + Math.min(wanted - least, Math.max(0, Math.floor((free - least) / SHARE)));
}

/** Opens a lease or raises it. A repetition adds nothing. In warn and monitor mode it may exceed the budget. */
export function lease(
  before: WalletState,
  known: Reservation | undefined,
  command: Omit<LeaseCommand, 'wallet' | 'ends'>,
  nowMs: number,
): Change & { refusal?: LeaseRefusal } {
  const change = bringUpToDate(before, command.policy, nowMs);
  const { state } = change;
  if (state.standing.status === 'disabled')
    return { ...change, refusal: { ok: false, code: 'tenant_suspended' } };
  if (known !== undefined && (known.state !== 'held' || known.period !== state.period))
    return { ...change, refusal: { ok: false, code: 'lease_ended' } };
  const leased = known?.amount ?? 0;
  const least = Math.max(0, command.least - leased);
  const wanted = Math.max(least, command.amount - leased);
  const free = availableOf(state);
  const isHard = state.policy.enforcement === 'hard';
  if (isHard && least > free) return { ...change, refusal: insufficientBalance(state, least) };
  const more = isHard ? grantOf({ least, wanted, free }) : wanted;
  const expires_at_ms = nowMs + OVERDUE_AFTER_MS;
  if (known === undefined) return open(change, command, more, expires_at_ms, nowMs);
  const raised = raise(
    { ...state, at_ms: nowMs },
    { ...known, expires_at_ms },
    undefined,
    leased + more,
    nowMs,
  );
  return { ...change, ...raised };
}

function open(
  change: Change,
  { lease_id, user_id }: Pick<LeaseCommand, 'lease_id' | 'user_id'>,
  amount: number,
  expires_at_ms: number,
  nowMs: number,
): Change {
  const { state } = change;
  const held = Math.min(amount, availableOf(state));
  const held_monthly = Math.min(held, state.monthly - state.held_monthly);
  const held_lifetime = held - held_monthly;
  const reservation: Reservation = {
    id: lease_id,
    state: 'held',
    amount,
    ...{ held_monthly, held_lifetime },
    user_id,
    period: state.period,
    reserved_at_ms: nowMs,
    ...{ api_key_id: null, idempotency_key: null },
    expires_at_ms,
    ...{ fingerprint: '', settled: 0, end_fingerprint: null },
  };
  const shortfall = amount - held;
  const details = {
    kind: 'reserve',
    operation_id: lease_id,
    amount,
    actor: SYSTEM,
    reference: `user:${user_id}`,
    ...(shortfall === 0 ? {} : { shortfall }),
  } as const;
  const counted = { ...change, state: countShortfall(state, shortfall) };
  return { ...post(counted, { held_monthly, held_lifetime, in_flight: 1 }, details, nowMs), reservation };
}

/**
 * Ends a lease: charges what was spent, and gives the rest back except what its successor takes over. Null if the lease has ended before
 * or is not known: then there is nothing to do.
 */
export function endLease(
  before: WalletState,
  records: { known: Reservation | undefined; successor: Reservation | undefined },
  { spent, successor }: LeaseEnd,
  nowMs: number,
): { ended: Change; opened: Change | null } | null {
  const { known } = records;
  if (known?.state !== 'held' || known.user_id === undefined) return null;
  const ending = { kind: spent > 0 ? 'debit' : 'release', amount: spent, outcome: null } as const;
  const { refusal, ...ended } = end(before, { known, key: undefined, idempotency: undefined }, ending, nowMs);
  if (refusal !== undefined) throw new Error(`A lease cannot be ended: ${refusal.code}`);
  if (successor === null || records.successor !== undefined) return { ended, opened: null };
  const { lease_id, amount } = successor;
  const rest = { state: ended.state, entries: [] };
  const opened = open(rest, { lease_id, user_id: known.user_id }, amount, nowMs + OVERDUE_AFTER_MS, nowMs);
  return { ended, opened };
}
