import { afterAll, beforeAll, expect, it } from 'vitest';
import { interleaveTenants } from '../../support/interleave.ts';
import { Random } from '../../support/random.ts';
import { startTestStack, type TestStack } from '../../support/stack.ts';

/** Printed, so that a failure can be reproduced: CHAOS_SEED=... repeats a run. */
const SEED = Number(process.env.CHAOS_SEED ?? Date.now() % 2 ** 31);
const CALLS = 10_000;

let stack: TestStack;
beforeAll(async () => {
  stack = await startTestStack();
});
afterAll(async () => {
  await stack.stop();
});

it(`two tenants interleaved ${CALLS} times, every tenth aborted, hear no foreign byte`, async () => {
  console.log(`chaos: seed ${SEED}`);
  const { left, cancelled, foreign, took_ms } = await interleaveTenants(stack, new Random(SEED), CALLS);
  console.log(`chaos: ${CALLS} calls in ${Math.round(took_ms)} ms, ${left} left, ${cancelled} estimated`);
  expect(foreign).toEqual([]);
  expect(left, 'some did leave').toBeGreaterThan(CALLS / 20);
});
