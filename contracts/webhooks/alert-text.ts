import type { AlertKind, EventData } from './event.ts';

/** The words of an alert, for mails and the app. */
export type AlertText = { title: string; text: string };

const number = (value: EventData[string] | undefined): number => (typeof value === 'number' ? value : 0);
const count = (value: EventData[string] | undefined): string => number(value).toLocaleString('en-US');
const dollars = (value: EventData[string] | undefined): string =>
  `$${(number(value) / 1_000_000).toLocaleString('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 })}`;
const list = (value: EventData[string] | undefined): string => (Array.isArray(value) ? value.join(', ') : '');

const texts: Record<AlertKind, (data: EventData) => AlertText> = {
  low_balance: ({ threshold_percent, balance }) => ({
    title: 'Low balance',
    text: `You have used ${count(threshold_percent)} % of your tokens. ${count(balance)} are left.`,
  }),
  budget: ({ threshold_percent, left_micro_usd }) =>
    number(threshold_percent) >= 100
      ? { title: 'Budget used up', text: `${dollars(left_micro_usd)} of the budget is left.` }
      : {
          title: `${count(threshold_percent)} % of the budget used`,
          text: `${dollars(left_micro_usd)} of the budget is left.`,
        },
  provider_failing: ({ provider_name, calls, failures, last_failure }) => ({
    title: `Provider ${String(provider_name)} fails`,
    text: `${count(failures)} of ${count(calls)} calls failed within the last hours. The last failure: ${String(last_failure)}.`,
  }),
  difference: ({ user_id, differences }) => ({
    title: 'A wallet and its ledger differ',
    text: `The check of ${user_id === null ? 'the budget' : `the wallet of user ${String(user_id)}`} found: ${list(differences)}.`,
  }),
  unusual_spend: ({ day, spent_micro_usd, mean_micro_usd }) => ({
    title: 'Unusual spend',
    text: `${dollars(spent_micro_usd)} were spent on ${String(day)} (UTC). The mean of the 28 days before is ${dollars(mean_micro_usd)}.`,
  }),
};

/** Returns the words of an alert. Pure. */
export const alertText = (kind: AlertKind, data: EventData): AlertText => texts[kind](data);
