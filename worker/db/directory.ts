import { and, asc, eq, sql } from 'drizzle-orm';
import type { SessionClaims } from '../../contracts/api/auth.ts';
import type { Result } from '../../contracts/result.ts';
import { attemptQuery, type Database } from './client.ts';
import { asUser, type EnterRefusal, enterAsUser } from './context.ts';
import { isUser, type PersonRow, policyOfPerson, presentUser, selectPerson } from './person.ts';
import { aiModels, aiProviders } from './schema/catalog.ts';
import { tenants } from './schema/tenancy.ts';
import type { CallerSnapshot, Candidate, Price, TenantSnapshot } from './snapshots.ts';

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
      branding: {
        name: tenants.name,
        tagline: tenants.tagline,
        logo_url: tenants.logo_url,
        primary_color: tenants.primary_color,
      },
      registration_open: tenants.registration_open,
    })
    .from(tenants)
    .where(sql`${tenants.id} = app.tenant_id()`);

/** The newest effective price on the tenant's own list, else on the platform's; as JSON, null when there is none. */
const effectivePrice = sql<Price | null>`(
  select json_build_object(
    'version', p.version,
    'micro_usd_per_million', json_build_object(
      'input', p.input_micro_usd_per_million, 'cache_read', p.cache_read_micro_usd_per_million,
      'cache_write', p.cache_write_micro_usd_per_million, 'output', p.output_micro_usd_per_million),
    'wallet_tokens_per_1000', json_build_object(
      'input', p.input_wallet_tokens_per_1000, 'cache_read', p.cache_read_wallet_tokens_per_1000,
      'cache_write', p.cache_write_wallet_tokens_per_1000, 'output', p.output_wallet_tokens_per_1000))
  from ai_model_prices p
  where p.tenant_id in (app.tenant_id(), app.platform_tenant_id())
    and p.model_tenant_id = ${aiModels.tenant_id} and p.model_id = ${aiModels.id} and p.effective_from <= now()
  order by p.tenant_id = app.tenant_id() desc, p.effective_from desc, p.version desc
  limit 1)`;

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

const callerOf = (row: PersonRow | undefined): CallerSnapshot | null =>
  row === undefined
    ? null
    : {
        user: presentUser(row.user),
        policy: policyOfPerson(row),
        signed_out_at_s: row.signed_out_at_s,
        allowed_models: row.allowed_models,
      };

/**
 * The tenant behind a hostname or slug with all an execution needs of it, and, given the claims of a genuine token, the
 * caller: one round trip. A caller the database refuses is left out; whoever needs one asks {@link loadCaller} why.
 */
export async function loadTenant(
  database: Database,
  key: TenantKey,
  claims: SessionClaims | null,
): Promise<{ tenant: TenantSnapshot | null; caller: CallerSnapshot | null }> {
  const tenantPart = [
    enterTenant(database, key),
    selectTenant(database),
    selectCandidates(database),
  ] as const;
  if (claims !== null) {
    const both = await attemptQuery(
      () =>
        database.batch([
          ...tenantPart,
          enterAsUser(database, claims),
          selectPerson(database, isUser(claims.tenantId, claims.userId)),
        ]),
      { VS401: 'refused', VS402: 'refused', VS403: 'refused', VS404: 'refused' },
    );
    if (both.ok) {
      const [, [tenant], candidates, , [person]] = both.value;
      return { tenant: snapshotOf(tenant, candidates), caller: callerOf(person) };
    }
  }
  const alone = await attemptQuery(() => database.batch([...tenantPart]));
  if (!alone.ok) return { tenant: null, caller: null };
  const [, [tenant], candidates] = alone.value;
  return { tenant: snapshotOf(tenant, candidates), caller: null };
}

/** The caller behind a session, with the policy their wallet lives by. One round trip. */
export async function loadCaller(
  database: Database,
  claims: SessionClaims,
): Promise<Result<CallerSnapshot, { code: EnterRefusal }>> {
  const answer = await asUser(database, claims, [
    selectPerson(database, isUser(claims.tenantId, claims.userId)),
  ]);
  if (!answer.ok) return answer;
  const caller = callerOf(answer.value[0][0]);
  if (caller === null) return { ok: false, failure: { code: 'unauthenticated' } };
  return { ok: true, value: caller };
}
