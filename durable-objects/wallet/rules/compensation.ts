import { WALLET_TOKENS_MAX } from '../../../contracts/amounts.ts';
import type { CompensateCommand, Refusal, WalletAudit } from '../commands.ts';
import { append, type Deltas } from './entries.ts';
import { type Change, journaledHoldsOf, type WalletState } from './state.ts';

/**
 * Pure: repairs a difference between a wallet and the sum of its entries. Entries are never changed, and the wallet's balance
 * is kept. One more entry, an adjustment by a superadmin, records the difference: its deltas lead from the sum of the
 * entries to the balance. A separate credit or adjustment can then refund or charge the user.
 */

type Decision = Change & {
  refusal?: Refusal<'ledger_outdated' | 'nothing_to_repair' | 'amount_out_of_range'>;
};

/**
 * The wallet after the compensation. Balances come from the wallet, holds from its reservations, `consumed` and `expired` from
 * the entries; `granted` is their sum, so that the invariant holds.
 */
function compensatedState(
  state: WalletState,
  held: WalletAudit['held'],
  { consumed, expired, overage }: CompensateCommand['ledger']['figures'],
): WalletState {
  const monthly = Math.max(state.monthly, held.monthly);
  const lifetime = Math.max(state.lifetime, held.lifetime);
  return {
    ...state,
    monthly,
    lifetime,
    held_monthly: held.monthly,
    held_lifetime: held.lifetime,
    ...(held.raised === undefined ? {} : { raised: held.raised }),
    // The overage of an entry is never negative, so it cannot be reduced.
    overage: Math.max(state.overage, overage),
    consumed,
    expired,
    granted: monthly + lifetime + consumed + expired,
    in_flight: held.reservations,
  };
}

const changedFigures = [
  'monthly',
  'lifetime',
  'held_monthly',
  'held_lifetime',
  'overage',
  'consumed',
  'expired',
  'granted',
  'in_flight',
] as const;

/**
 * Appends the entry that accounts for the difference between the wallet and `command.ledger`. Refused with `ledger_outdated`
 * when the ledger was read before the wallet's newest entry, with `nothing_to_repair` when there is no difference, and
 * with `amount_out_of_range` when a figure would exceed the largest amount, since every later movement would be refused.
 */
export function compensate(
  state: WalletState,
  held: WalletAudit['held'],
  command: CompensateCommand,
  nowMs: number,
): Decision {
  const { seq, figures } = command.ledger;
  const change: Change = { state, entries: [] };
  if (seq !== state.seq) return { ...change, refusal: { ok: false, code: 'ledger_outdated' } };
  const next = compensatedState(state, held, figures);
  const deltas: Deltas = {
    monthly_delta: next.monthly - figures.monthly,
    lifetime_delta: next.lifetime - figures.lifetime,
    reserved_delta: journaledHoldsOf(next) - figures.reserved,
    overage: next.overage - figures.overage,
  };
  const agrees = Object.values(deltas).every((delta) => delta === 0);
  if (agrees && changedFigures.every((figure) => next[figure] === state[figure]))
    return { ...change, refusal: { ok: false, code: 'nothing_to_repair' } };
  if (changedFigures.some((figure) => next[figure] > WALLET_TOKENS_MAX))
    return { ...change, refusal: { ok: false, code: 'amount_out_of_range' } };
  const { operation_id, actor, reason, reference } = command;
  const amount = deltas.monthly_delta + deltas.lifetime_delta;
  const details = { kind: 'adjustment', operation_id, amount, actor, reason, reference } as const;
  return append(change, next, deltas, details, nowMs);
}
