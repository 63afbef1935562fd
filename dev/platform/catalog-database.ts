import { and, eq, sql } from 'drizzle-orm';
import type { NeonDatabase } from 'drizzle-orm/neon-serverless';
import { v7 as uuidv7 } from 'uuid';
import { type RatesByClass, type TieredRates, usageClasses } from '../../contracts/catalog/price.ts';
import { aiModelPrices, aiModels, aiProviders } from '../../worker/db/schema/catalog.ts';
import type { CatalogPlan, StoredCatalog, StoredPrice } from './catalog-plan.ts';

/** The platform's catalog in the database, read and written by the owner in the operator role. */

export type Transaction = Pick<NeonDatabase, 'execute' | 'insert' | 'select' | 'update'>;

/** The platform's own tenant, made by the migrations. */
export const PLATFORM_ID = '00000000-0000-7000-8000-000000000001';

/**
 * Runs `work` as the owner in the operator role, in one transaction that no other of its kind overlaps. Row security applies to the
 * owner too, and admits this role.
 */
export const asOperator = <Value>(
  database: NeonDatabase,
  work: (tx: Transaction) => Promise<Value>,
): Promise<Value> =>
  database.transaction(async (tx) => {
    await tx.execute(sql`select set_config('app.role', 'operator', true)`);
    await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended('platform', 0))`);
    return work(tx);
  });

/** Returns the time of the database, as ISO 8601. */
export async function readNow(tx: Transaction): Promise<string> {
  const { rows } = await tx.execute<{ now: string }>(sql`select now()::text as now`);
  return new Date(rows[0]?.now ?? '').toISOString();
}

type PriceRow = typeof aiModelPrices.$inferSelect;

type Unit = 'micro_usd_per_million' | 'wallet_tokens_per_1000';

/** Reads the rates of a row. A class without a rate has that of all input or output. */
const ratesIn = (row: PriceRow, unit: Unit, tiers: unknown): TieredRates => ({
  ...(Object.fromEntries(
    usageClasses.flatMap((name) => {
      const rate = row[`${name}_${unit}`];
      return rate === null ? [] : [[name, rate]];
    }),
  ) as RatesByClass),
  ...(tiers === null ? {} : { tiers: tiers as NonNullable<TieredRates['tiers']> }),
});

/** Converts a row of the platform's list for one of its own models, which always states the cost. */
const storedPrice = (row: PriceRow): StoredPrice => ({
  version: row.version,
  effective_from: new Date(row.effective_from).toISOString(),
  cost: ratesIn(row, 'micro_usd_per_million', row.cost_tiers),
  wallet: ratesIn(row, 'wallet_tokens_per_1000', row.wallet_tiers),
});

/** Reads the platform's providers, models and price list. */
export async function readCatalog(tx: Transaction): Promise<StoredCatalog> {
  const providers = await tx
    .select({ id: aiProviders.id, name: aiProviders.name, kind: aiProviders.kind })
    .from(aiProviders)
    .where(eq(aiProviders.tenant_id, PLATFORM_ID));
  const models = await tx.select().from(aiModels).where(eq(aiModels.tenant_id, PLATFORM_ID));
  const prices = await tx
    .select()
    .from(aiModelPrices)
    .where(and(eq(aiModelPrices.tenant_id, PLATFORM_ID), eq(aiModelPrices.model_tenant_id, PLATFORM_ID)));
  const pricesOf = Map.groupBy(prices, ({ model_id }) => model_id);
  return {
    providers,
    models: models.map((model) => ({ ...model, prices: (pricesOf.get(model.id) ?? []).map(storedPrice) })),
  };
}

/** The columns of rates, which a new row has in full. */
const columnsOf = (rates: RatesByClass, unit: Unit) =>
  Object.fromEntries(usageClasses.map((name) => [`${name}_${unit}`, rates[name] ?? null]));

const priceRow = (model_id: string, { version, effective_from, cost, wallet }: StoredPrice) =>
  ({
    tenant_id: PLATFORM_ID,
    model_tenant_id: PLATFORM_ID,
    model_id,
    version,
    effective_from,
    ...columnsOf(cost, 'micro_usd_per_million'),
    cost_tiers: cost.tiers ?? null,
    ...columnsOf(wallet, 'wallet_tokens_per_1000'),
    wallet_tiers: wallet.tiers ?? null,
  }) as typeof aiModelPrices.$inferInsert;

/** Writes a plan. New providers are disabled: they have no key yet. */
export async function applyPlan(tx: Transaction, plan: CatalogPlan): Promise<void> {
  if (plan.providers.length > 0)
    await tx
      .insert(aiProviders)
      .values(plan.providers.map((provider) => ({ ...provider, tenant_id: PLATFORM_ID, enabled: false })));
  const models = plan.models.map(({ prices, ...model }) => ({
    row: { ...model, tenant_id: PLATFORM_ID, id: uuidv7(), list_price: prices[0]?.cost ?? null },
    prices,
  }));
  if (models.length > 0) await tx.insert(aiModels).values(models.map(({ row }) => row));
  for (const { model_id, after } of plan.limits)
    await tx
      .update(aiModels)
      .set(after)
      .where(and(eq(aiModels.tenant_id, PLATFORM_ID), eq(aiModels.id, model_id)));
  for (const { model_id, prices } of plan.prices)
    await tx
      .update(aiModels)
      .set({ list_price: prices[0]?.cost ?? null })
      .where(and(eq(aiModels.tenant_id, PLATFORM_ID), eq(aiModels.id, model_id)));
  const prices = [
    ...models.flatMap(({ row, prices: added }) => added.map((price) => priceRow(row.id, price))),
    ...plan.prices.flatMap(({ model_id, prices: added }) => added.map((price) => priceRow(model_id, price))),
  ];
  if (prices.length > 0) await tx.insert(aiModelPrices).values(prices);
}
