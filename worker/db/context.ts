import { type SQL, sql } from 'drizzle-orm';
import type { BatchItem, BatchResponse } from 'drizzle-orm/batch';
import type { SessionClaims } from '../../contracts/api/account/auth.ts';
import type { Result } from '../../contracts/result.ts';
import { attemptQuery, type Database } from './client.ts';

/**
 * The entry point of every query: a batch whose first statement enters a tenant context. The batch is one transaction and one
 * round trip, and the context ends with it. Outside a context every policy hides every row.
 */

/** Reasons to refuse a session or an API key, by SQLSTATE (migrations: app.enter, app.enter_api_key). */
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

/** An API key as presented to a tenant: the SHA-256 of its secret in hex, and the first characters. */
export type ApiKeyCredential = { tenantId: string; hash: string; prefix: string };

/** An authenticated caller: the claims of a session, or an API key and its user. */
export type Principal = SessionClaims | (ApiKeyCredential & { userId: string; apiKeyId: string });

/** A management key as presented to a tenant, by the SHA-256 of its secret in hex. */
export type ManagementKeyCredential = { tenantId: string; managementKeyHash: string };

/** A management key that was found. */
export type ManagementCaller = ManagementKeyCredential & { managementKeyId: string };

/** An administrator of a tenant: a person in a session, or a server with a management key. */
export type Administrator = SessionClaims | ManagementCaller;

type Statements = readonly BatchItem<'pg'>[];
/** The results of a batch's statements, in their order. */
type Rows<Batch extends Statements> = Batch extends readonly [] ? [] : BatchResponse<Batch>;

function enterSession({ tenantId, userId, iat, actingSessionId, sessionId }: SessionClaims): SQL {
  if (actingSessionId !== undefined)
    return sql`app.enter_acting(${tenantId}, ${userId}, ${iat}, ${actingSessionId})`;
  return sessionId === undefined
    ? sql`app.enter(${tenantId}, ${userId}, ${iat})`
    : sql`app.enter_session(${tenantId}, ${userId}, ${iat}, ${sessionId})`;
}

/**
 * Enters as a user: raises unless they exist, are active and the session has not been ended. Reads their role. With an acting session,
 * enters its tenant as a superadmin with an admin's rights.
 */
export const enterAsUser = (database: Database, claims: SessionClaims) =>
  database.execute(sql`select role from ${enterSession(claims)}`);

/** Enters as the user of an API key, after checking both. `tenantId` may refer to a tenant that the batch has entered. */
export const enterAsApiKey = (database: Database, tenantId: SQL, hash: string) =>
  database.execute(sql`select user_id from app.enter_api_key(${tenantId}, decode(${hash}, 'hex'))`);

/** Enters as a management key, after checking it. */
const enterAsManagementKey = (database: Database, { tenantId, managementKeyHash }: ManagementKeyCredential) =>
  database.execute(
    sql`select management_key_id from app.enter_management_key(${tenantId}, decode(${managementKeyHash}, 'hex'))`,
  );

function enterAs(database: Database, principal: Principal | ManagementKeyCredential) {
  if ('managementKeyHash' in principal) return enterAsManagementKey(database, principal);
  return 'hash' in principal
    ? enterAsApiKey(database, sql`${principal.tenantId}`, principal.hash)
    : enterAsUser(database, principal);
}

/** Enters a tenant as the service, for work without a user: the journal, queues, registration. */
export const enterAsService = (database: Database, tenantId: string) =>
  database.execute(sql`select app.enter_service(${tenantId})`);

/**
 * Runs `statements` as the user behind a session or an API key, or as a management key, in one transaction. Role and revocation are read from the
 * database, never from a cache. `refusals` maps further expected SQLSTATEs to codes.
 */
export async function runAsUser<const Batch extends Statements, Refusal extends string = never>(
  database: Database,
  principal: Principal | ManagementKeyCredential,
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

/** Runs `statements` as the service of one tenant, in one transaction. `refusals` maps expected SQLSTATEs to codes. */
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
