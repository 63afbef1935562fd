import type { Bench } from '../bench.ts';
import type { Row } from '../row.ts';
import { connectionsRow } from './connections.ts';
import { countsRow } from './counts.ts';
import { journalLagRow, journalRow } from './journal.ts';
import { listRow } from './lists.ts';
import { pairsRow } from './pairs.ts';
import { concurrentStreamsRow, firstByteRow, framesRow } from './streams.ts';

/** Every row, by the name that `--rows` takes. */
export type RowEntry = { name: string; about: string; open(bench: Bench): Promise<Row> };

const connections = [1, 8, 32, 128].map((count): RowEntry => {
  const name = `connections-${count}`;
  return {
    name,
    about: `whole answers over ${count} busy connections, with one wallet and with 64`,
    open: (bench) => connectionsRow(bench, name, count),
  };
});

const lists = (['own-executions', 'executions', 'ledger', 'users'] as const).map((list): RowEntry => {
  const name = `list-${list}`;
  return {
    name,
    about: 'the first page of that list with row security and without',
    open: (bench) => listRow(bench, name, list),
  };
});

export const rowEntries: RowEntry[] = [
  ...connections,
  { name: 'first-byte', about: 'time to the first byte of a streamed answer', open: firstByteRow },
  { name: 'frames', about: 'what each frame of a stream costs', open: framesRow },
  { name: 'streams', about: '200 streams at once, every frame counted', open: concurrentStreamsRow },
  {
    name: 'pairs-1',
    about: 'reserve and settle on one wallet, one caller, against a locked row',
    open: (bench) => pairsRow(bench, 'pairs-1', 1),
  },
  {
    name: 'pairs-32',
    about: 'the same with 32 callers',
    open: (bench) => pairsRow(bench, 'pairs-32', 32),
  },
  { name: 'journal', about: 'journal entries per second from wallets to Postgres', open: journalRow },
  { name: 'journal-lag', about: 'time from a debit to its row in Postgres', open: journalLagRow },
  { name: 'counts', about: 'rows, alarms, messages, calls and round trips of an execution', open: countsRow },
  ...lists,
];
