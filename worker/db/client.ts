import { NeonDbError, neon, neonConfig } from '@neondatabase/serverless';
import { DrizzleQueryError } from 'drizzle-orm';
import { drizzle, type NeonHttpDatabase } from 'drizzle-orm/neon-http';

export type Database = NeonHttpDatabase<Record<string, never>>;

export type ConnectOptions = {
  databaseUrl: string;
  /** Where Neon's HTTP protocol is spoken; null is Neon's own endpoint. */
  fetchEndpoint: string | null;
  /** Shows in pg_stat_activity, and lets round trips be counted by who made them. */
  applicationName: 'vanilla-request' | 'vanilla-queue';
};

/** A database that does not answer in this time is treated as down: the caller gets a 503 instead of a hang. */
const TIMEOUT_MS = 10_000;

/** Postgres could not be asked, or went away while it was: nothing is known about the request's own merit. */
export class DatabaseUnavailable extends Error {
  override readonly name = 'DatabaseUnavailable';
}

/** The database over Neon's HTTP protocol. Free to call: no connection is held, every batch is one request. */
export function connect({ databaseUrl, fetchEndpoint, applicationName }: ConnectOptions): Database {
  const url = new URL(databaseUrl);
  url.searchParams.set('application_name', applicationName);
  if (fetchEndpoint !== null) neonConfig.fetchEndpoint = fetchEndpoint;
  const fetchFunction: typeof fetch = (input, init) => fetch(input, { ...init, signal: AbortSignal.timeout(TIMEOUT_MS) });
  neonConfig.fetchFunction = fetchFunction;
  return drizzle({ client: neon(url.href) });
}

/** Classes of SQLSTATE that speak of the server and not of the statement: connection, resources, intervention, system. */
const unavailableClasses = new Set(['08', '53', '57', '58']);

/** The SQLSTATE behind a failed query; null when no answer of Postgres is behind it. */
function sqlState(error: unknown): string | null {
  const cause = error instanceof DrizzleQueryError ? error.cause : error;
  return cause instanceof NeonDbError && typeof cause.code === 'string' ? cause.code : null;
}

/**
 * Runs a query or a batch. Answers `refusals[code]` when Postgres raised one of the SQLSTATEs the caller expects; throws
 * {@link DatabaseUnavailable} when the server could not be asked; anything else is a bug and is thrown as it is.
 */
export async function attemptQuery<Value, Refusal extends string>(
  run: () => Promise<Value>,
  refusals: Record<string, Refusal>,
): Promise<{ ok: true; value: Value } | { ok: false; failure: { code: Refusal } }> {
  try {
    return { ok: true, value: await run() };
  } catch (error) {
    const state = sqlState(error);
    if (state === null || unavailableClasses.has(state.slice(0, 2))) {
      throw new DatabaseUnavailable('The database could not be asked', { cause: error });
    }
    const code = refusals[state];
    if (code === undefined) throw error;
    return { ok: false, failure: { code } };
  }
}
