import type { EndedExecution } from '../../contracts/api/wallet.ts';
import type { JournalEntry } from '../../contracts/journal.ts';
import type { WalletAudit } from './commands.ts';
import type { IdempotencyRecord } from './rules/idempotency.ts';
import type { KeyRecord } from './rules/key-limits.ts';
import type { UnconfirmedEntry } from './rules/outbox.ts';
import type { Change, Reservation, WalletState } from './rules/state.ts';
import { migrateStore } from './store-migrations.ts';

/**
 * All the SQL of the wallet. Calls without an await between them commit together, and the platform holds every answer
 * back until they are durable. The comments count rows written, since Cloudflare bills each.
 */

type Operation = { fingerprint: string; seq: number };

/** The tables of one wallet, in the SQLite database of its object: state, journal, reservations, operations, API keys, Idempotency-Keys. */
export class WalletStore {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  migrate(): void {
    migrateStore(this.#sql);
  }

  loadState(): WalletState | undefined {
    const [row] = this.#sql.exec<{ state: string }>('select state from wallet').toArray();
    return row === undefined ? undefined : (JSON.parse(row.state) as WalletState);
  }

  /**
   * Writes a change. Rows written: one for the state, two per entry with its index, up to two for a reservation, one for an
   * API key or an operation, two for an Idempotency-Key with its index.
   */
  save(change: Change, sendAtMs: number): void {
    const { state, entries, reservation, key, idempotency, freed_key, operation } = change;
    this.#sql.exec('insert or replace into wallet (only_row, state) values (1, ?)', JSON.stringify(state));
    for (const entry of entries) {
      this.#sql.exec(
        'insert into journal (seq, entry, next_send_at_ms) values (?, ?, ?)',
        entry.seq,
        JSON.stringify(entry),
        sendAtMs,
      );
    }
    if (operation !== undefined) {
      const { id, fingerprint } = operation;
      this.#sql.exec(
        'insert into operations (id, fingerprint, seq) values (?, ?, ?)',
        id,
        fingerprint,
        state.seq,
      );
    }
    if (key !== undefined) this.saveKey(key);
    if (idempotency !== undefined) this.saveIdempotency(idempotency);
    if (freed_key !== undefined) this.#sql.exec('delete from idempotency where key = ?', freed_key);
    if (reservation === undefined) return;
    this.#sql.exec(
      'insert or replace into reservations (id, state, expires_at_ms, json) values (?, ?, ?, ?)',
      reservation.id,
      reservation.state,
      reservation.expires_at_ms,
      JSON.stringify(reservation),
    );
  }

  findReservation(id: string): Reservation | undefined {
    const [row] = this.#sql
      .exec<{ json: string }>('select json from reservations where id = ?', id)
      .toArray();
    return row === undefined ? undefined : (JSON.parse(row.json) as Reservation);
  }

  /** Held reservations whose deadline has passed, oldest first. */
  overdueReservations(nowMs: number, limit: number): Reservation[] {
    return this.#sql
      .exec<{ json: string }>(
        `select json from reservations where state = 'held' and expires_at_ms <= ? order by expires_at_ms limit ?`,
        nowMs,
        limit,
      )
      .toArray()
      .map((row) => JSON.parse(row.json) as Reservation);
  }

  findOperation(id: string): Operation | undefined {
    return this.#sql.exec<Operation>('select fingerprint, seq from operations where id = ?', id).toArray()[0];
  }

  /**
   * Unconfirmed entries whose send time has come, ascending by seq. The query orders by its index, since ordering by seq would
   * make SQLite read the whole journal.
   */
  dueEntries(nowMs: number, limit: number): UnconfirmedEntry[] {
    return this.#sql
      .exec<{ entry: string; sends: number }>(
        `select entry, sends from journal where confirmed_at_ms is null and next_send_at_ms <= ?
         order by next_send_at_ms, seq limit ?`,
        nowMs,
        limit,
      )
      .toArray()
      .map((row) => ({ entry: JSON.parse(row.entry) as JournalEntry, sends: row.sends }))
      .sort((one, other) => one.entry.seq - other.entry.seq);
  }

  /** Sets how often an unconfirmed entry has been sent and when it is sent next. */
  postpone(seq: number, sends: number, nextSendAtMs: number): void {
    this.#sql.exec(
      'update journal set sends = ?, next_send_at_ms = ? where seq = ? and confirmed_at_ms is null',
      sends,
      nextSendAtMs,
      seq,
    );
  }

  /** The executions that ended in the unconfirmed entries of this range, by seq. */
  endedExecutions(firstSeq: number, lastSeq: number): EndedExecution[] {
    return this.#sql
      .exec<EndedExecution>(
        `select entry ->> '$.execution_outcome.id' as id, entry ->> '$.execution_outcome.status' as status,
           iif(entry ->> '$.kind' = 'debit', entry ->> '$.amount', 0) as tokens_charged
         from journal
         where seq between ? and ? and confirmed_at_ms is null and entry ->> '$.execution_outcome' is not null
         order by seq`,
        firstSeq,
        lastSeq,
      )
      .toArray();
  }

  /** Marks entries as confirmed by Postgres. */
  confirm(firstSeq: number, lastSeq: number, nowMs: number): void {
    this.#sql.exec(
      'update journal set confirmed_at_ms = ? where seq between ? and ? and confirmed_at_ms is null',
      nowMs,
      firstSeq,
      lastSeq,
    );
  }

  /**
   * Deletes, oldest first, entries confirmed before `beforeMs`, and each reservation with the entry that ended it. Stops at the
   * first entry to keep, so that it reads one row more than it deletes.
   */
  prune(beforeMs: number, limit: number): void {
    for (let pruned = 0; pruned < limit; pruned++) {
      const [oldest] = this.#sql
        .exec<{ seq: number; entry: string; confirmed_at_ms: number | null }>(
          'select seq, entry, confirmed_at_ms from journal order by seq limit 1',
        )
        .toArray();
      if (oldest === undefined || oldest.confirmed_at_ms === null || oldest.confirmed_at_ms >= beforeMs)
        return;
      const { kind, operation_id } = JSON.parse(oldest.entry) as JournalEntry;
      if (kind === 'debit' || kind === 'release' || kind === 'expiry') {
        this.#sql.exec('delete from reservations where id = ?', operation_id);
      }
      this.#sql.exec('delete from journal where seq = ?', oldest.seq);
    }
  }

  /** Makes entries due at once, as if they had never been sent. Returns the number of entries that are still stored. */
  requeue(firstSeq: number, lastSeq: number, nowMs: number): number {
    return this.#sql
      .exec<{ seq: number }>(
        `update journal set sends = 0, next_send_at_ms = ?, confirmed_at_ms = null
         where seq between ? and ? returning seq`,
        nowMs,
        firstSeq,
        lastSeq,
      )
      .toArray().length;
  }

  findKey(id: string): KeyRecord | undefined {
    const [row] = this.#sql.exec<{ json: string }>('select json from api_keys where id = ?', id).toArray();
    return row === undefined ? undefined : (JSON.parse(row.json) as KeyRecord);
  }

  saveKey(key: KeyRecord): void {
    this.#sql.exec('insert or replace into api_keys (id, json) values (?, ?)', key.id, JSON.stringify(key));
  }

  findIdempotency(key: string, nowMs: number): IdempotencyRecord | undefined {
    const [row] = this.#sql
      .exec<{ json: string }>('select json from idempotency where key = ? and expires_at_ms > ?', key, nowMs)
      .toArray();
    return row === undefined ? undefined : (JSON.parse(row.json) as IdempotencyRecord);
  }

  /** The stored Idempotency-Key of an execution; undefined when it has none. */
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
      'delete from idempotency where key in (select key from idempotency where expires_at_ms <= ? order by expires_at_ms limit ?)',
      nowMs,
      limit,
    );
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

  /** Number and tokens of the held reservations, summed from their rows. */
  held(): WalletAudit['held'] {
    return this.#sql
      .exec<WalletAudit['held']>(
        `select count(*) as reservations,
           coalesce(sum(json_extract(json, '$.held_monthly')), 0) as monthly,
           coalesce(sum(json_extract(json, '$.held_lifetime')), 0) as lifetime
         from reservations where state = 'held'`,
      )
      .one();
  }

  /** Number and age of the unconfirmed entries, and the first entry still stored. */
  outbox(): Pick<WalletAudit, 'unconfirmed' | 'first_kept_seq'> {
    const { count, oldest_at_ms } = this.#sql
      .exec<WalletAudit['unconfirmed']>(
        `select count(*) as count, min(json_extract(entry, '$.at_ms')) as oldest_at_ms
         from journal where confirmed_at_ms is null`,
      )
      .one();
    const { seq } = this.#sql.exec<{ seq: number | null }>('select min(seq) as seq from journal').one();
    return { unconfirmed: { count, oldest_at_ms }, first_kept_seq: seq };
  }

  /** Time at which the oldest stored entry was confirmed; null when it is unconfirmed or there is none. */
  oldestConfirmedMs(): number | null {
    const [oldest] = this.#sql
      .exec<{ at: number | null }>('select confirmed_at_ms as at from journal order by seq limit 1')
      .toArray();
    return oldest?.at ?? null;
  }

  earliestIdempotencyExpiryMs(): number | null {
    return this.#sql.exec<{ at: number | null }>('select min(expires_at_ms) as at from idempotency').one().at;
  }

  earliestDeadlineMs(): number | null {
    return this.#sql
      .exec<{ at: number | null }>(`select min(expires_at_ms) as at from reservations where state = 'held'`)
      .one().at;
  }

  earliestSendMs(): number | null {
    return this.#sql
      .exec<{ at: number | null }>(
        'select min(next_send_at_ms) as at from journal where confirmed_at_ms is null',
      )
      .one().at;
  }
}
