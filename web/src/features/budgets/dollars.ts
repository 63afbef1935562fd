/** Amounts that are entered in US dollars, exact to the micro-dollar. Pure. */

const DIGITS = 6;

/** The dollars of an amount, for a field. */
export const dollarsOf = (microUsd: number): number => microUsd / 10 ** DIGITS;

/** The micro-USD of entered dollars, or null for anything but a whole number of micro-USD. An emptied field holds a text. */
export function microUsdOf(dollars: number | string): number | null {
  const text = typeof dollars === 'number' ? dollars.toFixed(DIGITS) : dollars;
  const [, whole, fraction = ''] = /^(\d+)(?:\.(\d{1,6}))?$/.exec(text.trim()) ?? [];
  if (whole === undefined) return null;
  const microUsd = Number(BigInt(whole + fraction.padEnd(DIGITS, '0')));
  return Number.isSafeInteger(microUsd) ? microUsd : null;
}
