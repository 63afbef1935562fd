import type { UsageGroup, UsageItem } from '../../../../contracts/api/usage.ts';
import { daysOf, type Period } from '../../../../contracts/days.ts';
import { formatUtcDay } from '../../lib/format.ts';
import { nameOf } from '../../lib/person.ts';
import { figureOf, type Measure } from './measures.ts';

/** Names of groups, and the rows of a chart. Pure. */

/** Returns the id by which a group is told from others; empty for executions without one. */
export function idOfGroup(item: UsageItem, group: UsageGroup): string {
  switch (group) {
    case 'day':
      return item.day ?? '';
    case 'hour':
      return item.hour ?? '';
    case 'model':
      return item.model ?? '';
    case 'user':
      return item.user?.id ?? '';
    case 'key':
      return item.api_key?.id ?? '';
    case 'provider':
      return item.provider?.id ?? '';
    case 'level':
      return item.level?.id ?? '';
    case 'tenant':
      return item.tenant?.id ?? '';
  }
}

const withoutGroup: Record<UsageGroup, string> = {
  day: '',
  hour: '',
  model: 'Not known yet',
  user: 'Deleted user',
  key: 'Web app, without a key',
  provider: 'No provider was called',
  level: 'Not recorded',
  tenant: '',
};

/** Returns the name of a group as people read it. */
export function nameOfGroup(item: UsageItem, group: UsageGroup): string {
  if (idOfGroup(item, group) === '') return withoutGroup[group];
  switch (group) {
    case 'day':
      return formatUtcDay(item.day ?? '');
    case 'hour':
      return item.hour ?? '';
    case 'model':
      return item.model ?? '';
    case 'user':
      return item.user === null ? '' : nameOf(item.user);
    case 'key':
      return item.api_key?.name ?? 'Deleted key';
    case 'provider':
      return item.provider?.name ?? 'Removed provider';
    case 'level':
      return item.level?.name ?? 'Removed level';
    case 'tenant':
      return item.tenant?.name ?? '';
  }
}

/** The most series of a chart; what is left is one more. */
const SERIES_MAX = 5;
const OTHERS = 'Others';

export type ChartRow = { day: string } & Record<string, number | string>;
export type UsageChartData = { rows: ChartRow[]; series: string[] };

/** Returns a row for each day of a period, and the largest groups as series, the largest first. Days without executions are zero. */
export function chartOf(
  items: UsageItem[],
  { period, group, measure }: { period: Period; group: UsageGroup; measure: Measure },
): UsageChartData {
  const named = items.map((item) => ({
    day: item.day ?? '',
    name: group === 'day' ? 'All' : nameOfGroup(item, group),
    value: figureOf(item, measure),
  }));
  const totals = new Map<string, number>();
  for (const { name, value } of named) totals.set(name, (totals.get(name) ?? 0) + value);
  const largest = [...totals].sort(([, one], [, other]) => other - one).map(([name]) => name);
  const shown = largest.slice(0, SERIES_MAX);
  const series = largest.length > SERIES_MAX ? [...shown, OTHERS] : shown;
  const rows = new Map<string, ChartRow>(
    daysOf(period).map((day) => [day, { day, ...Object.fromEntries(series.map((name) => [name, 0])) }]),
  );
  for (const { day, name, value } of named) {
    const row = rows.get(day);
    const at = shown.includes(name) ? name : OTHERS;
    if (row !== undefined) row[at] = Number(row[at]) + value;
  }
  return { rows: [...rows.values()], series };
}

/** Returns the change from one figure to another as a share of the first; null if there was nothing. */
export const changeOf = (now: number, before: number): number | null =>
  before === 0 ? null : (now - before) / before;
