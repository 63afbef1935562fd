import { DatabaseUnavailable } from '../db/client.ts';

/** With something to fall back on, the database is not waited for longer than this. */
const PATIENCE_MS = 1_500;
/** A database that has just failed to answer is not asked again so soon. */
const MEMORY_MS = 5_000;

/** When this isolate thinks that the database may answer again. */
let outageUntilMs = 0;

/** Rejects as {@link DatabaseUnavailable} when `loading` takes too long; what it brings later is remembered by whoever loads. */
async function withinPatience<Value>(loading: Promise<Value>): Promise<Value> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => reject(new DatabaseUnavailable('The database is slow to answer')),
    PATIENCE_MS,
  );
  loading.catch(() => undefined);
  try {
    return await Promise.race([loading, promise]);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * What `load` answers, or what was known before when the database cannot be asked: executions go on through an outage. What is
 * known may be old; what was revoked meanwhile is refused by the wallet, which every execution crosses.
 */
export async function staleOnOutage<Value>(
  load: () => Promise<Value>,
  knownBefore: () => Promise<Value | undefined>,
): Promise<Value> {
  const known = await knownBefore();
  if (known === undefined) return load();
  if (Date.now() < outageUntilMs) return known;
  try {
    return await withinPatience(load());
  } catch (error) {
    if (!(error instanceof DatabaseUnavailable)) throw error;
    outageUntilMs = Date.now() + MEMORY_MS;
    return known;
  }
}
