import type { TryAnswer, TryLimit } from '../../contracts/tries.ts';

/**
 * Counts tries by one number: the time at which all of them will have been given back. Each try moves it `refill_ms` further. Pure.
 */
export type Tries = { restored_at_ms: number };

export const UNTRIED: Tries = { restored_at_ms: 0 };

/** Takes a try, if there is one. */
export function takeTry(
  { restored_at_ms }: Tries,
  { burst, refill_ms }: TryLimit,
  nowMs: number,
): { tries: Tries; answer: TryAnswer } {
  const next = Math.max(restored_at_ms, nowMs) + refill_ms;
  const retry_after_ms = next - nowMs - burst * refill_ms;
  return retry_after_ms > 0
    ? { tries: { restored_at_ms }, answer: { allowed: false, retry_after_ms } }
    : { tries: { restored_at_ms: next }, answer: { allowed: true } };
}

/** Gives back a try that was taken and should not count. */
export const giveBackTry = ({ restored_at_ms }: Tries, { refill_ms }: TryLimit): Tries => ({
  restored_at_ms: restored_at_ms - refill_ms,
});
