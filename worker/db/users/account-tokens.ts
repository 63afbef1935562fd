import { eq, sql } from 'drizzle-orm';
import { v7 as uuidv7 } from 'uuid';
import type { AccountTokenPurpose } from '../../../contracts/account-token.ts';
import { branding } from '../../../contracts/api/tenant/tenant.ts';
import { pickFields } from '../../../contracts/fields.ts';
import { fail, ok, type Result } from '../../../contracts/result.ts';
import type { Database } from '../client.ts';
import { runAsService } from '../context.ts';
import { tenants } from '../schema/tenancy.ts';
import { auditLog, users } from '../schema/users.ts';
import { isUser } from './user-rows.ts';

/** A tenant as its mails show it. */
export type MailingTenant = {
  name: string;
  primary_color: string;
  support_email: string | null;
};

const selectMailingTenant = (database: Database, tenantId: string) =>
  database
    .select({
      ...pickFields(branding, tenants),
      support_email: tenants.support_email,
      status: tenants.status,
    })
    .from(tenants)
    .where(eq(tenants.id, tenantId));

type TenantRow = Awaited<ReturnType<typeof selectMailingTenant>>[number];

/** Tenants that are suspended or being deleted send nothing. */
const mailingTenantOf = (row: TenantRow | undefined): MailingTenant | null =>
  row?.status === 'active'
    ? { name: row.name, primary_color: row.primary_color, support_email: row.support_email }
    : null;

/** Returns a tenant as its mails show it, or null when it sends none. */
export async function getMailingTenant(database: Database, tenantId: string): Promise<MailingTenant | null> {
  const answer = await runAsService(database, tenantId, [selectMailingTenant(database, tenantId)]);
  return answer.ok ? mailingTenantOf(answer.value[0][0]) : null;
}

/** Returns the address of a user, or null if there is none in the tenant. */
export async function getRecipient(
  database: Database,
  tenantId: string,
  userId: string,
): Promise<string | null> {
  const answer = await runAsService(database, tenantId, [
    database.select({ email: users.email }).from(users).where(isUser(tenantId, userId)),
  ]);
  return answer.ok ? (answer.value[0][0]?.email ?? null) : null;
}

/** A token to make: for an active user, by id or by email. */
export type NewAccountToken = {
  tenant_id: string;
  user: { id: string } | { email: string };
  purpose: AccountTokenPurpose;
  /** The SHA-256 of the token, in hex. */
  token_hash: string;
  /** The address that the account gets; of `change_email` only. */
  new_email: string | null;
  mail_id: string;
  lifetime_minutes: number;
};

type Recipient = { user_id: string; recipient: string; name: string | null };

/**
 * Makes a one-time token in place of an earlier one of the same purpose. Returns its recipient and tenant, or null if there is nothing
 * to mail: the user is unknown or disabled, the address is verified already, another account has the new address, or a mail of that
 * purpose went out within the last minute.
 */
export async function issueAccountToken(
  database: Database,
  { tenant_id, user, purpose, token_hash, new_email, mail_id, lifetime_minutes }: NewAccountToken,
): Promise<(Omit<Recipient, 'user_id'> & { tenant: MailingTenant }) | null> {
  const [id, email] = 'id' in user ? [user.id, null] : [null, user.email];
  const answer = await runAsService(database, tenant_id, [
    selectMailingTenant(database, tenant_id),
    database.execute<Recipient>(sql`select user_id, recipient, name from app.issue_account_token(${id}::uuid,
      ${email}::text, ${purpose}, decode(${token_hash}, 'hex'), ${new_email}::text, ${mail_id}, ${lifetime_minutes})`),
  ]);
  if (!answer.ok) return null;
  const [[row], { rows }] = answer.value;
  const tenant = mailingTenantOf(row);
  const [found] = rows;
  if (tenant === null || found === undefined) return null;
  return { recipient: found.recipient, name: found.name, tenant };
}

const actions = {
  verify_email: 'user.email_verified',
  reset_password: 'user.password_reset',
  change_email: 'user.email_changed',
} as const satisfies Record<AccountTokenPurpose, string>;

/** A token that is used. `password_hash` is the new password of `reset_password`; `nowS` the time of the Worker, which issues sessions. */
export type AccountTokenUse = {
  tenant_id: string;
  purpose: AccountTokenPurpose;
  /** The SHA-256 of the token, in hex. */
  token_hash: string;
  password_hash: string | null;
  nowS: number;
  /** The user of the session that uses the token; null without one. */
  signed_in_user_id: string | null;
  request_id: string;
};

/** A token that was used: its user, their address before, and whether their API keys ended as it was the first proof of the address. */
type UsedAccountToken = { user_id: string; email_before: string; keys_ended: boolean };

/** Uses a token up, does what it is for and records it. */
export async function consumeAccountToken(
  database: Database,
  { tenant_id, purpose, token_hash, password_hash, nowS, signed_in_user_id, request_id }: AccountTokenUse,
): Promise<Result<UsedAccountToken, { code: 'link_invalid' | 'email_taken' }>> {
  const answer = await runAsService(
    database,
    tenant_id,
    [
      database.execute<UsedAccountToken>(sql`with used as materialized (
          select user_id, email_before, keys_ended from app.use_account_token(${tenant_id}::uuid, ${purpose},
            decode(${token_hash}, 'hex'), ${password_hash}::text, ${nowS}::bigint, ${signed_in_user_id}::uuid)
        ), recorded as (
          insert into ${auditLog} (tenant_id, id, actor_user_id, actor_role, action, target_type, target_id, request_id)
          select app.tenant_id(), ${uuidv7()}::uuid, user_id, app.role(), ${actions[purpose]}, 'user', user_id::text,
            ${request_id} from used
        ) select user_id, email_before, keys_ended from used`),
    ],
    { VS409: 'link_invalid' as const, '23505': 'email_taken' as const },
  );
  if (!answer.ok) return answer;
  const [used] = answer.value[0].rows;
  return used === undefined ? fail({ code: 'link_invalid' }) : ok(used);
}
