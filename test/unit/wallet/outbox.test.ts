import { describe, expect, it } from 'vitest';
import type { JournalEntry } from '../../../contracts/journal.ts';
import { batchesOf, resendDelayMs } from '../../../durable-objects/wallet/rules/outbox.ts';
import { HARD_LIFETIME, IDENTITY, SimulatedWallet } from './simulated-wallet.ts';

const QUEUE_MESSAGE_BYTES = 128_000;
const QUEUE_BATCH_BYTES = 256_000;

/** A journal of `count` credits, each explained at length. */
function journalOf(count: number, reason = 'bought'): JournalEntry[] {
  const wallet = new SimulatedWallet({ ...HARD_LIFETIME, allocation_tokens: 0 }, 0);
  for (let number = 1; number <= count; number++) wallet.correct('credit', 1, `credit-${number}`);
  return wallet.entries.map((entry) => ({ ...entry, reason }));
}

const batches = (entries: JournalEntry[]) =>
  batchesOf(
    IDENTITY,
    entries.map((entry) => ({ entry, sends: 0 })),
  );
const seqsOf = (messages: { entries: JournalEntry[] }[]) =>
  messages.map(({ entries }) => entries.map(({ seq }) => seq));

describe('the outbox', () => {
  it('sends nothing when nothing is due', () => {
    expect(batches([])).toEqual([]);
  });

  it('puts up to a hundred entries into a message, in order, each once', () => {
    const [messages = []] = batches(journalOf(250));
    expect(messages.map(({ entries }) => entries.length)).toEqual([100, 100, 50]);
    expect(seqsOf(messages).flat()).toEqual(Array.from({ length: 250 }, (_, index) => index + 1));
  });

  it('starts a message where entries are missing, since a confirmation names the first and the last', () => {
    const entries = journalOf(6).filter(({ seq }) => seq !== 3);
    expect(batches(entries).map(seqsOf)).toEqual([
      [
        [1, 2],
        [4, 5, 6],
      ],
    ]);
  });

  it('keeps messages and batches within what a queue takes', () => {
    const bytesOf = (value: unknown) => Buffer.byteLength(JSON.stringify(value));
    const sent = batches(journalOf(400, 'ü'.repeat(5_000)));
    expect(sent.length).toBeGreaterThan(1);
    for (const messages of sent) {
      expect(bytesOf(messages)).toBeLessThan(QUEUE_BATCH_BYTES);
      for (const message of messages) expect(bytesOf(message)).toBeLessThan(QUEUE_MESSAGE_BYTES);
    }
    expect(sent.flatMap(seqsOf).flat(2)).toHaveLength(400);
  });

  it('sends again after 5 s, doubling up to 30 s', () => {
    expect([1, 2, 3, 6, 7, 8, 1_000].map(resendDelayMs)).toEqual([
      5_000, 10_000, 20_000, 30_000, 30_000, 30_000, 30_000,
    ]);
  });
});
