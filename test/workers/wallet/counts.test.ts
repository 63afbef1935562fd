import { runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { JournalMessage, WalletIdentity } from '../../../contracts/wallet/journal.ts';
import type { Wallet } from '../../../durable-objects/wallet/wallet.ts';
import { newIdentity, objectName, outcomeOf, reserveCommandOf } from './wallet-commands.ts';

/** Units that Cloudflare bills for an execution: rows written, alarms set (a row each), and queue messages. */
type Counts = { rows: number; alarms_set: number; messages: number };

let wallet: WalletIdentity;
let stub: DurableObjectStub<Wallet>;
let counts: Counts;

/** Counts what the wallet writes and sends from now on. */
const countFromNow = () =>
  runInDurableObject(stub, (instance: Wallet, { storage }) => {
    counts = { rows: 0, alarms_set: 0, messages: 0 };
    const exec = storage.sql.exec.bind(storage.sql);
    const setAlarm = storage.setAlarm.bind(storage);
    Object.defineProperty(storage.sql, 'exec', {
      value: (query: string, ...values: SqlStorageValue[]) => {
        const cursor = exec(query, ...values);
        if (/^\s*(insert|update|delete)/i.test(query)) counts.rows += cursor.rowsWritten;
        return cursor;
      },
    });
    Object.defineProperty(storage, 'setAlarm', {
      value: (atMs: number) => {
        counts.alarms_set += 1;
        return setAlarm(atMs);
      },
    });
    const sendBatch = async (messages: { body: JournalMessage }[]) => {
      counts.messages += messages.length;
    };
    Object.defineProperty(instance, 'env', { value: { ...env, JOURNAL_QUEUE: { sendBatch } } });
  });

async function execute(): Promise<void> {
  const id = crypto.randomUUID();
  const command = reserveCommandOf(wallet, 10, id);
  await stub.reserve({ ...command, execution: { ...command.execution, started_at_ms: Date.now() } });
  await stub.settle({ wallet, amount: 1, outcome: outcomeOf(id) });
}

beforeEach(async () => {
  // In the middle of a month: opening another one writes as well.
  vi.useFakeTimers({ now: Date.UTC(2040, 10, 10), toFake: ['Date'] });
  wallet = newIdentity();
  stub = env.WALLET.getByName(objectName(wallet));
  // The first execution opens the wallet.
  await execute();
  await runDurableObjectAlarm(stub);
  await stub.confirm({ wallet, first_seq: 1, last_seq: 3 });
  await runDurableObjectAlarm(stub);
});

afterEach(() => {
  vi.useRealTimers();
});

describe('an execution', () => {
  it('that runs alone writes at most 6 rows, alarms included, and has one message, alarm and confirmation', async () => {
    await countFromNow();
    await execute();
    await expect.poll(() => counts.messages, { timeout: 5_000 }).toBe(1);
    await stub.confirm({ wallet, first_seq: 4, last_seq: 5 });
    await runDurableObjectAlarm(stub);
    expect(counts).toEqual({ rows: 3, alarms_set: 2, messages: 1 });
    vi.setSystemTime(Date.now() + 8 * 86_400_000);
    await runDurableObjectAlarm(stub);
    expect(counts, 'and one row to forget it, a week later').toMatchObject({ rows: 4, alarms_set: 2 });
  });

  it('on a busy wallet writes at most 3 rows, and shares its messages and alarms', async () => {
    await countFromNow();
    const EXECUTIONS = 400;
    for (let done = 0; done < EXECUTIONS; done += 40) await Promise.all(Array.from({ length: 40 }, execute));
    await runDurableObjectAlarm(stub);
    const { rows, alarms_set, messages } = counts;
    expect((rows + alarms_set) / EXECUTIONS).toBeLessThan(3);
    expect(alarms_set / EXECUTIONS).toBeLessThan(0.05);
    expect(messages / EXECUTIONS).toBeLessThan(0.1);
  });
});
