import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { governAcme } from '../../support/catalog.ts';
import { startTestStack, type TestStack } from '../../support/stack.ts';
import {
  expectFailover,
  expectSoundBooks,
  pullProvider,
  SILENCE_MAX_MS,
  summaryOf,
} from '../pulled-provider.ts';

let stack: TestStack;
let acme: Awaited<ReturnType<typeof governAcme>>;
beforeAll(async () => {
  stack = await startTestStack();
  acme = await governAcme(stack);
});
afterAll(async () => {
  await stack.stop();
});

describe.concurrent('a provider that goes down under load and comes back', () => {
  it('costs users at most the timeout of one attempt when it hangs', async () => {
    // Long enough for the hanging calls to time out, for one call to open the breaker, and for the breaker to close again.
    const times = { before_ms: 2_000, during_ms: SILENCE_MAX_MS + 8_000, after_ms: SILENCE_MAX_MS + 15_000 };
    const verdict = await pullProvider(stack, acme, { how: 'hang', ...times });
    console.log(`pulled: hang: ${summaryOf(verdict)}`);
    expect(verdict.all.flatMap(({ problem }) => problem ?? [])).toEqual([]);
    expectSoundBooks(verdict);
    expectFailover(verdict, 'timeout');
    const slowest_ms = Math.max(...verdict.all.map(({ latency_ms }) => latency_ms));
    expect(slowest_ms).toBeGreaterThan(SILENCE_MAX_MS);
    expect(slowest_ms).toBeLessThan(SILENCE_MAX_MS + 5_000);
  });

  it('breaks off only the streams in progress, which cost nothing', async () => {
    const times = { before_ms: 5_000, during_ms: 5_000, after_ms: 10_000 };
    const verdict = await pullProvider(stack, acme, { how: 'is torn down', ...times });
    console.log(`pulled: torn down: ${summaryOf(verdict)}`);
    expectSoundBooks(verdict);
    expectFailover(verdict, 'network');
    const broken = verdict.all.filter(({ problem }) => problem !== null);
    expect(broken.length, 'it was in the middle of one').toBeGreaterThan(0);
    const { before, during, after } = verdict;
    for (const call of broken) {
      expect(call.stream).toBe(true);
      expect(call.problem).toContain('provider_failed');
      expect([...before, ...during, ...after], 'it was underway').not.toContain(call);
    }
  });
});
