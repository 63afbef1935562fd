import { describe, expect, it } from 'vitest';
import type { JournalEntry } from '../../../contracts/wallet/journal.ts';
import {
  batchesOf,
  resendDelayMs,
  sendTimeMs,
  seqsOf as seqRangesOf,
  takeDue,
  type UnconfirmedRange,
  withNew,
  withoutRange,
  withRequeued,
} from '../../../durable-objects/wallet/rules/outbox.ts';
import { HARD_LIFETIME, IDENTITY, SimulatedWallet } from './simulated-wallet.ts';

const QUEUE_MESSAGE_BYTES = 128_000;
const QUEUE_BATCH_BYTES = 256_000;

/** A journal of `count` credits, each explained at length. */
function journalOf(count: number, reason = 'bought'): JournalEntry[] {
  const wallet = new SimulatedWallet({ ...HARD_LIFETIME, allocation_tokens: 0 }, 0);
  for (let number = 1; number <= count; number++) wallet.correct('credit', 1, `credit-${number}`);
  return wallet.entries.map((entry) => ({ ...entry, reason }));
}

const batches = (entries: JournalEntry[]) => batchesOf(IDENTITY, entries);
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

/** Entries `first` to `last`, sent `sends` times and due at `due_ms`. */
const range = (first: number, last: number, sends = 0, due_ms = 0): UnconfirmedRange => ({
  first,
  last,
  sends,
  due_ms,
});

describe('the time at which an entry is sent', () => {
  const idle = { inBackground: false, lastSentMs: 0 };

  it('is soon in an idle wallet, and every two seconds in a busy one', () => {
    expect(sendTimeMs({ kind: 'debit' }, idle, 100_000)).toBe(100_200);
    expect(sendTimeMs({ kind: 'debit' }, { ...idle, lastSentMs: 99_500 }, 100_000)).toBe(101_500);
  });

  it('is later for a reservation, which waits for its end, unless it runs in the background', () => {
    expect(sendTimeMs({ kind: 'reserve' }, idle, 100_000)).toBe(103_000);
    expect(sendTimeMs({ kind: 'reserve' }, { ...idle, inBackground: true }, 100_000)).toBe(100_200);
  });
});

describe('the unconfirmed entries', () => {
  it('grow by new ones, which are due with those that wait', () => {
    expect(withNew([range(1, 2, 0, 900)], { first: 3, last: 4 }, 500)).toEqual([range(1, 4, 0, 500)]);
    expect(withNew([range(1, 2, 1, 900)], { first: 3, last: 3 }, 500)).toEqual([
      range(1, 2, 1, 900),
      range(3, 3, 0, 500),
    ]);
  });

  it('shrink by what is confirmed, in any order', () => {
    const before = [range(1, 4, 1), range(7, 9)];
    expect(withoutRange(before, { first: 2, last: 7 })).toEqual([range(1, 1, 1), range(8, 9)]);
    expect(withoutRange(before, { first: 5, last: 6 }), 'and are the same without a change').toBe(before);
  });

  it('are sent together once one of them is, and are due again later', () => {
    const { due, ranges } = takeDue(
      [range(1, 2, 1, 5_000), range(3, 4, 0, 900), range(6, 7, 2, 99_000)],
      6_000,
      10,
    );
    expect(due).toEqual([
      { first: 1, last: 2 },
      { first: 3, last: 4 },
    ]);
    expect(ranges).toEqual([range(1, 2, 2, 16_000), range(3, 4, 1, 11_000), range(6, 7, 2, 99_000)]);
  });

  it('are sent up to a limit, and the rest is due at once', () => {
    expect(takeDue([range(1, 9)], 1_000, 4)).toEqual({
      due: [{ first: 1, last: 4 }],
      ranges: [range(1, 4, 1, 6_000), range(5, 9, 0, 1_000)],
    });
  });

  it('join when they are due together, so that a long outage leaves few ranges', () => {
    const sentOften = [range(1, 2, 4), range(3, 4, 7), range(5, 6, 3)];
    expect(takeDue(sentOften, 1_000, 10).ranges).toEqual([range(1, 6, 8, 31_000)]);
    expect(seqRangesOf([range(1, 2, 1, 5), range(3, 4), range(6, 6)])).toEqual([
      { first: 1, last: 4 },
      { first: 6, last: 6 },
    ]);
  });

  it('come back when they are to be sent again', () => {
    expect(withRequeued([range(2, 3, 4, 99_000), range(9, 9)], { first: 1, last: 2 }, 1_000)).toEqual([
      range(1, 2, 0, 1_000),
      range(3, 3, 4, 99_000),
      range(9, 9),
    ]);
  });
});
