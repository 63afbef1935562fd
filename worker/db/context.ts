import { type SQL, sql } from 'drizzle-orm';
import type { BatchItem, BatchResponse } from 'drizzle-orm/batch';
import type { SessionClaims } from '../../contracts/api/auth.ts';
import type { Result } from '../../contracts/result.ts';
import { attemptQuery, type Database } from './client.ts';

/**
 * The one way into the database: a batch whose first statement enters a tenant context. It is one transaction and one
 * round trip, and the context ends with it; a query outside of it sees nothing, since no policy lets it.
 */

/** Why a session or an API key is refused, by the SQLSTATE raised (migrations: app.enter, app.enter_api_key). */
export const enterRefusals = {
  VS401: 'unauthenticated',
  VS402: 'session_revoked',
  VS403: 'user_disabled',
  VS404: 'tenant_suspended',
  VS405: 'unauthenticated',
  VS406: 'api_key_revoked',
  VS407: 'api_key_expired',
} as const;
export type EnterRefusal = (typeof enterRefusals)[keyof typeof enterRefusals];

/** A secret of an API key, as far as anybody keeps it: its SHA-256 in hex, and how it begins. */
export type ApiKeyCredential = { tenantId: string; hash: string; prefix: string };

/** Who asks: the holder of a session, or of an API key that was found to be somebody's. */
export type Principal = SessionClaims | (ApiKeyCredential & { userId: string; apiKeyId: string });

type Statements = readonly BatchItem<'pg'>[];
/** What a caller's own statements answered, in their order. */
type Rows<Batch extends Statements> = Batch extends readonly [] ? [] : BatchResponse<Batch>;

/** Statement one of a person's batch: checks that they exist, are active and not signed out since, and takes their role. */
export const enterAsUser = (database: Database, claims: SessionClaims) =>
  database.execute(sql`select role from app.enter(${claims.tenantId}, ${claims.userId}, ${claims.iat})`);

/** Statement one of a batch by an API key: checks the key and its user. `tenantId` may be what an earlier statement entered. */
export const enterAsApiKey = (database: Database, tenantId: SQL, hash: string) =>
  database.execute(sql`select user_id from app.enter_api_key(${tenantId}, decode(${hash}, 'hex'))`);

const enterAs = (database: Database, principal: Principal) =>
  'hash' in principal
    ? enterAsApiKey(database, sql`${principal.tenantId}`, principal.hash)
    : enterAsUser(database, principal);

/** Statement one of a batch that no person asks for in person: the journal's, a registration's. */
export const enterAsService = (database: Database, tenantId: string) =>
  database.execute(sql`select app.enter_service(${tenantId})`);

/**
 * Runs `statements` as the person behind a session or an API key. Role and revocation are fresh, whatever any cache says. `refusals` maps
 * SQLSTATEs the caller expects to codes.
 */
export async function runAsUser<const Batch extends Statements, Refusal extends string = never>(
  database: Database,
  principal: Principal,
  statements: Batch,
  refusals: Record<string, Refusal> = {},
): Promise<Result<Rows<Batch>, { code: EnterRefusal | Refusal }>> {
  const answer = await attemptQuery<unknown[], EnterRefusal | Refusal>(
    () => database.batch([enterAs(database, principal), ...statements]),
    { ...refusals, ...enterRefusals },
  );
  if (!answer.ok) return answer;
  return { ok: true, value: answer.value.slice(1) as unknown as Rows<Batch> };
}

/**
 * Runs `statements` as the service inside one tenant: for work no person asks for in person. `refusals` maps SQLSTATEs
 * the caller expects to codes.
 */
export async function runAsService<const Batch extends Statements, Refusal extends string = never>(
  database: Database,
  tenantId: string,
  statements: Batch,
  refusals: Record<string, Refusal> = {},
): Promise<Result<Rows<Batch>, { code: Refusal }>> {
  const answer = await attemptQuery(
    () => database.batch([enterAsService(database, tenantId), ...statements]),
    refusals,
  );
  if (!answer.ok) return answer;
  return { ok: true, value: answer.value.slice(1) as unknown as Rows<Batch> };
}
