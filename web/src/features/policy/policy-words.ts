import type { TokenPolicy } from '../../../../contracts/api/tenant/policies.ts';
import type { PolicyField } from '../../../../contracts/wallet/policy-update.ts';
import { type Currency, formatAmount } from '../../lib/currency.ts';
import { formatLifetime, formatTokens, sentenceList } from '../../lib/format.ts';

/** Labels and values of token policies, in words. Pure. */

/** In the order in which they are read and edited. */
export const policyFields = [
  'mode',
  'allocation_tokens',
  'rollover_cap_tokens',
  'enforcement',
  'warning_thresholds_percent',
  'reservation_lifetime_ms',
  'in_flight_max',
] as const satisfies PolicyField[];

export const fieldLabels: Record<PolicyField, string> = {
  mode: 'Schedule',
  allocation_tokens: 'Allocation',
  rollover_cap_tokens: 'Rollover',
  enforcement: 'Limit',
  warning_thresholds_percent: 'Warnings',
  reservation_lifetime_ms: 'Longest run',
  in_flight_max: 'Runs at once',
};

export const fieldExplanations: Record<PolicyField, string> = {
  mode: 'When the allocation is given: on the first day of every month at midnight UTC, or once.',
  allocation_tokens:
    'The amount given each time. An increase applies at once, a decrease from the next allocation.',
  rollover_cap_tokens: 'The unused amount kept for the next month. The rest expires.',
  enforcement: 'Applies to runs that cost more than the balance.',
  warning_thresholds_percent:
    'Percentages of the allocation at which the user is warned, each once per period.',
  reservation_lifetime_ms: 'The amount held for a run is released after this time.',
  in_flight_max: 'Further runs are refused until one finishes.',
};

/** Error shown at a field with an invalid value. */
export const fieldRules: Record<PolicyField, string> = {
  mode: 'Choose one',
  allocation_tokens: 'Enter a whole number, 0 or more',
  rollover_cap_tokens: 'Enter a whole number, 0 or more',
  enforcement: 'Choose one',
  warning_thresholds_percent: 'At most 10 whole percents, from 1 to 100',
  reservation_lifetime_ms: 'From 10 seconds to 60 minutes',
  in_flight_max: 'From 1 to 10,000',
};

export const modeNames = { monthly: 'Every month', lifetime: 'Once' } as const;

export const enforcementNames = { hard: 'Hard limit', warn: 'Soft limit', monitor: 'No limit' } as const;

export const enforcementExplanations = {
  hard: 'The run is refused.',
  warn: 'The run continues. What the balance does not cover is recorded as overage, and the user is warned.',
  monitor: 'The run continues without a warning. Runs that a hard limit would refuse are counted.',
} as const;

/** The allocation of a policy, in a few words. */
export const policySentence = (
  { mode, allocation_tokens }: Pick<TokenPolicy, 'mode' | 'allocation_tokens'>,
  currency: Currency,
) => `${formatAmount(allocation_tokens, currency)} ${mode === 'monthly' ? 'every month' : 'once'}`;

/** A field's value in words. */
export function wordsOf(field: PolicyField, policy: TokenPolicy, currency: Currency): string {
  switch (field) {
    case 'mode':
      return modeNames[policy.mode];
    case 'allocation_tokens':
      return formatAmount(policy.allocation_tokens, currency);
    case 'rollover_cap_tokens':
      if (policy.mode === 'lifetime') return 'Nothing expires';
      return policy.rollover_cap_tokens === 0
        ? 'None'
        : `Up to ${formatAmount(policy.rollover_cap_tokens, currency)}`;
    case 'enforcement':
      return enforcementNames[policy.enforcement];
    case 'warning_thresholds_percent':
      if (policy.warning_thresholds_percent.length === 0) return 'None';
      return `At ${sentenceList(policy.warning_thresholds_percent.map((percent) => `${percent} %`))}`;
    case 'reservation_lifetime_ms':
      return formatLifetime(policy.reservation_lifetime_ms);
    case 'in_flight_max':
      return formatTokens(policy.in_flight_max);
  }
}

/** The fields in which two policies differ, in reading order. */
export const changedFields = (before: TokenPolicy, after: TokenPolicy): PolicyField[] =>
  policyFields.filter((field) => JSON.stringify(before[field]) !== JSON.stringify(after[field]));

const decisive = new Set<PolicyField>(['mode', 'allocation_tokens', 'enforcement']);

/** True when a change affects spending, so that it is reviewed before it is saved. */
export const isDecisive = (fields: PolicyField[]): boolean => fields.some((field) => decisive.has(field));

/** The number of wallets that follow a changed policy, in words. */
export function rolloutSentence({ told, on_the_way }: { told: number; on_the_way: number }): string {
  if (told + on_the_way === 0) return 'It applies from now on.';
  const wallets = `${formatTokens(told)} ${told === 1 ? 'wallet' : 'wallets'} updated`;
  return on_the_way === 0 ? `${wallets}.` : `${wallets}, ${formatTokens(on_the_way)} pending.`;
}
