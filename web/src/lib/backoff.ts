const FIRST_WAIT_MS = 500;
const WAIT_MAX_MS = 30_000;

/**
 * Milliseconds to wait before the next try, after so many failures in a row (at least 1): doubling, up to half a minute.
 * `random`, from 0 up to 1, places it in the upper half of that, so that everybody a server lost does not come back in
 * the same instant. Pure.
 */
export function backoffMs(failures: number, random: number): number {
  const longest = Math.min(WAIT_MAX_MS, FIRST_WAIT_MS * 2 ** (failures - 1));
  return Math.round((longest * (1 + random)) / 2);
}
