import { type SQL, sql } from 'drizzle-orm';
import type { ModelPrice } from '../../contracts/api/catalog.ts';
import { aiModelPrices, aiModels } from './schema/catalog.ts';
import type { Price } from './snapshots.ts';

/** Prices in SQL: which version of a model's price is in force, as JSON. `p` is the row of the price. */

const figures = sql`'micro_usd_per_million', json_build_object(
    'input', p.input_micro_usd_per_million, 'cache_read', p.cache_read_micro_usd_per_million,
    'cache_write', p.cache_write_micro_usd_per_million, 'output', p.output_micro_usd_per_million),
  'wallet_tokens_per_1000', json_build_object(
    'input', p.input_wallet_tokens_per_1000, 'cache_read', p.cache_read_wallet_tokens_per_1000,
    'cache_write', p.cache_write_wallet_tokens_per_1000, 'output', p.output_wallet_tokens_per_1000)`;

const isoOf = (column: SQL) => sql`to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;

/** A price as administrators see it. */
export const presentedPrice = sql<ModelPrice>`json_build_object('version', p.version,
  'list', case when p.tenant_id = app.tenant_id() and p.tenant_id <> app.platform_tenant_id() then 'tenant' else 'platform' end,
  'effective_from', ${isoOf(sql`p.effective_from`)}, 'created_at', ${isoOf(sql`p.created_at`)}, ${figures})`;

/** Prices of the model in the statement: on the tenant's own list and on the platform's. */
export const pricesOfModel = sql`${aiModelPrices} p
  where p.tenant_id in (app.tenant_id(), app.platform_tenant_id())
    and p.model_tenant_id = ${aiModels.tenant_id} and p.model_id = ${aiModels.id}`;

/** The newest effective one on the tenant's own list, else on the platform's; null when there is none. */
const inForce = (json: SQL) => sql`(
  select ${json} from ${pricesOfModel} and p.effective_from <= now()
  order by p.tenant_id = app.tenant_id() desc, p.effective_from desc, p.version desc
  limit 1)`;

/** As an execution needs it. */
export const effectivePrice = inForce(
  sql`json_build_object('version', p.version, ${figures})`,
) as SQL<Price | null>;

/** As an administrator sees it. */
export const presentedEffectivePrice = inForce(presentedPrice) as SQL<ModelPrice | null>;
