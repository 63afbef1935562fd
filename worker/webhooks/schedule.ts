/** The times of attempts. Pure. */

/** Seconds to wait after each attempt that failed, as Standard Webhooks recommends: ten attempts in three days. */
const WAITS_S = [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400] as const;

/** The share of a wait by which it can be shorter, so that deliveries which failed together do not come back together. */
const JITTER = 0.1;

/** The most attempts at a delivery. */
export const ATTEMPTS_MAX = WAITS_S.length + 1;

/** Returns the seconds to wait after attempt number `attempts` failed; null to give up. `chance` is a random number below 1. */
export function waitAfter(attempts: number, chance: number): number | null {
  const wait_s = WAITS_S[attempts - 1];
  return wait_s === undefined ? null : Math.max(1, Math.round(wait_s * (1 - JITTER * chance)));
}

/** Time after the first failure, without a success since, when an endpoint is disabled: five days. */
export const FAILING_MAX_MS = 5 * 86_400_000;
