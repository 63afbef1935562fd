/** Counts what wallets do, for the counts per execution. All wallets of a local Worker run in one isolate, so they share these. */

/** Numbers since the last reset. */
export type Counts = {
  /** Rows that SQLite has written, with those of indexes, as Cloudflare bills them. */
  rows_written: number;
  /** Each is billed as a row. */
  alarms_set: number;
  alarms_run: number;
  /** Messages sent to the journal's queue, and batches that its consumer got. */
  messages: number;
  batches: number;
  /** Calls by method. */
  calls: Record<string, number>;
};

const none = (): Counts => ({
  ...{ rows_written: 0, alarms_set: 0, alarms_run: 0, messages: 0, batches: 0 },
  calls: {},
});

export let counts = none();

/** Cursors whose statements may not have run to their end yet. */
let open: SqlStorageCursor<Record<string, SqlStorageValue>>[] = [];

function closeCursors(): void {
  for (const cursor of open) counts.rows_written += cursor.rowsWritten;
  open = [];
}

/** Returns the numbers since the last reset. */
export function readCounts(): Counts {
  closeCursors();
  return counts;
}

export function resetCounts(): void {
  closeCursors();
  counts = none();
}

export function countCall(method: string): void {
  counts.calls[method] = (counts.calls[method] ?? 0) + 1;
}

const patched = new WeakSet<object>();

/** Makes `method` of every object with the prototype of `example` call `note` first. */
function observe<Name extends string>(
  example: Record<Name, (...args: never[]) => unknown>,
  method: Name,
  note: (result: unknown) => void,
): void {
  const prototype = Object.getPrototypeOf(example);
  const original = prototype[method] as (...args: unknown[]) => unknown;
  prototype[method] = function (this: unknown, ...args: unknown[]) {
    const result = original.apply(this, args);
    note(result);
    return result;
  };
}

/** Counts what is written to the storage of Durable Objects from now on. */
export function observeStorage(storage: DurableObjectStorage): void {
  const prototype = Object.getPrototypeOf(storage);
  if (patched.has(prototype)) return;
  patched.add(prototype);
  observe(storage.sql, 'exec', (cursor) => {
    closeCursors();
    open.push(cursor as (typeof open)[number]);
  });
  observe(storage, 'setAlarm', () => {
    counts.alarms_set++;
  });
  // Key-value storage is kept in a table of SQLite: a row for each.
  const writesRow = () => {
    counts.rows_written++;
  };
  for (const method of ['put', 'delete'] as const) {
    observe(storage, method, writesRow);
    observe(storage.kv, method, writesRow);
  }
}
