import { and, asc, eq, sql } from 'drizzle-orm';
import type { SessionClaims } from '../../contracts/api/account/auth.ts';
import type { OfferedSignIn } from '../../contracts/api/account/sign-in.ts';
import { branding, tenantFields } from '../../contracts/api/tenant/tenant.ts';
import { providerSettings } from '../../contracts/catalog/provider-settings.ts';
import { pickFields } from '../../contracts/fields.ts';
import { fail, ok, type Result } from '../../contracts/result.ts';
import { flagsOf } from '../../contracts/tenants/level-features.ts';
import { effectivePriceJson } from './catalog/prices.ts';
import { attemptQuery, type Database } from './client.ts';
import {
  type ApiKeyCredential,
  type EnterRefusal,
  enterAsApiKey,
  enterAsUser,
  enterRefusals,
  runAsUser,
} from './context.ts';
import { tenantBudgets } from './schema/budgets.ts';
import { aiModels, aiProviders } from './schema/catalog.ts';
import { tenants } from './schema/tenancy.ts';
import { apiKeys, users } from './schema/users.ts';
import type { ApiKeySnapshot, CallerSnapshot, Candidate, TenantSnapshot } from './snapshots.ts';
import { type BudgetRow, budgetColumns, budgetSnapshotOf } from './tenants/budget-rows.ts';
import { limitsVersion } from './users/api-keys.ts';
import {
  effectiveWalletPolicy,
  isUser,
  presentUser,
  selectUserWithPolicy,
  type UserWithPolicyRow,
} from './users/user-rows.ts';

/** The key of a tenant: one of its own hostnames, or its slug. */
export type TenantKey = { hostname: string } | { slug: string };

const enterTenant = (database: Database, key: TenantKey) =>
  database.execute(
    'slug' in key
      ? sql`select app.enter_slug(${key.slug}) as tenant_id`
      : sql`select app.enter_hostname(${key.hostname}) as tenant_id`,
  );

type StoredLevel = { slug: string; name: string; features: Record<string, boolean> };

const selectTenant = (database: Database) =>
  database
    .select({
      id: tenants.id,
      slug: tenants.slug,
      status: tenants.status,
      branding: pickFields(branding, tenants),
      ...pickFields(tenantFields, tenants),
      budget: budgetColumns,
      // Drizzle writes the columns of a query on one table without its name, which would be ambiguous here.
      levels: sql<StoredLevel[]>`(select coalesce(jsonb_agg(
          jsonb_build_object('slug', level.slug, 'name', level.name, 'features', level.features)
          order by level.position, level.id
        ), '[]') from levels level where level.tenant_id = app.tenant_id() and level.archived_at is null)`,
      // The tenant's own come last, and so replace the platform's.
      model_aliases: sql<TenantSnapshot['model_aliases']>`(select coalesce(jsonb_object_agg(
          named.alias, named.public_name order by named.tenant_id = app.tenant_id()
        ), '{}') from ai_model_aliases named where named.tenant_id in (app.tenant_id(), app.platform_tenant_id()))`,
      model_routes: sql<TenantSnapshot['model_routes']>`(select coalesce(jsonb_object_agg(
          route.public_name, jsonb_build_object('strategy', route.strategy, 'keeps_provider', route.keeps_provider)
          order by route.tenant_id = app.tenant_id()
        ), '{}') from ai_model_routes route where route.tenant_id in (app.tenant_id(), app.platform_tenant_id()))`,
      sign_in_providers: sql<OfferedSignIn[]>`(select coalesce(jsonb_agg(
          jsonb_build_object('id', offered.id, 'kind', offered.kind, 'name', offered.name) order by offered.id
        ), '[]') from sign_in_providers offered where offered.tenant_id = app.tenant_id() and offered.enabled)`,
    })
    .from(tenants)
    .innerJoin(tenantBudgets, eq(tenantBudgets.tenant_id, tenants.id))
    .where(sql`${tenants.id} = app.tenant_id()`);

const selectCandidates = (database: Database) =>
  database
    .select({
      public_name: aiModels.public_name,
      kind: aiModels.kind,
      provider: {
        tenant_id: aiProviders.tenant_id,
        id: aiProviders.id,
        name: aiProviders.name,
        kind: aiProviders.kind,
        base_url: aiProviders.base_url,
        api_key_ciphertext: aiProviders.api_key_ciphertext,
        api_key_version: aiProviders.api_key_version,
        settings: aiProviders.settings,
      },
      provider_model: aiModels.provider_model,
      created_at: aiModels.created_at,
      context_window_tokens: aiModels.context_window_tokens,
      max_output_tokens: aiModels.max_output_tokens,
      weight: aiModels.weight,
      capabilities: aiModels.capabilities,
      price: effectivePriceJson,
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

type TenantRow = Omit<TenantSnapshot, 'candidates' | 'budget' | 'levels'> & {
  budget: BudgetRow;
  levels: StoredLevel[];
};
type CandidateRow = Awaited<ReturnType<typeof selectCandidates>>[number];

const candidateOf = ({ provider, created_at, ...row }: CandidateRow): Candidate => ({
  ...row,
  created_at_ms: Date.parse(created_at),
  provider: { ...provider, settings: providerSettings.parse(provider.settings) },
});

const snapshotOf = (tenant: TenantRow | undefined, candidates: CandidateRow[]): TenantSnapshot | null =>
  tenant === undefined
    ? null
    : {
        ...tenant,
        budget: budgetSnapshotOf(tenant.budget),
        levels: tenant.levels.map((level) => ({ ...level, features: flagsOf(level.features) })),
        candidates: candidates.map(candidateOf),
      };

const callerOf = (row: UserWithPolicyRow, api_key: ApiKeySnapshot | null): CallerSnapshot => ({
  user: presentUser(row.user),
  policy: effectiveWalletPolicy(row),
  signed_out_at_s: row.signed_out_at_s,
  allowed_models: row.allowed_models,
  default_output_limit: row.default_output_limit,
  api_key,
});

/** The user the batch has entered as. */
const isCaller = sql`${users.tenant_id} = app.tenant_id() and ${users.id} = app.user_id()`;

/** Selects the API key with a hash, when it belongs to the user the batch has entered as. The Worker cannot read hashes. */
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

/** Returns the earliest time, or null without any. */
function earliestMs(...times: (string | null)[]): number | null {
  const known = times.flatMap((time) => (time === null ? [] : [Date.parse(time)]));
  return known.length === 0 ? null : Math.min(...known);
}

function apiKeyOf(row: ApiKeyRow, { prefix }: Pick<ApiKeyCredential, 'prefix'>): ApiKeySnapshot {
  const { id, scopes, allowed_models, requests_per_minute, tokens_per_minute, monthly_budget_tokens } = row;
  // A replaced and a new secret share their prefix once in 57 billion keys. Then the snapshot expires with the replaced one and
  // is loaded again.
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

/** The credential of a caller before the tenant is known: the claims of a valid token, or the fingerprint of an API key. */
export type CallerCredential = SessionClaims | Omit<ApiKeyCredential, 'tenantId'>;

type Caller = Result<CallerSnapshot, { code: EnterRefusal }>;

/** Converts the user a batch has entered as. */
function callerOfRow(row: UserWithPolicyRow | undefined, api_key: ApiKeySnapshot | null): Caller {
  return row === undefined ? fail({ code: 'unauthenticated' }) : ok(callerOf(row, api_key));
}

function callerByKey(
  user: UserWithPolicyRow | undefined,
  key: ApiKeyRow | undefined,
  credential: Pick<ApiKeyCredential, 'prefix'>,
): Caller {
  return key === undefined ? fail({ code: 'unauthenticated' }) : callerOfRow(user, apiKeyOf(key, credential));
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

async function loadTenantWith(
  database: Database,
  key: TenantKey,
  credential: CallerCredential,
): Promise<Loaded> {
  const tenantPart = tenantStatements(database, key);
  const user = selectUserWithPolicy(database, isCaller);
  const refused = async (caller: Extract<Caller, { ok: false }>) => ({
    tenant: await loadTenantAlone(database, key),
    caller,
  });
  if ('hash' in credential) {
    const entered = enterAsApiKey(database, sql`app.tenant_id()`, credential.hash);
    const answer = await attemptQuery(
      () => database.batch([...tenantPart, entered, user, selectApiKey(database, credential.hash)]),
      enterRefusals,
    );
    if (!answer.ok) return refused(answer);
    const [, [tenant], candidates, , users, keys] = answer.value;
    return { tenant: snapshotOf(tenant, candidates), caller: callerByKey(users[0], keys[0], credential) };
  }
  const answer = await attemptQuery(
    () => database.batch([...tenantPart, enterAsUser(database, credential), user]),
    enterRefusals,
  );
  if (!answer.ok) return refused(answer);
  const [, [tenant], candidates, , rows] = answer.value;
  return { tenant: snapshotOf(tenant, candidates), caller: callerOfRow(rows[0], null) };
}

/**
 * Loads the tenant of a hostname or slug with everything an execution needs and, given a credential, the caller. Takes one
 * round trip, and one more when the caller is refused.
 */
export async function loadTenant(
  database: Database,
  key: TenantKey,
  credential: CallerCredential | null,
): Promise<Loaded> {
  if (credential !== null) return loadTenantWith(database, key, credential);
  return { tenant: await loadTenantAlone(database, key), caller: null };
}

/** Loads the caller of a session or an API key, in one round trip. */
export async function loadCaller(
  database: Database,
  credential: SessionClaims | ApiKeyCredential,
): Promise<Caller> {
  if ('hash' in credential) {
    const answer = await attemptQuery(
      () =>
        database.batch([
          enterAsApiKey(database, sql`${credential.tenantId}`, credential.hash),
          selectUserWithPolicy(database, isCaller),
          selectApiKey(database, credential.hash),
        ]),
      enterRefusals,
    );
    return answer.ok ? callerByKey(answer.value[1][0], answer.value[2][0], credential) : answer;
  }
  const answer = await runAsUser(database, credential, [
    selectUserWithPolicy(database, isUser(credential.tenantId, credential.userId)),
  ]);
  return answer.ok ? callerOfRow(answer.value[0][0], null) : answer;
}
