import { isNull, type SQL, sql } from 'drizzle-orm';
import { v7 as uuidv7 } from 'uuid';
import type { ApiKey, ApiKeyPatch, CreateApiKeyRequest } from '../../../contracts/api/account/api-keys.ts';
import type { SessionClaims } from '../../../contracts/api/account/auth.ts';
import { fail, ok, type Result } from '../../../contracts/result.ts';
import { auditChange } from '../audit.ts';
import type { Database } from '../client.ts';
import { type EnterRefusal, runAsUser } from '../context.ts';
import { levels } from '../schema/tenancy.ts';
import { apiKeys, users } from '../schema/users.ts';
import { callerMayReadApiKey, presentKey, type StoredApiKey, selectKeys } from './api-keys.ts';
import { isoTime, levelOfUser } from './user-rows.ts';

/** The most keys a user can have that are not revoked. */
const KEYS_PER_USER_MAX = 100;

/** A key of the caller, by its whole primary key. */
const isOwnKey = (id: string) =>
  sql`${apiKeys.tenant_id} = app.tenant_id() and ${apiKeys.id} = ${id} and ${apiKeys.user_id} = app.user_id()`;

/** A text[] parameter; null stays null. */
const textArray = (texts: string[] | null): SQL =>
  texts === null
    ? sql`null::text[]`
    : sql`array(select jsonb_array_elements_text(${JSON.stringify(texts)}::jsonb))`;

/** True when the caller's level allows all of these models. */
const levelAllows = (models: string[] | null): SQL =>
  sql`(select ${textArray(models)} is null or ${levels.allowed_models} is null
        or ${textArray(models)} <@ ${levels.allowed_models}
      from ${users} join ${levels} on ${levelOfUser}
      where ${users.tenant_id} = app.tenant_id() and ${users.id} = app.user_id())`;

const selectLevelAllows = (database: Database, models: string[] | null) =>
  database.execute<{ allowed: boolean }>(sql`select ${levelAllows(models)} as allowed`);

const time = (column: SQL | typeof apiKeys.expires_at) =>
  sql`to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;

/** The fields of a key in the audit log. They contain no secret. */
const auditedFields = sql`jsonb_build_object('name', ${apiKeys.name}, 'scopes', ${apiKeys.scopes},
  'allowed_models', ${apiKeys.allowed_models}, 'requests_per_minute', ${apiKeys.requests_per_minute},
  'tokens_per_minute', ${apiKeys.tokens_per_minute}, 'monthly_budget_tokens', ${apiKeys.monthly_budget_tokens},
  'expires_at', ${time(apiKeys.expires_at)})`;

const noValue = sql`null::jsonb`;

const auditKey = (
  database: Database,
  action: string,
  requestId: string,
  { before, after, which }: { before: SQL; after: SQL; which: SQL },
) =>
  auditChange(database, {
    id: uuidv7(),
    action,
    target_type: 'api_key',
    target: apiKeys,
    before,
    after,
    rows: sql`from ${apiKeys} where ${which}`,
    request_id: requestId,
  });

/** The stored part of a secret: its SHA-256 in hex, and its first characters. */
export type ApiKeyFingerprint = { hash: string; prefix: string };

type CreateRefusal = EnterRefusal | 'name_taken' | 'too_many_api_keys' | 'model_not_allowed';

/**
 * Creates a key for the caller. Its models must be allowed by the caller's level and its name unique among their keys; a user
 * has at most {@link KEYS_PER_USER_MAX} active keys.
 */
export async function insertApiKey(
  database: Database,
  claims: SessionClaims,
  request: CreateApiKeyRequest,
  { hash, prefix }: ApiKeyFingerprint,
  requestId: string,
): Promise<Result<ApiKey, { code: CreateRefusal }>> {
  const id = uuidv7();
  const answer = await runAsUser(
    database,
    claims,
    [
      // Serializes the creation of a user's keys, so that counting them is safe.
      database.execute(sql`select from ${users}
        where ${users.tenant_id} = app.tenant_id() and ${users.id} = app.user_id() for no key update`),
      // The Worker is granted these columns only. An insert that names others is refused.
      database.execute(sql`insert into api_keys (tenant_id, id, user_id, name, prefix, key_hash, scopes, allowed_models,
          requests_per_minute, tokens_per_minute, monthly_budget_tokens, expires_at)
        select app.tenant_id(), ${id}::uuid, app.user_id(), ${request.name}::text, ${prefix}::text, decode(${hash}, 'hex'),
          ${textArray(request.scopes)}, ${textArray(request.allowed_models)}, ${request.requests_per_minute}::integer,
          ${request.tokens_per_minute}::bigint, ${request.monthly_budget_tokens}::bigint, ${request.expires_at}::timestamptz
        where ${levelAllows(request.allowed_models)}
          and (select count(*) from ${apiKeys} where ${apiKeys.tenant_id} = app.tenant_id()
            and ${apiKeys.user_id} = app.user_id() and ${isNull(apiKeys.revoked_at)}) < ${KEYS_PER_USER_MAX}`),
      auditKey(database, 'api_key.created', requestId, {
        before: noValue,
        after: auditedFields,
        which: isOwnKey(id),
      }),
      selectKeys(database, isOwnKey(id)),
      selectLevelAllows(database, request.allowed_models),
    ],
    { '23505': 'name_taken' as const },
  );
  if (!answer.ok) return answer;
  const [, , , [row], allows] = answer.value;
  if (row !== undefined) return ok(presentKey(row).key);
  return fail({ code: allows.rows[0]?.allowed === true ? 'too_many_api_keys' : 'model_not_allowed' });
}

/** A key of the caller that is not revoked. */
const isOwnActiveKey = (id: string) => sql`${isOwnKey(id)} and ${isNull(apiKeys.revoked_at)}`;

/** Changes a key of the caller. A revoked key cannot be changed. */
export async function saveApiKeyPatch(
  database: Database,
  claims: SessionClaims,
  id: string,
  patch: ApiKeyPatch,
  requestId: string,
): Promise<
  Result<
    StoredApiKey,
    { code: EnterRefusal | 'not_found' | 'api_key_ended' | 'name_taken' | 'model_not_allowed' }
  >
> {
  const models = patch.allowed_models ?? null;
  const which = sql`${isOwnActiveKey(id)} and ${levelAllows(models)}`;
  const change = {
    ...patch,
    ...(patch.expires_at == null ? {} : { expires_at: isoTime(patch.expires_at) }),
  };
  const answer = await runAsUser(
    database,
    claims,
    [
      auditKey(database, 'api_key.changed', requestId, {
        before: auditedFields,
        after: sql`${auditedFields} || ${JSON.stringify(change)}::jsonb`,
        which,
      }),
      database.update(apiKeys).set(change).where(which),
      selectKeys(database, isOwnKey(id)),
      selectLevelAllows(database, models),
    ],
    { '23505': 'name_taken' as const },
  );
  if (!answer.ok) return answer;
  const [, , [row], allows] = answer.value;
  if (row === undefined) return fail({ code: 'not_found' });
  if (row.revoked_at !== null) return fail({ code: 'api_key_ended' });
  if (allows.rows[0]?.allowed !== true) return fail({ code: 'model_not_allowed' });
  return ok(presentKey(row));
}

/** Gives a key of the caller a new secret. The replaced one keeps working for `graceS` seconds. */
export async function saveApiKeyRotation(
  database: Database,
  claims: SessionClaims,
  id: string,
  { hash, prefix }: ApiKeyFingerprint,
  graceS: number,
  requestId: string,
): Promise<Result<ApiKey, { code: EnterRefusal | 'not_found' | 'api_key_ended' }>> {
  const which = sql`${isOwnActiveKey(id)} and (${apiKeys.expires_at} is null or ${apiKeys.expires_at} > now())`;
  const answer = await runAsUser(database, claims, [
    auditKey(database, 'api_key.rotated', requestId, {
      before: sql`jsonb_build_object('prefix', ${apiKeys.prefix})`,
      after: sql`jsonb_build_object('prefix', ${prefix}::text, 'grace_s', ${graceS}::integer)`,
      which,
    }),
    database.execute<{ rotated: boolean }>(
      sql`select app.rotate_api_key(${id}, ${prefix}, decode(${hash}, 'hex'), ${graceS}::integer) as rotated`,
    ),
    selectKeys(database, isOwnKey(id)),
  ]);
  if (!answer.ok) return answer;
  const [, rotation, [row]] = answer.value;
  if (row === undefined) return fail({ code: 'not_found' });
  if (rotation.rows[0]?.rotated === true) return ok(presentKey(row).key);
  return fail({ code: 'api_key_ended' });
}

/** Revokes a key permanently. Safe to repeat. */
export async function saveApiKeyRevocation(
  database: Database,
  claims: SessionClaims,
  id: string,
  requestId: string,
): Promise<Result<StoredApiKey, { code: EnterRefusal | 'not_found' }>> {
  const which = sql`${callerMayReadApiKey(id)} and ${isNull(apiKeys.revoked_at)}`;
  const answer = await runAsUser(database, claims, [
    auditKey(database, 'api_key.revoked', requestId, {
      before: sql`jsonb_build_object('revoked', false)`,
      after: sql`jsonb_build_object('revoked', true)`,
      which,
    }),
    database.update(apiKeys).set({ revoked_at: sql`now()` }).where(which),
    selectKeys(database, callerMayReadApiKey(id)),
  ]);
  if (!answer.ok) return answer;
  const [row] = answer.value[2];
  return row === undefined ? fail({ code: 'not_found' }) : ok(presentKey(row));
}
