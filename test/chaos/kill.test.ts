import { expect, it } from 'vitest';
import { killUnderLoad } from './kill-the-stack.ts';

it('kill -9 of the whole stack under load loses no acknowledged execution, doubles none, and leaves no reservation open', async () => {
  const report = await killUnderLoad(2, () => 1_500);
  expect(report.faults).toEqual([]);
  expect(report.calls.ok, 'the load was real').toBeGreaterThan(20);
  expect(report.calls.unknown, 'the kill cut calls off').toBeGreaterThan(0);
});
