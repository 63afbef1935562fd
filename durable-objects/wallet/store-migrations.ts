import { convertRowsToSegments } from './convert-rows.ts';

type Migration = string | ((sql: SqlStorage) => void);

/** The wallet's SQLite schema. Append only: a migration that has been deployed is never edited. */
const migrations: Migration[] = [
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
  `create table segments (
     number integer primary key, first_seq integer not null, last_seq integer not null, until_ms integer not null,
     ended text not null, body text not null
   ) strict`,
  convertRowsToSegments,
  `drop table wallet; drop table journal; drop table reservations;
   drop index idempotency_by_expiry; drop index idempotency_by_execution;`,
];

/**
 * Runs the migrations that this object has not run yet. A table counts them, since SQLite in a Durable Object has no
 * `PRAGMA user_version`. Throws when the object has run more migrations than this code knows.
 */
export function migrateStore(sql: SqlStorage): void {
  sql.exec('create table if not exists migrations (number integer primary key) strict');
  const done = sql.exec<{ count: number }>('select count(*) as count from migrations').one().count;
  if (done > migrations.length)
    throw new Error(`The wallet has ${done} migrations, this code knows ${migrations.length}`);
  migrations.slice(done).forEach((migration, index) => {
    if (typeof migration === 'string') sql.exec(migration);
    else migration(sql);
    sql.exec('insert into migrations (number) values (?)', done + index + 1);
  });
}
