import type { FigureResult, RowResult } from '../row.ts';
import type { Spread } from '../statistics.ts';

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

/** The cells of one figure of a row: label, a value per contender, and the ratios. */
export function cellsOf(row: RowResult, figure: FigureResult): string[] {
  const values = row.contenders.map((name) => {
    const value = figure.values[name];
    return value === undefined ? '' : withSpread(value);
  });
  const ratios = figure.ratios.map((ratio) => `${ratio.us} / ${ratio.peer}: ${withSpread(ratio)}`);
  return [`${figure.label}, ${figure.unit}`, ...values, ratios.join('; ')];
}

/** A row as a table for the terminal. */
export function textTable(row: RowResult): string {
  const lines = [
    ['', ...row.contenders, ''],
    ...row.figures.map((figure) => cellsOf(row, figure).slice(0, -1)),
  ];
  const widths =
    lines[0]?.map((_, column) => Math.max(...lines.map((cells) => cells[column]?.length ?? 0))) ?? [];
  const table = lines.map((cells) =>
    cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  const ratios = row.figures.flatMap((figure) =>
    figure.ratios.map(
      (ratio) => `  ${figure.label}: ${ratio.us} is ${withSpread(ratio)} times ${ratio.peer}`,
    ),
  );
  return ['', row.title, ...table, ...ratios].join('\n');
}
