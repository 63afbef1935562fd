import type { TokenPolicy } from '../../../../contracts/api/policies.ts';
import { formatLifetime, formatTokens, listOf } from '../../lib/format.ts';

/** Token policies as people read them. Pure. */

export type PolicyField = keyof TokenPolicy;

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
  mode: 'Tokens are given',
  allocation_tokens: 'Allocation',
  rollover_cap_tokens: 'Rollover',
  enforcement: 'Limit',
  warning_thresholds_percent: 'Warnings',
  reservation_lifetime_ms: 'Longest run',
  in_flight_max: 'Runs at once',
};

export const fieldExplanations: Record<PolicyField, string> = {
  mode: 'Every month anew, on the first day at midnight UTC, or once and for good.',
  allocation_tokens: 'Wallet tokens given each time. More counts at once; less takes nothing back.',
  rollover_cap_tokens: 'How many unused tokens of a month are kept for the next. The rest expires.',
  enforcement: 'What happens to a run that the balance cannot cover.',
  warning_thresholds_percent: 'Percent used at which a warning is given, each once per period.',
  reservation_lifetime_ms: 'A run holds its tokens for so long. After that they are free again.',
  in_flight_max: 'Runs beyond this many are asked to wait.',
};

/** What a field must be, said where it is not. */
export const fieldRules: Record<PolicyField, string> = {
  mode: 'Choose one',
  allocation_tokens: 'Enter a whole number of tokens, 0 or more',
  rollover_cap_tokens: 'Enter a whole number of tokens, 0 or more',
  enforcement: 'Choose one',
  warning_thresholds_percent: 'At most 10 whole percents, from 1 to 100',
  reservation_lifetime_ms: 'From 10 seconds to 60 minutes',
  in_flight_max: 'From 1 to 10,000',
};

export const modeNames = { monthly: 'Every month', lifetime: 'Once' } as const;

export const enforcementNames = { hard: 'Hard limit', warn: 'Soft limit', monitor: 'No limit' } as const;

export const enforcementExplanations = {
  hard: 'A run that the balance cannot cover is refused.',
  warn: 'It runs all the same. What is not covered counts as overage, and the person is warned.',
  monitor: 'It runs all the same, without a word. What a hard limit would have refused is counted.',
} as const;

/** What a policy gives, in a few words. */
export const policySentence = ({
  mode,
  allocation_tokens,
}: Pick<TokenPolicy, 'mode' | 'allocation_tokens'>) =>
  `${formatTokens(allocation_tokens)} tokens ${mode === 'monthly' ? 'every month' : 'once'}`;

/** A field's value in words. */
export function wordsOf(field: PolicyField, policy: TokenPolicy): string {
  switch (field) {
    case 'mode':
      return modeNames[policy.mode];
    case 'allocation_tokens':
      return `${formatTokens(policy.allocation_tokens)} tokens`;
    case 'rollover_cap_tokens':
      if (policy.mode === 'lifetime') return 'Nothing expires';
      return policy.rollover_cap_tokens === 0
        ? 'None'
        : `Up to ${formatTokens(policy.rollover_cap_tokens)} tokens`;
    case 'enforcement':
      return enforcementNames[policy.enforcement];
    case 'warning_thresholds_percent':
      if (policy.warning_thresholds_percent.length === 0) return 'None';
      return `At ${listOf(policy.warning_thresholds_percent.map((percent) => `${percent} %`))}`;
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

/** Whether a change decides what people can spend, so that it wants a second look. */
export const isDecisive = (fields: PolicyField[]): boolean => fields.some((field) => decisive.has(field));

/** How far a changed policy has come. */
export function rolloutSentence({ told, on_the_way }: { told: number; on_the_way: number }): string {
  if (told + on_the_way === 0) return 'In force from now on.';
  const wallets = `${formatTokens(told)} ${told === 1 ? 'wallet' : 'wallets'} told`;
  return on_the_way === 0 ? `${wallets}.` : `${wallets}, ${formatTokens(on_the_way)} on the way.`;
}
