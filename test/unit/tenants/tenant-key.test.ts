import { describe, expect, it } from 'vitest';
import { tenantKeyOf } from '../../../worker/tenants/tenant-key.ts';

const settings = {
  PLATFORM_DOMAIN: 'vanilla.example',
  PLATFORM_HOSTNAMES: ['vanilla.example', 'api.vanilla.example'],
};
const keyOf = (hostname: string, slugHeader: string | null = null) =>
  tenantKeyOf(hostname, slugHeader, settings);

describe('the tenant of a hostname', () => {
  it.each([
    ['ai.acme.com', { hostname: 'ai.acme.com' }],
    ['AI.Acme.COM', { hostname: 'ai.acme.com' }],
    ['ai.acme.com.', { hostname: 'ai.acme.com' }],
    ['acme.vanilla.example', { slug: 'acme' }],
    ['Acme.Vanilla.Example', { slug: 'acme' }],
    ['vanilla.example', { slug: 'platform' }],
    ['notvanilla.example', { hostname: 'notvanilla.example' }],
  ])('of %s is %o', (hostname, key) => {
    expect(keyOf(hostname)).toEqual({ ok: true, value: key });
  });

  it.each(['a.b.vanilla.example', '-acme.vanilla.example', '.vanilla.example', 'platform.vanilla.example'])(
    'of %s is unknown: a platform subdomain is exactly one slug, and not the platform’s own',
    (hostname) => {
      expect(keyOf(hostname)).toMatchObject({ ok: false, failure: { code: 'unknown_host' } });
    },
  );
});

describe('X-Tenant-Slug', () => {
  it("chooses the tenant on the platform's own hostnames", () => {
    expect(keyOf('api.vanilla.example', 'Globex')).toEqual({ ok: true, value: { slug: 'globex' } });
  });

  it.each(['acme.vanilla.example', 'ai.acme.com'])('never overrides %s', (hostname) => {
    expect(keyOf(hostname, 'globex')).toEqual(keyOf(hostname));
  });

  it.each(['', '../acme', 'acme globex', "acme'--", 'a'.repeat(64)])(
    'is refused with its name if it is %o',
    (slug) => {
      expect(keyOf('vanilla.example', slug)).toMatchObject({
        ok: false,
        failure: { code: 'invalid_request', details: { field: 'X-Tenant-Slug' } },
      });
    },
  );
});
