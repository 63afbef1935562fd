import { isNull, type SQL, sql } from 'drizzle-orm';
import { v7 as uuidv7 } from 'uuid';
import type { ApiKey, ApiKeyPatch, CreateApiKeyRequest } from '../../contracts/api/api-keys.ts';
import type { SessionClaims } from '../../contracts/api/auth.ts';
import { fail, ok, type Result } from '../../contracts/result.ts';
import { callerMayReadApiKey, presentKey, type StoredApiKey, selectKeys } from './api-keys.ts';
import { auditChange } from './audit.ts';
import type { Database } from './client.ts';
import { type EnterRefusal, runAsUser } from './context.ts';
import { levels } from './schema/tenancy.ts';
import { apiKeys, users } from './schema/users.ts';
import { isoTime, levelOfUser } from './user-rows.ts';

/** Keys of a user that are not revoked, at most. */
const KEYS_PER_USER_MAX = 100;

/** One's own key, by the whole of its key in the table. */
const isOwn = (id: string) =>
  sql`${apiKeys.tenant_id} = app.tenant_id() and ${apiKeys.id} = ${id} and ${apiKeys.user_id} = app.user_id()`;

/** A list of texts as a parameter; null stays null. */
const textArray = (texts: string[] | null): SQL =>
  texts === null
    ? sql`null::text[]`
    : sql`array(select jsonb_array_elements_text(${JSON.stringify(texts)}::jsonb))`;

/** Whether the level of whoever asks allows all these models. */
const levelAllows = (models: string[] | null): SQL =>
  sql`(select ${textArray(models)} is null or ${levels.allowed_models} is null
        or ${textArray(models)} <@ ${levels.allowed_models}
      from ${users} join ${levels} on ${levelOfUser}
      where ${users.tenant_id} = app.tenant_id() and ${users.id} = app.user_id())`;

const selectLevelAllows = (database: Database, models: string[] | null) =>
  database.execute<{ allowed: boolean }>(sql`select ${levelAllows(models)} as allowed`);

const time = (column: SQL | typeof apiKeys.expires_at) =>
  sql`to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;

/** What the audit log keeps of a key: everything an owner decides, and no secret. */
const decided = sql`jsonb_build_object('name', ${apiKeys.name}, 'scopes', ${apiKeys.scopes},
  'allowed_models', ${apiKeys.allowed_models}, 'requests_per_minute', ${apiKeys.requests_per_minute},
  'tokens_per_minute', ${apiKeys.tokens_per_minute}, 'monthly_budget_tokens', ${apiKeys.monthly_budget_tokens},
  'expires_at', ${time(apiKeys.expires_at)})`;

const nothing = sql`null::jsonb`;

const audited = (
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

/** What is kept of a secret: its hash in hex, and how it begins. */
export type ApiKeyFingerprint = { hash: string; prefix: string };

type CreateRefusal = EnterRefusal | 'name_taken' | 'too_many_api_keys' | 'model_not_allowed';

/** Makes a key for whoever asks: within what their level allows, under a name of its own, at most a hundred at a time. */
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
      // Keys of one user are made one after the other: so they can be counted.
      database.execute(sql`select from ${users}
        where ${users.tenant_id} = app.tenant_id() and ${users.id} = app.user_id() for no key update`),
      // The Worker may insert these columns alone, so an insert that names more would be refused.
      database.execute(sql`insert into api_keys (tenant_id, id, user_id, name, prefix, key_hash, scopes, allowed_models,
          requests_per_minute, tokens_per_minute, monthly_budget_tokens, expires_at)
        select app.tenant_id(), ${id}::uuid, app.user_id(), ${request.name}::text, ${prefix}::text, decode(${hash}, 'hex'),
          ${textArray(request.scopes)}, ${textArray(request.allowed_models)}, ${request.requests_per_minute}::integer,
          ${request.tokens_per_minute}::bigint, ${request.monthly_budget_tokens}::bigint, ${request.expires_at}::timestamptz
        where ${levelAllows(request.allowed_models)}
          and (select count(*) from ${apiKeys} where ${apiKeys.tenant_id} = app.tenant_id()
            and ${apiKeys.user_id} = app.user_id() and ${isNull(apiKeys.revoked_at)}) < ${KEYS_PER_USER_MAX}`),
      audited(database, 'api_key.created', requestId, { before: nothing, after: decided, which: isOwn(id) }),
      selectKeys(database, isOwn(id)),
      selectLevelAllows(database, request.allowed_models),
    ],
    { '23505': 'name_taken' as const },
  );
  if (!answer.ok) return answer;
  const [, , , [row], allows] = answer.value;
  if (row !== undefined) return ok(presentKey(row).key);
  return fail({ code: allows.rows[0]?.allowed === true ? 'too_many_api_keys' : 'model_not_allowed' });
}

/** One's own key that still lives. */
const isOwnLive = (id: string) => sql`${isOwn(id)} and ${isNull(apiKeys.revoked_at)}`;

/** Changes one's own key. A revoked one stays as it is. */
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
  const which = sql`${isOwnLive(id)} and ${levelAllows(models)}`;
  const change = {
    ...patch,
    ...(patch.expires_at == null ? {} : { expires_at: isoTime(patch.expires_at) }),
  };
  const answer = await runAsUser(
    database,
    claims,
    [
      audited(database, 'api_key.changed', requestId, {
        before: decided,
        after: sql`${decided} || ${JSON.stringify(change)}::jsonb`,
        which,
      }),
      database.update(apiKeys).set(change).where(which),
      selectKeys(database, isOwn(id)),
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

/** Gives one's own key a new secret; the one before it goes on for `graceS` seconds. */
export async function saveApiKeyRotation(
  database: Database,
  claims: SessionClaims,
  id: string,
  { hash, prefix }: ApiKeyFingerprint,
  graceS: number,
  requestId: string,
): Promise<Result<ApiKey, { code: EnterRefusal | 'not_found' | 'api_key_ended' }>> {
  const which = sql`${isOwnLive(id)} and (${apiKeys.expires_at} is null or ${apiKeys.expires_at} > now())`;
  const answer = await runAsUser(database, claims, [
    audited(database, 'api_key.rotated', requestId, {
      before: sql`jsonb_build_object('prefix', ${apiKeys.prefix})`,
      after: sql`jsonb_build_object('prefix', ${prefix}::text, 'grace_s', ${graceS}::integer)`,
      which,
    }),
    database.execute<{ rotated: boolean }>(
      sql`select app.rotate_api_key(${id}, ${prefix}, decode(${hash}, 'hex'), ${graceS}::integer) as rotated`,
    ),
    selectKeys(database, isOwn(id)),
  ]);
  if (!answer.ok) return answer;
  const [, rotation, [row]] = answer.value;
  if (row === undefined) return fail({ code: 'not_found' });
  if (rotation.rows[0]?.rotated === true) return ok(presentKey(row).key);
  return fail({ code: 'api_key_ended' });
}

/** Revokes a key, for good. Repeating it changes nothing. */
export async function saveApiKeyRevocation(
  database: Database,
  claims: SessionClaims,
  id: string,
  requestId: string,
): Promise<Result<StoredApiKey, { code: EnterRefusal | 'not_found' }>> {
  const which = sql`${callerMayReadApiKey(id)} and ${isNull(apiKeys.revoked_at)}`;
  const answer = await runAsUser(database, claims, [
    audited(database, 'api_key.revoked', requestId, {
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
