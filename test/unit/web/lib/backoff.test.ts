import { describe, expect, it } from 'vitest';
import { backoffMs } from '../../../../web/src/lib/backoff.ts';

const longest = (failures: number) => backoffMs(failures, 1 - Number.EPSILON);

describe('Waiting before the next try', () => {
  it('doubles with every failure', () => {
    expect([1, 2, 3, 4].map(longest)).toEqual([500, 1_000, 2_000, 4_000]);
  });

  it('never exceeds half a minute, however often it failed', () => {
    for (const failures of [7, 8, 50, 2_000]) expect(longest(failures)).toBe(30_000);
  });

  it('is spread over its upper half, so that many clients do not come back at once', () => {
    expect(backoffMs(3, 0)).toBe(1_000);
    expect(backoffMs(3, 0.5)).toBe(1_500);
    expect(backoffMs(3, 0)).toBeLessThan(backoffMs(3, 0.01));
  });
});
