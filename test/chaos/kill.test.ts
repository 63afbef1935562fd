import { expect, it } from 'vitest';
import { Random } from '../support/random.ts';
import { killUnderLoad } from './kill-the-stack.ts';
import { AGREEMENT_MAX_MS, summaryOf } from './verdict.ts';

it('kill -9 of the whole stack, and of workerd alone, under load loses no acknowledged execution, doubles none, and leaves no reservation open', async () => {
  const verdict = await killUnderLoad({
    kills: 2,
    random: new Random(1),
    load_ms: { min: 1_500, max: 1_500 },
  });
  console.log(`chaos: ${summaryOf(verdict)}`);
  expect(verdict.violations).toEqual([]);
  expect(verdict.agreement_ms).toBeLessThan(AGREEMENT_MAX_MS);
  expect(verdict.calls.ok, 'the load was real').toBeGreaterThan(20);
  expect(verdict.calls.unknown, 'the kills cut calls off').toBeGreaterThan(0);
});
