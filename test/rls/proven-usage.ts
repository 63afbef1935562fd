import { expect } from 'vitest';
import type { TestDatabase } from '../support/test-database.ts';

/** Proves that usage is the sum over executions, by a count in other words than those of the triggers. */

export const NONE = '00000000-0000-0000-0000-000000000000';

/** The keys of the tables besides the tenant, of an execution, in other words than those of the trigger. */
const ofExecution = {
  day: `to_char(to_timestamp(finished_at_ms / 1000) at time zone 'UTC', 'YYYY-MM-DD')`,
  hour: `(extract(epoch from date_trunc('hour', to_timestamp(finished_at_ms / 1000))) / 3600)::integer`,
  user_id: 'user_id',
  api_key_id: `coalesce(api_key_id, '${NONE}')`,
  model: `coalesce(model, '')`,
  provider_id: `coalesce((attempts #>> '{-1,provider_id}')::uuid, '${NONE}')`,
  level_id: `coalesce(level_id, '${NONE}')`,
  key_owner: `coalesce(price #>> '{cost_list}', 'platform')`,
};
type Key = keyof typeof ofExecution;
const ofUser: Key[] = ['user_id', 'api_key_id', 'model', 'provider_id', 'level_id', 'key_owner'];
export const tables: Record<string, Key[]> = {
  daily_usage: ['day', 'model', 'provider_id', 'key_owner'],
  daily_user_usage: ['day', ...ofUser],
  hourly_user_usage: ['hour', ...ofUser],
};

const tokens = (
  ...names: string[]
) => `sum((select coalesce(sum(value::numeric), 0) from jsonb_each_text(usage)
  where ${names.map((name) => `key like '${name}'`).join(' or ')}))`;
const histogram = (ms: string, counts: string) =>
  `coalesce(sum(round(10::numeric ^ (12 * least(170, floor(ln(${ms}::numeric) / ln(1.1)))))) filter (where ${counts}), 0)`;
const sums: Record<string, string> = {
  executions: 'count(*)',
  failed_executions: `count(nullif(status in ('failed', 'expired'), false))`,
  input_tokens: tokens('input%', 'cache%'),
  output_tokens: tokens('output%'),
  tokens_charged: 'sum(tokens_charged)',
  cost_micro_usd: 'sum(cost_micro_usd)',
  wholesale_micro_usd: 'sum(coalesce(wholesale_micro_usd, 0))',
  failovers: `sum((select greatest(count(*) - 1, 0) from jsonb_array_elements(attempts)))`,
  cache_read_tokens: tokens('cache_read_tokens'),
  cache_write_tokens: tokens('cache_write_tokens'),
  image_tokens: tokens('input_image_tokens', 'output_image_tokens'),
  audio_tokens: tokens('input_audio_tokens', 'output_audio_tokens'),
  reasoning_tokens: tokens('reasoning_tokens'),
  latencies: histogram('finished_at_ms - started_at_ms', `status = 'succeeded'`),
  first_tokens: histogram('first_token_ms', 'first_token_ms is not null'),
};
const sumNames = Object.keys(sums);

export type UsageRow = Record<string, string>;

/** Proves that a table is the sum over executions, and returns its rows. */
async function proven(owner: TestDatabase['owner'], table: string): Promise<UsageRow[]> {
  const key = tables[table] ?? [];
  const order = `order by tenant_id, ${key.join(', ')}`;
  const texts = (names: string[]) => names.map((name) => `${name}::text`).join(', ');
  const { rows } = await owner.query(
    `select ${texts(['tenant_id', ...key, ...sumNames])} from ${table} where executions <> 0 ${order}`,
  );
  const { rows: recounted } = await owner.query(
    `select ${texts(['tenant_id', ...key, ...sumNames])} from (
       select tenant_id, ${key.map((name) => `${ofExecution[name]} as ${name}`).join(', ')},
         ${sumNames.map((name) => `${sums[name]} as ${name}`).join(', ')}
       from ai_executions where finished_at_ms is not null group by ${[...key, 'tenant_id'].map((_, at) => at + 1).join(', ')}
     ) recounted ${order}`,
  );
  expect(rows).toEqual(recounted);
  const { rows: strays } = await owner.query(
    `select from ${table} where executions = 0 and (${sumNames.join(', ')}) <> (${sumNames.map(() => '0').join(', ')})`,
  );
  expect(strays).toEqual([]);
  return rows;
}

/** Proves that usage is the sum over executions, and returns it. */
export async function provenUsage(owner: TestDatabase['owner']): Promise<Record<string, UsageRow[]>> {
  const usage: Record<string, UsageRow[]> = {};
  for (const table of Object.keys(tables)) usage[table] = await proven(owner, table);
  return usage;
}
