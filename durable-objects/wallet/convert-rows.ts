import type { JournalEntry } from '../../contracts/wallet/journal.ts';
import type { SeqRange } from './rules/outbox.ts';
import type { Reservation, WalletState } from './rules/state.ts';
import { OpenSegment } from './segment.ts';
import { WalletStore } from './store.ts';

type JournalRow = { entry: string; confirmed_at_ms: number | null };

/** The reservations by id. A wallet holds those of a week. */
function readReservations(sql: SqlStorage): Map<string, Reservation> {
  const rows = sql.exec<{ json: string }>('select json from reservations');
  return new Map(
    [...rows].map(({ json }) => {
      const reservation = JSON.parse(json) as Reservation;
      return [reservation.id, reservation];
    }),
  );
}

/** Adds an entry to the unconfirmed ones. */
function addUnconfirmed(unconfirmed: SeqRange[], seq: number): void {
  const newest = unconfirmed.at(-1);
  if (newest?.last === seq - 1) newest.last = seq;
  else unconfirmed.push({ first: seq, last: seq });
}

/**
 * Stores a wallet with one row per entry and reservation as segments: each ended reservation with the entry that ended it, held
 * ones in the last segment. A wallet without a state has nothing to convert.
 */
export function convertRowsToSegments(sql: SqlStorage): void {
  const [row] = sql.exec<{ state: string }>('select state from wallet').toArray();
  if (row === undefined) return;
  const state = JSON.parse(row.state) as WalletState;
  const store = new WalletStore(sql);
  const reservations = readReservations(sql);
  const unconfirmed: SeqRange[] = [];
  let open: OpenSegment | undefined;
  let newest: JournalEntry | undefined;
  for (const { entry: text, confirmed_at_ms } of sql.exec<JournalRow>(
    'select entry, confirmed_at_ms from journal order by seq',
  )) {
    const entry = JSON.parse(text) as JournalEntry;
    if (open?.isFull && newest !== undefined) {
      store.saveSegment(open.rowOf({ ...state, seq: newest.seq, at_ms: newest.at_ms }, []));
      open = new OpenSegment(open.number + 1, entry.seq);
    }
    open ??= new OpenSegment(1, entry.seq);
    newest = entry;
    open.addEntry(entry);
    if (confirmed_at_ms === null) addUnconfirmed(unconfirmed, entry.seq);
    const reservation = reservations.get(entry.operation_id);
    if (entry.execution_outcome !== null && reservation !== undefined) open.putReservation(reservation);
  }
  open ??= new OpenSegment(1, state.seq + 1);
  for (const reservation of reservations.values()) {
    if (reservation.state !== 'held') continue;
    if (open.isAtLimit) {
      store.saveSegment(open.rowOf(state, []));
      open = new OpenSegment(open.number + 1, state.seq + 1);
    }
    open.putReservation(reservation);
  }
  store.saveSegment(open.rowOf(state, unconfirmed));
}
