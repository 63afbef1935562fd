import { runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { expect, it } from 'vitest';
import type { JournalMessage } from '../../../contracts/journal.ts';
import type { WalletPolicy } from '../../../contracts/wallet-policy.ts';
import { bringUpToDate, newWallet } from '../../../durable-objects/wallet/rules/allocation.ts';
import { end, reserve } from '../../../durable-objects/wallet/rules/reservations.ts';
import { WalletStore } from '../../../durable-objects/wallet/store.ts';
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

/** Makes everything unconfirmed due, as if its time had come, and lets the alarm ring. */
async function ring(stub: DurableObjectStub<Wallet>): Promise<void> {
  await runInDurableObject(stub, (_: Wallet, { storage }) => {
    storage.sql.exec('update journal set next_send_at_ms = 0 where confirmed_at_ms is null');
    return storage.setAlarm(Date.now() + 60_000);
  });
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
  expect(nextAlarmMs, 'tries again soon').toBeLessThan(Date.now() + 10_001);

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

it('an operation writes as few rows as the page on storage says, and finding what to send reads no more than that', async () => {
  const { wallet, stub } = newStub();
  await runInDurableObject(stub, (_: Wallet, { storage: { sql } }) => {
    const cursors: SqlStorageCursor<Record<string, SqlStorageValue>>[] = [];
    const counted = {
      exec: (query: string, ...bindings: SqlStorageValue[]) => {
        const cursor = sql.exec(query, ...bindings);
        cursors.push(cursor);
        return cursor;
      },
    } as SqlStorage;
    const store = new WalletStore(counted);
    const rowsOf = (act: () => void) => {
      cursors.length = 0;
      act();
      const total = (rows: (cursor: (typeof cursors)[number]) => number) =>
        cursors.reduce((sum, cursor) => sum + rows(cursor), 0);
      return { written: total((cursor) => cursor.rowsWritten), read: total((cursor) => cursor.rowsRead) };
    };
    const opened = bringUpToDate(newWallet(wallet, policy, 0), policy, 0);
    store.save(opened, 0);
    const command = {
      wallet,
      policy,
      amount: 10,
      actor: { kind: 'system' as const, id: null },
      session_issued_at_s: null,
      key: null,
      execution: executionOf(crypto.randomUUID()),
    };
    const reserved = reserve(
      opened.state,
      { known: undefined, key: undefined, idempotency: undefined },
      command,
      0,
    );
    const outcome = {
      id: command.execution.id,
      status: 'succeeded' as const,
      provider_name: null,
      provider_model: null,
      finish_reason: null,
      usage: null,
      usage_source: null,
      price_version: null,
      cost_micro_usd: 0,
      attempts: [],
      error_code: null,
      finished_at_ms: 0,
    };
    const facts = { known: reserved.reservation, key: undefined, idempotency: undefined };
    const settled = end(reserved.state, facts, { kind: 'debit', amount: 5, outcome }, 0);
    const counts = {
      reserve: rowsOf(() => store.save(reserved, 0)).written,
      settle: rowsOf(() => store.save(settled, 0)).written,
      postpone: rowsOf(() => store.postpone(3, 1, 5)).written,
      confirm: rowsOf(() => store.confirm(3, 3, 0)).written,
    };
    expect(counts).toEqual({ reserve: 5, settle: 4, postpone: 2, confirm: 1 });

    store.confirm(1, 3, 0);
    for (let seq = 4; seq <= 2_000; seq++) {
      sql.exec('insert into journal values (?, ?, 1, 5, 6)', seq, '{}');
    }
    store.save({ ...settled, entries: settled.entries.map((entry) => ({ ...entry, seq: 2_001 })) }, 0);
    expect(rowsOf(() => expect(store.dueEntries(10, 1_000)).toHaveLength(1)).read).toBeLessThan(10);
  });
});
