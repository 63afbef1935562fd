import { and, asc, eq, sql } from 'drizzle-orm';
import type { SessionClaims } from '../../contracts/api/auth.ts';
import { branding, tenantFields } from '../../contracts/api/tenant.ts';
import { pickFields } from '../../contracts/fields.ts';
import { fail, ok, type Result } from '../../contracts/result.ts';
import { limitsVersion } from './api-keys.ts';
import { attemptQuery, type Database } from './client.ts';
import {
  type ApiKeyCredential,
  type EnterRefusal,
  enterAsApiKey,
  enterAsUser,
  enterRefusals,
  runAsUser,
} from './context.ts';
import { effectivePrice } from './prices.ts';
import { aiModels, aiProviders } from './schema/catalog.ts';
import { tenants } from './schema/tenancy.ts';
import { apiKeys, users } from './schema/users.ts';
import type { ApiKeySnapshot, CallerSnapshot, Candidate, TenantSnapshot } from './snapshots.ts';
import {
  effectiveWalletPolicy,
  isUser,
  presentUser,
  selectUserWithPolicy,
  type UserWithPolicyRow,
} from './user-rows.ts';

/** How a tenant is looked up: by one of its own hostnames, or by its slug. */
export type TenantKey = { hostname: string } | { slug: string };

const enterTenant = (database: Database, key: TenantKey) =>
  database.execute(
    'slug' in key
      ? sql`select app.enter_slug(${key.slug}) as tenant_id`
      : sql`select app.enter_hostname(${key.hostname}) as tenant_id`,
  );

const selectTenant = (database: Database) =>
  database
    .select({
      id: tenants.id,
      slug: tenants.slug,
      status: tenants.status,
      branding: pickFields(branding, tenants),
      ...pickFields(tenantFields, tenants),
    })
    .from(tenants)
    .where(sql`${tenants.id} = app.tenant_id()`);

const selectCandidates = (database: Database) =>
  database
    .select({
      public_name: aiModels.public_name,
      provider: {
        tenant_id: aiProviders.tenant_id,
        id: aiProviders.id,
        name: aiProviders.name,
        kind: aiProviders.kind,
        base_url: aiProviders.base_url,
        api_key_ciphertext: aiProviders.api_key_ciphertext,
        api_key_version: aiProviders.api_key_version,
      },
      provider_model: aiModels.provider_model,
      context_window_tokens: aiModels.context_window_tokens,
      max_output_tokens: aiModels.max_output_tokens,
      capabilities: aiModels.capabilities,
      price: effectivePrice,
    })
    .from(aiModels)
    .innerJoin(
      aiProviders,
      and(eq(aiProviders.tenant_id, aiModels.tenant_id), eq(aiProviders.id, aiModels.provider_id)),
    )
    .where(
      and(
        sql`${aiModels.tenant_id} in (app.tenant_id(), app.platform_tenant_id())`,
        eq(aiModels.enabled, true),
        eq(aiProviders.enabled, true),
      ),
    )
    .orderBy(asc(aiProviders.priority), asc(aiModels.priority), asc(aiModels.id));

type TenantRow = Omit<TenantSnapshot, 'candidates'>;

const snapshotOf = (tenant: TenantRow | undefined, candidates: Candidate[]): TenantSnapshot | null =>
  tenant === undefined ? null : { ...tenant, candidates };

const callerOf = (row: UserWithPolicyRow, api_key: ApiKeySnapshot | null): CallerSnapshot => ({
  user: presentUser(row.user),
  policy: effectiveWalletPolicy(row),
  signed_out_at_s: row.signed_out_at_s,
  allowed_models: row.allowed_models,
  api_key,
});

/** Whoever the batch has entered as. */
const isEntered = sql`${users.tenant_id} = app.tenant_id() and ${users.id} = app.user_id()`;

/** The key behind a hash, of the user whom the batch has entered as by it. Hashes themselves are not readable. */
const selectApiKey = (database: Database, hash: string) =>
  database
    .select({
      id: apiKeys.id,
      prefix: apiKeys.prefix,
      scopes: sql<ApiKeySnapshot['scopes']>`${apiKeys.scopes}`,
      allowed_models: apiKeys.allowed_models,
      requests_per_minute: apiKeys.requests_per_minute,
      tokens_per_minute: apiKeys.tokens_per_minute,
      monthly_budget_tokens: apiKeys.monthly_budget_tokens,
      limits_version: limitsVersion,
      expires_at: apiKeys.expires_at,
      previous_valid_until: apiKeys.previous_valid_until,
    })
    .from(apiKeys)
    .where(sql`${apiKeys.tenant_id} = app.tenant_id() and ${apiKeys.user_id} = app.user_id()
      and ${apiKeys.id} = (select known.api_key_id from app.find_api_key(decode(${hash}, 'hex')) known)`);

type ApiKeyRow = Awaited<ReturnType<typeof selectApiKey>>[number];

/** The earliest of these moments; null when there is none. */
function earliestMs(...times: (string | null)[]): number | null {
  const known = times.flatMap((time) => (time === null ? [] : [Date.parse(time)]));
  return known.length === 0 ? null : Math.min(...known);
}

function apiKeyOf(row: ApiKeyRow, { prefix }: Pick<ApiKeyCredential, 'prefix'>): ApiKeySnapshot {
  const { id, scopes, allowed_models, requests_per_minute, tokens_per_minute, monthly_budget_tokens } = row;
  // Two secrets of one key begin alike once in 57 billion; then the newer one is asked about again when the older one ends.
  const previousEnd = prefix === row.prefix ? null : row.previous_valid_until;
  const version = Number(row.limits_version);
  return {
    id,
    scopes,
    allowed_models,
    valid_until_ms: earliestMs(row.expires_at, previousEnd),
    limits: { id, version, requests_per_minute, tokens_per_minute, monthly_budget_tokens },
  };
}

/** Who asks, as far as is known before the tenant is: the claims of a genuine token, or an API key that could be one. */
export type CallerCredential = SessionClaims | Omit<ApiKeyCredential, 'tenantId'>;

type Caller = Result<CallerSnapshot, { code: EnterRefusal }>;

/** What a batch found of whom it entered as. */
function found(person: UserWithPolicyRow | undefined, api_key: ApiKeySnapshot | null): Caller {
  return person === undefined ? fail({ code: 'unauthenticated' }) : ok(callerOf(person, api_key));
}

function foundByKey(
  person: UserWithPolicyRow | undefined,
  row: ApiKeyRow | undefined,
  credential: Pick<ApiKeyCredential, 'prefix'>,
): Caller {
  return row === undefined ? fail({ code: 'unauthenticated' }) : found(person, apiKeyOf(row, credential));
}

const tenantStatements = (database: Database, key: TenantKey) =>
  [enterTenant(database, key), selectTenant(database), selectCandidates(database)] as const;

type Loaded = { tenant: TenantSnapshot | null; caller: Caller | null };

async function loadTenantAlone(database: Database, key: TenantKey): Promise<TenantSnapshot | null> {
  const answer = await attemptQuery(() => database.batch([...tenantStatements(database, key)]));
  if (!answer.ok) return null;
  const [, [tenant], candidates] = answer.value;
  return snapshotOf(tenant, candidates);
}

async function loadTenantWith(database: Database, key: TenantKey, asking: CallerCredential): Promise<Loaded> {
  const tenantPart = tenantStatements(database, key);
  const person = selectUserWithPolicy(database, isEntered);
  const refused = async (caller: Extract<Caller, { ok: false }>) => ({
    tenant: await loadTenantAlone(database, key),
    caller,
  });
  if ('hash' in asking) {
    const entered = enterAsApiKey(database, sql`app.tenant_id()`, asking.hash);
    const answer = await attemptQuery(
      () => database.batch([...tenantPart, entered, person, selectApiKey(database, asking.hash)]),
      enterRefusals,
    );
    if (!answer.ok) return refused(answer);
    const [, [tenant], candidates, , people, keys] = answer.value;
    return { tenant: snapshotOf(tenant, candidates), caller: foundByKey(people[0], keys[0], asking) };
  }
  const answer = await attemptQuery(
    () => database.batch([...tenantPart, enterAsUser(database, asking), person]),
    enterRefusals,
  );
  if (!answer.ok) return refused(answer);
  const [, [tenant], candidates, , people] = answer.value;
  return { tenant: snapshotOf(tenant, candidates), caller: found(people[0], null) };
}

/**
 * The tenant behind a hostname or slug with all an execution needs of it, and the caller, given what says who asks: one round
 * trip, and one more when the caller is refused.
 */
export async function loadTenant(
  database: Database,
  key: TenantKey,
  asking: CallerCredential | null,
): Promise<Loaded> {
  if (asking !== null) return loadTenantWith(database, key, asking);
  return { tenant: await loadTenantAlone(database, key), caller: null };
}

/** The caller behind a session or an API key, with the policy their wallet lives by. One round trip. */
export async function loadCaller(database: Database, who: SessionClaims | ApiKeyCredential): Promise<Caller> {
  if ('hash' in who) {
    const answer = await attemptQuery(
      () =>
        database.batch([
          enterAsApiKey(database, sql`${who.tenantId}`, who.hash),
          selectUserWithPolicy(database, isEntered),
          selectApiKey(database, who.hash),
        ]),
      enterRefusals,
    );
    return answer.ok ? foundByKey(answer.value[1][0], answer.value[2][0], who) : answer;
  }
  const answer = await runAsUser(database, who, [
    selectUserWithPolicy(database, isUser(who.tenantId, who.userId)),
  ]);
  return answer.ok ? found(answer.value[0][0], null) : answer;
}
