import type { WalletAudit } from './commands.ts';
import type { KeyRecord } from './rules/key-limits.ts';
import type { SeqRange } from './rules/outbox.ts';
import type { Change, Reservation, WalletState } from './rules/state.ts';
import { OpenSegment } from './segment.ts';
import type { WalletStore } from './store.ts';

/**
 * Segments that are read when the object wakes. Whatever is live is found in them: a hold or a key's record that is older is
 * carried over into a new segment, or moved to its table.
 */
export const SEGMENTS_READ = 16;
/** Ids of executions that ended this long ago are kept in memory, so that a new execution is known to be new without reading. */
const ENDED_KEPT_MS = 120_000;
/** The most that the clocks of a wallet and its callers differ. */
const CLOCK_DIFFERENCE_MS = 60_000;

/** A record and the segment with its newest version; null for a key's record that is stored in its table. */
type Held = { reservation: Reservation; segment: number };
type Key = { key: KeyRecord; segment: number | null };
type Ended = { segment: number; at_ms: number };

/** The wallet's live records in memory, and the segment that commits add to. */
export class WalletRecords {
  readonly #store: WalletStore;
  readonly #held = new Map<string, Held>();
  readonly #keys = new Map<string, Key>();
  /** Executions that ended since {@link #endedSinceMs}, oldest first. */
  readonly #ended = new Map<string, Ended>();
  #endedSinceMs = 0;
  #open = new OpenSegment(1, 1);
  /** True when the open segment holds something that is not stored yet. */
  #isDirty = false;

  constructor(store: WalletStore) {
    this.#store = store;
  }

  /** Reads the newest segments. Returns the wallet's state and its unconfirmed entries. */
  load(nowMs: number): { state: WalletState | undefined; unconfirmed: SeqRange[] } {
    for (const map of [this.#held, this.#keys, this.#ended]) map.clear();
    this.#isDirty = false;
    const segments = this.#store.newestSegments(SEGMENTS_READ);
    for (const { number, reservations, keys } of segments) {
      for (const reservation of reservations) this.#remember(reservation, number);
      for (const key of keys) this.#keys.set(key.id, { key, segment: number });
    }
    this.#endedSinceMs = nowMs - ENDED_KEPT_MS;
    const ended = [...this.#store.endedSince(this.#endedSinceMs)].reverse();
    for (const { number, ended: ids } of ended)
      for (const id of ids) this.#ended.set(id, { segment: number, at_ms: nowMs });
    const newest = segments.at(-1);
    this.#open = newest === undefined ? new OpenSegment(1, 1) : OpenSegment.from(newest);
    return { state: newest?.state ?? undefined, unconfirmed: newest?.unconfirmed ?? [] };
  }

  get isDirty(): boolean {
    return this.#isDirty;
  }

  /** True when the open segment must be stored before more is added to it. */
  get isAtLimit(): boolean {
    return this.#open.isAtLimit;
  }

  /** Adds a change to the open segment. */
  add(
    { entries = [], reservation, key }: Partial<Change>,
    before: WalletState | undefined,
    nowMs: number,
  ): void {
    if (this.#open.isFull && !this.#isDirty) this.#openNext((before?.seq ?? 0) + 1, nowMs);
    this.#isDirty = true;
    for (const entry of entries) this.#open.addEntry(entry);
    if (reservation !== undefined) {
      this.#open.putReservation(reservation);
      this.#remember(reservation, this.#open.number);
      if (reservation.state !== 'held')
        this.#ended.set(reservation.id, { segment: this.#open.number, at_ms: nowMs });
    }
    if (key !== undefined) {
      this.#open.putKey(key);
      this.#keys.set(key.id, { key, segment: this.#open.number });
    }
  }

  /**
   * Prepares the deletion of the segments up to `last`: whatever of them is live is carried over into the open segment. If that is
   * the last one, only its live records stay. Returns the last segment to delete.
   */
  leave(last: number, state: WalletState): number {
    const { number } = this.#open;
    if (last >= number) this.#open = new OpenSegment(number, state.seq + 1);
    const kept = [...this.#held.values(), ...this.#keys.values()].filter(
      ({ segment }) => segment !== null && segment <= last,
    );
    for (const record of kept) {
      record.segment = number;
      if ('key' in record) this.#open.putKey(record.key);
      else this.#open.putReservation(record.reservation);
    }
    this.#isDirty ||= last >= number || kept.length > 0;
    return Math.min(last, number - 1);
  }

  /** Notes that the state or the unconfirmed entries have changed. */
  touch(): void {
    this.#isDirty = true;
  }

  /** Stores the open segment. One row written. */
  save(state: WalletState | undefined, unconfirmed: SeqRange[]): void {
    this.#store.saveSegment(this.#open.rowOf(state, unconfirmed));
    this.#isDirty = false;
  }

  /**
   * Opens the next segment. Holds that are no longer among the segments read at waking are carried over into it, and records of
   * keys are stored in their table.
   */
  #openNext(firstSeq: number, nowMs: number): void {
    const number = this.#open.number + 1;
    const carriedUpTo = number - SEGMENTS_READ;
    this.#open = new OpenSegment(number, firstSeq);
    for (const held of this.#held.values()) {
      if (held.segment > carriedUpTo) continue;
      held.segment = number;
      this.#open.putReservation(held.reservation);
    }
    for (const kept of this.#keys.values()) {
      if (kept.segment === null || kept.segment > carriedUpTo) continue;
      this.#store.saveKey(kept.key);
      kept.segment = null;
    }
    for (const [id, { at_ms }] of this.#ended) {
      if (at_ms >= nowMs - ENDED_KEPT_MS) break;
      this.#ended.delete(id);
      this.#endedSinceMs = Math.max(this.#endedSinceMs, at_ms);
    }
  }

  /** The reservation of an execution, held or ended; undefined when it is unknown. */
  findReservation(id: string): Reservation | undefined {
    return this.#findLive(id) ?? this.#readEnded(id, this.#store.findEnded(id));
  }

  /** The same for an execution that started at `startedAtMs` by its caller's clock: a new one is recognized without reading. */
  findReservationSince(id: string, startedAtMs: number): Reservation | undefined {
    const known = this.#findLive(id);
    if (known !== undefined || startedAtMs - CLOCK_DIFFERENCE_MS > this.#endedSinceMs) return known;
    return this.#readEnded(id, this.#store.findEnded(id));
  }

  #findLive(id: string): Reservation | undefined {
    return this.#held.get(id)?.reservation ?? this.#readEnded(id, this.#ended.get(id)?.segment);
  }

  #readEnded(id: string, segment: number | undefined): Reservation | undefined {
    if (segment === undefined) return undefined;
    if (segment === this.#open.number) return this.#open.findReservation(id);
    return this.#store.segment(segment)?.reservations.find((reservation) => reservation.id === id);
  }

  findKey(id: string): KeyRecord | undefined {
    const known = this.#keys.get(id)?.key;
    if (known !== undefined) return known;
    const key = this.#store.findKey(id);
    if (key !== undefined) this.#keys.set(id, { key, segment: null });
    return key;
  }

  /**
   * Drops keys that were last used or revoked before the month `period` and hold nothing from the open segment, and forgets those
   * of the table, which has changed.
   */
  dropKeys(period: string): void {
    for (const [id, { key, segment }] of this.#keys) {
      const isDropped = segment === this.#open.number && key.period < period && key.held === 0;
      if (isDropped) this.#open.deleteKey(id);
      if (isDropped || segment === null) this.#keys.delete(id);
      this.#isDirty ||= isDropped;
    }
  }

  /** All held reservations. */
  held(): Reservation[] {
    return [...this.#held.values()].map(({ reservation }) => reservation);
  }

  /** Number and tokens of the held reservations. */
  heldTotals(): WalletAudit['held'] {
    const held = this.held();
    const raised = held.reduce((sum, reservation) => sum + (reservation.raised ?? 0), 0);
    return {
      ...(raised === 0 ? {} : { raised }),
      reservations: held.length,
      monthly: held.reduce((sum, { held_monthly }) => sum + held_monthly, 0),
      lifetime: held.reduce((sum, { held_lifetime }) => sum + held_lifetime, 0),
    };
  }

  earliestDeadlineMs(): number | null {
    let earliest: number | null = null;
    for (const { reservation } of this.#held.values())
      earliest = Math.min(earliest ?? reservation.expires_at_ms, reservation.expires_at_ms);
    return earliest;
  }

  #remember(reservation: Reservation, segment: number): void {
    if (reservation.state === 'held') this.#held.set(reservation.id, { reservation, segment });
    else this.#held.delete(reservation.id);
  }
}
