import { DAY_MS, dayAt, isTooLong, type Period } from '../../../contracts/days.ts';

/** The periods of a report, in days of UTC, as the API counts them. Pure. */

export const periodNames = {
  '7': '7 days',
  '30': '30 days',
  '90': '90 days',
  month: 'This month',
} as const;
export type PeriodName = keyof typeof periodNames;
/** `custom` is a period of days that were picked. */
export type PeriodChoice = PeriodName | 'custom';

const isName = (text: string | null): text is PeriodName => text !== null && Object.hasOwn(periodNames, text);

/** Returns the days of a named period, today included. */
export function periodOf(name: PeriodName, now: number): Period {
  const to = dayAt(now);
  return name === 'month'
    ? { from: `${to.slice(0, 8)}01`, to }
    : { from: dayAt(now - (Number(name) - 1) * DAY_MS), to };
}

const isDay = (text: string | null): text is string =>
  text !== null && /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(text));

/** Returns true for a period that the API takes: in order, and not too long. */
export const isPeriod = (from: string | null, to: string | null): boolean =>
  isDay(from) && isDay(to) && from <= to && !isTooLong({ from, to });

/** Reads a period from an address: `from` and `to`, or a name in `period`. Anything else is 30 days. */
export function readPeriod(params: URLSearchParams, now: number): { choice: PeriodChoice; period: Period } {
  const [from, to, name] = [params.get('from'), params.get('to'), params.get('period')];
  if (isPeriod(from, to)) return { choice: 'custom', period: { from: from as string, to: to as string } };
  const choice = isName(name) ? name : '30';
  return { choice, period: periodOf(choice, now) };
}
