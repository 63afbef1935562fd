import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { JournalMessage, WalletIdentity } from '../../contracts/journal.ts';
import { WalletKeeper } from '../../durable-objects/wallet/keeper.ts';
import { drainOutbox } from '../../durable-objects/wallet/upkeep.ts';
import type { Wallet } from '../../durable-objects/wallet/wallet.ts';
import { newIdentity, objectName, policy, reserveCommandOf } from './wallet/wallet-commands.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Far ahead, so that no alarm rings but when the test lets it. */
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

/** Looks without touching: an audit opens no month. */
async function audit() {
  const answer = await stub.audit({ wallet });
  if (!answer.ok || answer.audit === null) throw new Error('The wallet is open');
  return answer.audit;
}

it('with everything confirmed, the next alarm is the deadline of what is held, and after that the end of the month', async () => {
  const nextAlarmMs = () => runInDurableObject(stub, (_: Wallet, { storage }) => storage.getAlarm());
  const reserved = await stub.reserve(reserveCommandOf(wallet, 100, undefined, { mode: 'monthly' }));
  await stub.confirm({ wallet, first_seq: 1, last_seq: 2 });
  await runDurableObjectAlarm(stub);
  expect(await nextAlarmMs()).toBe(reserved.ok && reserved.expires_at_ms);

  vi.setSystemTime(NOVEMBER_MS + HOUR_MS);
  await runDurableObjectAlarm(stub);
  await stub.confirm({ wallet, first_seq: 3, last_seq: 3 });
  await runDurableObjectAlarm(stub);
  expect(await nextAlarmMs()).toBe(Date.UTC(2040, 11, 1));
});

it('a month is opened by alarm, in a wallet that nobody uses and that holds nothing', async () => {
  await stub.read({ wallet, policy: { ...policy, mode: 'monthly' }, session_issued_at_s: null });
  await stub.confirm({ wallet, first_seq: 1, last_seq: 1 });
  vi.setSystemTime(Date.UTC(2040, 11, 1));
  await runDurableObjectAlarm(stub);
  expect((await audit()).figures).toMatchObject({ granted: 2_000, expired: 1_000, monthly: 1_000 });
});

it('what Postgres has confirmed can still be asked about, and sent again, for a week', async () => {
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

it('a slow queue holds an alarm up for a bounded time, however much there is to send', async () => {
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
    state.storage.sql.exec('update journal set next_send_at_ms = 0, confirmed_at_ms = null');
    const keeper = new WalletKeeper(state, () => undefined);
    await keeper.load();
    let sent = 0;
    const queue = {
      async sendBatch() {
        sent += 1;
        await new Promise((resolve) => setTimeout(resolve, 100));
      },
    } as unknown as Queue<JournalMessage>;
    const startedMs = Date.now();
    await drainOutbox(keeper, queue, startedMs, { call_max_ms: 1_000, total_max_ms: 150 }).catch(String);
    expect(sent).toBe(2);
    expect(Date.now() - startedMs).toBeLessThan(400);
  });
});

it('an object that wakes sets the alarm for what is due, though the platform has given it up', async () => {
  vi.useRealTimers();
  await stub.reserve(reserveCommandOf(wallet, 100));
  await runInDurableObject(stub, (_: Wallet, { storage }) => storage.deleteAlarm());
  await evictDurableObject(stub);
  await stub.ping();
  expect(await runInDurableObject(stub, (_: Wallet, { storage }) => storage.getAlarm())).not.toBeNull();
});
