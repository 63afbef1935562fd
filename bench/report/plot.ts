import type { RowResult } from '../row.ts';

/** A plot of latency against load as SVG, readable on light and on dark pages. Pure. */

const WIDTH = 760;
const HEIGHT = 420;
const MARGIN = { left: 64, right: 150, top: 52, bottom: 52 };
const PLOT = { right: WIDTH - MARGIN.right, bottom: HEIGHT - MARGIN.bottom };
/** Colours with enough contrast on white and on black. */
const COLORS = ['#0d9488', '#3b82f6', '#ea580c', '#a855f7'];

type Point = { load: number; p50: number; p99: number; label: string };
type Line = { name: string; color: string; points: Point[] };

/** Room around the smallest and the largest value, as a factor. */
const ROOM = 1.4;

/** A logarithmic scale from values to pixels, with ticks at 1, 2 and 5 of each decade. */
function scaleOf(values: number[], [from, to]: [number, number]) {
  const low = Math.log10(Math.min(...values) / ROOM);
  const high = Math.log10(Math.max(...values) * ROOM);
  const pixelOf = (value: number) => from + ((Math.log10(value) - low) / (high - low)) * (to - from);
  const decades = Array.from(
    { length: Math.ceil(high) - Math.floor(low) },
    (_, step) => Math.floor(low) + step,
  );
  const ticks = decades
    .flatMap((decade) => [1, 2, 5].map((digit) => Number((digit * 10 ** decade).toPrecision(1))))
    .filter((tick) => Math.log10(tick) >= low && Math.log10(tick) <= high);
  return { pixelOf, ticks };
}

function linesOf(rows: RowResult[]): Line[] {
  const names = [...new Set(rows.flatMap(({ contenders }) => contenders))];
  return names.map((name, index) => ({
    name,
    color: COLORS[index % COLORS.length] ?? '#888888',
    points: rows.flatMap((row) => {
      const medianOf = (figure: string) =>
        row.figures.find((one) => one.name === figure)?.values[name]?.median;
      const [load, p50, p99] = ['per_second', 'p50_ms', 'p99_ms'].map(medianOf);
      if (load === undefined || p50 === undefined || p99 === undefined) return [];
      return [{ load, p50, p99, label: row.name.replace('connections-', '') }];
    }),
  }));
}

const text = (x: number, y: number, content: string, more = '') =>
  `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" ${more}>${content}</text>`;

/** Draws the median as a line and the p99 as a dashed one, over the requests per second that were reached. */
export function plotLatency(rows: RowResult[]): string {
  const lines = linesOf(rows);
  const points = lines.flatMap((line) => line.points);
  const x = scaleOf(
    points.map(({ load }) => load),
    [MARGIN.left, PLOT.right],
  );
  const y = scaleOf(
    points.flatMap(({ p50, p99 }) => [p50, p99]),
    [PLOT.bottom, MARGIN.top],
  );
  const grid = [
    ...x.ticks.map((tick) => {
      const at = x.pixelOf(tick).toFixed(1);
      return `<path class="grid" d="M${at} ${MARGIN.top}V${PLOT.bottom}"/>${text(Number(at), PLOT.bottom + 18, tick.toLocaleString('en'), 'text-anchor="middle"')}`;
    }),
    ...y.ticks.map((tick) => {
      const at = y.pixelOf(tick).toFixed(1);
      return `<path class="grid" d="M${MARGIN.left} ${at}H${PLOT.right}"/>${text(MARGIN.left - 8, Number(at) + 4, String(tick), 'text-anchor="end"')}`;
    }),
  ];
  const pathOf = (line: Line, figure: 'p50' | 'p99') =>
    line.points
      .map(
        (point, index) =>
          `${index === 0 ? 'M' : 'L'}${x.pixelOf(point.load).toFixed(1)} ${y.pixelOf(point[figure]).toFixed(1)}`,
      )
      .join('');
  const drawn = lines.map((line, index) => {
    const key = MARGIN.top + 12 + index * 20;
    const dots = line.points.map((point) => {
      const [left, top] = [x.pixelOf(point.load), y.pixelOf(point.p50)];
      return `<circle cx="${left.toFixed(1)}" cy="${top.toFixed(1)}" r="3.5" fill="${line.color}"/>${text(left + 7, top + 11, point.label, 'class="small"')}`;
    });
    return [
      `<path d="${pathOf(line, 'p50')}" stroke="${line.color}" class="line"/>`,
      `<path d="${pathOf(line, 'p99')}" stroke="${line.color}" class="line dashed"/>`,
      ...dots,
      `<path d="M${PLOT.right + 14} ${key - 4}h18" stroke="${line.color}" class="line"/>`,
      text(PLOT.right + 38, key, line.name),
    ].join('');
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="Latency against load">
<style>
text { font: 12px system-ui, sans-serif; fill: #1f2937 }
.small { font-size: 10px }
.title { font-weight: 600; font-size: 14px }
.grid { stroke: #9ca3af; stroke-opacity: .35; fill: none }
.line { fill: none; stroke-width: 2 }
.dashed { stroke-dasharray: 4 4; stroke-opacity: .7 }
@media (prefers-color-scheme: dark) { text { fill: #e5e7eb } }
</style>
${text(MARGIN.left, 20, 'Latency against load, in milliseconds', 'class="title"')}
${text(MARGIN.left, 36, 'Median (line) and p99 (dashed); a point for 1, 8, 32 and 128 busy connections')}
${grid.join('\n')}
${drawn.join('\n')}
${text((MARGIN.left + PLOT.right) / 2, HEIGHT - 12, 'requests per second', 'text-anchor="middle"')}
</svg>
`;
}
