import { NeonDbError, neon, neonConfig } from '@neondatabase/serverless';
import { DrizzleQueryError } from 'drizzle-orm';
import { drizzle, type NeonHttpDatabase } from 'drizzle-orm/neon-http';
import { fail, ok, type Result } from '../../contracts/result.ts';

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

/** One request to Neon. The body is read here too, so that an answer that breaks off is told from a bug. */
const fetchWithDeadline: typeof fetch = async (input, init) => {
  try {
    const response = await fetch(input, { ...init, signal: AbortSignal.timeout(TIMEOUT_MS) });
    return new Response(await response.arrayBuffer(), response);
  } catch (cause) {
    throw new DatabaseUnavailable('The database did not answer', { cause });
  }
};
neonConfig.fetchFunction = fetchWithDeadline;

/** The database over Neon's HTTP protocol. Free to call: no connection is held, every batch is one request. */
export function connect({ databaseUrl, fetchEndpoint, applicationName }: ConnectOptions): Database {
  const url = new URL(databaseUrl);
  url.searchParams.set('application_name', applicationName);
  if (fetchEndpoint !== null) neonConfig.fetchEndpoint = fetchEndpoint;
  return drizzle({ client: neon(url.href) });
}

/** Classes of SQLSTATE that speak of the server and not of the statement: connection, conflict, resources, intervention, system. */
const unavailableClasses = new Set(['08', '40', '53', '57', '58']);

/** The driver's own error behind a failed query, or null when something else failed: a bug. */
function driverError(error: unknown): NeonDbError | null {
  const cause = error instanceof DrizzleQueryError ? error.cause : error;
  return cause instanceof NeonDbError ? cause : null;
}

/** Without a SQLSTATE it was not Postgres that answered, but something on the way to it. */
const speaksOfServer = ({ code }: NeonDbError) =>
  code === undefined || !/^[0-9A-Z]{5}$/.test(code) || unavailableClasses.has(code.slice(0, 2));

/**
 * Runs a query or a batch. Answers `refusals[code]` when Postgres raised one of the SQLSTATEs the caller expects; throws
 * {@link DatabaseUnavailable} when the server could not be asked; anything else is a bug and is thrown as it is.
 */
export async function attemptQuery<Value, Refusal extends string = never>(
  run: () => Promise<Value>,
  refusals: Record<string, Refusal> = {},
): Promise<Result<Value, { code: Refusal }>> {
  try {
    return ok(await run());
  } catch (error) {
    const failure = driverError(error);
    if (failure === null) throw error;
    if (speaksOfServer(failure)) {
      throw new DatabaseUnavailable('The database could not be asked', { cause: error });
    }
    const code = refusals[failure.code ?? ''];
    if (code === undefined) throw error;
    return fail({ code });
  }
}
