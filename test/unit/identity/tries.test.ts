import fc from 'fast-check';
import { expect, it } from 'vitest';
import { giveBackTry, takeTry, UNTRIED } from '../../../durable-objects/guess-guard/tries.ts';

const limit = { burst: 3, refill_ms: 1_000 };
const NOW_MS = 1_000_000;

/** Takes tries at the given times. Returns which were allowed. */
function takeAt(times: readonly number[]): boolean[] {
  let tries = UNTRIED;
  return times.map((nowMs) => {
    const taken = takeTry(tries, limit, nowMs);
    tries = taken.tries;
    return taken.answer.allowed;
  });
}

it('allows a burst, and then one for each wait', () => {
  expect(takeAt([NOW_MS, NOW_MS, NOW_MS, NOW_MS, NOW_MS + 999, NOW_MS + 1_000, NOW_MS + 1_001])).toEqual([
    ...[true, true, true, false, false, true, false],
  ]);
});

it('tells after what time the next try is allowed', () => {
  let tries = UNTRIED;
  for (let count = 0; count < 3; count += 1) tries = takeTry(tries, limit, NOW_MS).tries;
  expect(takeTry(tries, limit, NOW_MS + 400).answer).toEqual({ allowed: false, retry_after_ms: 600 });
});

it('gives a try back', () => {
  let tries = UNTRIED;
  for (let count = 0; count < 3; count += 1) tries = takeTry(tries, limit, NOW_MS).tries;
  tries = giveBackTry(tries, limit);
  expect(takeTry(tries, limit, NOW_MS).answer.allowed).toBe(true);
});

it('never allows more within any time than the burst and what the time gives back', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(700), { maxLength: 60 }), fc.nat(20_000), (gaps, length) => {
      let at = NOW_MS;
      const times = gaps.map((gap) => (at += gap));
      const allowed = times.filter((_, index) => takeAt(times)[index]);
      for (const start of allowed) {
        const within = allowed.filter((time) => time >= start && time < start + length).length;
        expect(within).toBeLessThanOrEqual(limit.burst + Math.floor(length / limit.refill_ms));
      }
    }),
    { numRuns: 50 },
  );
});
