import type { JournalEntry, JournalMessage, WalletIdentity } from '../../../contracts/journal.ts';

/** Pure: groups unconfirmed entries into queue messages, and decides when they are sent again. */

/** An entry that Postgres has not confirmed, and how often it was sent. */
export type UnconfirmedEntry = { entry: JournalEntry; sends: number };

/** An entry waits this long before it is sent, so that the entries of a burst share a message. */
export const SEND_DELAY_MS = 200;
/** Below the limits of Cloudflare Queues (128 KB a message; 100 messages or 256 KB a batch), to leave room for framing. */
const MESSAGE_BYTES_MAX = 100_000;
const BATCH_BYTES_MAX = 200_000;
const MESSAGE_ENTRIES_MAX = 100;
/** Most entries sent per alarm; the next alarm follows at once for the rest. */
export const DRAIN_ENTRIES_MAX = 1_000;

const RESEND_BASE_MS = 5_000;
/** Longest time until an entry is sent again, whatever the length of an outage. */
const RESEND_MAX_MS = 30_000;

/** Delay before an unconfirmed entry that was sent `sends` times is sent again: doubles from 5 s to 30 s. */
export const resendDelayMs = (sends: number): number =>
  Math.min(RESEND_MAX_MS, RESEND_BASE_MS * 2 ** (sends - 1));

const bytesOf = (value: unknown) => new TextEncoder().encode(JSON.stringify(value)).length;

/** Splits `items` into runs within both limits. An item above the byte limit gets a run of its own. */
function splitRuns<Item>(items: Item[], countMax: number, bytesMax: number): Item[][] {
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

/** Groups entries with consecutive numbers, since a confirmation names the first and last entry of a message. */
function consecutiveRuns(entries: JournalEntry[]): JournalEntry[][] {
  const runs: JournalEntry[][] = [];
  for (const entry of entries) {
    const run = runs.at(-1);
    if (run !== undefined && run.at(-1)?.seq === entry.seq - 1) run.push(entry);
    else runs.push([entry]);
  }
  return runs;
}

/** The messages of each `sendBatch` call that sends these entries. */
export function batchesOf(wallet: WalletIdentity, due: UnconfirmedEntry[]): JournalMessage[][] {
  const messages = consecutiveRuns(due.map(({ entry }) => entry))
    .flatMap((run) => splitRuns(run, MESSAGE_ENTRIES_MAX, MESSAGE_BYTES_MAX))
    .map((entries): JournalMessage => ({ version: 1, wallet, entries }));
  return splitRuns(messages, 100, BATCH_BYTES_MAX);
}
