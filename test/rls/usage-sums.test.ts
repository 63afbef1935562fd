import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, describe, expect, it } from 'vitest';
import { tenantWallet } from '../../contracts/wallet/journal.ts';
import { projectJournal } from '../../worker/db/ledger/journal.ts';
import { rewriteProjections } from '../../worker/db/ledger/rewrite-projections.ts';
import { readWalletRecords } from '../../worker/db/ledger/wallet-records.ts';
import { insertRow } from '../support/test-database.ts';
import { roundTripsOf } from './database.ts';
import { got, startGovernedWorld } from './governed-world.ts';
import { appliedPrice, messagesOf, startOf } from './journal-entries.ts';
import { NONE, provenUsage, tables, type UsageRow } from './proven-usage.ts';
import { type Ending, lifeOf } from './wallet-life.ts';

/** The usage that triggers add up from executions. */

const world = await startGovernedWorld();
const { database, owner, worker, own, foreign, colleague } = world;
afterAll(() => database.stop());

const ownKey = { ...appliedPrice, cost_list: 'tenant' as const };
const script = fileURLToPath(new URL('../../dev/rebuild-usage.ts', import.meta.url));

/** Runs the command and returns its output. */
const rebuild = async (...args: string[]): Promise<string> => {
  const env = { ...process.env, DATABASE_OWNER_URL: database.ownerUrl };
  const gateway = `127.0.0.1:${database.gateway.port}`;
  return (await promisify(execFile)(process.execPath, [script, '--gateway', gateway, ...args], { env }))
    .stdout;
};

const midnight = Date.parse('2026-11-24T00:00:00Z');
const dear = 2 ** 50 - 1;

const endings: Ending[] = [
  { price: appliedPrice, cost_micro_usd: 7, wholesale_micro_usd: 9, finished_at_ms: midnight - 1 },
  { price: appliedPrice, cost_micro_usd: 5, wholesale_micro_usd: 6, finished_at_ms: midnight },
  { price: ownKey, cost_micro_usd: 1_000, wholesale_micro_usd: 3, finished_at_ms: midnight },
  {
    price: appliedPrice,
    cost_micro_usd: dear,
    wholesale_micro_usd: dear,
    finished_at_ms: midnight,
    model: 'dear',
  },
  {
    price: appliedPrice,
    cost_micro_usd: dear,
    wholesale_micro_usd: dear,
    finished_at_ms: midnight,
    model: 'dear',
  },
  {
    ...{ status: 'failed', usage: null, usage_source: null, cost_micro_usd: 0, provider_name: null },
    ...{ error_code: 'provider_unavailable', finished_at_ms: midnight },
  },
];

describe('usage', () => {
  it('is the sum of executions to the micro-dollar, by day and hour, model, provider and owner of the key, in the round trip of the journal', async () => {
    const life = await lifeOf(owner, own, endings);
    expect(await roundTripsOf(database, () => projectJournal(worker, messagesOf(life)))).toBe(1);
    const { daily_usage, daily_user_usage, hourly_user_usage } = await provenUsage(owner);
    const figures = (rows: UsageRow[] = []) =>
      rows.map(({ day, hour, model, key_owner, executions, failed_executions, ...row }) => [
        ...[day ?? hour, model, key_owner, executions, failed_executions],
        ...[row.input_tokens, row.tokens_charged, row.cost_micro_usd, row.wholesale_micro_usd],
      ]);
    const days = [
      ['2026-11-23', 'auto', 'platform', '1', '0', '9', '20', '7', '9'],
      ['2026-11-24', 'auto', 'platform', '2', '1', '9', '20', '5', '6'],
      ['2026-11-24', 'auto', 'tenant', '1', '0', '9', '20', '1000', '3'],
      ['2026-11-24', 'dear', 'platform', '2', '0', '18', '40', String(2 * dear), String(2 * dear)],
    ];
    expect(figures(daily_usage)).toEqual(days);
    expect(figures(daily_user_usage)).toEqual(days);
    const hour = midnight / 3_600_000;
    expect(figures(hourly_user_usage)).toEqual(
      days.map(([day, ...row]) => [String(day === '2026-11-23' ? hour - 1 : hour), ...row]),
    );
  });

  it('tells the key, the level and the last provider of an execution, its failovers, classes of tokens, latency and first token', async () => {
    const [api_key_id, level_id, provider_id] = [uuidv7(), uuidv7(), uuidv7()];
    const call = {
      ...{ provider_kind: 'openai' as const, provider_model: 'm', started_at_ms: midnight, latency_ms: 1 },
    };
    const failure = { kind: 'overloaded' as const, status: 529, retryable: true, retry_after_ms: null };
    const life = await lifeOf(
      owner,
      own,
      [
        {
          finished_at_ms: startOf('').started_at_ms + 5_000,
          first_token_ms: 400,
          attempts: [
            { ...call, provider_id: uuidv7(), provider_name: 'First', failure },
            { ...call, provider_id, provider_name: 'Second', failure: null },
          ],
          usage: {
            ...{ input_tokens: 1, input_image_tokens: 2, input_audio_tokens: 4, cache_read_tokens: 8 },
            ...{ cache_write_tokens: 16, output_tokens: 32, output_audio_tokens: 64, reasoning_tokens: 30 },
          },
        },
      ],
      { api_key_id, level_id },
    );
    got(await projectJournal(worker, messagesOf(life)));
    const { daily_user_usage } = await provenUsage(owner);
    expect(daily_user_usage?.find((row) => row.level_id === level_id)).toMatchObject({
      ...{ user_id: life.wallet.user_id, api_key_id, provider_id, failovers: '1' },
      ...{ input_tokens: '31', output_tokens: '96', cache_read_tokens: '8', cache_write_tokens: '16' },
      ...{ image_tokens: '2', audio_tokens: '68', reasoning_tokens: '30' },
      latencies: `1${'0'.repeat(12 * Math.floor(Math.log(5_000) / Math.log(1.1)))}`,
      first_tokens: `1${'0'.repeat(12 * Math.floor(Math.log(400) / Math.log(1.1)))}`,
    });
    const { rows } = await owner.query('select provider_name from daily_usage where provider_id = $1', [
      provider_id,
    ]);
    expect(rows).toEqual([{ provider_name: 'Second' }]);
  });

  it.each([1, 2, 3])(
    'counts nothing twice, whatever is late, doubled or out of order (%i at a time)',
    async (size) => {
      const lives = [
        await lifeOf(owner, own, endings),
        await lifeOf(owner, colleague, endings),
        await lifeOf(owner, foreign, endings),
      ];
      const messages = lives.flatMap((life) => messagesOf(life, size).toReversed());
      const deliveries = [...messages, ...messages.toReversed()];
      for (let at = 0; at < deliveries.length; at += 7)
        got(await projectJournal(worker, deliveries.slice(at, at + 7)));
      const before = await provenUsage(owner);
      await Promise.all(deliveries.map((message) => projectJournal(worker, [message])));
      expect(await provenUsage(owner)).toEqual(before);
    },
  );

  it('is exact when consumers write executions of the same tenant at the same time', async () => {
    const lives = await Promise.all(Array.from({ length: 12 }, () => lifeOf(owner, own, endings)));
    const written = await Promise.all(lives.map((life) => projectJournal(worker, messagesOf(life))));
    expect(written.every(({ ok }) => ok)).toBe(true);
    await provenUsage(owner);
  });

  it('follows a repair that rewrites executions', async () => {
    const life = await lifeOf(owner, own, endings);
    got(await projectJournal(worker, messagesOf(life)));
    const before = await provenUsage(owner);
    const { tenant_id, user_id } = life.wallet;
    await owner.query(`update ai_executions set tokens_charged = tokens_charged + 5 where user_id = $1`, [
      user_id,
    ]);
    expect(await provenUsage(owner)).not.toEqual(before);
    await rewriteProjections(worker, { tenant_id, user_id }, Date.now());
    expect(await provenUsage(owner)).toEqual(before);
  });

  it('is checked with the wallet of the tenant, and a repair rewrites what is not the sum of executions', async () => {
    got(await projectJournal(worker, messagesOf(await lifeOf(owner, own, endings))));
    const before = await provenUsage(owner);
    const wallet = tenantWallet(own.tenant_id);
    const usage = async () =>
      (await readWalletRecords(worker, wallet, { full: false, last_seq: 0, limit: 1 }))?.projection.usage;
    const whole = await usage();
    expect(whole).toEqual({ rows: expect.any(Number), agreeing: whole?.rows });
    let wrong = 0;
    for (const table of Object.keys(tables)) {
      const changed = await owner.query(
        `update ${table} set cost_micro_usd = cost_micro_usd + 1, input_tokens = 0 where tenant_id = $1 and model = 'dear'`,
        [own.tenant_id],
      );
      const lost = await owner.query(
        `delete from ${table} where tenant_id = $1 and key_owner = 'tenant' and executions <> 0`,
        [own.tenant_id],
      );
      wrong += (changed.rowCount ?? 0) + (lost.rowCount ?? 0);
    }
    await insertRow(owner, 'daily_usage', {
      ...{ tenant_id: own.tenant_id, day: '2026-11-24', model: 'stray', provider_id: NONE },
      ...{ key_owner: 'platform', executions: 3 },
    });
    const { rows = 0, agreeing = 0 } = (await usage()) ?? {};
    expect(rows - agreeing).toBe(wrong + 1);
    await rewriteProjections(worker, wallet, Date.now());
    expect(await provenUsage(owner)).toEqual(before);
    expect(await usage()).toEqual({ rows, agreeing: rows });
    expect(wrong).toBeGreaterThan(5);
  });

  it('is rebuilt by a command, of all tenants or of one, and a second run finds nothing to correct', async () => {
    for (const place of [own, foreign])
      got(await projectJournal(worker, messagesOf(await lifeOf(owner, place, endings))));
    const before = await provenUsage(owner);
    const spoil = async () => {
      await owner.query('update daily_usage set failovers = failovers + 1, latencies = 0');
      await owner.query(`delete from hourly_user_usage where model = 'auto'`);
      await owner.query(`update daily_user_usage set day = day - 700 where model = 'dear'`);
    };
    await spoil();
    const one = await rebuild('--tenant', foreign.tenant_id);
    expect(one).toMatch(`Tenant ${foreign.tenant_id}: `);
    expect(one).not.toMatch(own.tenant_id);
    expect(await rebuild('--days', '30')).toMatch(`Tenant ${own.tenant_id}: `);
    expect(await provenUsage(owner)).toEqual(before);
    expect(await rebuild()).toBe('Usage equals the executions.\n');
    expect(await rebuild('--help')).toMatch('--tenant');
  });

  it('is what the migration counts of executions from before it', async () => {
    const before = await provenUsage(owner);
    const folder = fileURLToPath(new URL('../../migrations', import.meta.url));
    const name = readdirSync(folder).find((file) => file.endsWith('_usage_by_user.sql')) ?? '';
    const migration = readFileSync(path.join(folder, name), 'utf8');
    const backfills = migration
      .split('--> statement-breakpoint')
      .filter((text) => /^insert into (daily|hourly)_/.test(text.trim()));
    expect(backfills).toHaveLength(3);
    for (const table of Object.keys(tables)) await owner.query(`delete from ${table}`);
    for (const backfill of backfills) await owner.query(backfill);
    expect(await provenUsage(owner)).toEqual(before);
  });
});
