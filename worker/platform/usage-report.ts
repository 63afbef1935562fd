import {
  type OverviewQuery,
  type PlatformDay,
  type PlatformFigures,
  type PlatformOverview,
  type PlatformUsage,
  platformFigures,
  type UsageFilter,
} from '../../contracts/api/platform/platform.ts';
import { csvLine } from '../../contracts/csv.ts';
import { daysOf } from '../../contracts/days.ts';

import { fieldNames } from '../../contracts/fields.ts';

/** Reports of usage across tenants. Pure. */

const figureNames = fieldNames(platformFigures);

const noFigures = Object.fromEntries(figureNames.map((name) => [name, 0])) as PlatformFigures;

const plus = (one: PlatformFigures, other: PlatformFigures) =>
  Object.fromEntries(figureNames.map((name) => [name, one[name] + other[name]])) as PlatformFigures;

/** Returns a period's figures in all and by day, days without executions included. */
export function overviewOf({ from, to }: OverviewQuery, used: PlatformDay[]): PlatformOverview {
  const byDay = new Map(used.map((figures) => [figures.day, figures]));
  return {
    from,
    to,
    totals: used.reduce<PlatformFigures>(plus, noFigures),
    days: daysOf({ from, to }).map((day) => byDay.get(day) ?? { ...noFigures, day }),
  };
}

/** The columns that name a group. */
const groupColumns: Record<UsageFilter['group_by'], Record<string, (item: PlatformUsage) => string>> = {
  tenant: {
    tenant_id: ({ tenant }) => tenant?.id ?? '',
    tenant_slug: ({ tenant }) => tenant?.slug ?? '',
    tenant_name: ({ tenant }) => tenant?.name ?? '',
  },
  model: { model: ({ model }) => model ?? '' },
  day: { day: ({ day }) => day ?? '' },
};

/** Returns usage as CSV with a header. Amounts are whole micro-USD. */
export function csvOfUsage(group_by: UsageFilter['group_by'], items: PlatformUsage[]): string {
  const columns = groupColumns[group_by];
  const lines = [
    [...Object.keys(columns), ...figureNames],
    ...items.map((item) => [
      ...Object.values(columns).map((read) => read(item)),
      ...figureNames.map((name) => item[name]),
    ]),
  ];
  return lines.map(csvLine).join('');
}
