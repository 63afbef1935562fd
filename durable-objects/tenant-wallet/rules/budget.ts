import type { Refusal } from '../../wallet/commands.ts';
import { bringUpToDate, startBudgetPeriod } from '../../wallet/rules/allocation.ts';
import { post, staysInRange } from '../../wallet/rules/entries.ts';
import {
  availableOf,
  type Change,
  reservedOf,
  resetsAtMs,
  type WalletState,
} from '../../wallet/rules/state.ts';
import { currentWarning } from '../../wallet/rules/warnings.ts';
import type { BudgetView, SetBudgetCommand } from '../commands.ts';

/** Pure: setting and reading the budget of a tenant's wallet. */

type SetBudgetRefusal =
  | (Refusal<'budget_below_leased'> & { leased: number })
  | Refusal<'amount_out_of_range' | 'budget_changed'>;

/**
 * Adopts the policy and corrects the balance to what the budget leaves: `balance` for a prepaid budget; for a monthly one its limit
 * without what this month has spent. Refused if less is left than what is leased, or if the wallet knows a newer policy.
 */
export function setBudget(
  before: WalletState,
  { policy, balance, operation_id, actor, reason }: SetBudgetCommand,
  nowMs: number,
): Change & { refusal?: SetBudgetRefusal } {
  if (policy.version < before.policy.version)
    return { state: before, entries: [], refusal: { ok: false, code: 'budget_changed' } };
  const change = bringUpToDate(before, policy, nowMs);
  const { state } = change;
  const isMonthly = policy.mode === 'monthly';
  const left = isMonthly
    ? Math.max(0, policy.allocation_tokens - state.used_this_period)
    : (balance ?? state.monthly + state.lifetime);
  const leased = reservedOf(state);
  if (left < leased)
    return { state: before, entries: [], refusal: { ok: false, code: 'budget_below_leased', leased } };
  // One bucket keeps what is leased of it, the other has the rest.
  const monthly = isMonthly ? left - state.held_lifetime : state.held_monthly;
  const movement = { monthly: monthly - state.monthly, lifetime: left - monthly - state.lifetime };
  const amount = movement.monthly + movement.lifetime;
  if (!staysInRange(state, { ...movement, granted: amount }))
    return { state: before, entries: [], refusal: { ok: false, code: 'amount_out_of_range' } };
  if (movement.monthly === 0 && movement.lifetime === 0) return change;
  const details = { kind: 'adjustment', operation_id, amount, actor, reason } as const;
  return startBudgetPeriod(post(change, { ...movement, granted: amount }, details, nowMs));
}

/** Returns the figures of a budget. */
export const budgetViewOf = (state: WalletState, open_leases: number): BudgetView => ({
  seq: state.seq,
  balance: state.monthly + state.lifetime,
  leased: reservedOf(state),
  available: availableOf(state),
  spent_this_period: state.used_this_period,
  spent: state.consumed + state.overage,
  overage: state.overage,
  resets_at_ms: resetsAtMs(state),
  warning_percent: currentWarning(state)?.threshold_percent ?? 0,
  open_leases,
});
