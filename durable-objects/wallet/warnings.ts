import { WALLET_TOKENS_MAX } from '../../contracts/amounts.ts';
import type { WalletState } from './state.ts';

/**
 * Pure: what a wallet says before its limit is reached. Thresholds are percent of the period's budget; what counts against
 * it is what executions were charged. A period is the month; in lifetime mode it begins anew with each grant.
 */

/** More than this is said as this. */
const USED_PERCENT_MAX = 1_000;

/** Begins a period: nothing used, nothing announced. */
export const beginPeriod = (state: WalletState, budget: number): WalletState => ({
  ...state,
  period_budget: budget,
  used_this_period: 0,
  announced_percent: 0,
  would_refuse_executions: 0,
  would_refuse_tokens: 0,
});

/** What a period of the wallet's mode is measured against, as it stands now. */
export const budgetOf = (state: WalletState): number =>
  state.policy.mode === 'monthly' ? state.allocated_this_period : state.monthly + state.lifetime;

/** Whole percent of the budget that is used; 0 without a budget. In big integers: a product of two amounts is not safe. */
function usedPercent({ used_this_period, period_budget }: WalletState): number {
  if (period_budget === 0) return 0;
  const percent = (BigInt(used_this_period) * 100n) / BigInt(period_budget);
  return percent > USED_PERCENT_MAX ? USED_PERCENT_MAX : Number(percent);
}

/** The thresholds that use has reached. Monitor mode stays silent. */
const thresholdsReached = (state: WalletState): number[] =>
  state.policy.enforcement === 'monitor'
    ? []
    : state.policy.warning_thresholds_percent.filter((percent) => percent <= usedPercent(state));

/** The highest threshold reached, for as long as it is reached. */
export function warningOf(state: WalletState): { threshold_percent: number; used_percent: number } | null {
  const reached = thresholdsReached(state);
  return reached.length === 0
    ? null
    : { threshold_percent: Math.max(...reached), used_percent: usedPercent(state) };
}

/** Counts a charge, and tells the thresholds that it is the first to reach: each once per period, ascending. */
export function countUse(
  state: WalletState,
  charged: number,
): { state: WalletState; thresholds_crossed: number[] } {
  const used: WalletState = {
    ...state,
    used_this_period: Math.min(WALLET_TOKENS_MAX, state.used_this_period + charged),
  };
  const thresholds_crossed = thresholdsReached(used)
    .filter((percent) => percent > state.announced_percent)
    .sort((one, other) => one - other);
  const announced_percent = Math.max(state.announced_percent, ...thresholds_crossed);
  return { state: { ...used, announced_percent }, thresholds_crossed };
}

/** Counts a reserve that hard enforcement would have refused. */
export const countShortfall = (state: WalletState, shortfall: number): WalletState =>
  shortfall === 0
    ? state
    : {
        ...state,
        would_refuse_executions: state.would_refuse_executions + 1,
        would_refuse_tokens: Math.min(WALLET_TOKENS_MAX, state.would_refuse_tokens + shortfall),
      };
