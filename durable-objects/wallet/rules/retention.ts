/** Pure: how long a wallet keeps what Postgres has. */

/** Time that confirmed entries, and the reservations they ended, are kept after they were written. */
export const RETENTION_MS = 7 * 86_400_000;
/** Deletions wait this long, in milliseconds, so that an hour's worth of rows costs one alarm. */
const PRUNING_DELAY_MS = 3_600_000;

/** The time at which something that is kept until `keptUntilMs` is deleted. */
export const pruningTimeMs = (keptUntilMs: number): number => keptUntilMs + PRUNING_DELAY_MS;
