import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, describe, expect, it } from 'vitest';
import { type ExecutionOutcome, tenantWallet } from '../../contracts/wallet/journal.ts';
import { projectJournal } from '../../worker/db/ledger/journal.ts';
import { rewriteProjections } from '../../worker/db/ledger/rewrite-projections.ts';
import { readWalletRecords } from '../../worker/db/ledger/wallet-records.ts';
import { insertRow } from '../support/test-database.ts';
import { roundTripsOf } from './database.ts';
import { got, startGovernedWorld } from './governed-world.ts';
import { appliedPrice, entriesOf, messagesOf, outcomeOf, startOf } from './journal-entries.ts';
import { userRow } from './world.ts';

/** The usage that triggers add up from executions. */

const world = await startGovernedWorld();
const { database, owner, worker, own, foreign, colleague } = world;
afterAll(() => database.stop());

const DAY_MS = 86_400_000;

/** The sum over executions, in other words than those of the trigger. */
const recounted = `
  select tenant_id, to_char(to_timestamp(finished_at_ms / 1000) at time zone 'UTC', 'YYYY-MM-DD') as day, coalesce(model, '') as model,
    coalesce(price #>> '{cost_list}', 'platform') as key_owner, count(*)::text as executions,
    count(nullif(status in ('failed', 'expired'), false))::text as failed_executions,
    sum((select coalesce(sum(value::numeric), 0) from jsonb_each_text(usage)
      where key like 'input%' or key like 'cache%'))::text as input_tokens,
    sum((select coalesce(sum(value::numeric), 0) from jsonb_each_text(usage) where key like 'output%'))::text as output_tokens,
    sum(tokens_charged)::text as tokens_charged, sum(cost_micro_usd)::text as cost_micro_usd,
    sum(coalesce(wholesale_micro_usd, 0))::text as wholesale_micro_usd
  from ai_executions where finished_at_ms is not null group by 1, 2, 3, 4`;

const usageRows = async () =>
  (
    await owner.query(`select tenant_id, day::text, model, key_owner, executions, failed_executions, input_tokens, output_tokens,
      tokens_charged, cost_micro_usd, wholesale_micro_usd from daily_usage
      where executions <> 0 order by tenant_id, day, model, key_owner`)
  ).rows;

/** Proves that the usage is the sum over executions, and returns it. */
async function provenUsage() {
  const rows = await usageRows();
  const { rows: sums } = await owner.query(`${recounted} order by tenant_id, day, model, key_owner`);
  expect(rows).toEqual(sums);
  const { rows: strays } =
    await owner.query(`select from daily_usage where executions = 0 and (failed_executions, input_tokens,
      output_tokens, tokens_charged, cost_micro_usd, wholesale_micro_usd) <> (0, 0, 0, 0, 0, 0)`);
  expect(strays).toEqual([]);
  return rows;
}

type Ending = Partial<ExecutionOutcome> & { model?: string };

/** The journal of a new wallet with one execution for each ending: a reserve and its end. */
async function lifeOf(place: typeof own, endings: Ending[]) {
  const user = userRow(place.tenant_id, place.level_id);
  await insertRow(owner, 'users', user);
  const wallet = { tenant_id: place.tenant_id, user_id: user.id };
  const entries = entriesOf(wallet, [
    { kind: 'allocation', operation_id: 'allocation', amount: 10_000, lifetime: 10_000 },
    ...endings.flatMap(({ model = 'auto', ...more }) => {
      const id = uuidv7();
      const ended = more.status === 'failed' ? 'release' : 'debit';
      return [
        {
          ...{ kind: 'reserve' as const, operation_id: id, amount: 50, reserved: 50 },
          execution_start: { ...startOf(id), model },
        },
        {
          ...{ kind: ended as 'debit' | 'release', operation_id: id, reserved: -50 },
          ...(ended === 'debit' ? { amount: 20, lifetime: -20 } : { amount: 50 }),
          execution_outcome: { ...outcomeOf(id), ...more },
        },
      ];
    }),
  ]);
  return { wallet, entries };
}

const ownKey = { ...appliedPrice, cost_list: 'tenant' as const };
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

describe('the usage of a day', () => {
  it('is the sum of its executions to the micro-dollar, by model and by the owner of the key, in the round trip of the journal', async () => {
    const life = await lifeOf(own, endings);
    expect(await roundTripsOf(database, () => projectJournal(worker, messagesOf(life)))).toBe(1);
    const common = { tenant_id: own.tenant_id, day: '2026-11-24', model: 'auto', key_owner: 'platform' };
    const one = {
      executions: '1',
      failed_executions: '0',
      input_tokens: '9',
      output_tokens: '4',
      tokens_charged: '20',
    };
    expect(await provenUsage()).toEqual([
      { ...common, ...one, day: '2026-11-23', cost_micro_usd: '7', wholesale_micro_usd: '9' },
      {
        ...{ ...common, ...one, executions: '2', failed_executions: '1' },
        ...{ cost_micro_usd: '5', wholesale_micro_usd: '6' },
      },
      { ...common, ...one, key_owner: 'tenant', cost_micro_usd: '1000', wholesale_micro_usd: '3' },
      {
        ...{
          ...common,
          model: 'dear',
          executions: '2',
          failed_executions: '0',
          input_tokens: '18',
          output_tokens: '8',
        },
        ...{ tokens_charged: '40', cost_micro_usd: String(2 * dear), wholesale_micro_usd: String(2 * dear) },
      },
    ]);
  });

  it.each([1, 2, 3])(
    'counts nothing twice, whatever is late, doubled or out of order (%i at a time)',
    async (size) => {
      const lives = [
        await lifeOf(own, endings),
        await lifeOf(colleague, endings),
        await lifeOf(foreign, endings),
      ];
      const messages = lives.flatMap((life) => messagesOf(life, size).toReversed());
      const deliveries = [...messages, ...messages.toReversed()];
      for (let at = 0; at < deliveries.length; at += 7)
        got(await projectJournal(worker, deliveries.slice(at, at + 7)));
      const before = await provenUsage();
      await Promise.all(deliveries.map((message) => projectJournal(worker, [message])));
      expect(await provenUsage()).toEqual(before);
    },
  );

  it('is exact when consumers write executions of the same tenant at the same time', async () => {
    const lives = await Promise.all(Array.from({ length: 12 }, () => lifeOf(own, endings)));
    const written = await Promise.all(lives.map((life) => projectJournal(worker, messagesOf(life))));
    expect(written.every(({ ok }) => ok)).toBe(true);
    await provenUsage();
  });

  it('follows a repair that rewrites executions', async () => {
    const life = await lifeOf(own, endings);
    got(await projectJournal(worker, messagesOf(life)));
    const before = await provenUsage();
    const { tenant_id, user_id } = life.wallet;
    await owner.query(`update ai_executions set tokens_charged = tokens_charged + 5 where user_id = $1`, [
      user_id,
    ]);
    expect(await provenUsage()).not.toEqual(before);
    await rewriteProjections(worker, { tenant_id, user_id }, Date.now());
    expect(await provenUsage()).toEqual(before);
  });

  it('is checked with the wallet of the tenant, and a repair rewrites what is not the sum of executions', async () => {
    const before = await provenUsage();
    const wallet = tenantWallet(own.tenant_id);
    const usage = async () =>
      (await readWalletRecords(worker, wallet, { full: false, last_seq: 0, limit: 1 }))?.projection.usage;
    const whole = await usage();
    expect(whole).toEqual({ rows: expect.any(Number), agreeing: whole?.rows });
    const { rowCount } = await owner.query(
      `update daily_usage set cost_micro_usd = cost_micro_usd + 1, input_tokens = 0 where tenant_id = $1 and model = 'dear'`,
      [own.tenant_id],
    );
    await insertRow(owner, 'daily_usage', {
      ...{
        tenant_id: own.tenant_id,
        day: '2026-11-24',
        model: 'stray',
        key_owner: 'platform',
        executions: 3,
      },
    });
    await owner.query(`delete from daily_usage where tenant_id = $1 and key_owner = 'tenant'`, [
      own.tenant_id,
    ]);
    const { rows = 0, agreeing = 0 } = (await usage()) ?? {};
    expect(rows - agreeing).toBe((rowCount ?? 0) + 2);
    await rewriteProjections(worker, wallet, Date.now());
    expect(await provenUsage()).toEqual(before);
    expect(await usage()).toEqual({ rows, agreeing: rows });
  });

  it('is what the migration counts of executions from before it', async () => {
    const before = await provenUsage();
    const folder = fileURLToPath(new URL('../../migrations', import.meta.url));
    const name = readdirSync(folder).find((file) => file.endsWith('_platform_usage.sql')) ?? '';
    const migration = readFileSync(path.join(folder, name), 'utf8');
    const backfill = migration
      .split('--> statement-breakpoint')
      .find((text) => text.trim().startsWith('insert into daily_usage'));
    await owner.query('delete from daily_usage');
    await owner.query(backfill ?? '');
    expect(await provenUsage()).toEqual(before);
  });

  it('has the tokens of every class, also after a repair', async () => {
    const usage = {
      ...{ input_tokens: 1, input_image_tokens: 2, input_audio_tokens: 4 },
      ...{ cache_read_tokens: 8, cache_write_tokens: 16, cache_write_1h_tokens: 32 },
      ...{ output_tokens: 64, output_image_tokens: 128, output_audio_tokens: 256, reasoning_tokens: 1 },
    };
    const life = await lifeOf(own, [{ usage, finished_at_ms: midnight, model: 'classes' }]);
    got(await projectJournal(worker, messagesOf(life)));
    const isOfClasses = ({ model }: { model: string }) => model === 'classes';
    const counted = [{ input_tokens: '63', output_tokens: '448' }];
    expect((await provenUsage()).filter(isOfClasses)).toMatchObject(counted);
    await owner.query(`delete from daily_usage where model = 'classes'`);
    await rewriteProjections(worker, tenantWallet(own.tenant_id), Date.now());
    expect((await provenUsage()).filter(isOfClasses)).toMatchObject(counted);
  });
});

describe('the calls of a provider', () => {
  const calls = async (providerId: string) =>
    (
      await owner.query(
        `select hour, calls::int, failures::int, last_failure, last_failed_at_ms::float8 as at from provider_calls
         where provider_id = $1 order by hour`,
        [providerId],
      )
    ).rows;
  const failure = (kind: 'overloaded' | 'timeout' | 'invalid_request') => ({
    ...{ kind, status: 500, retryable: true, retry_after_ms: null },
  });
  const attemptsAt = (
    provider_id: string,
    started_at_ms: number,
    kinds: Parameters<typeof failure>[0][] = [],
  ) =>
    [
      ...kinds.map((kind, index) => ({ started_at_ms: started_at_ms + index, failure: failure(kind) })),
      { started_at_ms: started_at_ms + kinds.length, failure: null },
    ].map((attempt) => ({
      ...{
        provider_kind: 'openai' as const,
        provider_name: 'OpenAI',
        provider_model: 'm',
        latency_ms: 1,
        provider_id,
      },
      ...attempt,
    }));

  it('are counted by the hour with the last failure, and failures that a request caused are not the provider’s', async () => {
    const provider_id = uuidv7();
    const hour = Math.floor(Date.now() / 3_600_000);
    const at = hour * 3_600_000;
    const life = await lifeOf(own, [
      { attempts: attemptsAt(provider_id, at, ['overloaded', 'timeout']) },
      { attempts: attemptsAt(provider_id, at, ['invalid_request']) },
      { attempts: attemptsAt(provider_id, at - 3_600_000, ['overloaded']) },
    ]);
    got(await projectJournal(worker, messagesOf(life, 2)));
    got(await projectJournal(worker, messagesOf(life, 3)));
    expect(await calls(provider_id)).toEqual([
      { hour: hour - 1, calls: 2, failures: 1, last_failure: 'overloaded', at: at - 3_600_000 },
      { hour, calls: 5, failures: 2, last_failure: 'timeout', at: at + 1 },
    ]);
  });

  it('of more than two days ago are forgotten: an hour replaces that of two days before', async () => {
    const provider_id = uuidv7();
    const now = Date.now();
    const attempts = [-9, -2, 0, 1 / 24].flatMap((days) =>
      attemptsAt(provider_id, now + days * DAY_MS, ['timeout']),
    );
    got(await projectJournal(worker, messagesOf(await lifeOf(own, [{ attempts: attempts.slice(2) }]))));
    const hour = Math.floor(now / 3_600_000);
    await owner.query('update provider_calls set hour = hour - 48 where provider_id = $1', [provider_id]);
    got(await projectJournal(worker, messagesOf(await lifeOf(own, [{ attempts }]))));
    expect((await calls(provider_id)).map((row) => [row.hour, row.calls, row.failures])).toEqual([
      [hour, 2, 1],
      [hour + 1, 2, 1],
    ]);
  });
});
