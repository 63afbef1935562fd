import type { AdjustCommand, BalanceRefusal, CreditCommand, Refusal } from '../commands.ts';
import { insufficientBalance } from './access.ts';
import { bringUpToDate, startBudgetPeriod } from './allocation.ts';
import { post, staysInRange } from './entries.ts';
import { availableOf, type Change, type WalletState } from './state.ts';

type CorrectionRefusal = BalanceRefusal | Refusal<'amount_out_of_range'>;

/**
 * Pure: adds lifetime tokens (credit), or corrects the balance by a signed amount (adjustment). A negative amount takes free
 * lifetime tokens, then free monthly ones, and is refused when it exceeds both.
 */
export function correct(
  before: WalletState,
  kind: 'credit' | 'adjustment',
  command: CreditCommand | AdjustCommand,
  nowMs: number,
): Change & { refusal?: CorrectionRefusal } {
  const change = bringUpToDate(before, command.policy, nowMs);
  const { state } = change;
  const { operation_id, amount, actor, reason, reference } = command;
  if (amount < 0 && -amount > availableOf(state))
    return { ...change, refusal: insufficientBalance(state, -amount) };
  const fromLifetime = amount >= 0 ? 0 : Math.min(-amount, state.lifetime - state.held_lifetime);
  const fromMonthly = amount >= 0 ? 0 : -amount - fromLifetime;
  // A negative adjustment revokes a grant, so it reduces `granted`.
  const movement = { lifetime: Math.max(amount, 0) - fromLifetime, monthly: -fromMonthly, granted: amount };
  if (!staysInRange(state, movement))
    return { ...change, refusal: { ok: false, code: 'amount_out_of_range' } };
  const done = post(change, movement, { kind, operation_id, amount, actor, reason, reference }, nowMs);
  return amount > 0 ? startBudgetPeriod(done) : done;
}
