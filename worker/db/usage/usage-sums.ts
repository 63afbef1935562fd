import { type SQL, sql } from 'drizzle-orm';
import { aiExecutions } from '../schema/executions.ts';
import { dailyUsage, dailyUserUsage, hourlyUserUsage } from '../schema/usage.ts';

/**
 * The usage of one tenant beside its executions. Triggers keep them equal (migrations: app.count_new_usage); the check of the tenant's
 * wallet compares them, and a repair or `npm run rebuild:usage` adds what is missing.
 */

/** Hours since the epoch, both included. Those of whole days. */
export type Hours = { first_hour: number; last_hour: number };

type Columns = Record<string, SQL>;

/** The amounts of an execution that a check compares. */
const charges: Columns = {
  executions: sql`1`,
  failed_executions: sql`(status in ('failed', 'expired'))::integer`,
  tokens_charged: sql`tokens_charged`,
  cost_micro_usd: sql`cost_micro_usd`,
  wholesale_micro_usd: sql`coalesce(wholesale_micro_usd, 0)`,
};

/** The tokens of the usage classes whose names are like one of these. A class that is added to executions is counted by its name. */
const tokensLike = (...names: string[]): SQL =>
  sql`(select coalesce(sum(value::bigint), 0) from jsonb_each_text(usage) where key like any (array[${sql.join(
    names.map((name) => sql`${name}::text`),
    sql`, `,
  )}]))`;

const everything: Columns = {
  ...charges,
  input_tokens: tokensLike('input%', 'cache%'),
  output_tokens: tokensLike('output%'),
  failovers: sql`greatest(jsonb_array_length(attempts) - 1, 0)`,
  cache_read_tokens: tokensLike('cache_read%'),
  cache_write_tokens: tokensLike('cache_write%'),
  image_tokens: tokensLike('%image%'),
  audio_tokens: tokensLike('%audio%'),
  reasoning_tokens: tokensLike('reasoning%'),
  latencies: sql`case when status = 'succeeded' then coalesce(app.histogram_of(finished_at_ms - started_at_ms), 0) else 0 end`,
  first_tokens: sql`coalesce(app.histogram_of(first_token_ms), 0)`,
};

/** A list with one term for each column. */
const each = (columns: Columns, term: (name: SQL, value: SQL) => SQL): SQL =>
  sql.join(
    Object.entries(columns).map(([name, value]) => term(sql`${sql.identifier(name)}`, value)),
    sql`, `,
  );
const namesOf = (columns: Columns): SQL => each(columns, (name) => name);

const NONE = sql`'00000000-0000-0000-0000-000000000000'::uuid`;

/** The finest key, of an execution. */
const keyOfExecution: Columns = {
  hour: sql`(finished_at_ms / 3600000)::integer`,
  user_id: sql`user_id`,
  api_key_id: sql`coalesce(api_key_id, ${NONE})`,
  model: sql`coalesce(model, '')`,
  provider_id: sql`coalesce((attempts -> -1 ->> 'provider_id')::uuid, ${NONE})`,
  level_id: sql`coalesce(level_id, ${NONE})`,
  key_owner: sql`case when price ->> 'cost_list' = 'tenant' and tenant_id <> app.platform_tenant_id() then 'tenant' else 'platform' end`,
};
const { hour: _, ...keyWithoutTime } = keyOfExecution;

/** A table of usage: its key besides the tenant, from the finest key, and its rows of some hours. */
type Sums = { table: SQL; key: Columns; within: (hours: Hours) => SQL };

/** The same columns by their own names. */
const itself = (columns: Columns): Columns =>
  Object.fromEntries(Object.keys(columns).map((name) => [name, sql`${sql.identifier(name)}`]));
const day = sql`date '1970-01-01' + hour / 24`;
const dayOf = (hour: number) => sql`date '1970-01-01' + ${Math.floor(hour / 24)}::integer`;
const daysWithin = ({ first_hour, last_hour }: Hours) =>
  sql`day between ${dayOf(first_hour)} and ${dayOf(last_hour)}`;
const { model, provider_id, key_owner } = itself(keyOfExecution) as Record<'model' | 'provider_id' | 'key_owner', SQL>;

/** The tables, in the order in which triggers lock their rows. */
const tables: readonly Sums[] = [
  { table: sql`${dailyUsage}`, key: { day, model, provider_id, key_owner }, within: daysWithin },
  { table: sql`${dailyUserUsage}`, key: { day, ...itself(keyWithoutTime) }, within: daysWithin },
  {
    table: sql`${hourlyUserUsage}`,
    key: itself(keyOfExecution),
    within: ({ first_hour, last_hour }) => sql`hour between ${first_hour}::integer and ${last_hour}::integer`,
  },
];

/** The sums of a tenant's executions by the finest key, as `recounted`. Without hours, of all time. */
const recounted = (tenantId: string, columns: Columns, hours: Hours | null): SQL => sql`
  recounted as materialized (
    select ${namesOf(keyOfExecution)}, max(provider_name) as provider_name,
      ${each(columns, (name) => sql`sum(${name}) as ${name}`)}
    from (
      select ${each({ ...keyOfExecution, ...columns }, (name, value) => sql`${value} as ${name}`)},
        coalesce(attempts -> -1 ->> 'provider_name', '') as provider_name
      from ${aiExecutions} where tenant_id = ${tenantId}::uuid and finished_at_ms is not null
        ${
          hours === null
            ? sql``
            : sql`and finished_at_ms >= ${hours.first_hour}::bigint * 3600000 and finished_at_ms < (${hours.last_hour}::bigint + 1) * 3600000`
        }
    ) executions group by ${namesOf(keyOfExecution)}
  )`;

/** The differences of `recounted` to a table, by its key: zeros where they agree. */
const differencesOf = (
  { table, key, within }: Sums,
  tenantId: string,
  columns: Columns,
  hours: Hours | null,
): SQL => sql`
  select ${namesOf(key)}, max(provider_name) as provider_name, ${each(columns, (name) => sql`sum(${name}) as ${name}`)}
  from (
    select ${each(key, (name, value) => sql`${value} as ${name}`)}, provider_name, ${namesOf(columns)} from recounted
    union all
    select ${namesOf(key)}, provider_name, ${each(columns, (name) => sql`-${name}`)} from ${table}
    where tenant_id = ${tenantId}::uuid and ${hours === null ? sql`true` : within(hours)}
  ) both_sides
  group by ${namesOf(key)}`;

const isDifferent = (columns: Columns): SQL =>
  sql`(${namesOf(columns)}) <> (${each(columns, () => sql`0`)})`;

/** `{ rows, agreeing }` as jsonb: the rows of a tenant's usage, and those of them that are the sum of its executions. */
export const usageJson = (tenantId: string): SQL => sql`(
  with ${recounted(tenantId, charges, null)}
  select jsonb_build_object('rows', count(*), 'agreeing', count(*) filter (where is_equal))
  from (${sql.join(
    tables.map(
      (one) => sql`select not ${isDifferent(charges)} as is_equal from (${differencesOf(one, tenantId, charges, null)}) of_one`,
    ),
    sql` union all `,
  )}) differences)`;

/**
 * Statements that add to the usage of a tenant what it lacks of the sum of its executions, of all time or of some hours. Exact also while
 * the journal writes further ones. Each changes as many rows as differ.
 */
export const usageCorrections = (tenantId: string, hours: Hours | null = null): SQL[] =>
  tables.map((one) => {
    const key = namesOf(one.key);
    return sql`
      with ${recounted(tenantId, everything, hours)}
      insert into ${one.table} as u (tenant_id, ${key}, provider_name, ${namesOf(everything)})
      select ${tenantId}::uuid, ${key}, provider_name, ${namesOf(everything)}
      from (${differencesOf(one, tenantId, everything, hours)}) differences
      where ${isDifferent(everything)} order by ${key}
      on conflict (tenant_id, ${key}) do update set
        provider_name = coalesce(nullif(excluded.provider_name, ''), u.provider_name),
        ${each(everything, (name) => sql`${name} = u.${name} + excluded.${name}`)}`;
  });
