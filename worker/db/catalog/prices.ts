import { type SQL, sql } from 'drizzle-orm';
import type { EffectivePrice, ModelPrice } from '../../../contracts/api/catalog.ts';
import type { AppliedPrice } from '../../../contracts/catalog/price.ts';
import { aiModelPrices, aiModels } from '../schema/catalog.ts';

/**
 * Prices in SQL: selects the versions of a model's price that are in force, as JSON. Row `p` holds the user's price, row `c`
 * the provider's cost.
 */

const wallet_tokens_per_1000 = sql`json_strip_nulls(json_build_object(
    'input', p.input_wallet_tokens_per_1000, 'cache_read', p.cache_read_wallet_tokens_per_1000,
    'cache_write', p.cache_write_wallet_tokens_per_1000, 'output', p.output_wallet_tokens_per_1000,
    'cache_write_1h', p.cache_write_1h_wallet_tokens_per_1000,
    'input_image', p.input_image_wallet_tokens_per_1000, 'input_audio', p.input_audio_wallet_tokens_per_1000,
    'output_image', p.output_image_wallet_tokens_per_1000, 'output_audio', p.output_audio_wallet_tokens_per_1000,
    'tiers', p.wallet_tiers))`;

const micro_usd_per_million = (row: 'p' | 'c') => {
  const column = (name: string) =>
    sql`${sql.identifier(row)}.${sql.identifier(`${name}_micro_usd_per_million`)}`;
  return sql`json_strip_nulls(json_build_object('input', ${column('input')}, 'cache_read', ${column('cache_read')},
    'cache_write', ${column('cache_write')}, 'output', ${column('output')},
    'cache_write_1h', ${column('cache_write_1h')},
    'input_image', ${column('input_image')}, 'input_audio', ${column('input_audio')},
    'output_image', ${column('output_image')}, 'output_audio', ${column('output_audio')}, 'tiers', ${sql.identifier(row)}.cost_tiers))`;
};

const isoOf = (column: SQL) => sql`to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;

const listOf = (row: 'p' | 'c') =>
  sql`case when ${sql.identifier(row)}.tenant_id = app.platform_tenant_id() then 'platform' else 'tenant' end`;

const presented = sql`'version', p.version, 'list', ${listOf('p')}, 'effective_from', ${isoOf(sql`p.effective_from`)},
  'created_at', ${isoOf(sql`p.created_at`)}, 'wallet_tokens_per_1000', ${wallet_tokens_per_1000}`;

/** A version of a price, for the API. */
export const presentedPriceJson = sql<ModelPrice>`json_build_object(${presented}, 'micro_usd_per_million',
  case when p.tenant_id = p.model_tenant_id then ${micro_usd_per_million('p')} end)`;

const isOfModel = (row: 'p' | 'c') => {
  const name = sql.identifier(row);
  return sql`${name}.model_tenant_id = ${aiModels.tenant_id} and ${name}.model_id = ${aiModels.id}`;
};

/** The prices of the statement's model on the tenant's own list and on the platform's. */
export const pricesOfModel = sql`${aiModelPrices} p
  where p.tenant_id in (app.tenant_id(), app.platform_tenant_id()) and ${isOfModel('p')}`;

/**
 * Users pay the newest effective version on the tenant's own list, or else on the platform's. The cost comes from the list of
 * the model's owner, so a tenant cannot set the cost of the platform's models. Null when either is missing.
 */
const inForce = (json: SQL) => sql`(
  select ${json} from (
    select p.* from ${pricesOfModel} and p.effective_from <= now()
    order by p.tenant_id = app.tenant_id() desc, p.effective_from desc, p.version desc
    limit 1
  ) p, (
    select c.* from ${aiModelPrices} c
    where c.tenant_id = ${aiModels.tenant_id} and ${isOfModel('c')} and c.effective_from <= now()
    order by c.effective_from desc, c.version desc
    limit 1
  ) c)`;

const cost = sql`'cost_version', c.version, 'micro_usd_per_million', ${micro_usd_per_million('c')}`;

/** The price in force, for an execution. */
export const effectivePriceJson = inForce(
  sql`json_build_object('list', ${listOf('p')}, 'model_id', p.model_id, 'version', p.version,
    'wallet_tokens_per_1000', ${wallet_tokens_per_1000}, 'cost_list', ${listOf('c')}, ${cost})`,
) as SQL<AppliedPrice | null>;

/** The price in force, for the API. */
export const presentedEffectivePriceJson = inForce(
  sql`json_build_object(${presented}, ${cost})`,
) as SQL<EffectivePrice | null>;
