import type { WalletView } from '../../../../contracts/api/wallet.ts';
import type { Currency } from '../../lib/currency.ts';
import { formatDay } from '../../lib/format.ts';

/** The text of a warning threshold. Pure. */

export type WalletWarning = {
  /** Identifies the threshold within its period: a dismissed warning stays dismissed. */
  key: string;
  title: string;
  advice: string;
};

function titleOf(usedPercent: number, isMonthly: boolean, { currency_name }: Currency): string {
  const whose = isMonthly ? `this month's ${currency_name}` : `your ${currency_name}`;
  return usedPercent >= 100
    ? `You have used all of ${whose}.`
    : `You have used ${usedPercent} % of ${whose}.`;
}

function adviceOf({ policy, resets_at, available }: WalletView, usedPercent: number): string {
  const renewal = resets_at === null ? 'They do not renew.' : `They renew on ${formatDay(resets_at)}.`;
  if (usedPercent < 100) return renewal;
  if (policy.enforcement === 'warn' && available === 0)
    return `${renewal} Runs until then are recorded as overage.`;
  return renewal;
}

/** The warning to show, or null. */
export function warningOf(wallet: WalletView, currency: Currency): WalletWarning | null {
  if (wallet.warning === null) return null;
  const { threshold_percent, used_percent } = wallet.warning;
  const isMonthly = wallet.policy.mode === 'monthly';
  // In lifetime mode a grant starts a new period, with warnings of its own.
  const period = isMonthly ? wallet.period : `${wallet.period} ${wallet.granted}`;
  return {
    key: `${period} ${threshold_percent}`,
    title: titleOf(used_percent, isMonthly, currency),
    advice: adviceOf(wallet, used_percent),
  };
}
