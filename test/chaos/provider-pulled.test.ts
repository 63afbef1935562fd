import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FailureKind } from '../../contracts/usage.ts';
import { governAcme } from '../support/catalog.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';
import { expectFailover, expectSoundBooks, type Pull, pullProvider, summaryOf } from './pulled-provider.ts';

let stack: TestStack;
let acme: Awaited<ReturnType<typeof governAcme>>;
beforeAll(async () => {
  stack = await startTestStack();
  acme = await governAcme(stack);
});
afterAll(async () => {
  await stack.stop();
});

const pulls: { how: Pull; failure: FailureKind }[] = [
  { how: 'refuses connections', failure: 'network' },
  { how: 'reset_before', failure: 'network' },
  { how: 'overloaded', failure: 'overloaded' },
];

describe.concurrent('a provider that goes down under load and comes back', () => {
  it.each(pulls)('costs users only latency when it $how', async ({ how, failure }) => {
    const times = { before_ms: 1_200, during_ms: 2_500, after_ms: 4_500 };
    const verdict = await pullProvider(stack, acme, { how, ...times });
    console.log(`pulled: ${how}: ${summaryOf(verdict)}`);
    expect(verdict.all.flatMap(({ problem }) => problem ?? [])).toEqual([]);
    expectSoundBooks(verdict);
    expectFailover(verdict, failure);
  });
});
