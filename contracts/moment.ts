import { z } from 'zod';

/** The latest time that has a four-digit year in every time zone. */
const LATEST_MS = Date.UTC(9999, 11, 31);

/** A time with any offset, converted to UTC because Postgres does not accept every offset. */
export const moment = z.iso
  .datetime({ offset: true })
  .refine((time) => Date.parse(time) <= LATEST_MS, 'must be before the year 9999 ends')
  .overwrite((time) => (Number.isNaN(Date.parse(time)) ? time : new Date(time).toISOString()));
