const FIRST_WAIT_MS = 500;
const WAIT_MAX_MS = 30_000;

/**
 * Milliseconds to wait before the next try, after this many failures in a row (at least 1). Doubles up to 30 seconds. `random`,
 * from 0 to 1, picks a wait in the upper half of that, so that clients do not return at the same instant. Pure.
 */
export function backoffMs(failures: number, random: number): number {
  const longest = Math.min(WAIT_MAX_MS, FIRST_WAIT_MS * 2 ** (failures - 1));
  return Math.round((longest * (1 + random)) / 2);
}
