import { DatabaseUnavailable } from '../db/client.ts';
import { inTime } from '../runtime/in-time.ts';

/** With a stale value available, the database has this long to answer. */
const LOAD_MAX_MS = 1_500;
/** After a failure, the database is not queried for this long. */
const OUTAGE_PAUSE_MS = 5_000;

/** Time at which this isolate queries the database again. */
let outageUntilMs = 0;

/** Rejects with {@link DatabaseUnavailable} when `loading` takes too long. A late result is still cached by the loader. */
const withDeadline = <Value>(loading: Promise<Value>): Promise<Value> =>
  inTime(loading, LOAD_MAX_MS, () => new DatabaseUnavailable('The database is slow to answer'));

/**
 * Returns the loaded value or, when the database is unavailable, a stale one, so that executions continue during an outage.
 * The wallet refuses callers that were revoked meanwhile.
 */
export async function staleOnOutage<Value>(
  load: () => Promise<Value>,
  getStale: () => Promise<Value | undefined>,
): Promise<Value> {
  const known = await getStale();
  if (known === undefined) return load();
  if (Date.now() < outageUntilMs) return known;
  try {
    return await withDeadline(load());
  } catch (error) {
    if (!(error instanceof DatabaseUnavailable)) throw error;
    outageUntilMs = Date.now() + OUTAGE_PAUSE_MS;
    return known;
  }
}
