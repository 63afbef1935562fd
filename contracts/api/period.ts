import { z } from 'zod';

/** The longest period of a report. */
const PERIOD_DAYS_MAX = 400;

export const DAY_MS = 86_400_000;

/** Returns the days of a period, both ends included, as `YYYY-MM-DD`. Pure. */
export function daysOf({ from, to }: { from: string; to: string }): string[] {
  const first = Date.parse(from);
  const count = Math.round((Date.parse(to) - first) / DAY_MS) + 1;
  return Array.from({ length: Math.max(0, count) }, (_, day) =>
    new Date(first + day * DAY_MS).toISOString().slice(0, 10),
  );
}

/** A day (UTC). */
export const day = z.iso.date().meta({ examples: ['2026-11-29'] });

/** The fields of a period. */
export const period = {
  from: day.describe('The first day (UTC).'),
  to: day.describe(`The last day (UTC), at most ${PERIOD_DAYS_MAX} days from the first, both included.`),
};

/** Refuses a period that ends before it begins or that is too long. Days that are no dates are refused by themselves. */
export const isPeriod = <Schema extends z.ZodObject<typeof period>>(schema: Schema) =>
  schema
    .refine(({ from, to }) => from <= to, {
      path: ['to'],
      message: 'is before `from`',
      params: { rule: 'before_from' },
    })
    .refine(({ from, to }) => Date.parse(to) - Date.parse(from) < PERIOD_DAYS_MAX * DAY_MS, {
      path: ['to'],
      message: `is more than ${PERIOD_DAYS_MAX} days from \`from\``,
      params: { rule: 'period_too_long' },
    });
