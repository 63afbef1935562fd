import { and, desc, eq, like, lt, or, type SQL, sql } from 'drizzle-orm';
import { v7 as uuidv7 } from 'uuid';
import type { Account, SessionClaims, User } from '../../../contracts/api/account/auth.ts';
import type { SelfMadeChangesOffBy } from '../../../contracts/api/tenant/policies.ts';
import type { UsersQuery, UserWithWallet } from '../../../contracts/api/tenant/users.ts';
import { fail, ok, type Result } from '../../../contracts/result.ts';
import type { WalletPolicy } from '../../../contracts/wallet/wallet-policy.ts';
import { type ClientPlace, insertAudit, insertAuditClient } from '../audit.ts';
import {
  callerMayReadUser,
  governsUsers,
  selectCallerRole,
  selectMayCorrectWallets,
  selectSelfMadeChangesOffBy,
} from '../authorization.ts';
import { attemptQuery, type Database } from '../client.ts';
import { type Administrator, type EnterRefusal, runAsService, runAsUser } from '../context.ts';
import { type InvalidCursor, type Page, pageOfRows, startOfPage, uuidPosition } from '../paging.ts';
import { levels } from '../schema/tenancy.ts';
import { users } from '../schema/users.ts';
import { userTokenWallets } from '../schema/wallets.ts';
import {
  effectiveWalletPolicy,
  isUser,
  levelOfUser,
  presentUser,
  selectUserWithPolicy,
  userColumns,
} from './user-rows.ts';

/** Selects one user of a tenant. */
export const selectUser = (database: Database, tenantId: string, userId: string) =>
  database.select(userColumns).from(users).innerJoin(levels, levelOfUser).where(isUser(tenantId, userId));

export type Login = {
  user_id: string;
  password_hash: string;
  status: 'active' | 'disabled';
  signed_out_at_s: number | null;
  allocation_awaits: User['allocation_awaits'];
};

/** Returns the data for checking a password, or null when the tenant has no such user. */
export async function findLogin(database: Database, tenantId: string, email: string): Promise<Login | null> {
  const answer = await attemptQuery(() =>
    database.execute<Login>(
      sql`select user_id, password_hash, status, signed_out_at_s::float8, allocation_awaits
        from app.find_login(${tenantId}, ${email})`,
    ),
  );
  return answer.ok ? (answer.value.rows[0] ?? null) : null;
}

/** An attempt to sign in to an account, and where it came from. */
export type SignIn = { tenant_id: string; user_id: string; request_id: string; client: ClientPlace };

const recordSignIn = (
  database: Database,
  { tenant_id, user_id, request_id, client }: SignIn,
  action: 'user.logged_in' | 'user.login_failed' | 'user.second_factor_failed' | 'user.registered',
  details: Record<string, string> = {},
) => {
  const id = uuidv7();
  return [
    insertAudit(database, { id, tenant_id, actor_user_id: user_id, action, request_id, details }),
    insertAuditClient(database, tenant_id, id, client),
  ] as const;
};

/** Records a login and returns the user. `details`: the identity provider, if it was at one. */
export async function recordLogin(
  database: Database,
  login: SignIn,
  details: { provider_id?: string; provider?: string } = {},
): Promise<User> {
  const answer = await runAsService(database, login.tenant_id, [
    selectUser(database, login.tenant_id, login.user_id),
    ...recordSignIn(database, login, 'user.logged_in', details),
  ]);
  const row = answer.ok ? answer.value[0][0] : undefined;
  if (row === undefined) throw new Error('The user vanished between password and session');
  return presentUser(row);
}

/** Records that somebody tried to sign in to an account with a wrong password, or with the right one and a wrong second factor. */
export async function recordFailedLogin(
  database: Database,
  login: SignIn,
  action: 'user.login_failed' | 'user.second_factor_failed' = 'user.login_failed',
): Promise<void> {
  await runAsService(database, login.tenant_id, recordSignIn(database, login, action));
}

/** A password that is hashed again. `hash_before` is the hash that the password was checked against. */
export type RenewedHash = { tenant_id: string; user_id: string; hash_before: string; password_hash: string };

/** Replaces the hash of a password. Does nothing if the password was changed meanwhile. Ends no session. */
export async function renewPasswordHash(
  database: Database,
  { tenant_id, user_id, hash_before, password_hash }: RenewedHash,
): Promise<void> {
  await runAsService(database, tenant_id, [
    database.execute(sql`select app.renew_password_hash(${user_id}::uuid, ${hash_before}, ${password_hash})`),
  ]);
}

export type NewUser = {
  id: string;
  tenant_id: string;
  email: string;
  name: string | null;
  password_hash: string;
  request_id: string;
  client: ClientPlace;
};

/** Inserts a user with the role `user` on the tenant's default level. */
export const insertUser = (
  database: Database,
  { id, tenant_id, email, name, password_hash }: NewUser,
  onConflict: SQL = sql``,
) =>
  // The Worker is granted these columns only. An insert that names others is refused.
  database.execute(sql`insert into users (tenant_id, id, email, name, password_hash, level_id, allocation_awaits)
    values (${tenant_id}, ${id}, ${email}, ${name}, ${password_hash},
      (select id from levels where tenant_id = ${tenant_id} and is_default),
      app.awaits_of_newcomer(${email})) ${onConflict}`);

/** Creates a user with the role `user` on the tenant's default level. */
export async function createUser(
  database: Database,
  newUser: NewUser,
): Promise<Result<User, { code: 'email_taken' }>> {
  const { id, tenant_id } = newUser;
  const answer = await runAsService(
    database,
    tenant_id,
    [
      insertUser(database, newUser),
      selectUser(database, tenant_id, id),
      ...recordSignIn(database, { ...newUser, user_id: id }, 'user.registered'),
    ],
    { '23505': 'email_taken' as const },
  );
  if (!answer.ok) return answer;
  const row = answer.value[1][0];
  if (row === undefined) throw new Error('The new user is not there');
  return ok(presentUser(row));
}

/** Returns the account of a session's user. */
export async function getMe(
  database: Database,
  claims: SessionClaims,
): Promise<Result<Account, { code: EnterRefusal }>> {
  const answer = await runAsUser(database, claims, [selectUser(database, claims.tenantId, claims.userId)]);
  if (!answer.ok) return answer;
  const row = answer.value[0][0];
  return row === undefined ? fail({ code: 'unauthenticated' }) : ok({ ...presentUser(row), acting: null });
}

/** Revokes every session of the caller issued so far. Returns the second up to which they are revoked. */
export async function saveSignOut(
  database: Database,
  claims: SessionClaims,
  requestId: string,
): Promise<Result<{ signed_out_at_s: number }, { code: EnterRefusal }>> {
  const answer = await runAsUser(database, claims, [
    database
      .update(users)
      // Includes sessions of this second, and sessions dated a second ahead (identity/sessions.ts).
      .set({ signed_out_at: sql`greatest(${users.signed_out_at}, now(), to_timestamp(${claims.iat}))` })
      .where(isUser(claims.tenantId, claims.userId))
      .returning({ signed_out_at_s: sql<number>`floor(extract(epoch from ${users.signed_out_at}))::float8` }),
    insertAudit(database, {
      tenant_id: claims.tenantId,
      actor_user_id: claims.userId,
      action: 'user.signed_out',
      request_id: requestId,
    }),
  ]);
  if (!answer.ok) return answer;
  const row = answer.value[0][0];
  return row === undefined ? fail({ code: 'unauthenticated' }) : ok({ signed_out_at_s: row.signed_out_at_s });
}

/**
 * Users whose email or name contains `q`. Also compares names as typed, because not every database folds the case of every alphabet.
 * Compares users of the tenant alone. No index can serve LIKE under row security, which Postgres checks before it (docs/levels-and-roles.md).
 */
function contains(q: string): SQL | undefined {
  // Escapes the wildcards of LIKE.
  const pattern = (text: string) => `%${text.replace(/[\\%_]/g, '\\$&')}%`;
  const lower = pattern(q.toLowerCase());
  return or(like(users.email, lower), like(sql`lower(${users.name})`, lower), like(users.name, pattern(q)));
}

/** The users of a tenant that match every filter. Those of a level are read from its index. */
export const usersOf = (
  tenantId: string,
  { q, level_id, role, status }: Omit<UsersQuery, 'cursor' | 'limit'>,
): SQL | undefined =>
  and(
    eq(users.tenant_id, tenantId),
    level_id === undefined ? undefined : eq(users.level_id, level_id),
    role === undefined ? undefined : eq(users.role, role),
    status === undefined ? undefined : eq(users.status, status),
    q === undefined ? undefined : contains(q),
  );

/** Lists the tenant's users, newest first (IDs are UUIDv7), each with the last projected wallet. Not for plain users. */
export async function listUsers(
  database: Database,
  claims: Administrator,
  { cursor, limit, ...filters }: UsersQuery,
): Promise<Result<Page<UserWithWallet>, { code: EnterRefusal | InvalidCursor | 'forbidden' }>> {
  const start = startOfPage({ cursor, limit }, uuidPosition);
  if (!start.ok) return start;
  const after = start.value;
  const answer = await runAsUser(database, claims, [
    database
      .select({
        ...userColumns,
        available: sql<
          number | null
        >`(${userTokenWallets.monthly} + ${userTokenWallets.lifetime} - ${userTokenWallets.reserved})::float8`,
        reserved: userTokenWallets.reserved,
        overage: userTokenWallets.overage,
      })
      .from(users)
      .innerJoin(levels, levelOfUser)
      .leftJoin(
        userTokenWallets,
        and(eq(userTokenWallets.tenant_id, users.tenant_id), eq(userTokenWallets.user_id, users.id)),
      )
      .where(and(usersOf(claims.tenantId, filters), after === null ? undefined : lt(users.id, after)))
      .orderBy(desc(users.id))
      .limit(limit + 1),
    selectCallerRole(database),
  ]);
  if (!answer.ok) return answer;
  const [rows, roles] = answer.value;
  if (!governsUsers(roles.rows[0])) return fail({ code: 'forbidden' });
  const { items, next_cursor } = pageOfRows(rows, limit, (row) => row.id);
  return ok({
    next_cursor,
    items: items.map(({ available, reserved, overage, ...row }) => ({
      ...presentUser(row),
      wallet:
        available === null || reserved === null || overage === null ? null : { available, reserved, overage },
    })),
  });
}

export type WalletOwner = {
  user: User;
  policy: WalletPolicy;
  actor_role: 'admin' | 'superadmin' | 'management_key';
  /** The one who turned off that the caller changes this wallet, if it is their own; else null. */
  self_made_changes_off_by: SelfMadeChangesOffBy | null;
};

/**
 * Returns the owner of a wallet the caller may correct: admins those of their tenant, superadmins all, management keys with
 * `wallets:write` those of plain users. Other users are `not_found`.
 */
export async function getWalletOwner(
  database: Database,
  claims: Administrator,
  userId: string,
): Promise<Result<WalletOwner, { code: EnterRefusal | 'forbidden' | 'not_found' }>> {
  const answer = await runAsUser(database, claims, [
    selectUserWithPolicy(database, callerMayReadUser(userId)),
    selectCallerRole(database),
    selectSelfMadeChangesOffBy(database, userId),
    selectMayCorrectWallets(database),
  ]);
  if (!answer.ok) return answer;
  const [[owner], callers, rules, rights] = answer.value;
  const caller = callers.rows[0];
  if (!governsUsers(caller) || rights.rows[0]?.may_correct !== true) return fail({ code: 'forbidden' });
  if (owner === undefined) return fail({ code: 'not_found' });
  if (caller.role === 'management_key' && owner.user.role !== 'user') return fail({ code: 'forbidden' });
  return ok({
    user: presentUser(owner.user),
    policy: effectiveWalletPolicy(owner),
    actor_role: caller.role,
    self_made_changes_off_by: rules.rows[0]?.off_by ?? null,
  });
}
