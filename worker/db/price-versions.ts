import { type SQL, sql } from 'drizzle-orm';
import type { SessionClaims } from '../../contracts/api/auth.ts';
import type { CreatePriceRequest, ModelPrice } from '../../contracts/api/catalog.ts';
import { fail, ok, type Result } from '../../contracts/result.ts';
import { selectAsker } from './administration.ts';
import type { Database } from './client.ts';
import { asUser } from './context.ts';
import { auditModel, isSeenAs, readModel, selectModels } from './models.ts';
import { presentedPrice, pricesOfModel } from './prices.ts';
import type { CatalogRefusal } from './providers.ts';
import { aiModels } from './schema/catalog.ts';

/** The versions of a model's price: read, and added to. */

const selectPrices = (database: Database, modelId: string) =>
  database.execute<{ price: ModelPrice }>(sql`select priced.price from ${aiModels},
      lateral (select ${presentedPrice} as price, p.tenant_id = app.tenant_id() as own, p.version from ${pricesOfModel}) priced
    where ${isSeenAs(modelId)} order by priced.own desc, priced.version desc`);

/** Every version of a model's price: the tenant's own list first, the newest version first. */
export async function listPrices(
  database: Database,
  claims: SessionClaims,
  modelId: string,
): Promise<Result<ModelPrice[], { code: CatalogRefusal }>> {
  const answer = await asUser(database, claims, [
    selectPrices(database, modelId),
    selectModels(database, isSeenAs(modelId)),
    selectAsker(database),
  ]);
  if (!answer.ok) return answer;
  const [prices, rows, askers] = answer.value;
  const model = readModel(rows, askers);
  return model.ok ? ok(prices.rows.map(({ price }) => price)) : model;
}

const classes = ['input', 'cache_read', 'cache_write', 'output'] as const;

/** The figures of a price by the names of their columns. */
const columnsOf = ({ micro_usd_per_million, wallet_tokens_per_1000 }: CreatePriceRequest) => [
  ...classes.map((name) => [`${name}_micro_usd_per_million`, micro_usd_per_million[name]] as const),
  ...classes.map((name) => [`${name}_wallet_tokens_per_1000`, wallet_tokens_per_1000[name]] as const),
];

const joined = (parts: SQL[]) => sql.join(parts, sql`, `);

/**
 * Puts a new version of a model's price on the asker's list: a tenant may price the platform's models for itself. What the
 * newest version says already, from the same moment, is no new version: so a request may be repeated.
 */
export async function createPrice(
  database: Database,
  claims: SessionClaims,
  modelId: string,
  request: CreatePriceRequest,
  requestId: string,
): Promise<Result<ModelPrice, { code: CatalogRefusal }>> {
  const columns = columnsOf(request);
  const names = joined(columns.map(([name]) => sql`${sql.identifier(name)}`));
  const values = joined(columns.map(([, value]) => sql`${value}::bigint`));
  const onOwnList = sql`p.tenant_id = app.tenant_id() and p.model_tenant_id = ${aiModels.tenant_id} and p.model_id = ${aiModels.id}`;
  const newest = sql`coalesce((select max(p.version) from ai_model_prices p where ${onOwnList}), 0)`;
  const sameMoment =
    request.effective_from === null
      ? sql`p.effective_from <= clock_timestamp()`
      : sql`p.effective_from = ${request.effective_from}::timestamptz`;
  const isNew = sql`not exists (select from ai_model_prices p where ${onOwnList} and p.version = ${newest} and ${sameMoment}
    and (${joined(columns.map(([name]) => sql`p.${sql.identifier(name)}`))}) = (${values}))`;
  const answer = await asUser(database, claims, [
    // Versions of one price are made one after the other. Who waits here began before whom they waited for, so their moments
    // are the clock's: now() would be when they began.
    database.execute(
      sql`select pg_advisory_xact_lock(hashtextextended(${`price/${claims.tenantId}/${modelId}`}, 0))`,
    ),
    auditModel(
      database,
      'ai_model.priced',
      sql`${isSeenAs(modelId)} and ${isNew}`,
      {
        before: sql`null::jsonb`,
        after: sql`${JSON.stringify(request)}::jsonb || jsonb_build_object('version', ${newest} + 1)`,
      },
      requestId,
    ),
    database.execute(sql`insert into ai_model_prices (tenant_id, model_tenant_id, model_id, version, effective_from, ${names})
      select app.tenant_id(), ${aiModels.tenant_id}, ${aiModels.id}, ${newest} + 1,
        coalesce(${request.effective_from}::timestamptz, clock_timestamp()), ${values}
      from ${aiModels} where ${isSeenAs(modelId)} and ${isNew}`),
    selectPrices(database, modelId),
    selectModels(database, isSeenAs(modelId)),
    selectAsker(database),
  ]);
  if (!answer.ok) return answer;
  const [, , , prices, rows, askers] = answer.value;
  const model = readModel(rows, askers);
  if (!model.ok) return model;
  const [own] = prices.rows;
  return own === undefined ? fail({ code: 'not_found' }) : ok(own.price);
}
