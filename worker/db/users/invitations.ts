import { and, desc, eq, isNull, lt, type SQL, sql } from 'drizzle-orm';
import { v7 as uuidv7 } from 'uuid';
import type { Role, SessionClaims, User } from '../../../contracts/api/account/auth.ts';
import type { CreateInvitationRequest, Invitation } from '../../../contracts/api/account/invitations.ts';
import type { PageQuery } from '../../../contracts/api/paging.ts';
import { fail, ok, type Result } from '../../../contracts/result.ts';
import { auditChange } from '../audit.ts';
import {
  callerIsAdmin,
  callerIsSuperadmin,
  isAdminRole,
  selectCallerRole,
  tenantOfRow,
} from '../authorization.ts';
import { attemptQuery, type Database } from '../client.ts';
import { type EnterRefusal, runAsService, runAsUser } from '../context.ts';
import { type InvalidCursor, type Page, pageOfRows, startOfPage, uuidPosition } from '../paging.ts';
import { invitations } from '../schema/invitations.ts';
import { levels } from '../schema/tenancy.ts';
import { auditLog, users } from '../schema/users.ts';
import { isoTime, presentUser, userSummaryColumns } from './user-rows.ts';
import { selectUser } from './users.ts';

/** A new invitation. `level_id` null means the level that is the default when it is accepted. */
export type NewInvitation = {
  tenant_id: string;
  id: string;
  email: string;
  role: Role;
  level_id: string | null;
  /** The SHA-256 of its token, in hex. */
  token_hash: string;
  lifetime_days: number;
  /** The link is mailed to the email, so whoever accepts receives mail there. */
  is_mailed: boolean;
};

/**
 * Inserts an invitation, as a statement of a batch, if `condition` holds. The inviter is the caller, unless they belong to another
 * tenant. RLS lets admins invite to their tenant and superadmins to every tenant.
 */
export const insertInvitation = (
  database: Database,
  { tenant_id, id, email, role, level_id, token_hash, lifetime_days, is_mailed }: NewInvitation,
  condition: SQL = sql`true`,
) =>
  // The Worker is granted these columns only. An insert that names others is refused.
  database.execute(sql`insert into invitations
      (tenant_id, id, email, role, level_id, token_hash, is_mailed, invited_by, expires_at)
    select ${tenant_id}::uuid, ${id}::uuid, ${email}::text, ${role}::text, ${level_id}::uuid, decode(${token_hash}, 'hex'),
      ${is_mailed}::boolean, case when app.tenant_id() = ${tenant_id}::uuid and app.acting_session_id() is null then app.user_id() end, now() + make_interval(days => ${lifetime_days}::int)
    where ${condition}`);

const isOpen = and(isNull(invitations.accepted_at), isNull(invitations.revoked_at));

/** The link works: the invitation is open and its inviter still has the rights it needs (migrations: app.find_invitation). */
const canBeAccepted = sql`${isOpen} and ${invitations.expires_at} > now() and (${invitations.invited_by} is null
  or (${users.status} = 'active' and (${users.role} = 'superadmin'
    or (${users.role} = 'admin' and ${invitations.role} <> 'superadmin'))))`;

const selectInvitations = (database: Database, which: SQL | undefined) =>
  database
    .select({
      tenant_id: invitations.tenant_id,
      id: invitations.id,
      email: invitations.email,
      role: invitations.role,
      level: { id: levels.id, slug: levels.slug, name: levels.name },
      invited_by: userSummaryColumns,
      expires_at: invitations.expires_at,
      created_at: invitations.created_at,
    })
    .from(invitations)
    .leftJoin(levels, and(eq(levels.tenant_id, invitations.tenant_id), eq(levels.id, invitations.level_id)))
    .leftJoin(users, and(eq(users.tenant_id, invitations.tenant_id), eq(users.id, invitations.invited_by)))
    .where(which);

type InvitationRow = Awaited<ReturnType<typeof selectInvitations>>[number];

const presentInvitation = ({ expires_at, created_at, ...row }: InvitationRow): Invitation => ({
  ...row,
  expires_at: isoTime(expires_at),
  created_at: isoTime(created_at),
});

/** Lists the invitations of the caller's tenant that can be accepted, newest first. Admins only. */
export async function listInvitations(
  database: Database,
  claims: SessionClaims,
  page: PageQuery,
): Promise<Result<Page<Invitation>, { code: EnterRefusal | InvalidCursor | 'forbidden' }>> {
  const start = startOfPage(page, uuidPosition);
  if (!start.ok) return start;
  const after = start.value === null ? undefined : lt(invitations.id, start.value);
  const answer = await runAsUser(database, claims, [
    selectInvitations(database, and(eq(invitations.tenant_id, claims.tenantId), canBeAccepted, after))
      .orderBy(desc(invitations.id))
      .limit(page.limit + 1),
    selectCallerRole(database),
  ]);
  if (!answer.ok) return answer;
  const [rows, callers] = answer.value;
  if (!isAdminRole(callers.rows[0])) return fail({ code: 'forbidden' });
  const { items, next_cursor } = pageOfRows(rows, page.limit, (row) => row.id);
  return ok({ items: items.map(presentInvitation), next_cursor });
}

const audited = sql`jsonb_build_object('email', ${invitations.email}, 'role', ${invitations.role},
  'level_id', ${invitations.level_id})`;
const nothing = sql`null::jsonb`;

const auditInvitations = (
  database: Database,
  change: { action: string; before: SQL; after: SQL; which: SQL | undefined },
  requestId: string,
) =>
  auditChange(database, {
    id: uuidv7(),
    action: change.action,
    target_type: 'invitation',
    target: invitations,
    before: change.before,
    after: change.after,
    rows: sql`from ${invitations} where ${change.which}`,
    request_id: requestId,
  });

type CreateRefusal = EnterRefusal | 'forbidden' | 'role_above_own' | 'email_taken' | 'unknown_level';

/**
 * Invites somebody to the caller's tenant and ends earlier invitations of the same email: one link works. Roles above the caller's
 * are refused, and so are emails with an account.
 */
export async function saveInvitation(
  database: Database,
  claims: SessionClaims,
  request: CreateInvitationRequest,
  { token_hash, lifetime_days, is_mailed }: Pick<NewInvitation, 'token_hash' | 'lifetime_days' | 'is_mailed'>,
  requestId: string,
): Promise<Result<Invitation, { code: CreateRefusal }>> {
  const { email, role } = request;
  const level_id = request.level_id ?? null;
  const id = uuidv7();
  const ofCaller = (which: SQL | undefined) => and(sql`${invitations.tenant_id} = app.tenant_id()`, which);
  const roleAllowed = sql`(${callerIsAdmin} and (${role}::text <> 'superadmin' or ${callerIsSuperadmin}))`;
  const emailFree = sql`not exists (select from ${users}
    where ${users.tenant_id} = app.tenant_id() and ${users.email} = ${email})`;
  const levelKnown = sql`(${level_id}::uuid is null or exists (select from ${levels}
    where ${levels.tenant_id} = app.tenant_id() and ${levels.id} = ${level_id}::uuid
      and ${levels.archived_at} is null))`;
  const possible = sql`(${roleAllowed} and ${emailFree} and ${levelKnown})`;
  const replaced = ofCaller(
    sql`${possible} and ${invitations.email} = ${email} and ${isOpen}
      and (${invitations.role} <> 'superadmin' or ${callerIsSuperadmin})`,
  );
  const answer = await runAsUser(database, claims, [
    database.update(invitations).set({ revoked_at: sql`now()` }).where(replaced),
    insertInvitation(
      database,
      { tenant_id: claims.tenantId, id, email, role, level_id, token_hash, lifetime_days, is_mailed },
      possible,
    ),
    auditInvitations(
      database,
      {
        action: 'invitation.created',
        before: nothing,
        after: audited,
        which: ofCaller(eq(invitations.id, id)),
      },
      requestId,
    ),
    selectInvitations(database, ofCaller(eq(invitations.id, id))),
    database.execute<{ role_allowed: boolean; level_known: boolean }>(
      sql`select ${roleAllowed} as role_allowed, ${levelKnown} as level_known`,
    ),
    selectCallerRole(database),
  ]);
  if (!answer.ok) return answer;
  const [, , , [row], reasons, callers] = answer.value;
  if (row !== undefined) return ok(presentInvitation(row));
  if (!isAdminRole(callers.rows[0])) return fail({ code: 'forbidden' });
  if (reasons.rows[0]?.role_allowed !== true) return fail({ code: 'role_above_own' });
  return fail({ code: reasons.rows[0].level_known ? 'email_taken' : 'unknown_level' });
}

/**
 * Revokes an invitation. Safe to repeat. Unknown ones, those that were accepted and those the caller may not change are
 * `not_found`.
 */
export async function saveInvitationRevocation(
  database: Database,
  claims: SessionClaims,
  id: string,
  requestId: string,
): Promise<Result<null, { code: EnterRefusal | 'forbidden' | 'not_found' }>> {
  const which = sql`${invitations.id} = ${id} and ${invitations.tenant_id} = ${tenantOfRow(invitations, id)}
    and ${isNull(invitations.accepted_at)} and ${callerIsAdmin}
    and (${invitations.role} <> 'superadmin' or ${callerIsSuperadmin})`;
  const open = sql`${which} and ${isOpen}`;
  const answer = await runAsUser(database, claims, [
    auditInvitations(
      database,
      { action: 'invitation.revoked', before: audited, after: nothing, which: open },
      requestId,
    ),
    database.update(invitations).set({ revoked_at: sql`now()` }).where(open),
    database.select({ id: invitations.id }).from(invitations).where(which),
    selectCallerRole(database),
  ]);
  if (!answer.ok) return answer;
  const [, , rows, callers] = answer.value;
  if (!isAdminRole(callers.rows[0])) return fail({ code: 'forbidden' });
  return rows.length === 0 ? fail({ code: 'not_found' }) : ok(null);
}

/** An invitation that can be accepted, as its link shows it. */
export type FoundInvitation = { email: string; role: Role; expires_at: string };

/** Returns the invitation of a token's hash in a tenant, or null when it cannot be accepted. */
export async function findInvitation(
  database: Database,
  tenantId: string,
  hash: string,
): Promise<FoundInvitation | null> {
  const answer = await attemptQuery(() =>
    database.execute<FoundInvitation>(
      sql`select email, role, expires_at from app.find_invitation(${tenantId}, decode(${hash}, 'hex'))`,
    ),
  );
  const row = answer.ok ? answer.value.rows[0] : undefined;
  return row === undefined ? null : { ...row, expires_at: isoTime(row.expires_at) };
}

export type AcceptedInvitation = {
  tenant_id: string;
  token_hash: string;
  user_id: string;
  name: string | null;
  password_hash: string;
  request_id: string;
};

/** Makes the account that an invitation describes. Of several requests with the same token, one succeeds. */
export async function saveAcceptance(
  database: Database,
  { tenant_id, token_hash, user_id, name, password_hash, request_id }: AcceptedInvitation,
): Promise<Result<User, { code: 'invitation_invalid' | 'email_taken' }>> {
  const answer = await runAsService(
    database,
    tenant_id,
    [
      database.execute(sql`insert into ${auditLog}
          (tenant_id, id, actor_user_id, actor_role, action, target_type, target_id, request_id)
        select app.tenant_id(), ${uuidv7()}::uuid, ${user_id}::uuid, app.role(), 'invitation.accepted', 'invitation',
          app.accept_invitation(app.tenant_id(), decode(${token_hash}, 'hex'), ${user_id}::uuid, ${name}::text,
            ${password_hash}::text)::text,
          ${request_id}::text`),
      selectUser(database, tenant_id, user_id),
    ],
    { VS408: 'invitation_invalid' as const, '23505': 'email_taken' as const },
  );
  if (!answer.ok) return answer;
  const row = answer.value[1][0];
  if (row === undefined) throw new Error('The new user is not there');
  return ok(presentUser(row));
}
