import { WALLET_TOKENS_MAX } from '../../contracts/amounts.ts';
import type { CompensateCommand, Refusal, WalletAudit } from './commands.ts';
import { append, type Deltas } from './entries.ts';
import { type Change, reservedOf, type WalletState } from './state.ts';

/**
 * Pure: how a proven difference between a wallet and the sum of its entries is repaired. The entries say what happened and are
 * never changed; the wallet says what is there. One more entry, an adjustment by a superadmin, bridges the two in the
 * open: its deltas lead from the sum of the entries to what is there. Whether the user is owed or owes the difference is
 * for a credit or an adjustment of the ordinary kind to settle.
 */

type Decision = Change & {
  refusal?: Refusal<'ledger_outdated' | 'nothing_to_repair' | 'amount_out_of_range'>;
};

/**
 * The wallet as it stands after the bridge: balances are its own, holds are its reservations', and what was granted, consumed
 * and expired follows from the entries, so that the law holds.
 */
function bridged(
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
    // Overage is only ever added to: an entry cannot take any back.
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
 * Bridges the difference between the wallet and `command.ledger`. Refused as `ledger_outdated` when the ledger was read
 * before the wallet's newest entry, as `nothing_to_repair` when there is no difference, and as `amount_out_of_range` when the bridge
 * would lead past the largest amount, where no later movement could follow.
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
  const next = bridged(state, held, figures);
  const deltas: Deltas = {
    monthly_delta: next.monthly - figures.monthly,
    lifetime_delta: next.lifetime - figures.lifetime,
    reserved_delta: reservedOf(next) - figures.reserved,
    overage: next.overage - figures.overage,
  };
  const agrees = Object.values(deltas).every((delta) => delta === 0);
  if (agrees && changedFigures.every((figure) => next[figure] === state[figure]))
    return { ...change, refusal: { ok: false, code: 'nothing_to_repair' } };
  if (changedFigures.some((figure) => next[figure] > WALLET_TOKENS_MAX))
    return { ...change, refusal: { ok: false, code: 'amount_out_of_range' } };
  const { operation_id, actor, reason, reference } = command;
  const amount = deltas.monthly_delta + deltas.lifetime_delta;
  const note = { kind: 'adjustment', operation_id, amount, actor, reason, reference } as const;
  return append(change, next, deltas, note, nowMs);
}
