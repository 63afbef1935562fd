import { expect, it } from 'vitest';
import { Random } from '../../support/random.ts';
import { killUnderLoad } from '../kill-the-stack.ts';
import { AGREEMENT_MAX_MS, summaryOf } from '../verdict.ts';

/** CHAOS_KILLS=100 is the full proof; each kill takes about ten seconds. */
const KILLS = Number(process.env.CHAOS_KILLS ?? 20);
/** Printed, so that a failure can be reproduced: CHAOS_SEED=... repeats a run. */
const SEED = Number(process.env.CHAOS_SEED ?? Date.now() % 2 ** 31);

it(`${KILLS} kills at random moments lose no acknowledged execution and double none`, async () => {
  console.log(`chaos: seed ${SEED}`);
  const verdict = await killUnderLoad({
    kills: KILLS,
    random: new Random(SEED),
    load_ms: { min: 300, max: 2_800 },
    onKill: (kill) => console.log(`chaos: kill ${kill} of ${KILLS}`),
  });
  console.log(`chaos: ${KILLS} kills: ${summaryOf(verdict)}`);
  expect(verdict.violations).toEqual([]);
  expect(verdict.agreement_ms).toBeLessThan(AGREEMENT_MAX_MS);
  expect(verdict.calls.ok, 'the load was real').toBeGreaterThan(10 * KILLS);
});
