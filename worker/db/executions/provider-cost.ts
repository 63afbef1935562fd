import { sql } from 'drizzle-orm';
import { pickFields } from '../../../contracts/fields.ts';
import { type JournalEntry, openOutcome, type WithheldEntry } from '../../../contracts/wallet/journal.ts';
import type { Database } from '../client.ts';
import { type Costly, priceWithoutCost, withoutCost } from './present-execution.ts';

/**
 * The rights to see costs. Admins see the provider's price and cost and what the tenant pays the platform. Users see the first where
 * their tenant shows it, and never the second.
 */
export type CostRights = { sees_cost: boolean; sees_wholesale: boolean };

/** Selects the rights of the caller, from their role and the tenant's setting as they are now. For a batch. */
export const selectCostRights = (database: Database) =>
  database.execute<CostRights>(sql`select is_admin as sees_wholesale, is_admin or coalesce(
      (select shows_provider_cost from tenants where id = app.tenant_id()), false) as sees_cost
    from (select app.role() in ('admin', 'superadmin') as is_admin) as caller`);

/** Returns the rights of {@link selectCostRights}. */
export function costRightsOf({ rows: [rights] }: { rows: CostRights[] }): CostRights {
  if (rights === undefined) throw new Error('A caller has rights');
  return rights;
}

/** Returns an execution as its reader may see it. Pure. */
export const shownTo = <Shown extends Costly>(
  { sees_cost }: Pick<CostRights, 'sees_cost'>,
  execution: Shown,
): Shown => (sees_cost ? execution : withoutCost(execution));

/** The fields that every outcome has and every reader sees. */
const fieldsAlwaysThere = openOutcome.omit({ model: true, response_cache: true, first_token_ms: true });

/**
 * Returns an entry as its reader may see it: whole, or without costs and with the names of what was left out. The outcome has the fields
 * that its contract names, so that a new one is not told by accident. Pure.
 */
export function shownEntry(
  entry: JournalEntry,
  { sees_cost, sees_wholesale }: CostRights,
): JournalEntry | WithheldEntry {
  const { execution_outcome: outcome } = entry;
  if (outcome === null || sees_wholesale) return entry;
  const { model, first_token_ms, price, cost_micro_usd, wholesale_micro_usd, response_cache } = outcome;
  const withheld: WithheldEntry['withheld'] = [];
  if (!sees_cost) withheld.push('execution_outcome.cost_micro_usd');
  if (!sees_cost && price !== undefined)
    withheld.push(
      'execution_outcome.price.cost_list',
      'execution_outcome.price.cost_version',
      'execution_outcome.price.micro_usd_per_million',
    );
  if (wholesale_micro_usd !== undefined) withheld.push('execution_outcome.wholesale_micro_usd');
  if (withheld.length === 0) return entry;
  const shownOutcome = {
    ...pickFields(fieldsAlwaysThere, outcome),
    ...(model !== undefined && { model }),
    ...(response_cache !== undefined && { response_cache }),
    ...(first_token_ms !== undefined && { first_token_ms }),
    ...(sees_cost && { cost_micro_usd }),
    ...(price !== undefined && { price: sees_cost ? price : priceWithoutCost(price) }),
  };
  return { ...entry, execution_outcome: shownOutcome, withheld };
}
