import { and, desc, eq, isNull, lt, sql } from 'drizzle-orm';
import { v7 as uuidv7 } from 'uuid';
import type { SessionClaims } from '../../../contracts/api/account/auth.ts';
import type { Session } from '../../../contracts/api/account/sessions.ts';
import type { PageQuery } from '../../../contracts/api/paging.ts';
import { fail, ok, type Result } from '../../../contracts/result.ts';
import type { EndedSession } from '../../../contracts/wallet/ended-session.ts';
import { auditChange, type ClientPlace, columnsJson } from '../audit.ts';
import type { Database } from '../client.ts';
import { type EnterRefusal, runAsService, runAsUser } from '../context.ts';
import { type InvalidCursor, type Page, pageOfRows, startOfPage, uuidPosition } from '../paging.ts';
import { sessions } from '../schema/sessions.ts';
import { users } from '../schema/users.ts';
import { isoTime, isUser } from './user-rows.ts';

/** The claims of a new session. */
export type NewSession = SessionClaims & { sessionId: string };

/**
 * Keeps a new session, and where it was started, unless the user was disabled or signed out everywhere since `signedOutAtS` was read: what
 * proved who they are has ended with that. Returns whether it is kept.
 */
export async function saveSession(
  database: Database,
  { sessionId, tenantId, userId, iat, exp }: NewSession,
  signedOutAtS: number | null,
  { address, agent }: ClientPlace,
): Promise<boolean> {
  const answer = await runAsService(database, tenantId, [
    database.execute(sql`insert into sessions (tenant_id, id, user_id, issued_at, expires_at, address, agent)
      select ${users.tenant_id}, ${sessionId}::uuid, ${users.id}, to_timestamp(${iat}::float8), to_timestamp(${exp}::float8),
        ${address}::text, ${agent}::text
      from ${users} where ${isUser(tenantId, userId)} and ${users.status} = 'active'
        and floor(extract(epoch from ${users.signed_out_at}))::bigint is not distinct from ${signedOutAtS}::bigint
      returning id`),
  ]);
  return answer.ok && answer.value[0].rows.length === 1;
}

/** The caller's sessions that were not ended, one by one or everywhere, and have not expired. */
const isOpen = ({ tenantId, userId }: SessionClaims) =>
  and(
    ...[eq(sessions.tenant_id, tenantId), eq(sessions.user_id, userId), isNull(sessions.ended_at)],
    sql`${sessions.expires_at} > now()`,
    sql`${sessions.issued_at} > coalesce((select ${users.signed_out_at} from ${users} where ${isUser(tenantId, userId)}), 'epoch')`,
  );

/** Lists the caller's sessions, newest first (IDs are UUIDv7). */
export async function listSessions(
  database: Database,
  claims: SessionClaims,
  page: PageQuery,
): Promise<Result<Page<Session>, { code: EnterRefusal | InvalidCursor }>> {
  const start = startOfPage(page, uuidPosition);
  if (!start.ok) return start;
  const after = start.value;
  const answer = await runAsUser(database, claims, [
    database
      .select({
        id: sessions.id,
        ...{ created_at: sessions.issued_at, last_used_at: sessions.last_used_at },
        ...{ expires_at: sessions.expires_at, address: sessions.address, agent: sessions.agent },
      })
      .from(sessions)
      .where(and(isOpen(claims), after === null ? undefined : lt(sessions.id, after)))
      .orderBy(desc(sessions.id))
      .limit(page.limit + 1),
  ]);
  if (!answer.ok) return answer;
  const { items, next_cursor } = pageOfRows(answer.value[0], page.limit, (row) => row.id);
  return ok({
    next_cursor,
    items: items.map((row) => ({
      ...row,
      created_at: isoTime(row.created_at),
      last_used_at: isoTime(row.last_used_at),
      expires_at: isoTime(row.expires_at),
      is_current: row.id === claims.sessionId,
    })),
  });
}

/** Ends one session of the caller. Of several requests, one records it. Returns what its wallet has to know, also when it was ended before. */
export async function saveSessionEnd(
  database: Database,
  claims: SessionClaims,
  sessionId: string,
  requestId: string,
): Promise<Result<EndedSession, { code: EnterRefusal | 'not_found' }>> {
  const isIt = and(eq(sessions.tenant_id, claims.tenantId), eq(sessions.id, sessionId));
  const ends = and(isIt, isOpen(claims));
  const answer = await runAsUser(database, claims, [
    database
      .select({
        issued_at_s: sql<number>`extract(epoch from ${sessions.issued_at})::float8`,
        expires_at_s: sql<number>`extract(epoch from ${sessions.expires_at})::float8`,
      })
      .from(sessions)
      .where(and(isIt, eq(sessions.user_id, claims.userId), sql`${sessions.expires_at} > now()`))
      // Requests at the same time wait here, so that one of them records the end.
      .for('update'),
    auditChange(database, {
      ...{ id: uuidv7(), action: 'user.session_ended', target_type: 'session', target: sessions },
      before: columnsJson({ ended_at: sessions.ended_at }),
      after: columnsJson({ ended_at: sql`now()` }),
      rows: sql`from ${sessions} where ${ends}`,
      request_id: requestId,
    }),
    database.update(sessions).set({ ended_at: sql`now()` }).where(ends),
  ]);
  if (!answer.ok) return answer;
  const [row] = answer.value[0];
  return row === undefined ? fail({ code: 'not_found' }) : ok({ id: sessionId, ...row });
}

/** Returns the second at which the caller's session was last confirmed. Null for a token without a session. */
export async function getConfirmedAt(
  database: Database,
  claims: SessionClaims,
): Promise<Result<number | null, { code: EnterRefusal }>> {
  const { tenantId, sessionId } = claims;
  if (sessionId === undefined) return ok(null);
  const answer = await runAsUser(database, claims, [
    database
      .select({ at: sql<number>`extract(epoch from ${sessions.confirmed_at})::float8` })
      .from(sessions)
      .where(and(eq(sessions.tenant_id, tenantId), eq(sessions.id, sessionId))),
  ]);
  return answer.ok ? ok(answer.value[0][0]?.at ?? null) : answer;
}

/** Notes that the caller has proved who they are. */
export async function saveConfirmation(
  database: Database,
  claims: SessionClaims,
): Promise<Result<null, { code: EnterRefusal }>> {
  const { tenantId, sessionId } = claims;
  // A token from before sessions were kept: its user signs in again.
  if (sessionId === undefined) return fail({ code: 'session_revoked' });
  const answer = await runAsUser(database, claims, [
    database
      .update(sessions)
      .set({ confirmed_at: sql`now()` })
      .where(and(eq(sessions.tenant_id, tenantId), eq(sessions.id, sessionId))),
  ]);
  return answer.ok ? ok(null) : answer;
}
