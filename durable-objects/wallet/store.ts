import type { JournalEntry } from '../../contracts/wallet/journal.ts';
import type { IdempotencyRecord } from './rules/idempotency.ts';
import type { KeyRecord } from './rules/key-limits.ts';
import type { SeqRange } from './rules/outbox.ts';
import type { Change } from './rules/state.ts';
import type { Segment, SegmentRow } from './segment.ts';

/**
 * All the SQL of the wallet. Calls without an await between them commit together, and the platform holds every answer
 * back until they are durable. Each statement writes one row per record, since Cloudflare bills each row and each index.
 */

type Operation = { fingerprint: string; seq: number };
type StoredBody = { number: number; body: string };

const segmentOf = ({ number, body }: StoredBody): Segment => ({ number, ...JSON.parse(body) });

/** The tables of one wallet, in the SQLite database of its object: segments, operations, API keys, Idempotency-Keys. */
export class WalletStore {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  saveSegment({ number, first_seq, last_seq, until_ms, ended, body }: SegmentRow): void {
    this.#sql.exec(
      'insert or replace into segments (number, first_seq, last_seq, until_ms, ended, body) values (?, ?, ?, ?, ?, ?)',
      ...[number, first_seq, last_seq, until_ms, ended, body],
    );
  }

  /** The newest segments, oldest first. */
  newestSegments(count: number): Segment[] {
    return this.#sql
      .exec<StoredBody>('select number, body from segments order by number desc limit ?', count)
      .toArray()
      .map(segmentOf)
      .reverse();
  }

  segment(number: number): Segment | undefined {
    const [row] = this.#sql
      .exec<StoredBody>('select number, body from segments where number = ?', number)
      .toArray();
    return row === undefined ? undefined : segmentOf(row);
  }

  /** The oldest segment and the newest, without their bodies; undefined when there is none. */
  ends(): { oldest: Omit<SegmentRow, 'body'>; newest: Omit<SegmentRow, 'body'> } | undefined {
    const columns = 'number, first_seq, last_seq, until_ms, ended';
    const read = (order: 'asc' | 'desc') =>
      this.#sql
        .exec<Omit<SegmentRow, 'body'>>(`select ${columns} from segments order by number ${order} limit 1`)
        .toArray()[0];
    const [oldest, newest] = [read('asc'), read('desc')];
    return oldest === undefined || newest === undefined ? undefined : { oldest, newest };
  }

  /** The stored entries of a range, in order. Pruned ones are missing. */
  entriesOf({ first, last }: SeqRange): JournalEntry[] {
    const entries: JournalEntry[] = [];
    const rows = this.#sql.exec<StoredBody>(
      'select number, body from segments where number >= ? order by number',
      this.#numberOf(first),
    );
    for (const row of rows) {
      const own = segmentOf(row).entries;
      entries.push(...own.filter(({ seq }) => seq >= first && seq <= last));
      if ((own.at(-1)?.seq ?? 0) >= last) break;
    }
    return entries;
  }

  /** The number of the segment that holds an entry, or of the oldest one. A binary search: numbers are consecutive. */
  #numberOf(seq: number): number {
    const ends = this.ends();
    if (ends === undefined) return 0;
    let from = ends.oldest.number;
    let to = ends.newest.number;
    while (from < to) {
      const middle = Math.floor((from + to) / 2);
      const { last_seq } = this.#sql
        .exec<{ last_seq: number }>('select last_seq from segments where number = ?', middle)
        .one();
      if (last_seq >= seq) to = middle;
      else from = middle + 1;
    }
    return from;
  }

  /** Executions that ended since a time, with the number of their segment, newest segment first. */
  *endedSince(ms: number): Generator<{ number: number; ended: string[] }> {
    const rows = this.#sql.exec<{ number: number; until_ms: number; ended: string }>(
      'select number, until_ms, ended from segments order by number desc',
    );
    for (const { number, until_ms, ended } of rows) {
      if (until_ms < ms) return;
      yield { number, ended: ended.split(' ') };
    }
  }

  /** The number of the segment in which an execution ended; undefined when it is not known. Reads every segment. */
  findEnded(id: string): number | undefined {
    const [row] = this.#sql
      .exec<{ number: number }>(
        'select number from segments where instr(ended, ?) > 0 order by number desc limit 1',
        id,
      )
      .toArray();
    return row?.number;
  }

  /**
   * The number of the last of the oldest segments that were written before `beforeMs` and whose entries are confirmed, up to
   * `confirmedSeq`; undefined when there is none. The newest segment without entries is the wallet itself, and stays.
   */
  lastPrunable(beforeMs: number, confirmedSeq: number, limit: number): number | undefined {
    const newest = this.ends()?.newest.number;
    let last: number | undefined;
    const rows = this.#sql.exec<Omit<SegmentRow, 'ended' | 'body'>>(
      'select number, first_seq, last_seq, until_ms from segments order by number limit ?',
      limit,
    );
    for (const { number, first_seq, last_seq, until_ms } of rows) {
      const isWallet = number === newest && first_seq > last_seq;
      if (until_ms >= beforeMs || last_seq > confirmedSeq || isWallet) return last;
      last = number;
    }
    return last;
  }

  /** Deletes the segments up to `last`. */
  deleteSegments(last: number): void {
    this.#sql.exec('delete from segments where number <= ?', last);
  }

  /** Stores the rows of a change beside its segment: an operation, and an Idempotency-Key that was claimed, completed or freed. */
  saveBeside({ state, operation, idempotency, freed_key }: Change): void {
    if (operation !== undefined)
      this.#sql.exec(
        'insert into operations (id, fingerprint, seq) values (?, ?, ?)',
        ...[operation.id, operation.fingerprint, state.seq],
      );
    if (idempotency !== undefined) this.saveIdempotency(idempotency);
    if (freed_key !== undefined) this.#sql.exec('delete from idempotency where key = ?', freed_key);
  }

  findOperation(id: string): Operation | undefined {
    return this.#sql.exec<Operation>('select fingerprint, seq from operations where id = ?', id).toArray()[0];
  }

  findKey(id: string): KeyRecord | undefined {
    const [row] = this.#sql.exec<{ json: string }>('select json from api_keys where id = ?', id).toArray();
    return row === undefined ? undefined : (JSON.parse(row.json) as KeyRecord);
  }

  saveKey(key: KeyRecord): void {
    this.#sql.exec('insert or replace into api_keys (id, json) values (?, ?)', key.id, JSON.stringify(key));
  }

  /** Deletes API keys that were last used or revoked before the month `period` and hold nothing. */
  pruneKeys(period: string, limit: number): void {
    this.#sql.exec(
      `delete from api_keys where id in (
         select id from api_keys where json_extract(json, '$.period') < ? and json_extract(json, '$.held') = 0 limit ?
       )`,
      period,
      limit,
    );
  }

  findIdempotency(key: string, nowMs: number): IdempotencyRecord | undefined {
    const [row] = this.#sql
      .exec<{ json: string }>('select json from idempotency where key = ? and expires_at_ms > ?', key, nowMs)
      .toArray();
    return row === undefined ? undefined : (JSON.parse(row.json) as IdempotencyRecord);
  }

  /** The stored Idempotency-Key of an execution; undefined when it has none. Reads every key. */
  findIdempotencyOf(executionId: string): IdempotencyRecord | undefined {
    const [row] = this.#sql
      .exec<{ json: string }>(`select json from idempotency where json ->> '$.execution_id' = ?`, executionId)
      .toArray();
    return row === undefined ? undefined : (JSON.parse(row.json) as IdempotencyRecord);
  }

  saveIdempotency(record: IdempotencyRecord): void {
    this.#sql.exec(
      'insert or replace into idempotency (key, expires_at_ms, json) values (?, ?, ?)',
      record.key,
      record.expires_at_ms,
      JSON.stringify(record),
    );
  }

  /** Deletes expired Idempotency-Keys. */
  pruneIdempotency(nowMs: number, limit: number): void {
    this.#sql.exec(
      'delete from idempotency where key in (select key from idempotency where expires_at_ms <= ? limit ?)',
      nowMs,
      limit,
    );
  }

  earliestIdempotencyExpiryMs(): number | null {
    return this.#sql.exec<{ at: number | null }>('select min(expires_at_ms) as at from idempotency').one().at;
  }
}
