import { z } from 'zod';
import { isTooLong, PERIOD_DAYS_MAX } from '../days.ts';

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
    .refine((asked) => !isTooLong(asked), {
      path: ['to'],
      message: `is more than ${PERIOD_DAYS_MAX} days from \`from\``,
      params: { rule: 'period_too_long' },
    });
