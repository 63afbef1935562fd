import { codeList, featureList, resultsCell, resultsText, type Table, today } from '../report.ts';
import type { UpstreamRow } from './run.ts';

/** The results of servers behind the gateway. */

const nameOf = ({ server, model }: UpstreamRow): string => `${server.name}: ${model.name}`;

/** Returns a row as text for the terminal; with `verbose` also why features failed. */
export const upstreamText = (row: UpstreamRow, verbose: boolean): string =>
  resultsText(nameOf(row), row.results, verbose);

/** Returns the table: a line for each model of a server. */
export const upstreamTable = (rows: readonly UpstreamRow[]): Table => ({
  head: ['Server', 'Packages', 'Features', 'Works', 'Run on'],
  lines: rows.map((row) => [
    ...[nameOf(row), codeList(row.server.packages), featureList(row.results), resultsCell(row.results)],
    today(),
  ]),
});
