import type { RowResult } from '../row.ts';
import type { Environment } from './environment.ts';
import { readable, withSpread } from './table.ts';
import { judge } from './targets.ts';

/** The results as Markdown. Pure. */

const line = (cells: string[]) => `| ${cells.join(' | ')} |`;

const table = (head: string[], body: string[][]): string =>
  [line(head), line(head.map((_, column) => (column === 0 ? '---' : '---:'))), ...body.map(line)].join('\n');

function rowTable(row: RowResult): string {
  const pairs = row.figures.flatMap(({ ratios }) => ratios.map(({ us, peer }) => `${us} / ${peer}`));
  const columns = [...new Set(pairs)];
  const body = row.figures.map((figure) => [
    `${figure.label}, ${figure.unit}`,
    ...row.contenders.map((name) => {
      const value = figure.values[name];
      return value === undefined ? '' : withSpread(value);
    }),
    ...columns.map((column) => {
      const ratio = figure.ratios.find(({ us, peer }) => `${us} / ${peer}` === column);
      return ratio === undefined ? '' : withSpread(ratio);
    }),
  ]);
  return `### ${row.title}\n\n${table(['', ...row.contenders, ...columns], body)}`;
}

const targetTable = (rows: RowResult[]): string =>
  table(
    ['Target', 'Bound', 'Measured', 'Holds'],
    judge(rows).map(({ about, bound, measured, holds }) => [
      about,
      bound,
      withSpread(measured),
      holds ? 'yes' : '**no**',
    ]),
  );

/** The machine, the versions, the targets and all tables. */
export function resultsAsMarkdown(
  environment: Environment,
  pace: { rounds: number; seconds: number },
  rows: RowResult[],
): string {
  const versions = Object.entries(environment.versions).map(([name, version]) => `${name} ${version}`);
  return [
    `Measured on ${environment.measured_at.slice(0, 10)} at ${environment.commit}, on ${environment.machine}: ${pace.rounds} rounds of ${readable(pace.seconds)} s.`,
    `Versions: ${versions.join(', ')}.`,
    `### Targets\n\n${targetTable(rows)}`,
    ...rows.map(rowTable),
  ].join('\n\n');
}

const END = '<!-- end of the results -->';

/** Returns the places in a document between which the results of a command stand. */
function placesOf(document: string, command: string): { begin: number; end: number } {
  const mark = `<!-- results of ${command} -->`;
  const at = document.indexOf(mark);
  const end = document.indexOf(END, at);
  if (at === -1 || end === -1) throw new Error(`The document lacks the marks ${mark} ${END}`);
  return { begin: at + mark.length, end };
}

/** Returns the results of a command in a document. */
export function resultsOf(document: string, command: string): string {
  const { begin, end } = placesOf(document, command);
  return document.slice(begin, end).trim();
}

/** Puts the results of a command between their marks in a document. */
export function replaceResults(document: string, results: string, command: string): string {
  const { begin, end } = placesOf(document, command);
  return `${document.slice(0, begin)}\n\n${results}\n\n${document.slice(end)}`;
}
