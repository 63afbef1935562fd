import { NeonDbError, neon, neonConfig } from '@neondatabase/serverless';
import { DrizzleQueryError, sql } from 'drizzle-orm';
import { drizzle, type NeonHttpDatabase } from 'drizzle-orm/neon-http';
import { fail, ok, type Result } from '../../contracts/result.ts';

export type Database = NeonHttpDatabase<Record<string, never>>;

export type ConnectOptions = {
  databaseUrl: string;
  /** URL of Neon's HTTP protocol; null for Neon's own endpoint. */
  fetchEndpoint: string | null;
  /** Appears in pg_stat_activity. Tests count round trips by it. */
  applicationName: 'vanilla-request' | 'vanilla-queue';
};

/** A database that does not answer within this time is treated as unavailable. */
const TIMEOUT_MS = 10_000;

/** Postgres could not be reached or became unavailable during the query. The request may be correct and can be repeated. */
export class DatabaseUnavailable extends Error {
  override readonly name = 'DatabaseUnavailable';
}

/** Sends one request to Neon and reads the whole body, so that a broken connection is reported as unavailability. */
const fetchWithDeadline: typeof fetch = async (input, init) => {
  try {
    const response = await fetch(input, { ...init, signal: AbortSignal.timeout(TIMEOUT_MS) });
    return new Response(await response.arrayBuffer(), response);
  } catch (cause) {
    throw new DatabaseUnavailable('The database did not answer', { cause });
  }
};
neonConfig.fetchFunction = fetchWithDeadline;

/** Connects over Neon's HTTP protocol. No connection is held, and every batch is one request. */
export function connect({ databaseUrl, fetchEndpoint, applicationName }: ConnectOptions): Database {
  const url = new URL(databaseUrl);
  url.searchParams.set('application_name', applicationName);
  if (fetchEndpoint !== null) neonConfig.fetchEndpoint = fetchEndpoint;
  return drizzle({ client: neon(url.href) });
}

/** SQLSTATE classes of server faults: connection, transaction rollback, resources, operator intervention, system error. */
const serverFaultClasses = new Set(['08', '40', '53', '57', '58']);

/** Returns the driver's error behind a failed query, or null when something else threw. */
function driverError(error: unknown): NeonDbError | null {
  const cause = error instanceof DrizzleQueryError ? error.cause : error;
  return cause instanceof NeonDbError ? cause : null;
}

/** True for a fault of the server or the connection. An error without a SQLSTATE did not come from Postgres. */
const isServerFault = ({ code }: NeonDbError) =>
  code === undefined || !/^[0-9A-Z]{5}$/.test(code) || serverFaultClasses.has(code.slice(0, 2));

/**
 * Runs a query or a batch. Fails with `refusals[code]` when Postgres raises an expected SQLSTATE, throws
 * {@link DatabaseUnavailable} on a server fault, and rethrows every other error, which is a bug.
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
    if (isServerFault(failure)) {
      throw new DatabaseUnavailable('The database could not be asked', { cause: error });
    }
    const code = refusals[failure.code ?? ''];
    if (code === undefined) throw error;
    return fail({ code });
  }
}

/** Returns true, or throws when the database does not answer or the Worker's role is not bound by row security. */
export async function checkDatabase(database: Database): Promise<true> {
  await database.execute(sql`select app.assert_safe_role()`);
  return true;
}
