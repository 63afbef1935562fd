import { parseArgs } from 'node:util';
import type { Pool } from '@neondatabase/serverless';
import { sql } from 'drizzle-orm';
import { drizzle, type NeonDatabase } from 'drizzle-orm/neon-serverless';
import { z } from 'zod';
import { type Hours, usageCorrections } from '../worker/db/usage/usage-sums.ts';
import { ownerPool } from './migrate.ts';

const HELP = `Adds to usage what it lacks of the sum of executions, and takes away what it has too much. Usage that is right stays as it is.

  DATABASE_OWNER_URL=postgresql://owner:...@host/db npm run rebuild:usage -- [options]

  --tenant ID         rebuild one tenant instead of all
  --days N            days in a transaction: 31 by default
  --gateway HOST:PORT connect to the local stack's gateway instead of Neon
  --help              show this

The command is safe to repeat, and to run while the platform serves: it adds differences, so executions that arrive meanwhile count
once. It reports the rows that it changed.`;

const HOURS_OF_DAY = 24;

/** Runs statements as the owner in the operator role, in one transaction. Row security admits this role. */
const asOperator = <Value>(
  database: NeonDatabase,
  work: (tx: Pick<NeonDatabase, 'execute'>) => Promise<Value>,
) =>
  database.transaction(async (tx) => {
    await tx.execute(sql`select set_config('app.role', 'operator', true)`);
    return work(tx);
  });

/** Returns the tenants after one, in the order of their ids, a page of them. */
const tenantsAfter = (database: NeonDatabase, after: string | null): Promise<string[]> =>
  asOperator(database, async (tx) => {
    const { rows } = await tx.execute<{ id: string }>(
      sql`select id from tenants where ${after === null ? sql`true` : sql`id > ${after}::uuid`} order by id limit 100`,
    );
    return rows.map(({ id }) => id);
  });

/** Returns the hours of a tenant's executions and of its usage, as whole days; null without any. */
const hoursOf = (database: NeonDatabase, tenantId: string): Promise<Hours | null> =>
  asOperator(database, async (tx) => {
    const { rows } = await tx.execute<{ first: number | null; last: number | null }>(sql`
      select min(hour)::float8 as first, max(hour)::float8 as last from (
        select finished_at_ms / 3600000 as hour from ai_executions where tenant_id = ${tenantId}::uuid and finished_at_ms is not null
        union all
        select hour from hourly_user_usage where tenant_id = ${tenantId}::uuid
        union all
        select (day - date '1970-01-01') * 24 from daily_user_usage where tenant_id = ${tenantId}::uuid
        union all
        select (day - date '1970-01-01') * 24 from daily_usage where tenant_id = ${tenantId}::uuid
      ) known`);
    const { first = null, last = null } = rows[0] ?? {};
    if (first === null || last === null) return null;
    const dayOf = (hour: number) => Math.floor(hour / HOURS_OF_DAY);
    return {
      first_hour: dayOf(first) * HOURS_OF_DAY,
      last_hour: (dayOf(last) + 1) * HOURS_OF_DAY - 1,
    };
  });

/** Corrects the usage of a tenant, some days at a time. Returns the number of rows that were changed. */
async function rebuildTenant(database: NeonDatabase, tenantId: string, days: number): Promise<number> {
  const all = await hoursOf(database, tenantId);
  if (all === null) return 0;
  const step = days * HOURS_OF_DAY;
  let changed = 0;
  for (let first_hour = all.first_hour; first_hour <= all.last_hour; first_hour += step) {
    const hours = { first_hour, last_hour: Math.min(all.last_hour, first_hour + step - 1) };
    changed += await asOperator(database, async (tx) => {
      let rows = 0;
      for (const correction of usageCorrections(tenantId, hours))
        rows += (await tx.execute(correction)).rowCount ?? 0;
      return rows;
    });
  }
  return changed;
}

/** Corrects the usage of one tenant or of all. Returns the rows changed, by tenant, of tenants with any. */
export async function rebuildUsage(
  pool: Pool,
  { tenantId = null, days = 31 }: { tenantId?: string | null; days?: number } = {},
): Promise<Map<string, number>> {
  const database = drizzle(pool);
  const changed = new Map<string, number>();
  let page = tenantId === null ? await tenantsAfter(database, null) : [tenantId];
  while (page.length > 0) {
    for (const id of page) {
      const rows = await rebuildTenant(database, id, days);
      if (rows > 0) changed.set(id, rows);
    }
    page = tenantId === null ? await tenantsAfter(database, page.at(-1) ?? null) : [];
  }
  return changed;
}

const optionsShape = z.object({
  tenant: z.uuid().nullable().default(null),
  days: z.coerce.number().int().min(1).max(3_660).default(31),
});

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      tenant: { type: 'string' },
      days: { type: 'string' },
      gateway: { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  const ownerUrl = process.env.DATABASE_OWNER_URL;
  const options = optionsShape.safeParse(values);
  if (values.help || ownerUrl === undefined || !options.success) {
    console.log(HELP);
    if (values.help) return 0;
    console.error(
      '\nDATABASE_OWNER_URL must be set, --tenant be an id, and --days a number from 1 to 3,660.',
    );
    return 2;
  }
  const { tenant, days } = options.data;
  const pool = ownerPool(ownerUrl, values.gateway ?? null);
  try {
    const changed = await rebuildUsage(pool, { tenantId: tenant, days });
    for (const [id, rows] of changed) console.log(`Tenant ${id}: ${rows} rows corrected.`);
    console.log(
      changed.size === 0 ? 'Usage equals the executions.' : `${changed.size} tenants were corrected.`,
    );
    return 0;
  } finally {
    await pool.end();
  }
}

if (import.meta.main) process.exitCode = await main();
