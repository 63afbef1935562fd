import { expect, it } from 'vitest';
import { catchUpMs } from '../../../../web/src/lib/catch-up.ts';

it('A list that is behind is read again ever more slowly, and not for ever', () => {
  expect([0, 1_000, 4_000, 13_000].map(catchUpMs)).toEqual([600, 600, 2_000, 6_500]);
  expect(catchUpMs(13_001)).toBe(false);
});
