import { afterEach, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { SnapshotCache } from '../../worker/tenants/snapshot-cache.ts';

const AGE_MAX_MS = 60_000;
const STALE_MAX_MS = 3_600_000;
const schema = z.object({ name: z.string() });

/** Each cache is one isolate; caches of one name share the colo's cache. */
const isolate = (name: string, entriesMax = 10) =>
  new SnapshotCache({
    name,
    schema,
    age_max_ms: AGE_MAX_MS,
    stale_max_ms: STALE_MAX_MS,
    entries_max: entriesMax,
  });

async function put(
  cache: ReturnType<typeof isolate>,
  key: string,
  name: string,
  askedAtMs = Date.now(),
): Promise<void> {
  const writes: Promise<unknown>[] = [];
  cache.put(key, { name }, askedAtMs, (write) => writes.push(write));
  await Promise.all(writes);
}

afterEach(() => vi.useRealTimers());

describe('a snapshot', () => {
  it('is served from memory, and to other isolates from the colo', async () => {
    const here = isolate('shared');
    await put(here, 'slug/acme', 'Acme');
    expect(await here.get('slug/acme')).toEqual({ name: 'Acme' });
    expect(await isolate('shared').get('slug/acme')).toEqual({ name: 'Acme' });
  });

  it('is served by no tier past its age', async () => {
    const here = isolate('aged');
    await put(here, 'slug/acme', 'Acme');
    vi.useFakeTimers({ now: Date.now() + AGE_MAX_MS, toFake: ['Date'] });
    expect(await here.get('slug/acme')).toBeUndefined();
    expect(await isolate('aged').get('slug/acme')).toBeUndefined();
  });

  it('is loaded ahead of its end by one request, while it is still served', async () => {
    const here = isolate('ahead');
    await put(here, 'slug/acme', 'Acme');
    const refresh = vi.fn();
    const getTwice = async () => [await here.get('slug/acme', refresh), await here.get('slug/acme', refresh)];
    expect(await getTwice()).toEqual([{ name: 'Acme' }, { name: 'Acme' }]);
    expect(refresh).not.toHaveBeenCalled();
    vi.useFakeTimers({ now: Date.now() + 0.75 * AGE_MAX_MS, toFake: ['Date'] });
    expect(await getTwice()).toEqual([{ name: 'Acme' }, { name: 'Acme' }]);
    expect(refresh).toHaveBeenCalledOnce();
    await put(here, 'slug/acme', 'Acme Inc.');
    expect(await getTwice()).toEqual([{ name: 'Acme Inc.' }, { name: 'Acme Inc.' }]);
    expect(refresh).toHaveBeenCalledOnce();
  });

  it('is not served to a read that asks for a younger one', async () => {
    const here = isolate('younger');
    await put(here, 'slug/acme', 'Acme');
    vi.useFakeTimers({ now: Date.now() + 1_000, toFake: ['Date'] });
    expect(await here.get('slug/acme', undefined, 2_000)).toEqual({ name: 'Acme' });
    expect(await here.get('slug/acme', undefined, 1_000)).toBeUndefined();
    expect(await here.get('slug/acme')).toEqual({ name: 'Acme' });
  });

  it('that is stale is available during an outage, in both tiers, up to its maximum age', async () => {
    const here = isolate('stale');
    await put(here, 'slug/acme', 'Acme');
    const startedMs = Date.now();
    vi.useFakeTimers({ now: startedMs + STALE_MAX_MS - 1_000, toFake: ['Date'] });
    expect(await here.get('slug/acme')).toBeUndefined();
    expect(await here.getStale('slug/acme')).toEqual({ name: 'Acme' });
    expect(await isolate('stale').getStale('slug/acme')).toEqual({ name: 'Acme' });
    vi.setSystemTime(startedMs + STALE_MAX_MS);
    expect(await here.getStale('slug/acme')).toBeUndefined();
  });

  it('never answers for another key, nor for another kind of snapshot', async () => {
    await put(isolate('one'), 'slug/acme', 'Acme');
    expect(await isolate('one').get('slug/globex')).toBeUndefined();
    expect(await isolate('one').get('hostname/acme')).toBeUndefined();
    expect(await isolate('other').get('slug/acme')).toBeUndefined();
  });

  it('that is invalidated is gone here and in the colo at once, and from another isolate within seconds', async () => {
    const here = isolate('forgotten');
    const there = isolate('forgotten');
    await put(here, 'slug/acme', 'Acme');
    expect(await there.get('slug/acme')).toEqual({ name: 'Acme' });
    await here.forget('slug/acme');
    expect(await here.get('slug/acme')).toBeUndefined();
    expect(await isolate('forgotten').get('slug/acme')).toBeUndefined();
    vi.useFakeTimers({ now: Date.now() + 5_000, toFake: ['Date'] });
    expect(await there.get('slug/acme')).toBeUndefined();
  });

  it('is invalidated by its value as well', async () => {
    const here = isolate('by-value');
    await put(here, 'one', 'Acme');
    await put(here, 'two', 'Globex');
    await here.forgetWhere(({ name }) => name === 'Acme');
    expect(await here.get('one')).toBeUndefined();
    expect(await isolate('by-value').get('one')).toBeUndefined();
    expect(await here.get('two')).toEqual({ name: 'Globex' });
  });

  it('that was read before its invalidation is not stored, and one that is read afterwards is', async () => {
    const here = isolate('overtaken');
    const askedAtMs = Date.now();
    await here.forget('slug/acme');
    await put(here, 'slug/acme', 'Before', askedAtMs);
    expect(await here.get('slug/acme')).toBeUndefined();
    expect(await isolate('overtaken').get('slug/acme')).toBeUndefined();
    // Another isolate stores an older value late.
    await put(isolate('overtaken'), 'slug/acme', 'Before', askedAtMs);
    expect(await here.get('slug/acme')).toBeUndefined();
    await put(here, 'slug/acme', 'After', Date.now() + 1);
    expect(await here.get('slug/acme')).toEqual({ name: 'After' });
  });

  it('that another version of the code wrote in another shape is not served', async () => {
    await put(isolate('shaped'), 'slug/acme', 'Acme');
    const changed = new SnapshotCache({
      name: 'shaped',
      schema: z.object({ title: z.string() }),
      age_max_ms: AGE_MAX_MS,
      stale_max_ms: STALE_MAX_MS,
      entries_max: 10,
    });
    expect(await changed.get('slug/acme')).toBeUndefined();
  });

  it('is evicted from memory by newer ones, and is then served by the colo', async () => {
    const here = isolate('bounded', 2);
    for (const key of ['a', 'b', 'c']) await put(here, key, key);
    expect(await here.get('a')).toEqual({ name: 'a' });
    expect(await here.get('c')).toEqual({ name: 'c' });
  });
});
