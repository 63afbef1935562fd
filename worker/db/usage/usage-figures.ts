import { type SQL, sql } from 'drizzle-orm';
import type { UsageFigures, UsageSum } from '../../../contracts/api/usage.ts';
import { percentilesOf } from './histogram.ts';

/** The figures of rows `u` of usage. Those of money are null for callers who may not see them. */

/** The columns that figures are made of. */
export const summed = sql`u.tenant_id, u.key_owner, u.provider_name, u.executions, u.failed_executions, u.failovers, u.input_tokens,
  u.output_tokens, u.cache_read_tokens, u.cache_write_tokens, u.image_tokens, u.audio_tokens, u.reasoning_tokens, u.tokens_charged,
  u.cost_micro_usd, u.wholesale_micro_usd, u.latencies, u.first_tokens`;

const sum = (column: string): SQL => sql`coalesce(sum(u.${sql.identifier(column)}), 0)`;
const sumWhere = (column: string, condition: SQL): SQL =>
  sql`coalesce(sum(u.${sql.identifier(column)}) filter (where ${condition}), 0)`;

const seesCharges = sql`(select app.role()) in ('admin', 'superadmin')`;
const seesMargin = sql`(select app.role()) = 'superadmin'`;
const onOwnKeys = sql`u.key_owner = 'tenant'`;
// The platform's own tenant pays it nothing.
const revenue = sumWhere('wholesale_micro_usd', sql`u.tenant_id <> (select app.platform_tenant_id())`);
const cost = sumWhere('cost_micro_usd', sql`u.key_owner = 'platform'`);

const sums: Record<UsageSum, SQL> = {
  executions: sum('executions'),
  failed_executions: sum('failed_executions'),
  own_key_executions: sumWhere('executions', onOwnKeys),
  failovers: sum('failovers'),
  input_tokens: sum('input_tokens'),
  output_tokens: sum('output_tokens'),
  cache_read_tokens: sum('cache_read_tokens'),
  cache_write_tokens: sum('cache_write_tokens'),
  image_tokens: sum('image_tokens'),
  audio_tokens: sum('audio_tokens'),
  reasoning_tokens: sum('reasoning_tokens'),
  wallet_tokens: sum('tokens_charged'),
  revenue_micro_usd: sql`case when ${seesCharges} then ${revenue} end`,
  cost_micro_usd: sql`case when ${seesMargin} then ${cost} end`,
  own_key_cost_micro_usd: sql`case when ${seesCharges} then ${sumWhere('cost_micro_usd', onOwnKeys)} end`,
  margin_micro_usd: sql`case when ${seesMargin} then ${revenue} - ${cost} end`,
};

/** A list of the figures, for `select ... from <rows> u`. */
export const figures = sql.join(
  [
    ...Object.entries(sums).map(([name, value]) => sql`(${value})::float8 as ${sql.identifier(name)}`),
    sql`${sum('latencies')} as latencies`,
    sql`${sum('first_tokens')} as first_tokens`,
  ],
  sql`, `,
);

/** The names of those columns, for a query around it. Of histograms the last zeros are left out, since the answer is long with them. */
export const figureColumns = sql.join(
  [
    ...Object.keys(sums).map((name) => sql`${sql.identifier(name)}`),
    ...['latencies', 'first_tokens'].map((name) => {
      const column = sql`${sql.identifier(name)}`;
      return sql`length(${column}::text) || ':' || rtrim(${column}::text, '0') as ${column}`;
    }),
  ],
  sql`, `,
);

/** A row with {@link figureColumns}. */
export type FiguresRow = Record<UsageSum, number | null> & { latencies: string; first_tokens: string };

/** Returns a histogram with the zeros that were left out. Pure. */
function histogramOf(shortened: string): string {
  const [length, digits = ''] = shortened.split(':');
  return digits.padEnd(Number(length), '0');
}

/** Returns the figures of a row. Pure. */
export const presentFigures = ({ latencies, first_tokens, ...row }: FiguresRow): UsageFigures =>
  ({
    ...row,
    latency_ms: percentilesOf(histogramOf(latencies)),
    first_token_ms: percentilesOf(histogramOf(first_tokens)),
  }) as UsageFigures;
