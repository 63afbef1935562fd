import { asc, type SQL, sql } from 'drizzle-orm';
import { v7 as uuidv7 } from 'uuid';
import type { SessionClaims } from '../../contracts/api/auth.ts';
import type { Provider } from '../../contracts/api/catalog.ts';
import { fail, ok, type Result } from '../../contracts/result.ts';
import type { ProviderKind } from '../../contracts/usage.ts';
import { auditChange } from './audit.ts';
import { callerIsAdmin, isAdminRole, selectCallerRole } from './authorization.ts';
import type { Database } from './client.ts';
import { asUser, type EnterRefusal } from './context.ts';
import { type aiModels, aiProviders } from './schema/catalog.ts';
import { tenants } from './schema/tenancy.ts';
import { isoTime } from './user-rows.ts';

/** Why an administrator may not do what they asked for, or cannot. */
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
      key: sql<
        Provider['key']
      >`case when ${aiProviders.api_key_ciphertext} is null then 'platform' else 'own' end`,
      // Named in full: in the selection of a single table drizzle would leave the table out.
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
  created_at: isoTime(row.created_at),
  updated_at: isoTime(row.updated_at),
});

/** The providers of the asker's tenant: a superadmin's is the platform, so theirs are the global ones. */
const ofTenant = sql`${aiProviders.tenant_id} = app.tenant_id() and ${callerIsAdmin}`;
const isGoverned = (id: string) => sql`${ofTenant} and ${aiProviders.id} = ${id}`;

/** What the audit log keeps of a provider: that there is another key, and nothing of the key. */
const decided = sql`jsonb_build_object('name', ${aiProviders.name}, 'kind', ${aiProviders.kind},
  'base_url', ${aiProviders.base_url}, 'priority', ${aiProviders.priority}, 'enabled', ${aiProviders.enabled},
  'key', ${aiProviders.api_key_version})`;
const nothing = sql`null::jsonb`;

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
    rows: sql`from ${aiProviders} where ${isGoverned(id)}`,
    request_id,
  });

/** What a batch read at its end, if whoever asked administers the catalog. */
function read<Row>(
  rows: Row[],
  askers: Awaited<ReturnType<typeof selectCallerRole>>,
): Result<Row, { code: 'forbidden' | 'not_found' }> {
  if (!isAdminRole(askers.rows[0])) return fail({ code: 'forbidden' });
  const [row] = rows;
  return row === undefined ? fail({ code: 'not_found' }) : ok(row);
}

/** Providers of the asker's tenant, in the order in which they are tried. Admins only. */
export async function listProviders(
  database: Database,
  claims: SessionClaims,
): Promise<Result<Provider[], { code: EnterRefusal | 'forbidden' }>> {
  const answer = await asUser(database, claims, [
    selectProviders(database, ofTenant).orderBy(asc(aiProviders.priority), asc(aiProviders.id)),
    selectCallerRole(database),
  ]);
  if (!answer.ok) return answer;
  const [rows, askers] = answer.value;
  return isAdminRole(askers.rows[0]) ? ok(rows.map(presentProvider)) : fail({ code: 'forbidden' });
}

/**
 * One provider of the asker's own, without its key. Who is no administrator is refused as `forbidden`; one of somebody
 * else's is `not_found`.
 */
export async function getProvider(
  database: Database,
  claims: SessionClaims,
  id: string,
): Promise<Result<Provider, { code: CatalogRefusal }>> {
  const answer = await asUser(database, claims, [
    selectProviders(database, isGoverned(id)),
    selectCallerRole(database),
  ]);
  if (!answer.ok) return answer;
  const found = read(...answer.value);
  return found.ok ? ok(presentProvider(found.value)) : found;
}

/** Whether the asker may have providers called at a hostname: they administer, and it is no tenant's of this platform. */
export async function mayCallHost(
  database: Database,
  claims: SessionClaims,
  hostname: string | null,
): Promise<Result<null, { code: EnterRefusal | 'forbidden' | 'own_host' }>> {
  const answer = await asUser(database, claims, [
    database.execute<{ tenant_id: string | null }>(
      sql`select app.tenant_of_hostname(${hostname}) as tenant_id`,
    ),
    selectCallerRole(database),
  ]);
  if (!answer.ok) return answer;
  const [owners, askers] = answer.value;
  if (!isAdminRole(askers.rows[0])) return fail({ code: 'forbidden' });
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
};

/** Adds a provider to the caller's tenant. */
export async function insertProvider(
  database: Database,
  claims: SessionClaims,
  row: NewProvider,
  requestId: string,
): Promise<Result<Provider, { code: CatalogRefusal | 'name_taken' }>> {
  const answer = await asUser(
    database,
    claims,
    [
      database.execute(sql`insert into ai_providers (tenant_id, id, name, kind, base_url, priority, enabled, api_key_ciphertext)
        select app.tenant_id(), ${row.id}::uuid, ${row.name}::text, ${row.kind}::text, ${row.base_url}::text,
          ${row.priority}::integer, ${row.enabled}::boolean, ${row.api_key_ciphertext}::text
        where ${callerIsAdmin}`),
      audited(database, 'ai_provider.created', row.id, { before: nothing, after: decided }, requestId),
      selectProviders(database, isGoverned(row.id)),
      selectCallerRole(database),
    ],
    { '23505': 'name_taken' as const },
  );
  if (!answer.ok) return answer;
  const [, , rows, askers] = answer.value;
  const created = read(rows, askers);
  return created.ok ? ok(presentProvider(created.value)) : created;
}

/** What is absent or undefined stays. */
export type ProviderChange = {
  [Name in Exclude<keyof NewProvider, 'id' | 'kind'>]?: NewProvider[Name] | undefined;
};

/** Changes a provider of the asker's tenant. A new ciphertext comes with the base URL that it is bound to. */
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
  const after = sql`${decided} || ${JSON.stringify(change)}::jsonb || ${keyAfter}`;
  const answer = await asUser(
    database,
    claims,
    [
      audited(database, 'ai_provider.changed', id, { before: decided, after }, requestId),
      database
        .update(aiProviders)
        .set({ ...change, ...key })
        .where(isGoverned(id)),
      selectProviders(database, isGoverned(id)),
      selectCallerRole(database),
    ],
    { '23505': 'name_taken' as const },
  );
  if (!answer.ok) return answer;
  const [, , rows, askers] = answer.value;
  const changed = read(rows, askers);
  return changed.ok ? ok(presentProvider(changed.value)) : changed;
}

/** Removes a provider that serves no model. */
export async function deleteProvider(
  database: Database,
  claims: SessionClaims,
  id: string,
  requestId: string,
): Promise<Result<null, { code: CatalogRefusal | 'in_use' }>> {
  const answer = await asUser(
    database,
    claims,
    [
      selectProviders(database, isGoverned(id)),
      selectCallerRole(database),
      audited(database, 'ai_provider.deleted', id, { before: decided, after: nothing }, requestId),
      database.delete(aiProviders).where(isGoverned(id)),
    ],
    { '23503': 'in_use' as const },
  );
  if (!answer.ok) return answer;
  const [rows, askers] = answer.value;
  const found = read(rows, askers);
  return found.ok ? ok(null) : found;
}

/** Gives rows of the asker's tenant the priorities of a list: all of them, or none when one of them is not there. */
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
  const answer = await asUser(database, claims, [
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
  const [, done, askers] = answer.value;
  if (!isAdminRole(askers.rows[0])) return fail({ code: 'forbidden' });
  return done.rows[0]?.ordered === ids.length ? ok(null) : fail({ code: 'not_found' });
}

/** Sets the order in which a tenant's providers are tried. */
export const orderProviders = (database: Database, claims: SessionClaims, ids: string[], requestId: string) =>
  putInOrder(database, claims, { table: aiProviders, action: 'ai_providers.ordered' }, ids, requestId);
