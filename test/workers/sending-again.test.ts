import { runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { expect, it } from 'vitest';
import type { JournalMessage } from '../../contracts/wallet/journal.ts';
import type { Wallet } from '../../durable-objects/wallet/wallet.ts';
import { newIdentity, objectName, reserveCommandOf } from './wallet/wallet-commands.ts';

it('entries that Postgres lacks are sent by an alarm at once, even if the wallet is idle', async () => {
  const wallet = newIdentity();
  const stub = env.WALLET.getByName(objectName(wallet));
  const sent: number[] = [];
  await runInDurableObject(stub, (instance: Wallet) => {
    const sendBatch = async (messages: { body: JournalMessage }[]) => {
      sent.push(...messages.flatMap(({ body }) => body.entries.map(({ seq }) => seq)));
    };
    Object.defineProperty(instance, 'env', { value: { ...env, JOURNAL_QUEUE: { sendBatch } } });
  });
  await stub.reserve(reserveCommandOf(wallet, 100));
  await stub.confirm({ wallet, first_seq: 1, last_seq: 2 });
  // With everything confirmed, the alarm is set for the deadline only.
  await runDurableObjectAlarm(stub);
  expect(sent).toEqual([]);

  await stub.resend({ wallet, first_seq: 1, last_seq: 2 });
  await expect.poll(() => sent, { timeout: 3_000 }).toEqual([1, 2]);
});
