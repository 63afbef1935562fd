import { asc, sql } from 'drizzle-orm';
import { v7 as uuidv7 } from 'uuid';
import type { SessionClaims } from '../../../contracts/api/account/auth.ts';
import type { WaysToSignIn } from '../../../contracts/api/account/sign-in.ts';
import { fail, ok, type Result } from '../../../contracts/result.ts';
import type { WalletIdentity } from '../../../contracts/wallet/journal.ts';
import type { Database } from '../client.ts';
import { type EnterRefusal, runAsService, runAsUser } from '../context.ts';
import { signInProviders, userIdentities } from '../schema/sign-in.ts';
import { auditLog, users } from '../schema/users.ts';
import { presentKey, type StoredApiKey, selectKeys } from './api-keys.ts';
import { isoTime, isUser } from './user-rows.ts';

/** Accounts at identity providers that users sign in with. */

/** Somebody whom an identity provider has just signed in. */
export type ProvedIdentity = {
  tenant_id: string;
  provider: { id: string; name: string };
  subject: string;
  /** In lower case; null if the provider gave none. */
  email: string | null;
  name: string | null;
  /** The address is theirs. */
  is_proved: boolean;
  /** They may get an account. */
  may_create: boolean;
  /** The SHA-256 of the ticket, in hex. */
  ticket_hash: string;
  nowS: number;
  request_id: string;
};

export type SignedIn = { user_id: string; outcome: 'known' | 'linked' | 'reclaimed' | 'created' };
export type IdentityRefusal = { code: 'unproved' | 'unknown' | 'conflict' | 'disabled' };
type OutcomeRow = { user_id: string | null; outcome: SignedIn['outcome'] | IdentityRefusal['code'] };

/** Finds or makes the user of an identity, and notes the ticket that ends the sign-in (migrations: app.sign_in_by_identity). */
export async function signInByIdentity(
  database: Database,
  identity: ProvedIdentity,
): Promise<Result<SignedIn, IdentityRefusal>> {
  const { tenant_id, provider, subject, email, name, is_proved, may_create, ticket_hash, nowS } = identity;
  const details = JSON.stringify({ provider_id: provider.id, provider: provider.name });
  const answer = await runAsService(database, tenant_id, [
    database.execute<OutcomeRow>(sql`with done as materialized (
        select user_id, outcome from app.sign_in_by_identity(${provider.id}::uuid, ${subject}, ${email}::text, ${name}::text,
          ${is_proved}::boolean, ${may_create}::boolean, ${uuidv7()}::uuid, decode(${ticket_hash}, 'hex'), ${nowS}::bigint)
      ), recorded as (
        insert into ${auditLog} (tenant_id, id, actor_user_id, actor_role, action, target_type, target_id, request_id, details)
        select app.tenant_id(), ${uuidv7()}::uuid, user_id, app.actor_role(),
          case outcome when 'created' then 'user.registered' else 'user.identity_linked' end, 'user', user_id::text,
          ${identity.request_id}, ${details}::jsonb || jsonb_build_object('password_ended', outcome = 'reclaimed')
        from done where outcome in ('linked', 'reclaimed', 'created')
      ) select user_id, outcome from done`),
  ]);
  const row = answer.ok ? answer.value[0].rows[0] : undefined;
  if (row === undefined) throw new Error('The function returns a row');
  const { user_id, outcome } = row;
  if (outcome === 'unproved' || outcome === 'unknown' || outcome === 'conflict' || outcome === 'disabled')
    return fail({ code: outcome });
  if (user_id === null) throw new Error('This outcome has a user');
  return ok({ user_id, outcome });
}

/** Somebody whose ticket was used, and where they signed in. */
export type UsedTicket = { user_id: string; provider_id: string; provider: string };

/** Returns the keys of a user that were revoked. A user has at most 100. */
export async function listRevokedKeys(
  database: Database,
  { tenant_id, user_id }: WalletIdentity,
): Promise<StoredApiKey[]> {
  const answer = await runAsService(database, tenant_id, [
    selectKeys(
      database,
      sql`api_keys.tenant_id = ${tenant_id} and api_keys.user_id = ${user_id} and api_keys.revoked_at is not null`,
    ),
  ]);
  return answer.ok ? answer.value[0].map(presentKey) : [];
}

/** Uses the ticket of a sign-in up. Returns the user's id, and the provider. */
export async function consumeSignInTicket(
  database: Database,
  { tenant_id, ticket_hash }: { tenant_id: string; ticket_hash: string },
): Promise<Result<UsedTicket, { code: 'ticket_invalid' }>> {
  const answer = await runAsService(
    database,
    tenant_id,
    [
      database.execute<UsedTicket>(
        sql`select user_id, provider_id, provider_name as provider from app.use_sign_in_ticket(decode(${ticket_hash}, 'hex'))`,
      ),
    ],
    { VS409: 'ticket_invalid' as const },
  );
  if (!answer.ok) return answer;
  const [used] = answer.value[0].rows;
  return used === undefined ? fail({ code: 'ticket_invalid' }) : ok(used);
}

/** Returns the ways in which the caller can sign in. */
export async function getWaysToSignIn(
  database: Database,
  claims: SessionClaims,
): Promise<Result<WaysToSignIn, { code: EnterRefusal }>> {
  const { tenantId, userId } = claims;
  const answer = await runAsUser(database, claims, [
    database.select({ has_password: users.has_password }).from(users).where(isUser(tenantId, userId)),
  ]);
  if (!answer.ok) return answer;
  const [account] = answer.value[0];
  if (account === undefined) return fail({ code: 'unauthenticated' });
  // Providers hold a secret, so users cannot read them.
  const linked = await runAsService(database, tenantId, [
    database
      .select({
        provider: {
          id: signInProviders.id,
          kind: signInProviders.kind,
          name: signInProviders.name,
          enabled: signInProviders.enabled,
        },
        email: userIdentities.email,
        created_at: userIdentities.created_at,
        last_used_at: userIdentities.last_used_at,
      })
      .from(userIdentities)
      .innerJoin(
        signInProviders,
        sql`${signInProviders.tenant_id} = ${userIdentities.tenant_id} and ${signInProviders.id} = ${userIdentities.provider_id}`,
      )
      .where(sql`${userIdentities.tenant_id} = ${tenantId} and ${userIdentities.user_id} = ${userId}`)
      .orderBy(asc(userIdentities.created_at)),
  ]);
  const identities = linked.ok ? linked.value[0] : [];
  return ok({
    ...account,
    identities: identities.map((row) => ({
      ...row,
      created_at: isoTime(row.created_at),
      last_used_at: isoTime(row.last_used_at),
    })),
  });
}

/** Unlinks the caller's identity at a provider, unless they could not sign in any more. */
export async function unlinkIdentity(
  database: Database,
  claims: SessionClaims,
  providerId: string,
  requestId: string,
): Promise<Result<null, { code: EnterRefusal | 'not_found' | 'last_way_to_sign_in' }>> {
  const answer = await runAsUser(
    database,
    claims,
    [
      database.execute<{ provider_name: string }>(sql`with unlinked as materialized (
          select provider_name from app.unlink_identity(${providerId}::uuid)
        ), recorded as (
          insert into ${auditLog} (tenant_id, id, actor_user_id, actor_role, action, target_type, target_id, request_id, details)
          select app.tenant_id(), ${uuidv7()}::uuid, app.user_id(), app.actor_role(), 'user.identity_unlinked', 'user',
            app.user_id()::text, ${requestId}, jsonb_build_object('provider_id', ${providerId}::text, 'provider', provider_name)
          from unlinked
        ) select provider_name from unlinked`),
    ],
    { VS025: 'last_way_to_sign_in' as const },
  );
  if (!answer.ok) return answer;
  return answer.value[0].rows.length === 0 ? fail({ code: 'not_found' }) : ok(null);
}
