import type { Bench } from '../bench.ts';
import type { Row } from '../row.ts';
import { connectionsRow } from './connections.ts';

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

export const rowEntries: RowEntry[] = [...connections];
