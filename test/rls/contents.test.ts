import pg from 'pg';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, describe, expect, it } from 'vitest';
import type { KeptOutput } from '../../contracts/execution-job.ts';
import {
  type ContentsKey,
  deleteExpiredTenantContents,
  deleteOwnContents,
  getOwnContent,
  insertContents,
  loadContents,
  replaceOutput,
} from '../../worker/db/executions/contents.ts';
import { getExecution } from '../../worker/db/executions/executions.ts';
import { updateTenantSettings } from '../../worker/db/tenants/tenant-settings.ts';
import { insertRow } from '../support/test-database.ts';
import { someoneWaits } from './database.ts';
import { claimsOf, got, refused, startGovernedWorld } from './governed-world.ts';
import type { Place } from './world.ts';

const { database, owner, worker, own, colleague, foreign, admin } = await startGovernedWorld();
afterAll(() => database.stop());

const me = claimsOf(own);
const input = {
  chat: { messages: [{ role: 'user' as const, content: [{ type: 'text' as const, text: 'A secret' }] }] },
};
const output: KeptOutput = {
  ...{ background: null, attempts: [], settlement: null },
  answer: { text: 'An answer', tool_calls: [] },
};

/** An execution in the ledger. */
async function begun({
  tenant_id,
  user_id,
}: Pick<Place, 'tenant_id' | 'user_id'> = own): Promise<ContentsKey> {
  const id = uuidv7();
  await insertRow(owner, 'ai_executions', { tenant_id, id, user_id, started_at_ms: 1 });
  return { tenant_id, user_id, execution_id: id };
}
const keep = (key: ContentsKey) => insertContents(worker, key, input, output, null);
const rowsOf = async ({ execution_id }: ContentsKey) =>
  (await owner.query('select * from ai_execution_contents where execution_id = $1', [execution_id])).rows;
const nothing = { messages: null, output_text: null, tool_calls: null };

describe('contents that their user deletes', () => {
  it('are gone', async () => {
    const key = await begun();
    await keep(key);
    expect(got(await getOwnContent(worker, me, key.execution_id)).output_text).toBe('An answer');
    got(await deleteOwnContents(worker, me, key.execution_id));
    expect(await rowsOf(key)).toEqual([]);
  });

  it('while the execution still runs are not kept when it ends, however often either is done', async () => {
    const key = await begun();
    for (let times = 0; times < 2; times++) {
      got(await deleteOwnContents(worker, me, key.execution_id));
      await keep(key);
      expect(got(await getOwnContent(worker, me, key.execution_id))).toEqual(nothing);
      expect(await loadContents(worker, key)).toBeNull();
      const execution = got(await getExecution(worker, me, key.execution_id));
      expect([execution.status, execution.output_text]).toEqual(['running', null]);
    }
    expect(JSON.stringify(await rowsOf(key))).not.toMatch(/secret|answer/i);
  });

  it('at the moment they are being kept are gone afterwards', async () => {
    const key = await begun();
    const keeping = new pg.Client({ connectionString: database.ownerUrl });
    await keeping.connect();
    await keeping.query(`select set_config('app.role', 'operator', false)`);
    await keeping.query('begin');
    await insertRow(keeping, 'ai_execution_contents', {
      ...key,
      input: JSON.stringify(JSON.stringify(input)),
      output: JSON.stringify(JSON.stringify(output)),
    });
    const deleting = deleteOwnContents(worker, me, key.execution_id);
    await someoneWaits(owner);
    await keeping.query('commit');
    await keeping.end();
    got(await deleting);
    expect(await rowsOf(key)).toEqual([]);
  });

  it('are kept by no answer that comes later in the background', async () => {
    const key = await begun();
    await keep(key);
    const before = await loadContents(worker, key);
    if (before === null) throw new Error('kept');
    got(await deleteOwnContents(worker, me, key.execution_id));
    expect(await replaceOutput(worker, key, before, output)).toBeNull();
    expect(await rowsOf(key)).toEqual([]);
  });

  it('leave a mark that outlives any execution, and is swept', async () => {
    const key = await begun();
    got(await deleteOwnContents(worker, me, key.execution_id));
    const [mark] = await rowsOf(key);
    expect(Date.parse(mark.expires_at) - Date.now()).toBeGreaterThan(3_600_000);
    await owner.query(
      `update ai_execution_contents set expires_at = now() - interval '1 second' where execution_id = $1`,
      [key.execution_id],
    );
    expect(await deleteExpiredTenantContents(worker, key.tenant_id)).toBe(1);
    expect(await rowsOf(key)).toEqual([]);
  });

  it('are nobody else’s to delete, nor to keep from being kept, an admin’s neither', async () => {
    for (const whose of [colleague, foreign]) {
      const key = await begun(whose);
      const attempt = async () => {
        for (const by of [me, admin])
          expect(await deleteOwnContents(worker, by, key.execution_id)).toEqual(refused('not_found'));
      };
      await attempt();
      await keep(key);
      await attempt();
      expect(await rowsOf(key)).toHaveLength(1);
    }
    expect(await deleteOwnContents(worker, me, uuidv7())).toEqual(refused('not_found'));
  });
});

describe('contents older than the days for which their tenant keeps them', () => {
  const DAY_MS = 86_400_000;
  /** Stores contents of an execution that began days ago. */
  async function keptFor(days: number, whose: Place = own, expires_at_ms: number | null = null) {
    const { tenant_id, user_id } = whose;
    const key = { tenant_id, user_id, execution_id: uuidv7({ msecs: Date.now() - days * DAY_MS }) };
    await insertContents(worker, key, input, output, expires_at_ms);
    return key;
  }
  const keepDays = async (content_retention_days: number) =>
    got(
      await updateTenantSettings(worker, admin, { content_retention_days }, `days-${content_retention_days}`),
    );

  it('are deleted, whoever stored them, those of another tenant by its own days', async () => {
    const [old, recent, colleagues, foreigners] = [
      await keptFor(31),
      await keptFor(29.9),
      await keptFor(40, colleague),
      await keptFor(40, foreign),
    ];
    expect(await deleteExpiredTenantContents(worker, own.tenant_id)).toBe(2);
    expect(await rowsOf(old)).toEqual([]);
    expect(await rowsOf(colleagues)).toEqual([]);
    expect(await rowsOf(recent)).toHaveLength(1);
    expect(await rowsOf(foreigners)).toHaveLength(1);
  });

  it('are deleted when the days become fewer, and kept when they become more', async () => {
    const key = await keptFor(100);
    await keepDays(101);
    await deleteExpiredTenantContents(worker, own.tenant_id);
    expect(await rowsOf(key)).toHaveLength(1);
    await keepDays(99);
    await deleteExpiredTenantContents(worker, own.tenant_id);
    expect(await rowsOf(key)).toEqual([]);
  });

  it('are kept while they have an expiry of their own, as those of the background have', async () => {
    const key = await keptFor(400, own, Date.now() + DAY_MS);
    await deleteExpiredTenantContents(worker, own.tenant_id);
    expect(await rowsOf(key)).toHaveLength(1);
  });
});
