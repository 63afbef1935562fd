import { type SQL, sql } from 'drizzle-orm';
import type { SessionClaims } from '../../contracts/api/auth.ts';
import type { CreatePriceRequest, ModelPrice } from '../../contracts/api/catalog.ts';
import { fail, ok, type Result } from '../../contracts/result.ts';
import { selectCallerRole } from './authorization.ts';
import type { Database } from './client.ts';
import { runAsUser } from './context.ts';
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
  const answer = await runAsUser(database, claims, [
    selectPrices(database, modelId),
    selectModels(database, isSeenAs(modelId)),
    selectCallerRole(database),
  ]);
  if (!answer.ok) return answer;
  const [prices, rows, askers] = answer.value;
  const model = readModel(rows, askers);
  return model.ok ? ok(prices.rows.map(({ price }) => price)) : model;
}

const classes = ['input', 'cache_read', 'cache_write', 'output'] as const;

/** The figures of a price by the names of their columns. */
const columnsOf = ({ micro_usd_per_million, wallet_tokens_per_1000 }: CreatePriceRequest) => [
  ...classes.map((name) => [`${name}_micro_usd_per_million`, micro_usd_per_million?.[name] ?? null] as const),
  ...classes.map((name) => [`${name}_wallet_tokens_per_1000`, wallet_tokens_per_1000[name]] as const),
];

const joined = (parts: SQL[]) => sql.join(parts, sql`, `);

const isOwnModel = sql`${aiModels.tenant_id} = app.tenant_id()`;

/** The platform's models cost what the platform says: a tenant prices those that the platform has priced, for its own users. */
const isOffered = sql`exists (select from ai_model_prices c where c.tenant_id = ${aiModels.tenant_id}
  and c.model_tenant_id = ${aiModels.tenant_id} and c.model_id = ${aiModels.id} and c.effective_from <= clock_timestamp())`;

const mayBePriced = (request: CreatePriceRequest) =>
  request.micro_usd_per_million === undefined ? sql`not ${isOwnModel} and ${isOffered}` : isOwnModel;

/** Why a model cannot be given this price: it takes a cost, or takes none, or the platform has not priced it yet. */
export type PriceRefusal = CatalogRefusal | 'cost_missing' | 'cost_not_yours' | 'model_unpriced';

/** Why a price was not taken for a model that its asker may see. */
function refusalOf({ micro_usd_per_million }: CreatePriceRequest, is_own: boolean): PriceRefusal {
  if (micro_usd_per_million !== undefined) return 'cost_not_yours';
  return is_own ? 'cost_missing' : 'model_unpriced';
}

/** The part of a statement that says which versions are of the asker's list, and whether the request would be a new one. */
function newVersion(request: CreatePriceRequest) {
  const columns = columnsOf(request);
  const values = joined(columns.map(([, value]) => sql`${value}::bigint`));
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
 * Puts a new version of a model's price on the asker's list: a tenant may price the platform's models for its users, and says nothing
 * of what they cost. What the newest version says already, from the same moment, is no new version: so a request may be repeated.
 */
export async function createPrice(
  database: Database,
  claims: SessionClaims,
  modelId: string,
  request: CreatePriceRequest,
  requestId: string,
): Promise<Result<ModelPrice, { code: PriceRefusal }>> {
  const { names, values, next, isNew } = newVersion(request);
  const which = sql`${isSeenAs(modelId)} and ${mayBePriced(request)} and ${isNew}`;
  const answer = await runAsUser(database, claims, [
    // Versions of one price are made one after the other. Who waits here began before whom they waited for, so their moments
    // are the clock's: now() would be when they began.
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
      ${mayBePriced(request)} as may_be_priced from ${aiModels} where ${isSeenAs(modelId)}`),
    selectModels(database, isSeenAs(modelId)),
    selectCallerRole(database),
  ]);
  if (!answer.ok) return answer;
  const [, , , prices, standings, rows, askers] = answer.value;
  const model = readModel(rows, askers);
  if (!model.ok) return model;
  const [standing] = standings.rows;
  const [own] = prices.rows;
  if (standing?.may_be_priced === false) return fail({ code: refusalOf(request, standing.is_own) });
  return own === undefined ? fail({ code: 'not_found' }) : ok(own.price);
}
