import { asc, getTableColumns, type SQL, sql } from 'drizzle-orm';
import { v7 as uuidv7 } from 'uuid';
import type { SessionClaims } from '../../../contracts/api/account/auth.ts';
import type { SignInProvider, SignInProviderKind } from '../../../contracts/api/account/sign-in.ts';
import { fail, ok, type Result } from '../../../contracts/result.ts';
import { auditChange } from '../audit.ts';
import { callerIsAdmin, isAdminRole, selectCallerRole } from '../authorization.ts';
import type { Database } from '../client.ts';
import { type EnterRefusal, runAsService, runAsUser } from '../context.ts';
import { signInProviders } from '../schema/sign-in.ts';
import { isoTime } from '../users/user-rows.ts';

/** The identity providers of a tenant. */

/** Reasons to refuse an admin's request about an identity provider. */
export type SignInProviderRefusal = EnterRefusal | 'forbidden' | 'not_found';

/** A provider as its admins see it, without the address that depends on the hostname. */
export type StoredSignInProvider = Omit<SignInProvider, 'redirect_uri'>;

const selectProviders = (database: Database, which: SQL) =>
  database
    .select({
      id: signInProviders.id,
      kind: signInProviders.kind,
      issuer: signInProviders.issuer,
      name: signInProviders.name,
      client_id: signInProviders.client_id,
      enabled: signInProviders.enabled,
      email_domains: signInProviders.email_domains,
      creates_accounts: signInProviders.creates_accounts,
      trusts_addresses: signInProviders.trusts_addresses,
      // Qualified, because drizzle drops the table name when a query selects from a single table.
      identity_count: sql<number>`(select count(*) from user_identities where user_identities.tenant_id = sign_in_providers.tenant_id
        and user_identities.provider_id = sign_in_providers.id)::float8`,
      created_at: signInProviders.created_at,
      updated_at: signInProviders.updated_at,
    })
    .from(signInProviders)
    .where(which);

type ProviderRow = Awaited<ReturnType<typeof selectProviders>>[number];

const present = (row: ProviderRow): StoredSignInProvider => ({
  ...row,
  created_at: isoTime(row.created_at),
  updated_at: isoTime(row.updated_at),
});

const ofTenant = sql`${signInProviders.tenant_id} = app.tenant_id() and ${callerIsAdmin}`;
const isManageable = (id: string) => sql`${ofTenant} and ${signInProviders.id} = ${id}`;

/** The fields of a provider in the audit log. They show that the secret changed, and not the secret. */
const auditedFields = sql`jsonb_build_object('name', ${signInProviders.name}, 'kind', ${signInProviders.kind},
  'issuer', ${signInProviders.issuer}, 'client_id', ${signInProviders.client_id},
  'client_secret', ${signInProviders.client_secret_version}, 'enabled', ${signInProviders.enabled},
  'email_domains', ${signInProviders.email_domains}, 'creates_accounts', ${signInProviders.creates_accounts},
  'trusts_addresses', ${signInProviders.trusts_addresses})`;
const noValue = sql`null::jsonb`;

const audited = (
  database: Database,
  action: string,
  id: string,
  change: { before: SQL; after: SQL },
  request_id: string,
) =>
  auditChange(database, {
    id: uuidv7(),
    action,
    target_type: 'sign_in_provider',
    target: signInProviders,
    ...change,
    rows: sql`from ${signInProviders} where ${isManageable(id)}`,
    request_id,
  });

/** Converts the provider read at the end of a batch, when the caller is an admin. */
function read(
  rows: ProviderRow[],
  callers: Awaited<ReturnType<typeof selectCallerRole>>,
): Result<StoredSignInProvider, { code: 'forbidden' | 'not_found' }> {
  if (!isAdminRole(callers.rows[0])) return fail({ code: 'forbidden' });
  const [row] = rows;
  return row === undefined ? fail({ code: 'not_found' }) : ok(present(row));
}

/** Lists the identity providers of the caller's tenant, in the order in which they were added. Admins only. */
export async function listSignInProviders(
  database: Database,
  claims: SessionClaims,
): Promise<Result<StoredSignInProvider[], { code: EnterRefusal | 'forbidden' }>> {
  const answer = await runAsUser(database, claims, [
    selectProviders(database, ofTenant).orderBy(asc(signInProviders.id)),
    selectCallerRole(database),
  ]);
  if (!answer.ok) return answer;
  const [rows, callers] = answer.value;
  return isAdminRole(callers.rows[0]) ? ok(rows.map(present)) : fail({ code: 'forbidden' });
}

/** Returns one identity provider of the caller's tenant. Admins only. */
export async function getManagedSignInProvider(
  database: Database,
  claims: SessionClaims,
  id: string,
): Promise<Result<StoredSignInProvider, { code: SignInProviderRefusal }>> {
  const answer = await runAsUser(database, claims, [
    selectProviders(database, isManageable(id)),
    selectCallerRole(database),
  ]);
  return answer.ok ? read(...answer.value) : answer;
}

export type NewSignInProvider = {
  id: string;
  kind: SignInProviderKind;
  issuer: string;
  name: string;
  client_id: string;
  client_secret_ciphertext: string;
  enabled: boolean;
  email_domains: string[] | null;
  creates_accounts: boolean;
  trusts_addresses: boolean;
};

/** Adds an identity provider to the caller's tenant. */
export async function insertSignInProvider(
  database: Database,
  claims: SessionClaims,
  row: NewSignInProvider,
  requestId: string,
): Promise<Result<StoredSignInProvider, { code: SignInProviderRefusal | 'name_taken' }>> {
  const answer = await runAsUser(
    database,
    claims,
    [
      database.execute(sql`insert into sign_in_providers (tenant_id, id, kind, issuer, name, client_id, client_secret_ciphertext,
          enabled, email_domains, creates_accounts, trusts_addresses)
        select app.tenant_id(), id, kind, issuer, name, client_id, client_secret_ciphertext, enabled, email_domains,
          creates_accounts, trusts_addresses
        from jsonb_populate_record(null::sign_in_providers, ${JSON.stringify(row)}::jsonb) where ${callerIsAdmin}`),
      audited(
        database,
        'sign_in_provider.created',
        row.id,
        { before: noValue, after: auditedFields },
        requestId,
      ),
      selectProviders(database, isManageable(row.id)),
      selectCallerRole(database),
    ],
    { '23505': 'name_taken' as const },
  );
  if (!answer.ok) return answer;
  const [, , rows, callers] = answer.value;
  return read(rows, callers);
}

/** A change of an identity provider. Absent and undefined fields keep their value. */
export type SignInProviderChange = {
  [Name in Exclude<keyof NewSignInProvider, 'id' | 'kind' | 'issuer'>]?: NewSignInProvider[Name] | undefined;
};

/** Changes an identity provider of the caller's tenant. */
export async function updateSignInProvider(
  database: Database,
  claims: SessionClaims,
  id: string,
  { client_secret_ciphertext, ...change }: SignInProviderChange,
  requestId: string,
): Promise<Result<StoredSignInProvider, { code: SignInProviderRefusal | 'name_taken' }>> {
  const nextVersion = sql`${signInProviders.client_secret_version} + 1`;
  const isNewSecret = client_secret_ciphertext !== undefined;
  const secret = isNewSecret ? { client_secret_ciphertext, client_secret_version: nextVersion } : {};
  const secretAfter = isNewSecret
    ? sql`jsonb_build_object('client_secret', ${nextVersion})`
    : sql`'{}'::jsonb`;
  const after = sql`${auditedFields} || ${JSON.stringify(change)}::jsonb || ${secretAfter}`;
  const answer = await runAsUser(
    database,
    claims,
    [
      audited(database, 'sign_in_provider.changed', id, { before: auditedFields, after }, requestId),
      database
        .update(signInProviders)
        .set({ ...change, ...secret })
        .where(isManageable(id)),
      selectProviders(database, isManageable(id)),
      selectCallerRole(database),
    ],
    { '23505': 'name_taken' as const },
  );
  if (!answer.ok) return answer;
  const [, , rows, callers] = answer.value;
  return read(rows, callers);
}

/** Deletes an identity provider that nobody has signed in with. */
export async function deleteSignInProvider(
  database: Database,
  claims: SessionClaims,
  id: string,
  requestId: string,
): Promise<Result<null, { code: SignInProviderRefusal | 'in_use' }>> {
  const answer = await runAsUser(
    database,
    claims,
    [
      selectProviders(database, isManageable(id)),
      selectCallerRole(database),
      audited(database, 'sign_in_provider.deleted', id, { before: auditedFields, after: noValue }, requestId),
      database.delete(signInProviders).where(isManageable(id)),
    ],
    { '23503': 'in_use' as const },
  );
  if (!answer.ok) return answer;
  const [rows, callers] = answer.value;
  const found = read(rows, callers);
  return found.ok ? ok(null) : found;
}

/** An identity provider with all that a sign-in needs. */
export type UsableSignInProvider = NewSignInProvider & { tenant_id: string };

/** Returns an enabled identity provider to the service of its tenant, or null. */
export async function getUsableSignInProvider(
  database: Database,
  tenantId: string,
  id: string,
): Promise<UsableSignInProvider | null> {
  const {
    created_at: _c,
    updated_at: _u,
    client_secret_version: _v,
    ...columns
  } = getTableColumns(signInProviders);
  const answer = await runAsService(database, tenantId, [
    database
      .select(columns)
      .from(signInProviders)
      .where(
        sql`${signInProviders.tenant_id} = ${tenantId} and ${signInProviders.id} = ${id} and ${signInProviders.enabled}`,
      ),
  ]);
  return answer.ok ? (answer.value[0][0] ?? null) : null;
}
