import {
  groupsOf,
  type Percentiles,
  type UsageGroup,
  type UsageItem,
  usageSums,
} from '../../../contracts/api/usage.ts';
import { type CsvValue, csvLine } from '../../../contracts/csv.ts';
import { csvContent } from './csv-file.ts';

/** Usage as a CSV file. */

export const usageCsv = csvContent(
  'A header and a line for each item. Amounts are whole micro-USD, and figures that you cannot see are empty.',
);

/** The columns that tell a group. */
const groupColumns: Record<UsageGroup, Record<string, (item: UsageItem) => string | null | undefined>> = {
  day: { day: ({ day }) => day },
  hour: { hour: ({ hour }) => hour },
  model: { model: ({ model }) => model },
  user: {
    user_id: ({ user }) => user?.id,
    user_email: ({ user }) => user?.email,
    user_name: ({ user }) => user?.name,
  },
  key: { api_key_id: ({ api_key }) => api_key?.id, api_key_name: ({ api_key }) => api_key?.name },
  provider: { provider_id: ({ provider }) => provider?.id, provider_name: ({ provider }) => provider?.name },
  level: { level_id: ({ level }) => level?.id, level_name: ({ level }) => level?.name },
  tenant: {
    tenant_id: ({ tenant }) => tenant?.id,
    tenant_slug: ({ tenant }) => tenant?.slug,
    tenant_name: ({ tenant }) => tenant?.name,
  },
};

const durations = ['latency_ms', 'first_token_ms'] as const;
const shares = ['p50', 'p95', 'p99'] as const satisfies (keyof Percentiles)[];

/** Returns items as CSV with a header. Pure. */
export function csvOfUsageItems(group_by: string, items: readonly UsageItem[]): string {
  const columns: [string, (item: UsageItem) => CsvValue | null | undefined][] = [
    ...groupsOf(group_by).flatMap((group) => Object.entries(groupColumns[group])),
    ...usageSums.map((name): [string, (item: UsageItem) => number | null] => [name, (item) => item[name]]),
    ...durations.flatMap((name) =>
      shares.map((share): [string, (item: UsageItem) => number | undefined] => [
        `${name.replace(/_ms$/, '')}_${share}_ms`,
        (item) => item[name]?.[share],
      ]),
    ),
  ];
  const lines: CsvValue[][] = [
    columns.map(([name]) => name),
    ...items.map((item) => columns.map(([, read]) => read(item) ?? '')),
  ];
  return lines.map(csvLine).join('');
}
