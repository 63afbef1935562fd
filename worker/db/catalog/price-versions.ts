import { type SQL, sql } from 'drizzle-orm';
import type { BatchItem } from 'drizzle-orm/batch';
import type { SessionClaims } from '../../../contracts/api/account/auth.ts';
import type { CreatePriceRequest, ModelPrice } from '../../../contracts/api/catalog.ts';
import { type TieredRates, usageClasses } from '../../../contracts/catalog/price.ts';
import { fail, ok, type Result } from '../../../contracts/result.ts';
import { selectCallerRole } from '../authorization.ts';
import type { Database } from '../client.ts';
import { runAsUser } from '../context.ts';
import { aiModels } from '../schema/catalog.ts';
import { auditModel, isManageable, isReadable, readModel, type StoredModel, selectModels } from './models.ts';
import { presentedPriceJson, pricesOfModel } from './prices.ts';
import type { CatalogRefusal } from './providers.ts';

/** Reads and adds versions of a model's price. */

const selectPrices = (database: Database, modelId: string) =>
  database.execute<{ price: ModelPrice }>(sql`select priced.price from ${aiModels},
      lateral (select ${presentedPriceJson} as price, p.tenant_id = app.tenant_id() as own, p.version from ${pricesOfModel}) priced
    where ${isReadable(modelId)} order by priced.own desc, priced.version desc`);

/** Lists every version of a model's price: the tenant's own list first, newest version first. */
export async function listPrices(
  database: Database,
  claims: SessionClaims,
  modelId: string,
): Promise<Result<ModelPrice[], { code: CatalogRefusal }>> {
  const answer = await runAsUser(database, claims, [
    selectPrices(database, modelId),
    selectModels(database, isReadable(modelId)),
    selectCallerRole(database),
  ]);
  if (!answer.ok) return answer;
  const [prices, rows, callers] = answer.value;
  const model = readModel(rows, callers);
  return model.ok ? ok(prices.rows.map(({ price }) => price)) : model;
}

const tiersOf = (tiers: CreatePriceRequest['wallet_tokens_per_1000']['tiers']) =>
  sql`${tiers === undefined ? null : JSON.stringify(tiers)}::jsonb`;

/** The values of a price, by column. */
const columnsOf = ({ micro_usd_per_million: cost, wallet_tokens_per_1000: price }: CreatePriceRequest) => [
  ...usageClasses.map(
    (name) => [`${name}_micro_usd_per_million`, sql`${cost?.[name] ?? null}::bigint`] as const,
  ),
  ...usageClasses.map(
    (name) => [`${name}_wallet_tokens_per_1000`, sql`${price[name] ?? null}::bigint`] as const,
  ),
  ['cost_tiers', tiersOf(cost?.tiers)] as const,
  ['wallet_tiers', tiersOf(price.tiers)] as const,
];

const joined = (parts: SQL[]) => sql.join(parts, sql`, `);

const isOwnModel = sql`${aiModels.tenant_id} = app.tenant_id()`;

/** The platform has priced the model. Only then can a tenant price it for its users; the cost is always the platform's. */
const isOffered = sql`exists (select from ai_model_prices c where c.tenant_id = ${aiModels.tenant_id}
  and c.model_tenant_id = ${aiModels.tenant_id} and c.model_id = ${aiModels.id} and c.effective_from <= clock_timestamp())`;

const mayBePriced = (request: CreatePriceRequest) =>
  request.micro_usd_per_million === undefined ? sql`not ${isOwnModel} and ${isOffered}` : isOwnModel;

/**
 * Reasons to refuse a price: the cost is missing, the cost is not the tenant's to set, or the platform has not priced the
 * model yet.
 */
export type PriceRefusal = CatalogRefusal | 'cost_missing' | 'cost_not_yours' | 'model_unpriced';

/** Returns the reason for refusing a price of a model the caller may see. */
function refusalOf({ micro_usd_per_million }: CreatePriceRequest, is_own: boolean): PriceRefusal {
  if (micro_usd_per_million !== undefined) return 'cost_not_yours';
  return is_own ? 'cost_missing' : 'model_unpriced';
}

/** Builds the columns and values of a new version, its number, and the condition that it differs from the newest one. */
function newVersion(request: CreatePriceRequest) {
  const columns = columnsOf(request);
  const values = joined(columns.map(([, value]) => value));
  const onOwnList = sql`p.tenant_id = app.tenant_id() and p.model_tenant_id = ${aiModels.tenant_id} and p.model_id = ${aiModels.id}`;
  const newest = sql`coalesce((select max(p.version) from ai_model_prices p where ${onOwnList}), 0)`;
  const sameMoment =
    request.effective_from === null
      ? sql`p.effective_from <= clock_timestamp()`
      : sql`p.effective_from = ${request.effective_from}::timestamptz`;
  return {
    names: joined(columns.map(([name]) => sql`${sql.identifier(name)}`)),
    values,
    next: sql`${newest} + 1`,
    isNew: sql`not exists (select from ai_model_prices p where ${onOwnList} and p.version = ${newest} and ${sameMoment}
      and (${joined(columns.map(([name]) => sql`p.${sql.identifier(name)}`))}) is not distinct from (${values}))`,
  };
}

/**
 * Adds a version of a model's price to the caller's list. A tenant can price the platform's models for its users, but not
 * their cost. A request that repeats the newest version adds none, so it can be repeated. `further` statements run in the same transaction.
 */
export async function createPrice(
  database: Database,
  claims: SessionClaims,
  modelId: string,
  request: CreatePriceRequest,
  requestId: string,
  further: BatchItem<'pg'>[] = [],
): Promise<Result<ModelPrice, { code: PriceRefusal }>> {
  const { names, values, next, isNew } = newVersion(request);
  const which = sql`${isReadable(modelId)} and ${mayBePriced(request)} and ${isNew}`;
  const answer = await runAsUser(database, claims, [
    // Serializes the versions of one price. A transaction that waited here began earlier, so it uses the current time: now() is
    // the time at which it began.
    database.execute(
      sql`select pg_advisory_xact_lock(hashtextextended(${`price/${claims.tenantId}/${modelId}`}, 0))`,
    ),
    auditModel(
      database,
      'ai_model.priced',
      which,
      {
        before: sql`null::jsonb`,
        after: sql`${JSON.stringify(request)}::jsonb || jsonb_build_object('version', ${next})`,
      },
      requestId,
    ),
    database.execute(sql`insert into ai_model_prices (tenant_id, model_tenant_id, model_id, version, effective_from, ${names})
      select app.tenant_id(), ${aiModels.tenant_id}, ${aiModels.id}, ${next},
        coalesce(${request.effective_from}::timestamptz, clock_timestamp()), ${values}
      from ${aiModels} where ${which}`),
    selectPrices(database, modelId),
    database.execute<{ is_own: boolean; may_be_priced: boolean }>(sql`select ${isOwnModel} as is_own,
      ${mayBePriced(request)} as may_be_priced from ${aiModels} where ${isReadable(modelId)}`),
    selectModels(database, isReadable(modelId)),
    selectCallerRole(database),
    ...further,
  ]);
  if (!answer.ok) return answer;
  const [, , , prices, permissions, rows, callers] = answer.value;
  const model = readModel(rows, callers);
  if (!model.ok) return model;
  const [permission] = permissions.rows;
  const [own] = prices.rows;
  if (permission?.may_be_priced === false) return fail({ code: refusalOf(request, permission.is_own) });
  return own === undefined ? fail({ code: 'not_found' }) : ok(own.price);
}

/** Sets the list price that a model of the caller's tenant was last compared with. */
const setListPrice = (database: Database, id: string, list_price: TieredRates) =>
  database
    .update(aiModels)
    .set({ list_price: sql`${JSON.stringify(list_price)}::jsonb` })
    .where(isManageable(id));

/** Accepts a list price: adds a version of the price with it as the cost, and remembers it, in one transaction. */
export const acceptListPrice = (
  database: Database,
  claims: SessionClaims,
  id: string,
  price: CreatePriceRequest & { micro_usd_per_million: TieredRates },
  requestId: string,
) =>
  createPrice(database, claims, id, price, requestId, [
    setListPrice(database, id, price.micro_usd_per_million),
  ]);

/** Remembers a list price that the caller declined. The cost of the model stays. */
export async function declineListPrice(
  database: Database,
  claims: SessionClaims,
  id: string,
  list_price: TieredRates,
  requestId: string,
): Promise<Result<StoredModel, { code: CatalogRefusal }>> {
  const before = sql`jsonb_build_object('list_price', ${aiModels.list_price})`;
  const after = sql`${JSON.stringify({ list_price })}::jsonb`;
  const answer = await runAsUser(database, claims, [
    auditModel(database, 'ai_model.list_price_kept', isManageable(id), { before, after }, requestId),
    setListPrice(database, id, list_price),
    selectModels(database, isManageable(id)),
    selectCallerRole(database),
  ]);
  if (!answer.ok) return answer;
  const [, , rows, callers] = answer.value;
  return readModel(rows, callers);
}
