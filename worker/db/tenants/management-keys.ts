import { and, desc, eq, isNull, lt, type SQL, sql } from 'drizzle-orm';
import { v7 as uuidv7 } from 'uuid';
import type { SessionClaims } from '../../../contracts/api/account/auth.ts';
import type { PageQuery } from '../../../contracts/api/paging.ts';
import type {
  CreateManagementKeyRequest,
  ManagementKey,
  ManagementKeyScope,
} from '../../../contracts/api/tenant/management-keys.ts';
import { fail, ok, type Result } from '../../../contracts/result.ts';
import { auditChange } from '../audit.ts';
import { isTenantAdmin, selectCallerRole } from '../authorization.ts';
import type { Database } from '../client.ts';
import { type EnterRefusal, type ManagementKeyCredential, runAsUser } from '../context.ts';
import { type InvalidCursor, type Page, pageOfRows, startOfPage, uuidPosition } from '../paging.ts';
import { managementKeys } from '../schema/management-keys.ts';
import { users } from '../schema/users.ts';
import { isoTime, userSummaryColumns } from '../users/user-rows.ts';

/** The most management keys of a tenant that are not revoked. */
const KEYS_MAX = 50;

const selectKeys = (database: Database, which: SQL | undefined) =>
  database
    .select({
      id: managementKeys.id,
      name: managementKeys.name,
      prefix: managementKeys.prefix,
      scopes: sql<ManagementKeyScope[]>`${managementKeys.scopes}`,
      created_by: userSummaryColumns,
      expires_at: managementKeys.expires_at,
      revoked_at: managementKeys.revoked_at,
      previous_valid_until: managementKeys.previous_valid_until,
      last_used_at: managementKeys.last_used_at,
      created_at: managementKeys.created_at,
    })
    .from(managementKeys)
    .leftJoin(
      users,
      and(eq(users.tenant_id, managementKeys.tenant_id), eq(users.id, managementKeys.created_by)),
    )
    .where(which);

const isoOrNull = (timestamp: string | null) => (timestamp === null ? null : isoTime(timestamp));

const presentKey = (row: Awaited<ReturnType<typeof selectKeys>>[number]): ManagementKey => ({
  ...row,
  expires_at: isoOrNull(row.expires_at),
  revoked_at: isoOrNull(row.revoked_at),
  previous_valid_until: isoOrNull(row.previous_valid_until),
  last_used_at: isoOrNull(row.last_used_at),
  created_at: isoTime(row.created_at),
});

/** A key of the caller's tenant, by its whole primary key. */
const isKey = (id: string) =>
  sql`${managementKeys.tenant_id} = app.tenant_id() and ${managementKeys.id} = ${id}`;

const auditKey = (
  database: Database,
  action: string,
  request_id: string,
  { before, after, which }: { before: SQL; after: SQL; which: SQL },
) =>
  auditChange(database, {
    ...{ id: uuidv7(), action, before, after, request_id, target_type: 'management_key' },
    target: managementKeys,
    rows: sql`from ${managementKeys} where ${which}`,
  });

/** Lists the management keys of the caller's tenant, newest first. Admins only. */
export async function listManagementKeys(
  database: Database,
  claims: SessionClaims,
  page: PageQuery,
): Promise<Result<Page<ManagementKey>, { code: EnterRefusal | InvalidCursor | 'forbidden' }>> {
  const start = startOfPage(page, uuidPosition);
  if (!start.ok) return start;
  const after = start.value === null ? undefined : lt(managementKeys.id, start.value);
  const answer = await runAsUser(database, claims, [
    selectKeys(database, and(eq(managementKeys.tenant_id, claims.tenantId), after))
      .orderBy(desc(managementKeys.id))
      .limit(page.limit + 1),
    selectCallerRole(database),
  ]);
  if (!answer.ok) return answer;
  const [rows, callers] = answer.value;
  if (!isTenantAdmin(callers.rows[0])) return fail({ code: 'forbidden' });
  const { items, next_cursor } = pageOfRows(rows, page.limit, ({ id }) => id);
  return ok({ items: items.map(presentKey), next_cursor });
}

/** The stored part of a secret: its SHA-256 in hex, and its first characters. */
type Fingerprint = { hash: string; prefix: string };
type CreateRefusal = EnterRefusal | 'forbidden' | 'name_taken' | 'too_many_api_keys';

/** Creates a key of the caller's tenant. Admins only; a tenant has at most {@link KEYS_MAX} active keys. */
export async function insertManagementKey(
  database: Database,
  claims: SessionClaims,
  { name, scopes, expires_at }: CreateManagementKeyRequest,
  { hash, prefix }: Fingerprint,
  requestId: string,
): Promise<Result<ManagementKey, { code: CreateRefusal }>> {
  const id = uuidv7();
  const answer = await runAsUser(
    database,
    claims,
    [
      // Serializes the creation of a tenant's keys, so that counting them is safe.
      database.execute(
        sql`select pg_advisory_xact_lock(hashtextextended('management_keys/' || app.tenant_id()::text, 0))`,
      ),
      // The Worker is granted these columns only. An insert that names others is refused.
      database.execute(sql`insert into management_keys (tenant_id, id, name, prefix, key_hash, scopes, created_by, expires_at)
        select app.tenant_id(), ${id}::uuid, ${name}::text, ${prefix}::text, decode(${hash}, 'hex'),
          array(select jsonb_array_elements_text(${JSON.stringify(scopes)}::jsonb)), app.user_id(), ${expires_at}::timestamptz
        where app.role() = 'admin' and (select count(*) from ${managementKeys}
          where ${managementKeys.tenant_id} = app.tenant_id() and ${isNull(managementKeys.revoked_at)}) < ${KEYS_MAX}`),
      auditKey(database, 'management_key.created', requestId, {
        before: sql`null::jsonb`,
        after: sql`jsonb_build_object('name', ${managementKeys.name}, 'scopes', ${managementKeys.scopes})`,
        which: isKey(id),
      }),
      selectKeys(database, isKey(id)),
      selectCallerRole(database),
    ],
    { '23505': 'name_taken' as const },
  );
  if (!answer.ok) return answer;
  const [, , , [row], callers] = answer.value;
  if (row !== undefined) return ok(presentKey(row));
  return fail({ code: isTenantAdmin(callers.rows[0]) ? 'too_many_api_keys' : 'forbidden' });
}

type ChangeRefusal = EnterRefusal | 'forbidden' | 'not_found' | 'api_key_ended';

/** Gives a key a new secret. The replaced one keeps working for `graceS` seconds. Admins only. */
export async function saveManagementKeyRotation(
  database: Database,
  claims: SessionClaims,
  id: string,
  { hash, prefix, graceS }: Fingerprint & { graceS: number },
  requestId: string,
): Promise<Result<ManagementKey, { code: ChangeRefusal }>> {
  const which = sql`${isKey(id)} and ${isNull(managementKeys.revoked_at)}
    and (${managementKeys.expires_at} is null or ${managementKeys.expires_at} > now())`;
  const answer = await runAsUser(
    database,
    claims,
    [
      auditKey(database, 'management_key.rotated', requestId, {
        before: sql`jsonb_build_object('prefix', ${managementKeys.prefix})`,
        after: sql`jsonb_build_object('prefix', ${prefix}::text, 'grace_s', ${graceS}::integer)`,
        which,
      }),
      database.execute<{ rotated: boolean }>(
        sql`select app.rotate_management_key(${id}, ${prefix}, decode(${hash}, 'hex'), ${graceS}::integer) as rotated`,
      ),
      selectKeys(database, isKey(id)),
    ],
    { VS010: 'forbidden' as const },
  );
  if (!answer.ok) return answer;
  const [, rotation, [row]] = answer.value;
  if (row === undefined) return fail({ code: 'not_found' });
  return rotation.rows[0]?.rotated === true ? ok(presentKey(row)) : fail({ code: 'api_key_ended' });
}

/** Revokes a key permanently, from the next request on. Safe to repeat. Admins only. */
export async function saveManagementKeyRevocation(
  database: Database,
  claims: SessionClaims,
  id: string,
  requestId: string,
): Promise<Result<null, { code: EnterRefusal | 'forbidden' | 'not_found' }>> {
  const which = sql`${isKey(id)} and ${isNull(managementKeys.revoked_at)}`;
  const answer = await runAsUser(database, claims, [
    auditKey(database, 'management_key.revoked', requestId, {
      before: sql`jsonb_build_object('revoked', false)`,
      after: sql`jsonb_build_object('revoked', true)`,
      which,
    }),
    database.execute(sql`update ${managementKeys} set revoked_at = now() where ${which}`),
    selectKeys(database, isKey(id)),
    selectCallerRole(database),
  ]);
  if (!answer.ok) return answer;
  const [, , [row], callers] = answer.value;
  if (!isTenantAdmin(callers.rows[0])) return fail({ code: 'forbidden' });
  return row === undefined ? fail({ code: 'not_found' }) : ok(null);
}

/** Returns the id and the scopes of a key. They are not cached: a revoked key is refused at once. */
export async function loadManagementKey(
  database: Database,
  credential: ManagementKeyCredential,
): Promise<Result<{ id: string; scopes: ManagementKeyScope[] }, { code: EnterRefusal }>> {
  const answer = await runAsUser(database, credential, [
    database.execute<{ id: string; scopes: string }>(
      sql`select app.management_key_id() as id, current_setting('app.scopes') as scopes`,
    ),
  ]);
  if (!answer.ok) return answer;
  const [row] = answer.value[0].rows;
  if (row === undefined) return fail({ code: 'unauthenticated' });
  return ok({ id: row.id, scopes: row.scopes.split(',') as ManagementKeyScope[] });
}
