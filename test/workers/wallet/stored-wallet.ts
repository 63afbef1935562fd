import { evictDurableObject, runInDurableObject } from 'cloudflare:test';
import type { JournalEntry } from '../../../contracts/wallet/journal.ts';
import type { Reservation, WalletState } from '../../../durable-objects/wallet/rules/state.ts';
import type { Segment } from '../../../durable-objects/wallet/segment.ts';
import type { Wallet } from '../../../durable-objects/wallet/wallet.ts';

/** Reads and damages what a wallet has stored. */

type Stub = DurableObjectStub<Wallet>;
type Row = { number: number; body: string };

const segmentsIn = (sql: SqlStorage): Segment[] =>
  sql
    .exec<Row>('select number, body from segments order by number')
    .toArray()
    .map(({ number, body }) => ({ number, ...JSON.parse(body) }));

/** The stored segments, oldest first. */
export const segmentsOf = (stub: Stub): Promise<Segment[]> =>
  runInDurableObject(stub, (_: Wallet, { storage }) => segmentsIn(storage.sql));

/** The stored entries, confirmed or not. */
export const entriesOf = async (stub: Stub): Promise<JournalEntry[]> =>
  (await segmentsOf(stub)).flatMap(({ entries }) => entries);

/** The numbers of the entries that the wallet sends until Postgres confirms them. */
export const unconfirmedSeqsOf = async (stub: Stub): Promise<number[]> =>
  ((await segmentsOf(stub)).at(-1)?.unconfirmed ?? []).flatMap(({ first, last }) =>
    Array.from({ length: last - first + 1 }, (_, index) => first + index),
  );

/** Runs a statement in the wallet's storage. */
export const execIn = (stub: Stub, statement: string, ...values: SqlStorageValue[]): Promise<void> =>
  runInDurableObject(stub, (_: Wallet, { storage }) => {
    storage.sql.exec(statement, ...values);
  });

/** Changes the stored segments and evicts the object, so that it reads them anew. */
export async function changeSegments(stub: Stub, change: (segment: Segment) => void): Promise<void> {
  await runInDurableObject(stub, (_: Wallet, { storage }) => {
    for (const segment of segmentsIn(storage.sql)) {
      change(segment);
      const { number, ...body } = segment;
      const first_seq = segment.entries[0]?.seq ?? (segment.state?.seq ?? 0) + 1;
      storage.sql.exec(
        'update segments set body = ?, first_seq = ? where number = ?',
        JSON.stringify(body),
        first_seq,
        number,
      );
    }
  });
  await evictDurableObject(stub);
}

/** Overwrites fields of the stored state. */
export const withState =
  (changes: Partial<WalletState>) =>
  ({ state }: Segment): void => {
    Object.assign(state ?? {}, changes);
  };

/** Changes the stored state of the wallet. */
export const changeState = (stub: Stub, changes: Partial<WalletState>): Promise<void> =>
  changeSegments(stub, withState(changes));

/** Deletes the stored entries up to a number. */
export const dropEntries = (lastSeq: number) => (segment: Segment) => {
  segment.entries = segment.entries.filter(({ seq }) => seq > lastSeq);
};

/** Deletes the stored reservations. */
export const dropReservations = (segment: Segment): void => {
  segment.reservations = [];
};

/** Changes every stored reservation. */
export const changeReservations = (
  stub: Stub,
  changesOf: (reservation: Reservation) => Partial<Reservation>,
): Promise<void> =>
  changeSegments(stub, ({ reservations }) => {
    for (const reservation of reservations) Object.assign(reservation, changesOf(reservation));
  });
