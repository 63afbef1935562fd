import { Buffer } from 'node:buffer';
import type { JournalEntry, JournalMessage, WalletIdentity } from '../../../contracts/wallet/journal.ts';

/** Pure: which entries Postgres has not confirmed, when they are sent, and how they are grouped into queue messages. */

/** The entries `first` to `last`, both included. */
export type SeqRange = { first: number; last: number };

/** Unconfirmed entries with consecutive numbers, how often they were sent, and when they are sent next. */
export type UnconfirmedRange = SeqRange & { sends: number; due_ms: number };

/** An entry waits this long before it is sent, so that the entries of a burst share a message. */
const SEND_DELAY_MS = 200;
/** A wallet that was idle sends at once; a busy one this often, so that its entries share messages. */
const SEND_INTERVAL_MS = 2_000;
/**
 * A reservation in the foreground waits this long for the entry that ends it, so that both share a message. Of an execution that
 * takes longer, others see that it runs.
 */
const RESERVE_DELAY_MS = 3_000;
/** Below the limits of Cloudflare Queues (128 KB a message; 100 messages or 256 KB a batch), to leave room for framing. */
const MESSAGE_BYTES_MAX = 100_000;
const BATCH_BYTES_MAX = 200_000;
const MESSAGE_ENTRIES_MAX = 100;
/** Most entries sent at a time; the rest follows at once. */
export const DRAIN_ENTRIES_MAX = 1_000;

const RESEND_BASE_MS = 5_000;
/** Longest time until an entry is sent again, whatever the length of an outage. */
const RESEND_MAX_MS = 30_000;

/** Delay before an unconfirmed entry that was sent `sends` times is sent again: doubles from 5 s to 30 s. */
export const resendDelayMs = (sends: number): number =>
  Math.min(RESEND_MAX_MS, RESEND_BASE_MS * 2 ** (sends - 1));

/** The time at which a new entry is sent, if no other entry is sent before. */
export const sendTimeMs = (
  { kind }: Pick<JournalEntry, 'kind'>,
  { inBackground, lastSentMs }: { inBackground: boolean; lastSentMs: number },
  nowMs: number,
): number =>
  kind === 'reserve' && !inBackground
    ? nowMs + RESERVE_DELAY_MS
    : Math.max(nowMs + SEND_DELAY_MS, lastSentMs + SEND_INTERVAL_MS);

/** Adds new entries, which follow all others. */
export function withNew(
  ranges: readonly UnconfirmedRange[],
  { first, last }: SeqRange,
  due_ms: number,
): UnconfirmedRange[] {
  const newest = ranges.at(-1);
  if (newest === undefined || newest.sends > 0 || newest.last !== first - 1)
    return [...ranges, { first, last, sends: 0, due_ms }];
  return [...ranges.slice(0, -1), { ...newest, last, due_ms: Math.min(newest.due_ms, due_ms) }];
}

/** Removes confirmed entries. Returns the same list when none of them was unconfirmed. */
export function withoutRange(ranges: UnconfirmedRange[], { first, last }: SeqRange): UnconfirmedRange[] {
  if (ranges.every((range) => range.last < first || range.first > last)) return ranges;
  return ranges.flatMap((range) => {
    const before = { ...range, last: Math.min(range.last, first - 1) };
    const after = { ...range, first: Math.max(range.first, last + 1) };
    return [before, after].filter((part) => part.first <= part.last);
  });
}

/** Makes entries due at once, as if they had never been sent. */
export const withRequeued = (
  ranges: UnconfirmedRange[],
  again: SeqRange,
  nowMs: number,
): UnconfirmedRange[] =>
  [...withoutRange(ranges, again), { ...again, sends: 0, due_ms: nowMs }].sort((a, b) => a.first - b.first);

/**
 * Splits off what is sent now, at most `limit` entries: all that were never sent, and those that are due again. They are due
 * again after their resend delay.
 */
export function takeDue(
  ranges: UnconfirmedRange[],
  nowMs: number,
  limit: number,
): { due: SeqRange[]; ranges: UnconfirmedRange[] } {
  let left = limit;
  const due: SeqRange[] = [];
  const kept = ranges.flatMap((range): UnconfirmedRange[] => {
    const { first, last, sends, due_ms } = range;
    if (left === 0 || (sends > 0 && due_ms > nowMs)) return [range];
    const sent = { first, last: Math.min(last, first + left - 1) };
    due.push(sent);
    left -= sent.last - sent.first + 1;
    const again = { ...sent, sends: sends + 1, due_ms: nowMs + resendDelayMs(sends + 1) };
    return sent.last === last ? [again] : [again, { ...range, first: sent.last + 1, due_ms: nowMs }];
  });
  return { due, ranges: joined(kept) };
}

/** Joins neighbours that are due at the same time, so that a long outage leaves few ranges. */
function joined(ranges: UnconfirmedRange[]): UnconfirmedRange[] {
  const result: UnconfirmedRange[] = [];
  for (const range of ranges) {
    const before = result.at(-1);
    if (before?.last === range.first - 1 && before.due_ms === range.due_ms)
      result[result.length - 1] = {
        ...range,
        first: before.first,
        sends: Math.max(before.sends, range.sends),
      };
    else result.push(range);
  }
  return result;
}

/** The numbers of unconfirmed entries, in as few ranges as possible. */
export const seqsOf = (ranges: readonly UnconfirmedRange[]): SeqRange[] =>
  joined(ranges.map((range) => ({ ...range, due_ms: 0 }))).map(({ first, last }) => ({ first, last }));

const bytesOf = (value: unknown) => Buffer.byteLength(JSON.stringify(value));

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
export function batchesOf(wallet: WalletIdentity, due: JournalEntry[]): JournalMessage[][] {
  const messages = consecutiveRuns(due)
    .flatMap((run) => splitRuns(run, MESSAGE_ENTRIES_MAX, MESSAGE_BYTES_MAX))
    .map((entries): JournalMessage => ({ version: 1, wallet, entries }));
  return splitRuns(messages, 100, BATCH_BYTES_MAX);
}
