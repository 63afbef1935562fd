import { and, desc, eq, lt, ne, sql } from 'drizzle-orm';
import { v7 as uuidv7 } from 'uuid';
import type { Role, SessionClaims, User } from '../../contracts/api/auth.ts';
import type { PageQuery } from '../../contracts/api/paging.ts';
import type { UserWithWallet } from '../../contracts/api/users.ts';
import { fail, ok, type Result } from '../../contracts/result.ts';
import type { WalletPolicy } from '../../contracts/wallet-policy.ts';
import { attemptQuery, type Database } from './client.ts';
import { asService, asUser, type EnterRefusal } from './context.ts';
import { type InvalidCursor, type Page, pageOfRows, startOfPage, uuidPosition } from './paging.ts';
import { isUser, ownLevel, policyOfPerson, presentUser, selectPerson, userColumns } from './person.ts';
import { levels } from './schema/tenancy.ts';
import { auditLog, users } from './schema/users.ts';
import { userTokenWallets } from './schema/wallets.ts';

type AuditEntry = { tenant_id: string; actor_user_id: string; action: string; request_id: string };

const insertAudit = (database: Database, { tenant_id, actor_user_id, action, request_id }: AuditEntry) =>
  database.insert(auditLog).values({
    tenant_id,
    id: uuidv7(),
    actor_user_id,
    actor_role: sql`app.role()`,
    action,
    target_type: 'user',
    target_id: actor_user_id,
    request_id,
  });

const selectUser = (database: Database, tenantId: string, userId: string) =>
  database.select(userColumns).from(users).innerJoin(levels, ownLevel).where(isUser(tenantId, userId));

export type Login = {
  user_id: string;
  password_hash: string;
  status: 'active' | 'disabled';
  signed_out_at_s: number | null;
};

/** What is needed to check a password, or null when the tenant has no such user. */
export async function findLogin(database: Database, tenantId: string, email: string): Promise<Login | null> {
  const answer = await attemptQuery(() =>
    database.execute<Login>(
      sql`select user_id, password_hash, status, signed_out_at_s::float8 from app.find_login(${tenantId}, ${email})`,
    ),
  );
  return answer.ok ? (answer.value.rows[0] ?? null) : null;
}

/** The user who just proved their password; the login is recorded. */
export async function recordLogin(
  database: Database,
  login: { tenant_id: string; user_id: string; request_id: string },
): Promise<User> {
  const answer = await asService(database, login.tenant_id, [
    selectUser(database, login.tenant_id, login.user_id),
    insertAudit(database, { ...login, actor_user_id: login.user_id, action: 'user.logged_in' }),
  ]);
  const row = answer.ok ? answer.value[0][0] : undefined;
  if (row === undefined) throw new Error('The user vanished between password and session');
  return presentUser(row);
}

export type NewUser = {
  id: string;
  tenant_id: string;
  email: string;
  name: string | null;
  password_hash: string;
  request_id: string;
};

/** Makes a plain user on the tenant's default level. */
export async function createUser(
  database: Database,
  newUser: NewUser,
): Promise<Result<User, { code: 'email_taken' }>> {
  const { id, tenant_id, email, name, password_hash, request_id } = newUser;
  const defaultLevel = sql<string>`(select id from levels where tenant_id = ${tenant_id} and is_default)`;
  const answer = await asService(
    database,
    tenant_id,
    [
      // The Worker may insert these columns alone, so an insert that names more would be refused.
      database.execute(sql`insert into users (tenant_id, id, email, name, password_hash, level_id)
        values (${tenant_id}, ${id}, ${email}, ${name}, ${password_hash}, ${defaultLevel})`),
      insertAudit(database, { tenant_id, actor_user_id: id, action: 'user.registered', request_id }),
      selectUser(database, tenant_id, id),
    ],
    { '23505': 'email_taken' as const },
  );
  if (!answer.ok) return answer;
  const row = answer.value[2][0];
  if (row === undefined) throw new Error('The new user is not there');
  return ok(presentUser(row));
}

/** The user behind a session. */
export async function getMe(
  database: Database,
  claims: SessionClaims,
): Promise<Result<User, { code: EnterRefusal }>> {
  const answer = await asUser(database, claims, [selectUser(database, claims.tenantId, claims.userId)]);
  if (!answer.ok) return answer;
  const row = answer.value[0][0];
  return row === undefined ? fail({ code: 'unauthenticated' }) : ok(presentUser(row));
}

/** Revokes every session token of the user issued up to now. Answers the second up to which they are revoked. */
export async function signOut(
  database: Database,
  claims: SessionClaims,
  requestId: string,
): Promise<Result<{ signed_out_at_s: number }, { code: EnterRefusal }>> {
  const answer = await asUser(database, claims, [
    database
      .update(users)
      // A token issued within this very second, or dated a second ahead by a quick login, is revoked as well.
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

type Asker = { role: Role };

/** The role of whoever asks, as `app.enter` read it. */
const selectAsker = (database: Database) => database.execute<Asker>(sql`select app.role() as role`);

const isAdmin = (asker: Asker | undefined): asker is { role: 'admin' | 'superadmin' } =>
  asker?.role === 'admin' || asker?.role === 'superadmin';

/** The tenant's users, newest first (ids are UUIDv7), each with the wallet as last projected. Admins only. */
export async function listUsers(
  database: Database,
  claims: SessionClaims,
  page: PageQuery,
): Promise<Result<Page<UserWithWallet>, { code: EnterRefusal | InvalidCursor | 'forbidden' }>> {
  const start = startOfPage(page, uuidPosition);
  if (!start.ok) return start;
  const after = start.value;
  const answer = await asUser(database, claims, [
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
      .innerJoin(levels, ownLevel)
      .leftJoin(
        userTokenWallets,
        and(eq(userTokenWallets.tenant_id, users.tenant_id), eq(userTokenWallets.user_id, users.id)),
      )
      .where(and(eq(users.tenant_id, claims.tenantId), after === null ? undefined : lt(users.id, after)))
      .orderBy(desc(users.id))
      .limit(page.limit + 1),
    selectAsker(database),
  ]);
  if (!answer.ok) return answer;
  const [rows, roles] = answer.value;
  if (!isAdmin(roles.rows[0])) return fail({ code: 'forbidden' });
  const { items, next_cursor } = pageOfRows(rows, page.limit, (row) => row.id);
  return ok({
    next_cursor,
    items: items.map(({ available, reserved, overage, ...row }) => ({
      ...presentUser(row),
      wallet:
        available === null || reserved === null || overage === null ? null : { available, reserved, overage },
    })),
  });
}

export type WalletOwner = { user: User; policy: WalletPolicy; actor_role: 'admin' | 'superadmin' };

/**
 * The owner of a wallet that the caller may correct: admins those of their tenant, superadmins everybody's. Anybody else
 * is not found.
 */
export async function getWalletOwner(
  database: Database,
  claims: SessionClaims,
  userId: string,
): Promise<Result<WalletOwner, { code: EnterRefusal | 'forbidden' | 'not_found' }>> {
  const elsewhere = sql`(select app.role()) = 'superadmin' and ${ne(users.tenant_id, claims.tenantId)}`;
  const answer = await asUser(database, claims, [
    selectPerson(database, isUser(claims.tenantId, userId)),
    selectPerson(database, and(elsewhere, eq(users.id, userId))),
    selectAsker(database),
  ]);
  if (!answer.ok) return answer;
  const [inTenant, inOthers, roles] = answer.value;
  const asker = roles.rows[0];
  if (!isAdmin(asker)) return fail({ code: 'forbidden' });
  const person = inTenant[0] ?? inOthers[0];
  if (person === undefined) return fail({ code: 'not_found' });
  return ok({ user: presentUser(person.user), policy: policyOfPerson(person), actor_role: asker.role });
}
