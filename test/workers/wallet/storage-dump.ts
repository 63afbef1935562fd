import { evictDurableObject, runInDurableObject } from 'cloudflare:test';
import type { Wallet } from '../../../durable-objects/wallet/wallet.ts';

type Row = Record<string, string | number | null>;

/** A wallet's SQLite storage: the statements that make its tables and indexes, and the rows of each table in key order. */
export type StorageDump = { schema: string[]; rows: Record<string, Row[]>; alarm_at_ms: number | null };

/** Reads everything the object has stored. Tables of the platform itself are left out. */
export const dumpStorage = (stub: DurableObjectStub<Wallet>): Promise<StorageDump> =>
  runInDurableObject(stub, async (_: Wallet, { storage }) => {
    const schema = storage.sql
      .exec<{ type: string; name: string; sql: string }>(
        `select type, name, sql from sqlite_master where sql is not null and name not like '\\_cf\\_%' escape '\\'
         order by type desc, name`,
      )
      .toArray();
    const rowsOf = (table: string) => storage.sql.exec<Row>(`select * from "${table}" order by 1`).toArray();
    const tables = schema.filter(({ type }) => type === 'table').map(({ name }) => name);
    return {
      schema: schema.map(({ sql }) => sql),
      rows: Object.fromEntries(tables.map((table) => [table, rowsOf(table)])),
      alarm_at_ms: await storage.getAlarm(),
    };
  });

/** Replaces everything the object has stored, then evicts it: the next call opens the dump through the constructor. */
export async function restoreStorage(
  stub: DurableObjectStub<Wallet>,
  { schema, rows, alarm_at_ms }: StorageDump,
): Promise<void> {
  await runInDurableObject(stub, async (_: Wallet, { storage }) => {
    await storage.deleteAll();
    for (const statement of schema) storage.sql.exec(statement);
    for (const [table, records] of Object.entries(rows))
      for (const record of records) {
        const places = Object.keys(record).map(() => '?');
        storage.sql.exec(`insert into "${table}" values (${places.join(', ')})`, ...Object.values(record));
      }
    if (alarm_at_ms !== null) await storage.setAlarm(alarm_at_ms);
  });
  await evictDurableObject(stub);
}
