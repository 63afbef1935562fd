import { and, desc, eq, lt, type SQL, sql } from 'drizzle-orm';
import type { ApiKey, ApiKeysQuery } from '../../contracts/api/api-keys.ts';
import type { SessionClaims } from '../../contracts/api/auth.ts';
import { fail, ok, type Result } from '../../contracts/result.ts';
import { callerIsAdmin, tenantOfRow } from './authorization.ts';
import type { Database } from './client.ts';
import { type EnterRefusal, runAsService, runAsUser } from './context.ts';
import { type InvalidCursor, type Page, pageOfRows, startOfPage, uuidPosition } from './paging.ts';
import { apiKeys, users } from './schema/users.ts';
import { belongsToUser, isoTime, userSummaryColumns } from './user-rows.ts';

/** Microseconds since the epoch of the newest change of a key's limits. */
export const limitsVersion = sql<string>`(extract(epoch from ${apiKeys.limits_changed_at}) * 1000000)::bigint`;

/** A key, whose wallet it spends from, and the version of its limits. */
export type StoredApiKey = { tenant_id: string; limits_version: number; key: ApiKey };

const isoOrNull = (timestamp: string | null) => (timestamp === null ? null : isoTime(timestamp));

/** Keys with their users, as administrators and owners see them. */
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

/** A key's row as the rest of the Worker knows it: times in ISO 8601, and never a secret. */
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

/** A key the asker may see and revoke: their own; admins their tenant's, superadmins everybody's. */
export const callerMayReadApiKey = (id: string) =>
  sql`${apiKeys.id} = ${id} and ${apiKeys.tenant_id} = ${tenantOfRow(apiKeys, id)}
    and (${apiKeys.user_id} = app.user_id() or ${callerIsAdmin})`;

/**
 * Keys, newest first (ids are UUIDv7). Users get their own, admins their tenant's or one user's: RLS decides what there is to
 * see, so naming a user one may not see gives an empty page.
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
  // A user's own are looked up by user: with RLS alone as the filter, the scan would walk past everybody else's.
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

/** One key that the asker may see; a foreign id and an unknown one are the same `not_found`. */
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

/** A key as it is now, for the queue, which nobody asks in person. Null when there is none. */
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
