import type { Role } from '../../../../contracts/api/account/auth.ts';
import type { UsageFigures, UsageGroup } from '../../../../contracts/api/usage.ts';
import { type Currency, currencyTitle } from '../../lib/currency.ts';
import { formatMicroUsd, formatTokens } from '../../lib/format.ts';

/** The figures that a chart or a list can show, and who sees them. Pure. */

export type Measure =
  | 'wallet_tokens'
  | 'revenue_micro_usd'
  | 'cost_micro_usd'
  | 'own_key_cost_micro_usd'
  | 'margin_micro_usd'
  | 'executions'
  | 'failed_executions'
  | 'output_tokens';

/** `name` is null for wallet tokens, which have the name of the tenant's currency. */
type Description = { name: string | null; format: (value: number) => string; roles: Role[] };

const everyone: Role[] = ['user', 'admin', 'superadmin'];

/** The measures in the order in which they are offered. */
export const measures: Record<Measure, Description> = {
  wallet_tokens: { name: null, format: formatTokens, roles: everyone },
  revenue_micro_usd: {
    name: 'Charged by the platform',
    format: formatMicroUsd,
    roles: ['admin', 'superadmin'],
  },
  cost_micro_usd: { name: 'Provider cost', format: formatMicroUsd, roles: ['superadmin'] },
  own_key_cost_micro_usd: {
    name: 'Cost on own keys',
    format: formatMicroUsd,
    roles: ['admin', 'superadmin'],
  },
  margin_micro_usd: { name: 'Margin', format: formatMicroUsd, roles: ['superadmin'] },
  executions: { name: 'Executions', format: formatTokens, roles: everyone },
  failed_executions: { name: 'Failures', format: formatTokens, roles: everyone },
  output_tokens: { name: 'Output tokens', format: formatTokens, roles: everyone },
};

export const nameOfMeasure = (measure: Measure, currency: Currency): string =>
  measures[measure].name ?? currencyTitle(currency);

export const measuresOf = (role: Role): Measure[] =>
  (Object.keys(measures) as Measure[]).filter((measure) => measures[measure].roles.includes(role));

/** Returns a figure; 0 for one that the caller may not see, which no page offers. */
export const figureOf = (figures: UsageFigures, measure: Measure): number => figures[measure] ?? 0;

export const groupNames: Record<UsageGroup, string> = {
  day: 'Day',
  hour: 'Hour',
  model: 'Model',
  user: 'User',
  key: 'API key',
  provider: 'Provider',
  level: 'Level',
  tenant: 'Tenant',
};

/** The name of a group within a sentence. */
export const groupWord = (group: UsageGroup): string =>
  group === 'key' ? 'API key' : groupNames[group].toLowerCase();

/** The groups that a role can divide usage by. Across tenants the API divides by day, model, provider and tenant. */
export const groupsFor = (role: Role): UsageGroup[] => {
  if (role === 'user') return ['model', 'key', 'provider', 'day'];
  if (role === 'admin') return ['model', 'user', 'key', 'provider', 'level', 'day'];
  return ['tenant', 'model', 'provider', 'day'];
};
