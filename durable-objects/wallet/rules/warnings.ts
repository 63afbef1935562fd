import { WALLET_TOKENS_MAX } from '../../../contracts/amounts.ts';
import type { WalletState } from './state.ts';

/**
 * Pure: warnings before a limit is reached. Thresholds are percent of the period's budget, and charges count against it. A
 * period is a month; in lifetime mode it begins with each grant.
 */

/** Highest percentage reported. */
const USED_PERCENT_MAX = 1_000;

/** Begins a period, with nothing used and nothing announced. */
export const beginPeriod = (state: WalletState, budget: number): WalletState => ({
  ...state,
  period_budget: budget,
  used_this_period: 0,
  announced_percent: 0,
  would_refuse_executions: 0,
  would_refuse_tokens: 0,
});

/** The budget of a period that begins now, in tokens: the month's allocation, or the balance in lifetime mode. */
export const budgetOf = (state: WalletState): number =>
  state.policy.mode === 'monthly' ? state.allocated_this_period : state.monthly + state.lifetime;

/** Used share of the budget in whole percent, rounded down; 0 without a budget. The product exceeds safe integers, so it is a BigInt. */
function usedPercent({ used_this_period, period_budget }: WalletState): number {
  if (period_budget === 0) return 0;
  const percent = (BigInt(used_this_period) * 100n) / BigInt(period_budget);
  return percent > USED_PERCENT_MAX ? USED_PERCENT_MAX : Number(percent);
}

/** The thresholds reached; none in monitor mode. */
const thresholdsReached = (state: WalletState): number[] =>
  state.policy.enforcement === 'monitor'
    ? []
    : state.policy.warning_thresholds_percent.filter((percent) => percent <= usedPercent(state));

/** The warning to show: the highest threshold reached; null when none is. */
export function currentWarning(
  state: WalletState,
): { threshold_percent: number; used_percent: number } | null {
  const reached = thresholdsReached(state);
  return reached.length === 0
    ? null
    : { threshold_percent: Math.max(...reached), used_percent: usedPercent(state) };
}

/** Counts a charge. Returns the thresholds, ascending, that it is the first of the period to reach. */
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
