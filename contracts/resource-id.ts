import { z } from 'zod';

/**
 * The id of a resource. Lower-cased on the way in: Postgres compares ids as values, and everything else as texts: names of Durable
 * Objects, cache keys, idempotency records.
 */
export const resourceId = z.uuid().toLowerCase();
