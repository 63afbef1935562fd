import { type SQL, sql } from 'drizzle-orm';
import type { BatchItem } from 'drizzle-orm/batch';
import type { Database } from '../client.ts';
import { aiExecutions } from '../schema/executions.ts';
import { dailyUsage } from '../schema/usage.ts';

/** The usage of one tenant beside its executions. Triggers keep them equal; the check of the tenant's wallet compares them. */

/** The sum of usage classes of an execution. */
const tokensOf = (...classes: string[]): SQL =>
  sql.join(
    classes.map((name) => sql`coalesce((usage ->> ${name}::text)::bigint, 0)`),
    sql` + `,
  );

type Columns = Record<string, SQL>;

/** The amounts that an execution adds to each column of its day. */
const charges: Columns = {
  executions: sql`1`,
  failed_executions: sql`(status in ('failed', 'expired'))::integer`,
  tokens_charged: sql`tokens_charged`,
  cost_micro_usd: sql`cost_micro_usd`,
  wholesale_micro_usd: sql`coalesce(wholesale_micro_usd, 0)`,
};
const everything: Columns = {
  ...charges,
  input_tokens: tokensOf(
    ...[
      'input_tokens',
      'input_image_tokens',
      'input_audio_tokens',
      'cache_read_tokens',
      'cache_write_tokens',
      'cache_write_1h_tokens',
    ],
  ),
  output_tokens: tokensOf('output_tokens', 'output_image_tokens', 'output_audio_tokens'),
};

/** A list with one term for each column. */
const each = (columns: Columns, term: (name: SQL, ofExecution: SQL) => SQL): SQL =>
  sql.join(
    Object.entries(columns).map(([name, ofExecution]) => term(sql`${sql.identifier(name)}`, ofExecution)),
    sql`, `,
  );

/** The differences of executions to usage, by day, model and owner of the key: zeros where they agree. */
const differencesOf = (tenantId: string, columns: Columns): SQL => sql`
  select day, model, key_owner, ${each(columns, (name) => sql`sum(${name})::bigint as ${name}`)} from (
    select date '1970-01-01' + (finished_at_ms / 86400000)::integer as day, coalesce(model, '') as model,
      case when price ->> 'cost_list' = 'tenant' and tenant_id <> app.platform_tenant_id() then 'tenant' else 'platform' end as key_owner,
      ${each(columns, (name, ofExecution) => sql`${ofExecution} as ${name}`)}
    from ${aiExecutions} where tenant_id = ${tenantId} and finished_at_ms is not null
    union all
    select day, model, key_owner, ${each(columns, (name) => sql`-${name}`)} from ${dailyUsage} where tenant_id = ${tenantId}
  ) both_sides
  group by day, model, key_owner`;

const isDifferent = (columns: Columns): SQL =>
  sql`(${each(columns, (name) => name)}) <> (${each(columns, () => sql`0`)})`;

/** `{ rows, agreeing }` as jsonb: the rows of a tenant's usage, and those of them that are the sum of its executions. */
export const usageJson = (tenantId: string): SQL => sql`(
  select jsonb_build_object('rows', count(*), 'agreeing', count(*) filter (where not ${isDifferent(charges)}))
  from (${differencesOf(tenantId, charges)}) differences)`;

/** Adds to the usage of a tenant what it lacks of the sum of its executions. Exact also while the journal writes further ones. */
export const rewriteUsage = (database: Database, tenantId: string): BatchItem<'pg'> =>
  database.execute(sql`
    insert into ${dailyUsage} as u (tenant_id, day, model, key_owner, ${each(everything, (name) => name)})
    select ${tenantId}::uuid, differences.* from (${differencesOf(tenantId, everything)}) differences
    where ${isDifferent(everything)} order by day, model, key_owner
    on conflict (tenant_id, day, model, key_owner) do update set
      ${each(everything, (name) => sql`${name} = u.${name} + excluded.${name}`)}`);
