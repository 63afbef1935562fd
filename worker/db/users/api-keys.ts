import { and, desc, eq, lt, type SQL, sql } from 'drizzle-orm';
import type { ApiKey, ApiKeysQuery } from '../../../contracts/api/account/api-keys.ts';
import type { SessionClaims } from '../../../contracts/api/account/auth.ts';
import { fail, ok, type Result } from '../../../contracts/result.ts';
import { callerIsAdmin, tenantOfRow } from '../authorization.ts';
import type { Database } from '../client.ts';
import { type EnterRefusal, runAsService, runAsUser } from '../context.ts';
import { type InvalidCursor, type Page, pageOfRows, startOfPage, uuidPosition } from '../paging.ts';
import { apiKeys, users } from '../schema/users.ts';
import { belongsToUser, isoTime, userSummaryColumns } from './user-rows.ts';

/** The version of a key's limits: microseconds since the epoch of their newest change. */
export const limitsVersion = sql<string>`(extract(epoch from ${apiKeys.limits_changed_at}) * 1000000)::bigint`;

/** A key with its tenant and the version of its limits. */
export type StoredApiKey = { tenant_id: string; limits_version: number; key: ApiKey };

const isoOrNull = (timestamp: string | null) => (timestamp === null ? null : isoTime(timestamp));

/** Selects keys with their users. */
export const selectKeys = (database: Database, which: SQL | undefined) =>
  database
    .select({
      tenant_id: apiKeys.tenant_id,
      id: apiKeys.id,
      user_id: apiKeys.user_id,
      user: userSummaryColumns,
      name: apiKeys.name,
      prefix: apiKeys.prefix,
      scopes: sql<ApiKey['scopes']>`${apiKeys.scopes}`,
      allowed_models: apiKeys.allowed_models,
      requests_per_minute: apiKeys.requests_per_minute,
      tokens_per_minute: apiKeys.tokens_per_minute,
      monthly_budget_tokens: apiKeys.monthly_budget_tokens,
      expires_at: apiKeys.expires_at,
      revoked_at: apiKeys.revoked_at,
      previous_valid_until: apiKeys.previous_valid_until,
      last_used_at: apiKeys.last_used_at,
      created_at: apiKeys.created_at,
      limits_version: limitsVersion,
    })
    .from(apiKeys)
    .innerJoin(users, belongsToUser(apiKeys))
    .where(which);

type KeyRow = Awaited<ReturnType<typeof selectKeys>>[number];

/** Converts a row of {@link selectKeys}. */
export const presentKey = ({ tenant_id, limits_version, ...row }: KeyRow): StoredApiKey => ({
  tenant_id,
  limits_version: Number(limits_version),
  key: {
    ...row,
    user_email: row.user.email,
    expires_at: isoOrNull(row.expires_at),
    revoked_at: isoOrNull(row.revoked_at),
    previous_valid_until: isoOrNull(row.previous_valid_until),
    last_used_at: isoOrNull(row.last_used_at),
    created_at: isoTime(row.created_at),
  },
});

/** A key the caller may read and revoke: their own; for admins, any of their tenant; for superadmins, any. */
export const callerMayReadApiKey = (id: string) =>
  sql`${apiKeys.id} = ${id} and ${apiKeys.tenant_id} = ${tenantOfRow(apiKeys, id)}
    and (${apiKeys.user_id} = app.user_id() or ${callerIsAdmin})`;

/**
 * Lists keys, newest first (IDs are UUIDv7). Users get their own, admins those of their tenant or of one user. RLS decides
 * what is visible: the keys of a user the caller may not see are an empty page.
 */
export async function listApiKeys(
  database: Database,
  claims: SessionClaims,
  { user_id, ...page }: ApiKeysQuery,
): Promise<Result<Page<ApiKey>, { code: EnterRefusal | InvalidCursor }>> {
  const start = startOfPage(page, uuidPosition);
  if (!start.ok) return start;
  const after = start.value === null ? undefined : lt(apiKeys.id, start.value);
  const selectPage = (whose: SQL) =>
    selectKeys(database, and(eq(apiKeys.tenant_id, claims.tenantId), whose, after))
      .orderBy(desc(apiKeys.id))
      .limit(page.limit + 1);
  // A user's own keys are found by the index on the user. With RLS as the only filter, the scan would read the keys of everyone
  // else.
  const statements =
    user_id === undefined
      ? [
          selectPage(callerIsAdmin),
          selectPage(sql`not ${callerIsAdmin} and ${eq(apiKeys.user_id, claims.userId)}`),
        ]
      : [selectPage(eq(apiKeys.user_id, user_id))];
  const answer = await runAsUser(database, claims, statements);
  if (!answer.ok) return answer;
  const { items, next_cursor } = pageOfRows(answer.value.flat(), page.limit, (row) => row.id);
  return ok({ items: items.map((row) => presentKey(row).key), next_cursor });
}

/** Returns one key the caller may read. An unknown ID and one of another tenant are both `not_found`. */
export async function getApiKey(
  database: Database,
  claims: SessionClaims,
  id: string,
): Promise<Result<ApiKey, { code: EnterRefusal | 'not_found' }>> {
  const answer = await runAsUser(database, claims, [selectKeys(database, callerMayReadApiKey(id))]);
  if (!answer.ok) return answer;
  const [row] = answer.value[0];
  return row === undefined ? fail({ code: 'not_found' }) : ok(presentKey(row).key);
}

/** Returns one key to the service of its tenant, or null. */
export async function getApiKeyOfTenant(
  database: Database,
  tenantId: string,
  id: string,
): Promise<StoredApiKey | null> {
  const answer = await runAsService(database, tenantId, [
    selectKeys(database, and(eq(apiKeys.tenant_id, tenantId), eq(apiKeys.id, id))),
  ]);
  const row = answer.ok ? answer.value[0][0] : undefined;
  return row === undefined ? null : presentKey(row);
}
