import type { Wallet } from '../../../../contracts/api/wallet.ts';
import { formatDay } from '../../lib/format.ts';

/** What is said when a warning threshold is reached. Pure. */

export type WalletWarning = {
  /** The same as long as it says the same news: what a person has put away stays away. */
  key: string;
  title: string;
  advice: string;
};

function titleOf(usedPercent: number, isMonthly: boolean): string {
  const whose = isMonthly ? "this month's tokens" : 'your tokens';
  return usedPercent >= 100
    ? `You have used all of ${whose}.`
    : `You have used ${usedPercent} % of ${whose}.`;
}

function adviceOf({ policy, resets_at, available }: Wallet, usedPercent: number): string {
  const renewal = resets_at === null ? 'They do not renew.' : `They renew on ${formatDay(resets_at)}.`;
  if (usedPercent < 100) return renewal;
  if (policy.enforcement === 'warn' && available === 0)
    return `${renewal} What you run until then is overage.`;
  return renewal;
}

/** The warning in words; null when there is nothing to warn of. */
export function warningOf(wallet: Wallet): WalletWarning | null {
  if (wallet.warning === null) return null;
  const { threshold_percent, used_percent } = wallet.warning;
  const isMonthly = wallet.policy.mode === 'monthly';
  // A grant begins a period in lifetime mode: the next warning is news again.
  const period = isMonthly ? wallet.period : `${wallet.period} ${wallet.granted}`;
  return {
    key: `${period} ${threshold_percent}`,
    title: titleOf(used_percent, isMonthly),
    advice: adviceOf(wallet, used_percent),
  };
}
