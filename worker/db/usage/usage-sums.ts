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

/** The key of an execution, without its time. */
const keyOfExecution: Columns = {
  user_id: sql`user_id`,
  api_key_id: sql`coalesce(api_key_id, ${NONE})`,
  model: sql`coalesce(model, '')`,
  provider_id: sql`coalesce((attempts -> -1 ->> 'provider_id')::uuid, ${NONE})`,
  level_id: sql`coalesce(level_id, ${NONE})`,
  key_owner: sql`case when price ->> 'cost_list' = 'tenant' and tenant_id <> app.platform_tenant_id() then 'tenant' else 'platform' end`,
};
const hourOfExecution = sql`(finished_at_ms / 3600000)::integer`;
const dayOfExecution = sql`date '1970-01-01' + (finished_at_ms / 86400000)::integer`;
const dayOfHour = sql`date '1970-01-01' + hour / 24`;

/** The same columns by their own names. */
const itself = (columns: Columns): Columns =>
  Object.fromEntries(Object.keys(columns).map((name) => [name, sql`${sql.identifier(name)}`]));

const [day, hour] = [sql`day`, sql`hour`];
const ofUser = itself(keyOfExecution);
const ofAll = { model: sql`model`, provider_id: sql`provider_id`, key_owner: sql`key_owner` };

/** Sums of executions to compare with a table: its key, from that of the sums and from its own. */
type Sums = { table: SQL; ofSums: Columns; ofTable: Columns };

const itsOwn = (table: SQL, key: Columns): Sums => ({ table, ofSums: key, ofTable: itself(key) });

/** The tables, in the order in which triggers lock their rows. The sums are by hour. */
const tables: readonly Sums[] = [
  itsOwn(sql`${dailyUsage}`, { day: dayOfHour, ...ofAll }),
  itsOwn(sql`${dailyUserUsage}`, { day: dayOfHour, ...ofUser }),
  itsOwn(sql`${hourlyUserUsage}`, { hour, ...ofUser }),
];

/** The same with sums by day, which are far fewer. The hours of a day are compared together. */
const tablesByDay: readonly Sums[] = [
  itsOwn(sql`${dailyUsage}`, { day, ...ofAll }),
  itsOwn(sql`${dailyUserUsage}`, { day, ...ofUser }),
  {
    table: sql`${hourlyUserUsage}`,
    ofSums: { day, ...ofUser },
    ofTable: { day: dayOfHour, ...ofUser },
  },
];

/** The rows of a table, or the executions, of some hours. */
const within = (time: 'ms' | 'hour' | 'day', hours: Hours | null): SQL => {
  if (hours === null) return sql`true`;
  const { first_hour, last_hour } = hours;
  if (time === 'hour') return sql`hour between ${first_hour}::integer and ${last_hour}::integer`;
  if (time === 'ms')
    return sql`finished_at_ms >= ${first_hour}::bigint * 3600000 and finished_at_ms < (${last_hour}::bigint + 1) * 3600000`;
  const dayOf = (at: number) => sql`date '1970-01-01' + ${Math.floor(at / 24)}::integer`;
  return sql`day between ${dayOf(first_hour)} and ${dayOf(last_hour)}`;
};

/** The compared columns: sums, and columns of which the greatest value is taken. */
type Compared = { sums: Columns; greatest: Columns };
const compared: Compared = { sums: charges, greatest: {} };
const corrected: Compared = {
  sums: everything,
  greatest: { provider_name: sql`coalesce(attempts -> -1 ->> 'provider_name', '')` },
};

/** A list of `<value> as <name>`. */
const named = (columns: Columns): SQL => each(columns, (name, value) => sql`${value} as ${name}`);
const aggregates = ({ sums, greatest }: Compared): SQL =>
  named({
    ...Object.fromEntries(Object.keys(sums).map((name) => [name, sql`sum(${sql.identifier(name)})`])),
    ...Object.fromEntries(Object.keys(greatest).map((name) => [name, sql`max(${sql.identifier(name)})`])),
  });

/** The sums of a tenant's executions by a key, as `recounted`. Without hours, of all time. */
const recounted = (tenantId: string, key: Columns, what: Compared, hours: Hours | null = null): SQL => sql`
  recounted as materialized (
    select ${namesOf(key)}, ${aggregates(what)} from (
      select ${named({ ...key, ...what.sums, ...what.greatest })} from ${aiExecutions}
      where tenant_id = ${tenantId}::uuid and finished_at_ms is not null and ${within('ms', hours)}
    ) executions group by ${namesOf(key)}
  )`;

/** The differences of `recounted` to a table, by its key: zeros where they agree. */
function differencesOf(
  { table, ofSums, ofTable }: Sums,
  tenantId: string,
  what: Compared,
  hours: Hours | null = null,
): SQL {
  const { sums, greatest } = what;
  const taken = Object.fromEntries(Object.keys(sums).map((name) => [name, sql`-${sql.identifier(name)}`]));
  return sql`
  select ${namesOf(ofSums)}, ${aggregates(what)} from (
    select ${named({ ...ofSums, ...itself(sums), ...itself(greatest) })} from recounted
    union all
    select ${named({ ...ofTable, ...taken, ...itself(greatest) })} from ${table}
    where tenant_id = ${tenantId}::uuid and ${within('hour' in ofTable ? 'hour' : 'day', hours)}
  ) both_sides
  group by ${namesOf(ofSums)}`;
}

const isDifferent = ({ sums }: Compared): SQL => sql`(${namesOf(sums)}) <> (${each(sums, () => sql`0`)})`;

/**
 * `{ rows, agreeing }` as jsonb: the rows of a tenant's usage, and those of them that are the sum of its executions. The rows of all hours
 * of a day are one.
 */
export const usageJson = (tenantId: string): SQL => sql`(
  with ${recounted(tenantId, { day: dayOfExecution, ...keyOfExecution }, compared)}
  select jsonb_build_object('rows', count(*), 'agreeing', count(*) filter (where is_equal))
  from (${sql.join(
    tablesByDay.map(
      (one) =>
        sql`select not ${isDifferent(compared)} as is_equal from (${differencesOf(one, tenantId, compared)}) of_one`,
    ),
    sql` union all `,
  )}) differences)`;

/**
 * Statements that add to the usage of a tenant what it lacks of the sum of its executions, of all time or of some hours. Exact also while
 * the journal writes further ones. Each changes as many rows as differ.
 */
export const usageCorrections = (tenantId: string, hours: Hours | null = null): SQL[] =>
  tables.map((one) => {
    const key = namesOf(one.ofSums);
    return sql`
      with ${recounted(tenantId, { hour: hourOfExecution, ...keyOfExecution }, corrected, hours)}
      insert into ${one.table} as u (tenant_id, ${key}, provider_name, ${namesOf(everything)})
      select ${tenantId}::uuid, ${key}, provider_name, ${namesOf(everything)}
      from (${differencesOf(one, tenantId, corrected, hours)}) differences
      where ${isDifferent(corrected)} order by ${key}
      on conflict (tenant_id, ${key}) do update set
        provider_name = coalesce(nullif(excluded.provider_name, ''), u.provider_name),
        ${each(everything, (name) => sql`${name} = u.${name} + excluded.${name}`)}`;
  });
