import type { EndedExecution } from '../../contracts/api/wallet.ts';
import type { JournalEntry } from '../../contracts/journal.ts';
import type { WalletAudit } from './commands.ts';
import type { IdempotencyRecord } from './idempotency.ts';
import type { KeyRecord } from './key-limits.ts';
import type { Change, Reservation, WalletState } from './state.ts';

/**
 * All the SQL of the wallet. Calls without an await between them commit together, and the platform holds every answer
 * back until they are durable. Rows written per operation are noted, since each is paid for.
 */

/** Append only: a migration that has run anywhere is never edited. */
const migrations = [
  `create table wallet (only_row integer primary key check (only_row = 1), state text not null) strict;
   create table reservations (
     id text primary key, state text not null, expires_at_ms integer not null, json text not null
   ) strict, without rowid;
   create index reservations_held on reservations (expires_at_ms) where state = 'held';
   create table journal (
     seq integer primary key, entry text not null, sends integer not null default 0,
     next_send_at_ms integer not null, confirmed_at_ms integer
   ) strict;
   create index journal_unconfirmed on journal (next_send_at_ms) where confirmed_at_ms is null;
   create table operations (id text primary key, fingerprint text not null, seq integer not null) strict, without rowid;`,
  `create table api_keys (id text primary key, json text not null) strict, without rowid;
   create table idempotency (key text primary key, expires_at_ms integer not null, json text not null) strict, without rowid;
   create index idempotency_by_expiry on idempotency (expires_at_ms);
   update reservations set json = json_set(json, '$.api_key_id', null, '$.idempotency_key', null);
   update wallet set state = json_set(state, '$.period_budget', 0, '$.used_this_period', 0, '$.announced_percent', 0,
     '$.would_refuse_executions', 0, '$.would_refuse_tokens', 0,
     '$.standing', json('{"status":"active","version":0}'));`,
  `create index idempotency_by_execution on idempotency (json ->> '$.execution_id')`,
];

export type UnconfirmedEntry = { entry: JournalEntry; sends: number };
type Operation = { fingerprint: string; seq: number };

/**
 * The wallet's tables: its state, its journal until that is confirmed, its reservations, what was done under which key. One
 * for each object, over its own SQLite.
 */
export class WalletStore {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  /** Brings the object's tables up to date. `PRAGMA user_version` is not offered, so a table remembers how far they are. */
  migrate(): void {
    this.#sql.exec('create table if not exists migrations (number integer primary key) strict');
    const done = this.#sql.exec<{ count: number }>('select count(*) as count from migrations').one().count;
    if (done > migrations.length)
      throw new Error(`The wallet has ${done} migrations, this code knows ${migrations.length}`);
    migrations.slice(done).forEach((statements, index) => {
      this.#sql.exec(statements);
      this.#sql.exec('insert into migrations (number) values (?)', done + index + 1);
    });
  }

  loadState(): WalletState | undefined {
    const [row] = this.#sql.exec<{ state: string }>('select state from wallet').toArray();
    return row === undefined ? undefined : (JSON.parse(row.state) as WalletState);
  }

  /** Writes a change: one row for the state, two per entry with its index, up to two for a reservation, one for a key or an operation, two for an Idempotency-Key with its index. */
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
   * Unconfirmed entries whose turn to be sent has come, by seq. Asked for in the order of their index: by seq, SQLite would
   * read the whole journal to find them.
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

  /** Puts the next sending of an unconfirmed entry off. */
  postpone(seq: number, sends: number, nextSendAtMs: number): void {
    this.#sql.exec(
      'update journal set sends = ?, next_send_at_ms = ? where seq = ? and confirmed_at_ms is null',
      sends,
      nextSendAtMs,
      seq,
    );
  }

  /** The executions that ended in those of the entries which are not confirmed yet, in order. */
  endedIn(firstSeq: number, lastSeq: number): EndedExecution[] {
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

  confirm(firstSeq: number, lastSeq: number, nowMs: number): void {
    this.#sql.exec(
      'update journal set confirmed_at_ms = ? where seq between ? and ? and confirmed_at_ms is null',
      nowMs,
      firstSeq,
      lastSeq,
    );
  }

  /**
   * Forgets, oldest first, entries confirmed before `beforeMs`, and with the entry that ended a reservation that reservation:
   * storage stays bounded. Stops at the first entry still needed, so it reads no more than it deletes.
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

  /** Makes kept entries due at once, as if never sent. Answers how many there were. */
  sendAgain(firstSeq: number, lastSeq: number, nowMs: number): number {
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

  /** The Idempotency-Key that an execution came with, if it came with one that is still known. */
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

  /** Forgets Idempotency-Keys that have been kept long enough. */
  pruneIdempotency(nowMs: number, limit: number): void {
    this.#sql.exec(
      'delete from idempotency where key in (select key from idempotency where expires_at_ms <= ? order by expires_at_ms limit ?)',
      nowMs,
      limit,
    );
  }

  /** Forgets keys that were last used, or revoked, in a month before `period`, and that hold nothing. */
  pruneKeys(period: string, limit: number): void {
    this.#sql.exec(
      `delete from api_keys where id in (
         select id from api_keys where json_extract(json, '$.period') < ? and json_extract(json, '$.held') = 0 limit ?
       )`,
      period,
      limit,
    );
  }

  /** What the live reservations hold, summed from their own rows. */
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

  /** How much of the journal Postgres has not confirmed, and where what is kept of it begins. */
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

  /** When the oldest entry that is kept was confirmed; null when it was not, or there is none. */
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
