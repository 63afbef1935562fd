import type { JournalEntry } from '../../contracts/wallet/journal.ts';
import type { KeyRecord } from './rules/key-limits.ts';
import type { SeqRange } from './rules/outbox.ts';
import type { Reservation, WalletState } from './rules/state.ts';

/**
 * A piece of a wallet's history, stored as one row: consecutive entries, the records that they changed, and the wallet after
 * them. Every commit writes the newest segment anew, so it costs one row; a segment that is full is followed by another.
 * Stored as JSON, so names are permanent.
 */
export type Segment = {
  number: number;
  /** The wallet after the newest commit of the segment. Null for a wallet that was only told about API keys. */
  state: WalletState | null;
  /** The entries that Postgres had not confirmed at that time. */
  unconfirmed: SeqRange[];
  entries: JournalEntry[];
  /** The newest version of each reservation that was made, extended, ended or carried over. */
  reservations: Reservation[];
  /** The newest version of each API key's record that changed. */
  keys: KeyRecord[];
};

/** A segment as it is stored. The columns beside `body` find it without reading it. */
export type SegmentRow = {
  number: number;
  /** The number of its first entry, or of the one that would follow when it has none. */
  first_seq: number;
  last_seq: number;
  /** Time of its newest commit, in milliseconds since the epoch. */
  until_ms: number;
  /** The ids of the executions that ended in it, separated by spaces. */
  ended: string;
  body: string;
};

/** A segment of at least this length is followed by another: about 8 executions. Each commit writes it anew until then. */
const FULL_LENGTH = 8_192;
/** A batch of commands that makes a segment longer than this is split. SQLite rows in a Durable Object take 2 MB. */
const SPLIT_LENGTH = 262_144;

/** The newest segment while commits add to it. Holds texts, so that nothing is written as JSON twice. */
export class OpenSegment {
  readonly number: number;
  readonly #firstSeq: number;
  readonly #entries: string[] = [];
  readonly #reservations = new Map<string, { reservation: Reservation; text: string }>();
  readonly #keys = new Map<string, string>();
  #length = 0;

  /** `firstSeq` is the number of the next entry. */
  constructor(number: number, firstSeq: number) {
    this.number = number;
    this.#firstSeq = firstSeq;
  }

  /** Opens a stored segment to add to it. */
  static from({ number, state, entries, reservations, keys }: Segment): OpenSegment {
    const open = new OpenSegment(number, entries[0]?.seq ?? (state?.seq ?? 0) + 1);
    for (const entry of entries) open.addEntry(entry);
    for (const reservation of reservations) open.putReservation(reservation);
    for (const key of keys) open.putKey(key);
    return open;
  }

  get isFull(): boolean {
    return this.#length >= FULL_LENGTH;
  }

  /** True when it must be stored before more is added. */
  get isAtLimit(): boolean {
    return this.#length >= SPLIT_LENGTH;
  }

  addEntry(entry: JournalEntry): void {
    this.#entries.push(this.#textOf(entry));
  }

  putReservation(reservation: Reservation): void {
    this.#reservations.set(reservation.id, { reservation, text: this.#textOf(reservation) });
  }

  putKey(key: KeyRecord): void {
    this.#keys.set(key.id, this.#textOf(key));
  }

  deleteKey(id: string): void {
    this.#keys.delete(id);
  }

  findReservation(id: string): Reservation | undefined {
    return this.#reservations.get(id)?.reservation;
  }

  rowOf(state: WalletState | undefined, unconfirmed: SeqRange[]): SegmentRow {
    const ended: string[] = [];
    const reservations: string[] = [];
    for (const { reservation, text } of this.#reservations.values()) {
      reservations.push(text);
      if (reservation.state !== 'held') ended.push(reservation.id);
    }
    const body = `{"state":${JSON.stringify(state ?? null)},"unconfirmed":${JSON.stringify(unconfirmed)},"entries":[${this.#entries.join()}],"reservations":[${reservations.join()}],"keys":[${[...this.#keys.values()].join()}]}`;
    return {
      number: this.number,
      first_seq: this.#firstSeq,
      last_seq: state?.seq ?? 0,
      until_ms: state?.at_ms ?? 0,
      ended: ended.join(' '),
      body,
    };
  }

  #textOf(value: object): string {
    const text = JSON.stringify(value);
    this.#length += text.length;
    return text;
  }
}
