import { expect, it } from 'vitest';
import { ATTEMPTS_MAX, waitAfter } from '../../../worker/webhooks/schedule.ts';

const waits = (chance: number) =>
  Array.from({ length: ATTEMPTS_MAX }, (_, index) => waitAfter(index + 1, chance));

it('attempts follow after 5 seconds, 5 minutes, 30 minutes, 2, 5, 10, 14, 20 and 24 hours, and then none', () => {
  expect(waits(0)).toEqual([5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400, null]);
});

it('a wait is up to a tenth shorter, and never longer than a message of the queue can wait', () => {
  for (const [index, wait] of waits(0.999).entries()) {
    const longest = waits(0)[index];
    if (wait === null || longest === null || longest === undefined) continue;
    expect(wait).toBeLessThanOrEqual(longest);
    expect(wait).toBeGreaterThanOrEqual(longest * 0.89);
    expect(wait).toBeLessThanOrEqual(86_400);
  }
});
