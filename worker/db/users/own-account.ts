import { sql } from 'drizzle-orm';
import type { SessionClaims, User } from '../../../contracts/api/account/auth.ts';
import { fail, ok, type Result } from '../../../contracts/result.ts';
import { insertAudit } from '../audit.ts';
import type { Database } from '../client.ts';
import { type EnterRefusal, runAsUser } from '../context.ts';
import { deleteAllOwnFiles } from '../files/user-files.ts';
import { users } from '../schema/users.ts';
import { isUser, presentUser } from './user-rows.ts';
import { selectUser } from './users.ts';

/** Changes that users make of their own account. */

/** Returns the caller's account with the hash of their password. */
export async function getOwnLogin(
  database: Database,
  claims: SessionClaims,
): Promise<Result<{ user: User; password_hash: string }, { code: EnterRefusal }>> {
  const answer = await runAsUser(database, claims, [
    selectUser(database, claims.tenantId, claims.userId),
    database.execute<{ password_hash: string }>(sql`select password_hash from app.find_login(app.tenant_id(),
      (select email from ${users} where ${isUser(claims.tenantId, claims.userId)}))`),
  ]);
  if (!answer.ok) return answer;
  const [[row], { rows }] = answer.value;
  const hash = rows[0]?.password_hash;
  if (row === undefined || hash === undefined) return fail({ code: 'unauthenticated' });
  return ok({ user: presentUser(row), password_hash: hash });
}

const ownAudit = (claims: SessionClaims, action: string, request_id: string) => ({
  ...{ tenant_id: claims.tenantId, actor_user_id: claims.userId, action, request_id },
});

/** Replaces the caller's password and ends all their sessions. Returns the second up to which they are ended. */
export async function saveOwnPassword(
  database: Database,
  claims: SessionClaims,
  passwordHash: string,
  nowS: number,
  requestId: string,
): Promise<Result<{ signed_out_at_s: number }, { code: EnterRefusal }>> {
  const answer = await runAsUser(database, claims, [
    database.execute<{ signed_out_at_s: number }>(
      sql`select app.set_own_password(${passwordHash}, ${nowS}::bigint)::float8 as signed_out_at_s`,
    ),
    insertAudit(database, ownAudit(claims, 'user.password_changed', requestId)),
  ]);
  if (!answer.ok) return answer;
  const [row] = answer.value[0].rows;
  if (row === undefined) throw new Error('The function returns a row');
  return ok(row);
}

/** Records what the caller did with their own account. */
export async function recordOwnAction(
  database: Database,
  claims: SessionClaims,
  action: 'user.email_change_requested' | 'user.exported',
  requestId: string,
): Promise<Result<null, { code: EnterRefusal }>> {
  const answer = await runAsUser(database, claims, [
    insertAudit(database, ownAudit(claims, action, requestId)),
  ]);
  return answer.ok ? ok(null) : answer;
}

/** Changes the caller's display name. Null removes it. */
export async function saveOwnName(
  database: Database,
  claims: SessionClaims,
  name: string | null,
): Promise<Result<User, { code: EnterRefusal }>> {
  const answer = await runAsUser(database, claims, [
    database.update(users).set({ name }).where(isUser(claims.tenantId, claims.userId)),
    selectUser(database, claims.tenantId, claims.userId),
  ]);
  if (!answer.ok) return answer;
  const [row] = answer.value[1];
  return row === undefined ? fail({ code: 'unauthenticated' }) : ok(presentUser(row));
}

/** Closes the caller's account, unless they are the last administrator of their tenant. */
export async function saveOwnClosing(
  database: Database,
  claims: SessionClaims,
  nowS: number,
  requestId: string,
): Promise<Result<null, { code: EnterRefusal | 'last_admin' }>> {
  const answer = await runAsUser(
    database,
    claims,
    [
      insertAudit(database, ownAudit(claims, 'user.closed', requestId)),
      deleteAllOwnFiles(database, claims),
      database.execute(sql`select app.close_own_account(${nowS}::bigint)`),
    ],
    { VS020: 'last_admin' as const },
  );
  return answer.ok ? ok(null) : answer;
}
