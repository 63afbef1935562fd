import { z } from 'zod';

/** The last moment that a year of four digits can name, wherever one is. */
const LATEST_MS = Date.UTC(9999, 11, 31);

/** A moment that somebody names, in whatever offset; in UTC from here on, since not every offset is one to Postgres. */
export const moment = z.iso
  .datetime({ offset: true })
  .refine((time) => Date.parse(time) <= LATEST_MS, 'must be before the year 9999 ends')
  .overwrite((time) => (Number.isNaN(Date.parse(time)) ? time : new Date(time).toISOString()));
