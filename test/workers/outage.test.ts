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

it('an answer of the database is used', async () => {
  expect(await staleOnOutage(async () => 'fresh', known)).toBe('fresh');
});

it('without a known value an outage is an error', async () => {
  await expect(staleOnOutage(down, async () => undefined)).rejects.toThrow(DatabaseUnavailable);
});

it('in an outage the known value is used, and the database is not called for a while', async () => {
  expect(await staleOnOutage(down, known)).toBe('known before');
  expect(await staleOnOutage(down, known)).toBe('known before');
  expect(down).toHaveBeenCalledTimes(1);
  vi.advanceTimersByTime(5_000);
  expect(await staleOnOutage(async () => 'fresh', known)).toBe('fresh');
});

it('a database that hangs is waited for only briefly', async () => {
  const answer = staleOnOutage(() => new Promise<string>(() => undefined), known);
  await vi.advanceTimersByTimeAsync(1_500);
  expect(await answer).toBe('known before');
});

it('a bug does not count as an outage', async () => {
  const bug = async (): Promise<string> => {
    throw new Error('a bug');
  };
  await expect(staleOnOutage(bug, known)).rejects.toThrow('a bug');
});
