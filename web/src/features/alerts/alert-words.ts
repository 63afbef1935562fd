import type { AlertKind } from '../../../../contracts/webhooks/event.ts';

/** The kinds of alerts in words. Pure. */
export const alertNames: Record<AlertKind, string> = {
  low_balance: 'Low balance',
  budget: 'Budget',
  provider_failing: 'Failing providers',
  difference: 'Differences of ledgers',
  unusual_spend: 'Unusual spend',
};

export const alertExplanations: Record<AlertKind, string> = {
  low_balance: 'When a user passes a warning threshold of their policy. Only that user sees it.',
  budget: 'When the budget passes its warning thresholds, or is used up.',
  provider_failing: 'When many calls of a provider fail, in this hour and the hour before.',
  difference: 'When a check finds that a wallet and its ledger differ.',
  unusual_spend: 'When the day costs more than the mean of 28 days and three standard deviations.',
};

/** The kinds that somebody can get. */
export const kindsOf = (isAdmin: boolean): AlertKind[] =>
  isAdmin ? ['low_balance', 'budget', 'provider_failing', 'difference', 'unusual_spend'] : ['low_balance'];
