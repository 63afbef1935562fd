import { asc, type SQL, sql } from 'drizzle-orm';
import { v7 as uuidv7 } from 'uuid';
import type { SessionClaims } from '../../../contracts/api/account/auth.ts';
import type { Provider } from '../../../contracts/api/catalog.ts';
import {
  type ProviderSettings,
  providerSettings,
  withoutValues,
} from '../../../contracts/catalog/provider-settings.ts';
import { fail, ok, type Result } from '../../../contracts/result.ts';
import type { ProviderKind } from '../../../contracts/usage.ts';
import { auditChange } from '../audit.ts';
import { callerIsAdmin, isAdminRole, selectCallerRole } from '../authorization.ts';
import type { Database } from '../client.ts';
import { type EnterRefusal, runAsUser } from '../context.ts';
import { type aiModels, aiProviders } from '../schema/catalog.ts';
import { tenants } from '../schema/tenancy.ts';
import { isoTime } from '../users/user-rows.ts';

/** Reasons to refuse an admin's request about the catalog. */
export type CatalogRefusal = EnterRefusal | 'forbidden' | 'not_found';

const selectProviders = (database: Database, which: SQL) =>
  database
    .select({
      id: aiProviders.id,
      name: aiProviders.name,
      kind: aiProviders.kind,
      base_url: aiProviders.base_url,
      priority: aiProviders.priority,
      enabled: aiProviders.enabled,
      settings: aiProviders.settings,
      key: sql<
        Provider['key']
      >`case when ${aiProviders.api_key_ciphertext} is null then 'platform' else 'own' end`,
      // Qualified, because drizzle drops the table name when a query selects from a single table.
      model_count: sql<number>`(select count(*) from ai_models
        where ai_models.tenant_id = ai_providers.tenant_id and ai_models.provider_id = ai_providers.id)::float8`,
      created_at: aiProviders.created_at,
      updated_at: aiProviders.updated_at,
    })
    .from(aiProviders)
    .where(which);

type ProviderRow = Awaited<ReturnType<typeof selectProviders>>[number];

const presentProvider = (row: ProviderRow): Provider => ({
  ...row,
  settings: withoutValues(providerSettings.parse(row.settings)),
  created_at: isoTime(row.created_at),
  updated_at: isoTime(row.updated_at),
});

/** The providers of the caller's tenant. A superadmin's tenant is the platform. */
const ofTenant = sql`${aiProviders.tenant_id} = app.tenant_id() and ${callerIsAdmin}`;
const isManageable = (id: string) => sql`${ofTenant} and ${aiProviders.id} = ${id}`;

/** The fields of a provider in the audit log. They show that the key changed, and neither the key nor the values of headers. */
const auditedFields = sql`jsonb_build_object('name', ${aiProviders.name}, 'kind', ${aiProviders.kind},
  'base_url', ${aiProviders.base_url}, 'priority', ${aiProviders.priority}, 'enabled', ${aiProviders.enabled},
  'key', ${aiProviders.api_key_version}, 'settings', ${aiProviders.settings} || jsonb_build_object('extra_headers',
  coalesce((select jsonb_agg(name) from jsonb_object_keys(${aiProviders.settings} -> 'extra_headers') as name), '[]')))`;
const auditedSettings = (settings: ProviderSettings) => ({
  ...settings,
  extra_headers: Object.keys(settings.extra_headers),
});
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
    target_type: 'ai_provider',
    target: aiProviders,
    ...change,
    rows: sql`from ${aiProviders} where ${isManageable(id)}`,
    request_id,
  });

/** Converts the provider read at the end of a batch, when the caller is an admin. */
function read<Row>(
  rows: Row[],
  callers: Awaited<ReturnType<typeof selectCallerRole>>,
): Result<Row, { code: 'forbidden' | 'not_found' }> {
  if (!isAdminRole(callers.rows[0])) return fail({ code: 'forbidden' });
  const [row] = rows;
  return row === undefined ? fail({ code: 'not_found' }) : ok(row);
}

/** Lists the providers of the caller's tenant in the order of failover. Admins only. */
export async function listProviders(
  database: Database,
  claims: SessionClaims,
): Promise<Result<Provider[], { code: EnterRefusal | 'forbidden' }>> {
  const answer = await runAsUser(database, claims, [
    selectProviders(database, ofTenant).orderBy(asc(aiProviders.priority), asc(aiProviders.id)),
    selectCallerRole(database),
  ]);
  if (!answer.ok) return answer;
  const [rows, callers] = answer.value;
  return isAdminRole(callers.rows[0]) ? ok(rows.map(presentProvider)) : fail({ code: 'forbidden' });
}

/**
 * Returns one provider of the caller's tenant, without its key. Callers who are not admins get `forbidden`; a provider of
 * another tenant is `not_found`.
 */
export async function getProvider(
  database: Database,
  claims: SessionClaims,
  id: string,
): Promise<Result<Provider, { code: CatalogRefusal }>> {
  const found = await getSavedProvider(database, claims, id);
  return found.ok ? ok(found.value.shown) : found;
}

/** Returns the same with the settings as they are saved, values of headers included. */
export async function getSavedProvider(
  database: Database,
  claims: SessionClaims,
  id: string,
): Promise<Result<{ shown: Provider; settings: ProviderSettings }, { code: CatalogRefusal }>> {
  const answer = await runAsUser(database, claims, [
    selectProviders(database, isManageable(id)),
    selectCallerRole(database),
  ]);
  if (!answer.ok) return answer;
  const found = read(...answer.value);
  if (!found.ok) return found;
  return ok({ shown: presentProvider(found.value), settings: providerSettings.parse(found.value.settings) });
}

/** Returns whether the caller may use a hostname for a provider: they are an admin, and the hostname is not a tenant's. */
export async function mayCallHost(
  database: Database,
  claims: SessionClaims,
  hostname: string | null,
): Promise<Result<null, { code: EnterRefusal | 'forbidden' | 'own_host' }>> {
  const answer = await runAsUser(database, claims, [
    database.execute<{ tenant_id: string | null }>(
      sql`select app.tenant_of_hostname(${hostname}) as tenant_id`,
    ),
    selectCallerRole(database),
  ]);
  if (!answer.ok) return answer;
  const [owners, callers] = answer.value;
  if (!isAdminRole(callers.rows[0])) return fail({ code: 'forbidden' });
  return owners.rows[0]?.tenant_id == null ? ok(null) : fail({ code: 'own_host' });
}

export type NewProvider = {
  id: string;
  name: string;
  kind: ProviderKind;
  base_url: string | null;
  priority: number;
  enabled: boolean;
  api_key_ciphertext: string | null;
  settings: ProviderSettings;
};

/** Adds a provider to the caller's tenant. */
export async function insertProvider(
  database: Database,
  claims: SessionClaims,
  row: NewProvider,
  requestId: string,
): Promise<Result<Provider, { code: CatalogRefusal | 'name_taken' }>> {
  const answer = await runAsUser(
    database,
    claims,
    [
      database.execute(sql`insert into ai_providers (tenant_id, id, name, kind, base_url, priority, enabled, api_key_ciphertext, settings)
        select app.tenant_id(), ${row.id}::uuid, ${row.name}::text, ${row.kind}::text, ${row.base_url}::text,
          ${row.priority}::integer, ${row.enabled}::boolean, ${row.api_key_ciphertext}::text,
          ${JSON.stringify(row.settings)}::jsonb
        where ${callerIsAdmin}`),
      audited(database, 'ai_provider.created', row.id, { before: noValue, after: auditedFields }, requestId),
      selectProviders(database, isManageable(row.id)),
      selectCallerRole(database),
    ],
    { '23505': 'name_taken' as const },
  );
  if (!answer.ok) return answer;
  const [, , rows, callers] = answer.value;
  const created = read(rows, callers);
  return created.ok ? ok(presentProvider(created.value)) : created;
}

/** A change of a provider. Absent and undefined fields keep their value. */
export type ProviderChange = {
  [Name in Exclude<keyof NewProvider, 'id' | 'kind'>]?: NewProvider[Name] | undefined;
};

/** Changes a provider of the caller's tenant. A new ciphertext comes with the base URL it is bound to. */
export async function updateProvider(
  database: Database,
  claims: SessionClaims,
  id: string,
  { api_key_ciphertext, ...change }: ProviderChange,
  requestId: string,
): Promise<Result<Provider, { code: CatalogRefusal | 'name_taken' }>> {
  const nextVersion = sql`${aiProviders.api_key_version} + 1`;
  const key = api_key_ciphertext === undefined ? {} : { api_key_ciphertext, api_key_version: nextVersion };
  const keyAfter =
    api_key_ciphertext === undefined ? sql`'{}'::jsonb` : sql`jsonb_build_object('key', ${nextVersion})`;
  const { settings } = change;
  const audit = settings === undefined ? change : { ...change, settings: auditedSettings(settings) };
  const after = sql`${auditedFields} || ${JSON.stringify(audit)}::jsonb || ${keyAfter}`;
  const answer = await runAsUser(
    database,
    claims,
    [
      audited(database, 'ai_provider.changed', id, { before: auditedFields, after }, requestId),
      database
        .update(aiProviders)
        .set({ ...change, ...key })
        .where(isManageable(id)),
      selectProviders(database, isManageable(id)),
      selectCallerRole(database),
    ],
    { '23505': 'name_taken' as const },
  );
  if (!answer.ok) return answer;
  const [, , rows, callers] = answer.value;
  const changed = read(rows, callers);
  return changed.ok ? ok(presentProvider(changed.value)) : changed;
}

/** Deletes a provider that serves no model. */
export async function deleteProvider(
  database: Database,
  claims: SessionClaims,
  id: string,
  requestId: string,
): Promise<Result<null, { code: CatalogRefusal | 'in_use' }>> {
  const answer = await runAsUser(
    database,
    claims,
    [
      selectProviders(database, isManageable(id)),
      selectCallerRole(database),
      audited(database, 'ai_provider.deleted', id, { before: auditedFields, after: noValue }, requestId),
      database.delete(aiProviders).where(isManageable(id)),
    ],
    { '23503': 'in_use' as const },
  );
  if (!answer.ok) return answer;
  const [rows, callers] = answer.value;
  const found = read(rows, callers);
  return found.ok ? ok(null) : found;
}

/** Sets the priorities of the tenant's rows to the order of a list. Changes none when one of them does not exist. */
export async function putInOrder(
  database: Database,
  claims: SessionClaims,
  what: { table: typeof aiProviders | typeof aiModels; action: string },
  ids: string[],
  requestId: string,
): Promise<Result<null, { code: CatalogRefusal }>> {
  const { table, action } = what;
  const wanted = sql`jsonb_array_elements_text(${JSON.stringify(ids)}::jsonb) with ordinality as wanted (id, position)`;
  const listed = sql`${table.tenant_id} = app.tenant_id() and ${table.id} = wanted.id::uuid`;
  const areAllThere = sql`${callerIsAdmin} and (select count(*) from ${table}, ${wanted} where ${listed}) = ${ids.length}`;
  const answer = await runAsUser(database, claims, [
    auditChange(database, {
      id: uuidv7(),
      action,
      target_type: 'tenant',
      target: { tenant_id: tenants.id, id: tenants.id },
      before: sql`(select jsonb_agg(${table.id} order by ${table.priority}, ${table.id}) from ${table}, ${wanted} where ${listed})`,
      after: sql`${JSON.stringify(ids)}::jsonb`,
      rows: sql`from ${tenants} where ${tenants.id} = app.tenant_id() and ${areAllThere}`,
      request_id: requestId,
    }),
    database.execute<{ ordered: number }>(sql`with ordered as (
        update ${table} set priority = wanted.position * 10 from ${wanted} where ${listed} and ${areAllThere} returning 1)
      select count(*)::float8 as ordered from ordered`),
    selectCallerRole(database),
  ]);
  if (!answer.ok) return answer;
  const [, done, callers] = answer.value;
  if (!isAdminRole(callers.rows[0])) return fail({ code: 'forbidden' });
  return done.rows[0]?.ordered === ids.length ? ok(null) : fail({ code: 'not_found' });
}

/** Sets the order in which the tenant's providers are tried. */
export const orderProviders = (database: Database, claims: SessionClaims, ids: string[], requestId: string) =>
  putInOrder(database, claims, { table: aiProviders, action: 'ai_providers.ordered' }, ids, requestId);
