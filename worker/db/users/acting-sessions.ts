import { and, desc, eq, sql } from 'drizzle-orm';
import type { Account, SessionClaims } from '../../../contracts/api/account/auth.ts';
import type { ActingSession } from '../../../contracts/api/tenant/acting-sessions.ts';

import { fail, ok, type Result } from '../../../contracts/result.ts';
import { insertAudit } from '../audit.ts';
import { isAdminRole, selectCallerRole } from '../authorization.ts';
import type { Database } from '../client.ts';
import { type EnterRefusal, enterAsUser, runAsUser } from '../context.ts';
import { levels, tenants } from '../schema/tenancy.ts';
import { actingSessions, users } from '../schema/users.ts';
import { isSuperadminCaller, PLATFORM_TENANT_ID } from '../tenants/tenants.ts';
import { isoTime, isUser, levelOfUser, presentUser, userColumns } from './user-rows.ts';

/** Sessions of superadmins inside tenants. The audit log of the tenant names them. */

/** Sessions in the list of a tenant's admins. */
const LIST_MAX = 100;

const sessionColumns = {
  id: actingSessions.id,
  superadmin_id: actingSessions.superadmin_id,
  reason: actingSessions.reason,
  started_at: actingSessions.started_at,
  expires_at: actingSessions.expires_at,
  ended_at: actingSessions.ended_at,
};

const presentSession = ({ started_at, expires_at, ended_at, ...row }: ActingSession): ActingSession => ({
  ...row,
  started_at: isoTime(started_at),
  expires_at: isoTime(expires_at),
  ended_at: ended_at === null ? null : isoTime(ended_at),
});

/** The claims of a superadmin inside a tenant. */
export type ActingClaims = SessionClaims & { actingSessionId: string };

/** Tells whether a session is that of a superadmin inside a tenant. */
export const isActing = (claims: SessionClaims): claims is ActingClaims =>
  claims.actingSessionId !== undefined;

const isSession = (tenantId: string, id: string) =>
  and(eq(actingSessions.tenant_id, tenantId), eq(actingSessions.id, id));

/** Returns the slug of a tenant that a superadmin may enter: not the platform's own, and one that answers. */
export async function getTenantToEnter(
  database: Database,
  claims: SessionClaims,
  tenantId: string,
): Promise<Result<{ slug: string }, { code: EnterRefusal | 'forbidden' | 'not_found' | 'platform_tenant' }>> {
  const answer = await runAsUser(database, claims, [
    database
      .select({ slug: tenants.slug, status: tenants.status })
      .from(tenants)
      .where(eq(tenants.id, tenantId)),
    selectCallerRole(database),
  ]);
  if (!answer.ok) return answer;
  const [[tenant], callers] = answer.value;
  if (!isSuperadminCaller(callers)) return fail({ code: 'forbidden' });
  if (tenant === undefined) return fail({ code: 'not_found' });
  if (tenantId === PLATFORM_TENANT_ID) return fail({ code: 'platform_tenant' });
  return tenant.status === 'active' ? ok({ slug: tenant.slug }) : fail({ code: 'tenant_suspended' });
}

/** Opens a session of 15 minutes in a tenant that {@link getTenantToEnter} found, and records it in the tenant's audit log. */
export async function startActingSession(
  database: Database,
  claims: SessionClaims,
  acting: ActingClaims,
  { reason, request_id }: { reason: string; request_id: string },
): Promise<Result<ActingSession, { code: EnterRefusal }>> {
  const { tenantId: tenant_id, actingSessionId: id, userId } = acting;
  const answer = await runAsUser(database, claims, [
    database.execute(sql`insert into ${actingSessions} (tenant_id, id, superadmin_id, reason, expires_at)
      values (${tenant_id}, ${id}, app.user_id(), ${reason}, now() + interval '15 minutes')`),
    enterAsUser(database, acting),
    insertAudit(database, {
      ...{ tenant_id, actor_user_id: userId, request_id },
      action: 'tenant.entered',
      target: { type: 'tenant', id: tenant_id },
      details: { reason },
    }),
    database.select(sessionColumns).from(actingSessions).where(isSession(tenant_id, id)),
  ]);
  if (!answer.ok) return answer;
  const [, , , [session]] = answer.value;
  return session === undefined ? fail({ code: 'unauthenticated' }) : ok(presentSession(session));
}

/** Ends the session of a superadmin inside a tenant. */
export async function endActingSession(
  database: Database,
  acting: ActingClaims,
  request_id: string,
): Promise<Result<null, { code: EnterRefusal }>> {
  const { tenantId: tenant_id, actingSessionId } = acting;
  const answer = await runAsUser(database, acting, [
    insertAudit(database, {
      ...{ tenant_id, actor_user_id: acting.userId, request_id },
      action: 'tenant.left',
      target: { type: 'tenant', id: tenant_id },
    }),
    database
      .update(actingSessions)
      .set({ ended_at: sql`now()` })
      .where(isSession(tenant_id, actingSessionId)),
  ]);
  return answer.ok ? ok(null) : answer;
}

/** Returns the account of a superadmin inside a tenant: their own, with the role they have there, and the session. */
export async function getActingAccount(
  database: Database,
  acting: ActingClaims,
): Promise<Result<Account, { code: EnterRefusal }>> {
  const { userId, actingSessionId: _, ...claims } = acting;
  const home = { ...claims, userId, tenantId: PLATFORM_TENANT_ID };
  const answer = await runAsUser(database, acting, [
    database
      .select(sessionColumns)
      .from(actingSessions)
      .where(isSession(acting.tenantId, acting.actingSessionId)),
    enterAsUser(database, home),
    database
      .select(userColumns)
      .from(users)
      .innerJoin(levels, levelOfUser)
      .where(isUser(PLATFORM_TENANT_ID, userId)),
  ]);
  if (!answer.ok) return answer;
  const [[session], , [user]] = answer.value;
  if (session === undefined || user === undefined) return fail({ code: 'unauthenticated' });
  return ok({ ...presentUser(user), role: 'admin', acting: presentSession(session) });
}

/** Lists the newest sessions of superadmins inside the caller's tenant, 100 at most. Admins only. */
export async function listActingSessions(
  database: Database,
  claims: SessionClaims,
): Promise<Result<ActingSession[], { code: EnterRefusal | 'forbidden' }>> {
  const answer = await runAsUser(database, claims, [
    database
      .select(sessionColumns)
      .from(actingSessions)
      .where(eq(actingSessions.tenant_id, claims.tenantId))
      .orderBy(desc(actingSessions.id))
      .limit(LIST_MAX),
    selectCallerRole(database),
  ]);
  if (!answer.ok) return answer;
  const [rows, callers] = answer.value;
  return isAdminRole(callers.rows[0]) ? ok(rows.map(presentSession)) : fail({ code: 'forbidden' });
}
