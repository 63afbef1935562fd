import { runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { JournalMessage } from '../../../contracts/wallet/journal.ts';
import type { WalletPolicy } from '../../../contracts/wallet/wallet-policy.ts';
import type { Wallet } from '../../../durable-objects/wallet/wallet.ts';

const policy: WalletPolicy = {
  version: 1,
  mode: 'lifetime',
  allocation_tokens: 1_000,
  rollover_cap_tokens: 0,
  enforcement: 'hard',
  warning_thresholds_percent: [],
  reservation_lifetime_ms: 3_600_000,
  in_flight_max: 1_000,
};

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'] });
});
afterEach(() => {
  vi.useRealTimers();
});

function newStub() {
  const wallet = { tenant_id: crypto.randomUUID(), user_id: crypto.randomUUID() };
  return { wallet, stub: env.WALLET.getByName(`${wallet.tenant_id}/${wallet.user_id}`) };
}

type Sent = { body: JournalMessage }[];

/** Lets the wallet send to `sendBatch` instead of the queue. */
const sendTo = (stub: DurableObjectStub<Wallet>, sendBatch: (messages: Sent) => Promise<void>) =>
  runInDurableObject(stub, (instance) => {
    Object.defineProperty(instance, 'env', { value: { ...env, JOURNAL_QUEUE: { sendBatch } } });
  });

/** Lets the alarm ring when everything unconfirmed is due again. */
async function ring(stub: DurableObjectStub<Wallet>): Promise<void> {
  vi.setSystemTime(Date.now() + 31_000);
  await runInDurableObject(stub, (_: Wallet, { storage }) => storage.setAlarm(Date.now() + 60_000));
  await runDurableObjectAlarm(stub);
}

const seqsOf = (messages: Sent) => messages.flatMap(({ body }) => body.entries.map(({ seq }) => seq));

const executionOf = (id: string) => ({
  id,
  model: 'gpt-5.4-mini',
  api_key_id: null,
  input_tokens_bound: 1,
  max_output_tokens: 1,
  price_version: 1,
  started_at_ms: 1,
});

it('a queue that is down fails no operation, and gets everything once it is back', async () => {
  const { wallet, stub } = newStub();
  await sendTo(stub, () => Promise.reject(new Error('The queue is down')));
  const reserveOne = (id: string) =>
    stub.reserve({
      wallet,
      policy,
      amount: 10,
      actor: { kind: 'user', id: wallet.user_id },
      session_issued_at_s: null,
      key: null,
      execution: executionOf(id),
    });
  expect(await reserveOne(crypto.randomUUID())).toMatchObject({ ok: true });
  await ring(stub);
  expect(await reserveOne(crypto.randomUUID())).toMatchObject({ ok: true });
  await ring(stub);
  const nextAlarmMs = await runInDurableObject(stub, (_: Wallet, { storage }) => storage.getAlarm());
  expect(nextAlarmMs, 'tries again soon').toBeLessThanOrEqual(Date.now() + 30_000);

  const received: Sent = [];
  await sendTo(stub, async (messages) => {
    received.push(...messages);
  });
  await ring(stub);
  expect(seqsOf(received)).toEqual([1, 2, 3]);
});

it('what was sent and not confirmed is sent again, and confirmations may come in any order', async () => {
  const { wallet, stub } = newStub();
  const received: Sent = [];
  await sendTo(stub, async (messages) => {
    received.push(...messages);
  });
  const creditOne = (operation_id: string) =>
    stub.credit({
      wallet,
      policy,
      operation_id,
      amount: 1,
      actor: { kind: 'admin', id: null },
      reason: 'a test',
      reference: null,
    });
  for (const id of ['a', 'b', 'c', 'd']) await creditOne(id);
  await ring(stub);
  await stub.confirm({ wallet, first_seq: 4, last_seq: 5 });
  await stub.confirm({ wallet, first_seq: 2, last_seq: 2 });
  await ring(stub);
  await stub.confirm({ wallet, first_seq: 1, last_seq: 3 });
  await ring(stub);
  expect(seqsOf(received)).toEqual([1, 2, 3, 4, 5, 1, 3]);
});
