import { describe, expect, it } from 'vitest';
import { cacheScope } from '../../../../contracts/tenants/response-cache.ts';
import {
  cacheChoices,
  cacheDraftOf,
  readCacheDraft,
} from '../../../../web/src/features/settings/cache-draft.ts';

const saved = { ttl_s: 5_400, scope: 'user', price_percent: 25 } as const;

describe('The form of the response cache', () => {
  it('offers every scope, and none', () => {
    expect(cacheChoices.map(({ value }) => value)).toEqual(['off', ...cacheScope.options]);
  });

  it('shows the seconds as minutes, and reads the same values back as no change', () => {
    const draft = cacheDraftOf(saved);
    expect(draft).toEqual({ use: 'user', minutes: '90', price_percent: '25' });
    expect(readCacheDraft(draft, saved)).toEqual({ ok: true, value: {} });
    expect(readCacheDraft(cacheDraftOf(null), null)).toEqual({ ok: true, value: {} });
  });

  it('proposes values where the cache was off, and takes it off', () => {
    const draft = { ...cacheDraftOf(null), use: 'tenant' as const };
    expect(readCacheDraft(draft, null)).toEqual({
      ok: true,
      value: { response_cache: { ttl_s: 3_600, scope: 'tenant', price_percent: 10 } },
    });
    expect(readCacheDraft({ ...cacheDraftOf(saved), use: 'off' }, saved)).toEqual({
      ok: true,
      value: { response_cache: null },
    });
  });

  it.each([
    [{ minutes: '0.5' }, 'response_cache.ttl_s'],
    [{ minutes: '10081' }, 'response_cache.ttl_s'],
    [{ minutes: '' }, 'response_cache.ttl_s'],
    [{ price_percent: '101' }, 'response_cache.price_percent'],
    [{ price_percent: '1.5' }, 'response_cache.price_percent'],
    [{ price_percent: '' }, 'response_cache.price_percent'],
  ])('says at its field what is wrong with %j', (change, field) => {
    const read = readCacheDraft({ ...cacheDraftOf(saved), ...change }, saved);
    expect(read.ok ? [] : Object.keys(read.errors)).toEqual([field]);
  });
});
