import { expect, it } from 'vitest';
import { killUnderLoad } from '../kill-the-stack.ts';

/** CHAOS_KILLS=100 is the full proof; each kill takes about ten seconds. */
const KILLS = Number(process.env.CHAOS_KILLS ?? 20);

it(`${KILLS} kills at random moments lose no acknowledged execution and double none`, async () => {
  const report = await killUnderLoad(KILLS, () => 300 + Math.random() * 2_500);
  console.log(report.calls, report.refusals);
  expect(report.faults).toEqual([]);
  // What kills leave held is given back by deadline; until then the balance may be too small, and nothing else goes wrong.
  expect(Object.keys(report.refusals).filter((status) => status !== '402')).toEqual([]);
});
