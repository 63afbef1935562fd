import { and, asc, eq, type SQL, sql } from 'drizzle-orm';
import { v7 as uuidv7 } from 'uuid';
import type { SessionClaims } from '../../../contracts/api/account/auth.ts';
import type { ModelKind } from '../../../contracts/catalog/model-kinds.ts';
import { type TieredRates, usageClasses } from '../../../contracts/catalog/price.ts';
import { fail, ok, type Result } from '../../../contracts/result.ts';
import type { ProviderKind } from '../../../contracts/usage.ts';
import { auditChange } from '../audit.ts';
import { callerIsAdmin, isAdminRole, selectCallerRole } from '../authorization.ts';
import type { Database } from '../client.ts';
import { runAsUser } from '../context.ts';
import { aiModels, aiProviders } from '../schema/catalog.ts';
import { tenants } from '../schema/tenancy.ts';
import { auditedFields, presentModel, type StoredModel, selectModels } from './models.ts';
import type { CatalogRefusal } from './providers.ts';

/** Adds models with their prices to a provider, all or none. */

const isOwnProvider = (id: string): SQL =>
  sql`${aiProviders.tenant_id} = app.tenant_id() and ${aiProviders.id} = ${id} and ${callerIsAdmin}`;

/** A provider of the caller's tenant, the models that it serves already, and the worth of a wallet token. */
export type ProviderToFill = {
  kind: ProviderKind;
  base_url: string | null;
  wallet_tokens_per_usd: number;
  served: { provider_model: string; public_name: string }[];
};

/** Reads what adding models to a provider depends on. Admins only. */
export async function getProviderToFill(
  database: Database,
  claims: SessionClaims,
  id: string,
): Promise<Result<ProviderToFill, { code: CatalogRefusal }>> {
  const answer = await runAsUser(database, claims, [
    database
      .select({
        kind: aiProviders.kind,
        base_url: aiProviders.base_url,
        wallet_tokens_per_usd: tenants.wallet_tokens_per_usd,
      })
      .from(aiProviders)
      .innerJoin(tenants, eq(tenants.id, aiProviders.tenant_id))
      .where(isOwnProvider(id)),
    database
      .select({ provider_model: aiModels.provider_model, public_name: aiModels.public_name })
      .from(aiModels)
      .where(
        and(sql`${aiModels.tenant_id} = app.tenant_id() and ${callerIsAdmin}`, eq(aiModels.provider_id, id)),
      )
      .orderBy(asc(aiModels.public_name)),
    selectCallerRole(database),
  ]);
  if (!answer.ok) return answer;
  const [[provider], served, callers] = answer.value;
  if (!isAdminRole(callers.rows[0])) return fail({ code: 'forbidden' });
  return provider === undefined ? fail({ code: 'not_found' }) : ok({ ...provider, served });
}

/** A model of the catalog file with the price that the admin chose. */
export type ModelToAdd = {
  kind: ModelKind;
  public_name: string;
  provider_model: string;
  context_window_tokens: number;
  max_output_tokens: number;
  capabilities: Record<string, boolean>;
  list_price: TieredRates;
  wallet_rates: TieredRates;
};

const joined = (parts: SQL[]) => sql.join(parts, sql`, `);

/** The names of the columns of rates, which a JSON object of a price has as its keys. */
const rateColumns = usageClasses.flatMap((name) => [
  `${name}_micro_usd_per_million`,
  `${name}_wallet_tokens_per_1000`,
]);
const priceColumns = [...rateColumns, 'cost_tiers', 'wallet_tiers'];
const columnNames = joined(priceColumns.map((name) => sql`${sql.identifier(name)}`));
const pricedColumns = joined(priceColumns.map((name) => sql`p.${sql.identifier(name)}`));

const priceJson = (model_id: string, { list_price, wallet_rates }: ModelToAdd) => ({
  model_id,
  ...Object.fromEntries(
    usageClasses.flatMap((name) => [
      [`${name}_micro_usd_per_million`, list_price[name] ?? null],
      [`${name}_wallet_tokens_per_1000`, wallet_rates[name] ?? null],
    ]),
  ),
  cost_tiers: list_price.tiers ?? null,
  wallet_tiers: wallet_rates.tiers ?? null,
});

/** Adds models with the first version of their prices, in one transaction: all of them, or none. */
export async function insertListedModels(
  database: Database,
  claims: SessionClaims,
  providerId: string,
  models: ModelToAdd[],
  requestId: string,
): Promise<Result<StoredModel[], { code: CatalogRefusal | 'name_taken' }>> {
  const added = models.map((model) => ({ id: uuidv7(), audit_id: uuidv7(), model }));
  const rows = JSON.stringify(
    added.map(({ id, audit_id, model: { wallet_rates: _, ...fields } }) => ({ id, audit_id, ...fields })),
  );
  const prices = JSON.stringify(added.map(({ id, model }) => priceJson(id, model)));
  const added_rows = sql`jsonb_to_recordset(${rows}::jsonb) as added (id uuid, audit_id uuid, kind text, public_name text,
    provider_model text, context_window_tokens integer, max_output_tokens integer, capabilities jsonb, list_price jsonb)`;
  const price_rows = sql`jsonb_populate_recordset(null::ai_model_prices, ${prices}::jsonb) as p`;
  const isAdded = sql`${aiModels.tenant_id} = app.tenant_id() and ${callerIsAdmin}`;
  const answer = await runAsUser(
    database,
    claims,
    [
      database.execute(sql`insert into ai_models (tenant_id, id, provider_id, kind, public_name, provider_model,
          context_window_tokens, max_output_tokens, capabilities, list_price)
        select app.tenant_id(), added.id, ${aiProviders.id}, added.kind, added.public_name, added.provider_model,
          added.context_window_tokens, added.max_output_tokens, added.capabilities, added.list_price
        from ${aiProviders}, ${added_rows} where ${isOwnProvider(providerId)}`),
      database.execute(sql`insert into ai_model_prices (tenant_id, model_tenant_id, model_id, version, effective_from, ${columnNames})
        select app.tenant_id(), app.tenant_id(), ${aiModels.id}, 1, now(), ${pricedColumns}
        from ${aiModels}, ${price_rows} where ${isAdded} and ${aiModels.id} = p.model_id`),
      auditChange(database, {
        id: sql`added.audit_id`,
        action: 'ai_model.created',
        target_type: 'ai_model',
        target: aiModels,
        before: sql`null::jsonb`,
        after: sql`${auditedFields} || jsonb_build_object('list_price', ${aiModels.list_price})`,
        rows: sql`from ${aiModels}, ${added_rows} where ${isAdded} and ${aiModels.id} = added.id`,
        request_id: requestId,
      }),
      selectModels(
        database,
        sql`${isAdded} and ${aiModels.id} in (select added.id from ${added_rows})`,
      ).orderBy(asc(aiModels.id)),
      selectCallerRole(database),
    ],
    { '23505': 'name_taken' as const },
  );
  if (!answer.ok) return answer;
  const [, , , stored, callers] = answer.value;
  if (!isAdminRole(callers.rows[0])) return fail({ code: 'forbidden' });
  return stored.length === models.length ? ok(stored.map(presentModel)) : fail({ code: 'not_found' });
}
