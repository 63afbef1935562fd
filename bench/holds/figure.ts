/** A figure of the holds: what was measured, what is wanted, and whether it is met. `target` is null where nothing is wanted. */
export type Figure = { name: string; measured: string; target: string | null; isMet: boolean };

/** Returns a ratio of a hold to a charge that must be at most, or at least, a bound. Pure. */
export const ratio = (
  name: string,
  held: number,
  charged: number,
  { most, least }: { most?: number; least?: number },
): Figure => {
  const value = held / charged;
  const targets = [
    ...(least === undefined ? [] : [`at least ${least}`]),
    ...(most === undefined ? [] : [`at most ${most}`]),
  ];
  return {
    name,
    measured: `${value.toFixed(2)} (${held} / ${charged})`,
    target: targets.length === 0 ? null : targets.join(', '),
    isMet: value >= (least ?? 0) && value <= (most ?? Number.POSITIVE_INFINITY),
  };
};

/** Returns the lines of a table of figures. Pure. */
export function tableOf(title: string, figures: readonly Figure[]): string[] {
  const cells = figures.map(({ name, measured, target, isMet }) => [
    name,
    measured,
    target ?? '',
    target === null ? '' : isMet ? 'met' : 'MISSED',
  ]);
  const lines = [[title, 'measured', 'target', ''], ...cells];
  const widthOf = (column: number) => Math.max(...lines.map((line) => line[column]?.length ?? 0));
  return lines.map((line) =>
    line
      .map((cell, column) => cell.padEnd(widthOf(column)))
      .join('  ')
      .trimEnd(),
  );
}
