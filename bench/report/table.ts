import type { RowResult } from '../row.ts';
import type { Spread } from '../statistics.ts';
import { judge } from './targets.ts';

/** Tables of results, as text. Pure. */

/** A number with three digits that count, or all of a large one. */
export function readable(value: number): string {
  if (!Number.isFinite(value)) return '?';
  if (Math.abs(value) >= 100) return Math.round(value).toLocaleString('en');
  return String(Number(value.toPrecision(3)));
}

/** The median, and the spread where there is one. */
export const withSpread = ({ median, min, max }: Spread): string =>
  min === max ? readable(median) : `${readable(median)} (${readable(min)} to ${readable(max)})`;

/** A row as a table for the terminal, and its ratios. */
export function textTable(row: RowResult): string {
  const body = row.figures.map(({ label, unit, values }) => [
    `${label}, ${unit}`,
    ...row.contenders.map((name) => {
      const value = values[name];
      return value === undefined ? '' : withSpread(value);
    }),
  ]);
  const cells = [['', ...row.contenders], ...body];
  const widthOf = (column: number) => Math.max(...cells.map((line) => line[column]?.length ?? 0));
  const lines = cells.map((line) => line.map((cell, column) => cell.padEnd(widthOf(column))).join('  '));
  const ratios = row.figures.flatMap(({ label, ratios: ofFigure }) =>
    ofFigure.map((ratio) => `  ${label}: ${ratio.us} is ${withSpread(ratio)} times ${ratio.peer}`),
  );
  return ['', row.title, ...lines.map((line) => line.trimEnd()), ...ratios].join('\n');
}

/** The verdict on each target, for the terminal. */
export const targetLines = (rows: RowResult[]): string[] =>
  judge(rows).map(
    ({ about, bound, measured, holds }) =>
      `${holds ? 'holds ' : 'misses'}  ${about}: ${withSpread(measured)}, wanted ${bound}`,
  );
