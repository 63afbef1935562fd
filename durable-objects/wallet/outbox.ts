import type { JournalEntry, JournalMessage, WalletIdentity } from '../../contracts/wallet/journal.ts';
import type { WalletAudit } from './commands.ts';
import {
  batchesOf,
  DRAIN_ENTRIES_MAX,
  type SeqRange,
  sendTimeMs,
  seqsOf,
  takeDue,
  type UnconfirmedRange,
  withNew,
  withoutRange,
  withRequeued,
} from './rules/outbox.ts';
import type { WalletStore } from './store.ts';

/** The longest timer, in milliseconds. A pending timer keeps the object in memory, which is paid for, so the alarm does the rest. */
const TIMER_MAX_MS = 2_500;
/** Time limits of sending, so that a slow queue does not delay other work: per call, and for all calls at a time. */
const SEND_LIMITS = { call_max_ms: 10_000, total_max_ms: 20_000 };

/** Rejects when `work` takes longer than `limitMs`, and ignores its later result. */
async function withTimeout(limitMs: number, work: Promise<unknown>): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`Took longer than ${limitMs} ms`)), limitMs);
  });
  try {
    await Promise.race([work, limit]);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Sends the wallet's entries to the journal queue until Postgres has confirmed them. A timer in memory decides when, since an
 * alarm is paid as a row. The object's alarm sends what a timer did not, after the object was stopped.
 */
export class Outbox {
  readonly #store: WalletStore;
  readonly #queueOf: () => Queue<JournalMessage>;
  #ranges: UnconfirmedRange[] = [];
  /** The newest entries, none of which was sent yet: they are not read again to be sent. */
  #unsent: JournalEntry[] = [];
  #identity: WalletIdentity | undefined;
  #lastSentMs = 0;
  #timer: { handle: ReturnType<typeof setTimeout>; due_ms: number } | undefined;

  constructor(store: WalletStore, queueOf: () => Queue<JournalMessage>) {
    this.#store = store;
    this.#queueOf = queueOf;
  }

  /** Takes over what is unconfirmed in storage. It is sent at once, as nothing is known of earlier sends. */
  load(identity: WalletIdentity | undefined, unconfirmed: SeqRange[], nowMs: number): void {
    this.#identity = identity;
    this.#unsent = [];
    this.#ranges = unconfirmed.map((range) => ({ ...range, sends: 0, due_ms: nowMs }));
    this.#schedule();
  }

  /** Adds the entries of a commit. */
  add(identity: WalletIdentity, entries: JournalEntry[], inBackground: boolean, nowMs: number): void {
    this.#identity = identity;
    for (const entry of entries) {
      this.#unsent.push(entry);
      const due_ms = sendTimeMs(entry, { inBackground, lastSentMs: this.#lastSentMs }, nowMs);
      this.#ranges = withNew(this.#ranges, { first: entry.seq, last: entry.seq }, due_ms);
    }
    if (entries.length > 0) this.#schedule();
  }

  /** Removes confirmed entries. Returns false when none of them was unconfirmed. */
  confirm(range: SeqRange): boolean {
    const before = this.#ranges;
    this.#ranges = withoutRange(before, range);
    return this.#ranges !== before;
  }

  /** Makes the stored entries of a range due at once, confirmed or not. Returns their number. */
  requeue({ first, last }: SeqRange, newestSeq: number, nowMs: number): number {
    const kept = { first: Math.max(first, this.#firstKeptSeq()), last: Math.min(last, newestSeq) };
    if (kept.first > kept.last) return 0;
    this.#ranges = withRequeued(this.#ranges, kept, nowMs);
    this.#schedule();
    return kept.last - kept.first + 1;
  }

  /** Number and age of the unconfirmed entries, and the first entry still stored. */
  audit(newestSeq: number): Pick<WalletAudit, 'unconfirmed' | 'first_kept_seq'> {
    const ranges = this.unconfirmed();
    const oldest = ranges[0] && this.#store.entriesOf({ first: ranges[0].first, last: ranges[0].first })[0];
    const count = ranges.reduce((sum, { first, last }) => sum + last - first + 1, 0);
    const first = this.#firstKeptSeq();
    return {
      unconfirmed: { count, oldest_at_ms: oldest?.at_ms ?? null },
      first_kept_seq: first <= newestSeq ? first : null,
    };
  }

  /** The number of the first entry still stored, or of the next entry when there is none. */
  #firstKeptSeq(): number {
    return this.#store.ends()?.oldest.first_seq ?? 1;
  }

  get isEmpty(): boolean {
    return this.#ranges.length === 0;
  }

  unconfirmed(): SeqRange[] {
    return seqsOf(this.#ranges);
  }

  /** The unconfirmed entries of a range. */
  unconfirmedOf({ first, last }: SeqRange): JournalEntry[] {
    return this.#ranges
      .map((range) => ({ first: Math.max(first, range.first), last: Math.min(last, range.last) }))
      .filter((range) => range.first <= range.last)
      .flatMap((range) => this.#store.entriesOf(range));
  }

  /**
   * Sends everything that waits, within the time limits. Entries that were not sent in time, or that are not confirmed, are due
   * again after their resend delay. Throws when the queue fails.
   */
  async drain(nowMs: number, { call_max_ms, total_max_ms } = SEND_LIMITS): Promise<void> {
    const identity = this.#identity;
    if (identity === undefined) return;
    const { due, ranges } = takeDue(this.#ranges, nowMs, DRAIN_ENTRIES_MAX);
    // Due again later before they are sent: if the queue fails, they are not lost.
    this.#ranges = ranges;
    this.#schedule();
    if (due.length === 0) return;
    this.#lastSentMs = nowMs;
    const startedMs = Date.now();
    const entries = due.flatMap((range) => this.#entriesOf(range));
    this.#unsent = [];
    for (const batch of batchesOf(identity, entries)) {
      const leftMs = startedMs + total_max_ms - Date.now();
      if (leftMs <= 0) return;
      const sending = this.#queueOf().sendBatch(batch.map((body) => ({ body })));
      await withTimeout(Math.min(call_max_ms, leftMs), sending);
    }
  }

  #entriesOf({ first, last }: SeqRange): JournalEntry[] {
    const start = first - (this.#unsent[0]?.seq ?? Number.POSITIVE_INFINITY);
    return start >= 0
      ? this.#unsent.slice(start, start + last - first + 1)
      : this.#store.entriesOf({ first, last });
  }

  /** The time at which the first entry is due; infinity when there is none. */
  get dueMs(): number {
    return Math.min(...this.#ranges.map(({ due_ms }) => due_ms));
  }

  /** Sets the timer for the entry that is due first, if that is soon. */
  #schedule(): void {
    const due_ms = this.dueMs;
    const delayMs = due_ms - Date.now();
    if (delayMs > TIMER_MAX_MS || (this.#timer !== undefined && this.#timer.due_ms <= due_ms)) return;
    clearTimeout(this.#timer?.handle);
    this.#timer = { handle: setTimeout(() => this.#onTimer(), Math.max(0, delayMs)), due_ms };
  }

  #onTimer(): void {
    const { due_ms } = this.#timer ?? { due_ms: 0 };
    this.#timer = undefined;
    this.drain(Math.max(Date.now(), due_ms)).catch((error) =>
      console.error(JSON.stringify({ level: 'error', event: 'journal_send_failed', error: String(error) })),
    );
  }
}
