import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { drizzle } from 'drizzle-orm/node-postgres';
import { migrate } from 'drizzle-orm/node-postgres/migrator';
import pg from 'pg';
import { expect, it } from 'vitest';
import { startTestPostgres } from '../support/postgres.ts';
import { insertRow } from '../support/test-database.ts';
import { refusalOf } from './database.ts';
import { fixtures } from './fixtures.ts';
import { makeWorld } from './world.ts';

const migrations = fileURLToPath(new URL('../../migrations', import.meta.url));

/** The migrations before the one with that tag. */
function migrationsBefore(tag: string): string {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'migrations-'));
  cpSync(migrations, folder, { recursive: true });
  const file = path.join(folder, 'meta', '_journal.json');
  const journal = JSON.parse(readFileSync(file, 'utf8'));
  const end = journal.entries.findIndex((entry: { tag: string }) => entry.tag === tag);
  writeFileSync(file, JSON.stringify({ ...journal, entries: journal.entries.slice(0, end) }));
  return folder;
}

it('takes back what tenants have said of the cost of the platform’s models, and leaves every other price as it was', async () => {
  const postgres = await startTestPostgres();
  const owner = new pg.Client({ connectionString: postgres.ownerUrl });
  const before = migrationsBefore('0014_named_prices');
  try {
    await owner.connect();
    await migrate(drizzle(owner), { migrationsFolder: before });
    await owner.query(`select set_config('app.role', 'operator', false)`);
    const { own, platform } = (await makeWorld(owner)).places;
    const price = { ...fixtures['public.ai_model_prices']?.newRow(own, 'service'), version: 1 };
    const ofPlatform = { model_tenant_id: platform.tenant_id, model_id: platform.model_id };
    await insertRow(owner, 'ai_model_prices', price);
    await insertRow(owner, 'ai_model_prices', { ...price, ...ofPlatform, input_micro_usd_per_million: 0 });
    await insertRow(owner, 'ai_model_prices', { ...price, ...ofPlatform, tenant_id: platform.tenant_id });
    const listed = async () =>
      (
        await owner.query(`select tenant_id = model_tenant_id as by_its_owner, input_micro_usd_per_million::int as cost,
            input_wallet_tokens_per_1000::int as rate from ai_model_prices order by 1, 2`)
      ).rows;
    expect((await listed()).map(({ cost }) => cost)).toEqual([0, 1, 1]);

    await migrate(drizzle(owner), { migrationsFolder: migrations });
    await owner.query(`select set_config('app.role', 'operator', false)`);
    expect(await listed()).toEqual([
      { by_its_owner: false, cost: null, rate: 1 },
      { by_its_owner: true, cost: 1, rate: 1 },
      { by_its_owner: true, cost: 1, rate: 1 },
    ]);
    await owner.query('begin');
    const change = () => owner.query('update ai_model_prices set input_wallet_tokens_per_1000 = 2');
    expect(await refusalOf(owner, change), 'prices never change after it').toBe('VS001');
  } finally {
    await owner.end();
    await postgres.stop();
    rmSync(before, { recursive: true });
  }
});
