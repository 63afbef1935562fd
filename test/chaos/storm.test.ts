import { afterAll, beforeAll, expect, it } from 'vitest';
import { Random } from '../support/random.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';
import { faults } from './faults.ts';
import { weather } from './storm.ts';
import { AGREEMENT_MAX_MS, prepare, summaryOf } from './verdict.ts';

/** Printed, so that a failure can be reproduced: CHAOS_SEED=... repeats a run. */
const SEED = Number(process.env.CHAOS_SEED ?? Date.now() % 2 ** 31);

let stack: TestStack;
beforeAll(async () => {
  stack = await startTestStack();
  await prepare(stack);
});
afterAll(async () => {
  await stack.stop();
});

it('failures of Postgres and the providers, under clients that hang up, charge no token that the client was not told of', async () => {
  console.log(`chaos: seed ${SEED}`);
  const random = new Random(SEED);
  const verdict = await weather(stack, {
    random,
    faults: random.shuffled(faults),
    fault_ms: 1_200,
    calm_ms: 300,
    hang_up: 0.2,
  });
  console.log(`chaos: ${summaryOf(verdict)}`);
  expect(verdict.violations).toEqual([]);
  expect(verdict.agreement_ms).toBeLessThan(AGREEMENT_MAX_MS);
  expect(verdict.calls.ok, 'the load was real').toBeGreaterThan(50);
  expect(verdict.calls.fail, 'the faults were felt').toBeGreaterThan(0);
  expect(verdict.calls.unknown, 'clients hung up').toBeGreaterThan(0);
});
