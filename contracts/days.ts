/** Days of UTC as `YYYY-MM-DD`, and periods of them. Without schemas, so that a page can be loaded without their library. Pure. */

export const DAY_MS = 86_400_000;

/** The longest period of a report, in days. */
export const PERIOD_DAYS_MAX = 400;

/** A period of days, both ends included. */
export type Period = { from: string; to: string };

/** Returns the day of a time, in milliseconds since 1970. */
export const dayAt = (ms: number): string => new Date(ms).toISOString().slice(0, 10);

/** Returns true for a period of more days than a report can have. */
export const isTooLong = ({ from, to }: Period): boolean =>
  Date.parse(to) - Date.parse(from) >= PERIOD_DAYS_MAX * DAY_MS;

/** Returns the days of a period, oldest first. */
export function daysOf({ from, to }: Period): string[] {
  const first = Date.parse(from);
  const count = Math.round((Date.parse(to) - first) / DAY_MS) + 1;
  return Array.from({ length: Math.max(0, count) }, (_, day) => dayAt(first + day * DAY_MS));
}
