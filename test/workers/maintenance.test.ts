import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { JournalMessage, WalletIdentity } from '../../contracts/wallet/journal.ts';
import { CommandProcessor } from '../../durable-objects/wallet/command-processor.ts';
import { unlimited } from '../../durable-objects/wallet/rules/key-limits.ts';
import type { Wallet } from '../../durable-objects/wallet/wallet.ts';
import { changeSegments, changeState, segmentsOf } from './wallet/stored-wallet.ts';
import { newIdentity, objectName, outcomeOf, policy, reserveCommandOf } from './wallet/wallet-commands.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** In the far future, so that alarms run only when the test runs them. */
const NOVEMBER_MS = Date.UTC(2040, 10, 10);

let wallet: WalletIdentity;
let stub: DurableObjectStub<Wallet>;

beforeEach(() => {
  vi.useFakeTimers({ now: NOVEMBER_MS, toFake: ['Date'] });
  wallet = newIdentity();
  stub = env.WALLET.getByName(objectName(wallet));
});
afterEach(() => {
  vi.useRealTimers();
});

/** Reads the wallet without changing it: an audit opens no month. */
async function audit() {
  const answer = await stub.audit({ wallet });
  if (!answer.ok || answer.audit === null) throw new Error('The wallet is open');
  return answer.audit;
}

const nextAlarmMs = () => runInDurableObject(stub, (_: Wallet, { storage }) => storage.getAlarm());

it('with everything confirmed, the next alarm is the earliest deadline, then the time of pruning, then the end of the month', async () => {
  const reserved = await stub.reserve(reserveCommandOf(wallet, 100, undefined, { mode: 'monthly' }));
  await stub.confirm({ wallet, first_seq: 1, last_seq: 2 });
  await runDurableObjectAlarm(stub);
  expect(await nextAlarmMs()).toBe(reserved.ok && reserved.expires_at_ms);

  vi.setSystemTime(NOVEMBER_MS + HOUR_MS);
  await runDurableObjectAlarm(stub);
  await stub.confirm({ wallet, first_seq: 3, last_seq: 3 });
  await runDurableObjectAlarm(stub);
  expect(await nextAlarmMs()).toBe(NOVEMBER_MS + 7 * DAY_MS + HOUR_MS);
  vi.setSystemTime(NOVEMBER_MS + 8 * DAY_MS);
  await runDurableObjectAlarm(stub);
  expect(await nextAlarmMs()).toBe(Date.UTC(2040, 11, 1));
});

it('a month is opened by alarm in an idle wallet that holds nothing', async () => {
  await stub.read({ wallet, policy: { ...policy, mode: 'monthly' }, session_issued_at_s: null });
  await stub.confirm({ wallet, first_seq: 1, last_seq: 1 });
  vi.setSystemTime(Date.UTC(2040, 11, 1));
  await runDurableObjectAlarm(stub);
  expect((await audit()).figures).toMatchObject({ granted: 2_000, expired: 1_000, monthly: 1_000 });
});

it('confirmed entries can still be read and sent again for a week', async () => {
  const command = reserveCommandOf(wallet, 100);
  await stub.reserve(command);
  vi.setSystemTime(NOVEMBER_MS + HOUR_MS);
  await runDurableObjectAlarm(stub);
  await stub.confirm({ wallet, first_seq: 1, last_seq: 3 });
  vi.setSystemTime(NOVEMBER_MS + 6 * DAY_MS);
  await stub.reserve(reserveCommandOf(wallet, 1));
  await runDurableObjectAlarm(stub);
  expect(await stub.reserve(command)).toEqual({ ok: false, code: 'reservation_expired' });
  expect(await stub.resend({ wallet, first_seq: 1, last_seq: 3 })).toEqual({ ok: true, resent: 3 });
});

it('a slow queue delays an alarm for a bounded time, however much there is to send', async () => {
  vi.useRealTimers();
  const credit = (number: number) =>
    stub.credit({
      wallet,
      policy,
      operation_id: `credit/${number}`,
      amount: 1,
      actor: { kind: 'system', id: null },
      reason: 'x'.repeat(500),
      reference: null,
    });
  for (let number = 0; number < 900; number += 100)
    await Promise.all(Array.from({ length: 100 }, (_, index) => credit(number + index)));
  await runInDurableObject(stub, async (_: Wallet, state) => {
    let sent = 0;
    const queue = {
      async sendBatch() {
        sent += 1;
        await new Promise((resolve) => setTimeout(resolve, 800));
      },
    } as unknown as Queue<JournalMessage>;
    const processor = new CommandProcessor(state, { queueOf: () => queue, onDurable: () => undefined });
    await processor.load();
    const startedMs = Date.now();
    await processor.outbox.drain(startedMs, { call_max_ms: 5_000, total_max_ms: 1_200 }).catch(String);
    expect(sent).toBe(2);
    expect(Date.now() - startedMs).toBeLessThan(3_000);
  });
});

it('an object that wakes sets the alarm for due work, even if the platform has given up on it', async () => {
  vi.useRealTimers();
  await stub.reserve(reserveCommandOf(wallet, 100));
  await runInDurableObject(stub, (_: Wallet, { storage }) => storage.deleteAlarm());
  await evictDurableObject(stub);
  await stub.ping();
  expect(await runInDurableObject(stub, (_: Wallet, { storage }) => storage.getAlarm())).not.toBeNull();
});

it('monthly tokens expire by alarm at the end of the month, even if the policy now grants for a lifetime', async () => {
  await stub.read({ wallet, policy: { ...policy, mode: 'monthly' }, session_issued_at_s: null });
  await stub.adoptPolicy({
    wallet,
    policy: { ...policy, version: 2, mode: 'lifetime', allocation_tokens: 0 },
  });
  await stub.confirm({ wallet, first_seq: 1, last_seq: 1 });
  vi.setSystemTime(NOVEMBER_MS + 8 * DAY_MS);
  await runDurableObjectAlarm(stub);
  expect(await nextAlarmMs()).toBe(Date.UTC(2040, 11, 1));
  vi.setSystemTime(Date.UTC(2040, 11, 1));
  await runDurableObjectAlarm(stub);
  expect((await audit()).figures).toMatchObject({ granted: 1_000, expired: 1_000, monthly: 0 });
});

it('an idle wallet prunes answers after a day and entries after a week, and then has no alarm', async () => {
  const command = { ...reserveCommandOf(wallet, 100), idempotency: { key: 'k', fingerprint: 'f' } };
  await stub.reserve(command);
  await stub.settle({ wallet, amount: 10, outcome: outcomeOf(command.execution.id), answer: 'an answer' });
  await stub.confirm({ wallet, first_seq: 1, last_seq: 3 });
  await runDurableObjectAlarm(stub);
  const kept = async () => {
    const segments = await segmentsOf(stub);
    const keys = await runInDurableObject(
      stub,
      (_: Wallet, { storage }) => storage.sql.exec('select key from idempotency').toArray().length,
    );
    return [
      keys,
      segments.flatMap(({ entries }) => entries).length,
      segments.flatMap(({ reservations }) => reservations).length,
    ];
  };
  for (const [dueMs, rows] of [
    [NOVEMBER_MS + DAY_MS, [0, 3, 1]],
    [NOVEMBER_MS + 7 * DAY_MS, [0, 0, 0]],
  ] as const) {
    const alarmMs = await nextAlarmMs();
    expect(alarmMs).toBeGreaterThan(dueMs);
    expect(alarmMs).toBeLessThanOrEqual(dueMs + HOUR_MS + 1_000);
    vi.setSystemTime(alarmMs ?? 0);
    await runDurableObjectAlarm(stub);
    expect(await kept()).toEqual(rows);
  }
  expect(await nextAlarmMs()).toBeNull();
});

it.each([
  ['is refused', { in_flight: 0 }],
  ['breaks the law', { lifetime: 2_000 }],
])(
  'an expiry that %s, in a damaged wallet, delays nothing else, and is retried less and less often',
  async (_, damage) => {
    const logged = vi.spyOn(console, 'error').mockImplementation(() => undefined);
    const sent: JournalMessage[] = [];
    const sendBatch = async (messages: Iterable<{ body: JournalMessage }>) => {
      for (const { body } of messages) if (body.wallet.user_id === wallet.user_id) sent.push(body);
    };
    Object.defineProperty(env, 'JOURNAL_QUEUE', { value: { sendBatch } });
    await stub.reserve(reserveCommandOf(wallet, 100));
    await changeState(stub, damage);
    vi.setSystemTime(NOVEMBER_MS + HOUR_MS);
    for (const backoffMs of [5_000, 10_000, 20_000, 40_000, 60_000, 60_000]) {
      await runDurableObjectAlarm(stub);
      expect(await nextAlarmMs()).toBe(Date.now() + backoffMs);
      vi.setSystemTime(Date.now() + backoffMs);
    }
    expect(logged.mock.calls.map(([line]) => JSON.parse(line).event)).toContain('wallet_alarm_failed');
    logged.mockRestore();
    expect(new Set(sent.flatMap(({ entries }) => entries.map(({ seq }) => seq)))).toEqual(new Set([1, 2]));
  },
);

it('keys that were last used or revoked before last month are pruned, unless a damaged wallet still holds tokens for them', async () => {
  const [used, revoked, running, recent] = [1, 2, 3, 4].map(() => crypto.randomUUID()) as [
    string,
    ...string[],
  ];
  const use = async (api_key_id: string) => {
    const command = reserveCommandOf(wallet, 100);
    const execution = { ...command.execution, api_key_id };
    await stub.reserve({ ...command, session_issued_at_s: null, execution, key: unlimited(api_key_id) });
    return execution.id;
  };
  await stub.settle({ wallet, amount: 10, outcome: outcomeOf(await use(used)) });
  await stub.settle({ wallet, amount: 10, outcome: outcomeOf(await use(running as string)) });
  await changeSegments(stub, ({ keys }) => {
    for (const key of keys) if (key.id === running) key.held = 1;
  });
  await stub.revokeKey({ wallet, api_key_id: revoked as string });
  const kept = async () => {
    const inTable = await runInDurableObject(stub, (_: Wallet, { storage }) =>
      storage.sql.exec<{ id: string }>('select id from api_keys').toArray(),
    );
    const inSegments = (await segmentsOf(stub)).flatMap(({ keys }) => keys);
    return [...inTable, ...inSegments].map(({ id }) => id).sort();
  };
  await stub.confirm({ wallet, first_seq: 1, last_seq: 5 });
  vi.setSystemTime(Date.UTC(2040, 11, 31, 23));
  await stub.revokeKey({ wallet, api_key_id: recent as string });
  await runDurableObjectAlarm(stub);
  expect(await kept()).toEqual([used, revoked, running, recent].sort());
  vi.setSystemTime(Date.UTC(2041, 0, 1));
  await runInDurableObject(stub, (_: Wallet, { storage }) => storage.setAlarm(Date.now() + 60_000));
  await runDurableObjectAlarm(stub);
  expect(await kept()).toEqual([running, recent].sort());
});
