import { expect, it } from 'vitest';
import { Random } from '../../support/random.ts';
import { killUnderLoad } from '../kill-the-stack.ts';
import { AGREEMENT_MAX_MS } from '../verdict.ts';

/** CHAOS_KILLS=100 is the full proof; each kill takes about ten seconds. */
const KILLS = Number(process.env.CHAOS_KILLS ?? 20);
/** Printed, so that a failure can be had again: CHAOS_SEED=... repeats a run. */
const SEED = Number(process.env.CHAOS_SEED ?? Date.now() % 2 ** 31);

it(`${KILLS} kills at random moments lose no acknowledged execution and double none`, async () => {
  console.log(`chaos: seed ${SEED}`);
  const verdict = await killUnderLoad({
    kills: KILLS,
    random: new Random(SEED),
    load_ms: { min: 300, max: 2_800 },
    onKill: (kill) => console.log(`chaos: kill ${kill} of ${KILLS}`),
  });
  const { calls, refusals, charged_unknown, agreement_ms, violations } = verdict;
  const numberOf = (kind: string) => violations.filter((violation) => violation.kind === kind).length;
  console.log(
    `chaos: ${KILLS} kills: ${calls.ok} acknowledged, ${calls.unknown} cut off (${charged_unknown} of them charged, once),`,
    `${calls.fail} refused, ${numberOf('lost')} lost, ${numberOf('doubled')} doubled; agreement after ${agreement_ms} ms`,
    refusals,
  );
  expect(violations).toEqual([]);
  expect(agreement_ms).toBeLessThan(AGREEMENT_MAX_MS);
  expect(calls.ok, 'the load was real').toBeGreaterThan(10 * KILLS);
});
