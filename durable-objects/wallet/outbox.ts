import type { JournalEntry, JournalMessage, WalletIdentity } from '../../contracts/journal.ts';
import type { UnconfirmedEntry } from './store.ts';

/** Pure: how unconfirmed entries become queue messages, and when they are sent again. */

/** Entries of one burst share a message: an entry waits this long for company. */
export const SEND_DELAY_MS = 200;
/** Limits of Cloudflare Queues: 128 KB a message, 100 messages or 256 KB a batch. Some room is left for framing. */
const MESSAGE_BYTES_MAX = 100_000;
const BATCH_BYTES_MAX = 200_000;
const MESSAGE_ENTRIES_MAX = 100;
/** Most entries one alarm takes up; what is left has the next alarm at once. */
export const DRAIN_ENTRIES_MAX = 1_000;

const RESEND_BASE_MS = 5_000;
/** After an outage of any length everything has been sent again within this. */
const RESEND_MAX_MS = 30_000;

/** When an entry sent `sends` times is sent again, unless confirmed before: doubling from 5 s to 30 s. */
export const resendDelayMs = (sends: number): number =>
  Math.min(RESEND_MAX_MS, RESEND_BASE_MS * 2 ** (sends - 1));

const bytesOf = (value: unknown) => new TextEncoder().encode(JSON.stringify(value)).length;

/** Cuts `items` into runs that keep to both limits; an item over the byte limit goes alone. */
function chunk<Item>(items: Item[], countMax: number, bytesMax: number): Item[][] {
  const runs: Item[][] = [];
  let bytes = 0;
  for (const item of items) {
    const size = bytesOf(item);
    const run = runs.at(-1);
    if (run === undefined || run.length >= countMax || bytes + size > bytesMax) {
      runs.push([item]);
      bytes = size;
    } else {
      run.push(item);
      bytes += size;
    }
  }
  return runs;
}

/** Runs of consecutive entries: a confirmation names a message's entries by its first and last. */
function consecutive(entries: JournalEntry[]): JournalEntry[][] {
  const runs: JournalEntry[][] = [];
  for (const entry of entries) {
    const run = runs.at(-1);
    if (run !== undefined && run.at(-1)?.seq === entry.seq - 1) run.push(entry);
    else runs.push([entry]);
  }
  return runs;
}

/** The `sendBatch` calls that carry these entries. */
export function batchesOf(wallet: WalletIdentity, due: UnconfirmedEntry[]): JournalMessage[][] {
  const messages = consecutive(due.map(({ entry }) => entry))
    .flatMap((run) => chunk(run, MESSAGE_ENTRIES_MAX, MESSAGE_BYTES_MAX))
    .map((entries): JournalMessage => ({ version: 1, wallet, entries }));
  return chunk(messages, 100, BATCH_BYTES_MAX);
}
