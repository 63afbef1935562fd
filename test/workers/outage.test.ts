import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { DatabaseUnavailable } from '../../worker/db/client.ts';
import { staleOnOutage } from '../../worker/tenants/stale-on-outage.ts';

const known = async () => 'known before';
const down = vi.fn(async (): Promise<string> => {
  throw new DatabaseUnavailable('down');
});

/** The fake time. Each test begins a minute after the one before it, so that its outage is over. */
let nowMs = Date.now();
beforeEach(() => {
  nowMs += 60_000;
  vi.useFakeTimers({ now: nowMs });
  down.mockClear();
});
afterEach(() => vi.useRealTimers());

it('what the database answers is what holds', async () => {
  expect(await staleOnOutage(async () => 'fresh', known)).toBe('fresh');
});

it('with nothing to fall back on an outage is told as it is', async () => {
  await expect(staleOnOutage(down, async () => undefined)).rejects.toThrow(DatabaseUnavailable);
});

it('in an outage what was known before goes on to hold, and the database is left alone for a while', async () => {
  expect(await staleOnOutage(down, known)).toBe('known before');
  expect(await staleOnOutage(down, known)).toBe('known before');
  expect(down).toHaveBeenCalledTimes(1);
  vi.advanceTimersByTime(5_000);
  expect(await staleOnOutage(async () => 'fresh', known)).toBe('fresh');
});

it('a database that hangs is not waited for longer than a moment', async () => {
  const answer = staleOnOutage(() => new Promise<string>(() => undefined), known);
  await vi.advanceTimersByTimeAsync(1_500);
  expect(await answer).toBe('known before');
});

it('a bug is no outage', async () => {
  const bug = async (): Promise<string> => {
    throw new Error('a bug');
  };
  await expect(staleOnOutage(bug, known)).rejects.toThrow('a bug');
});
