import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { acceptHostname, isApex } from '../../../worker/domains/hostname.ts';
import { dnsRecords } from '../../../worker/domains/records.ts';

const own = {
  PLATFORM_DOMAIN: 'vanilla.app',
  PLATFORM_HOSTNAMES: ['vanilla.app', 'console.vanilla.dev'],
  CUSTOM_DOMAIN_TARGET: 'domains.vanilla-edge.net',
};
const accept = (text: string) => acceptHostname(text, own);

describe('a hostname of a custom domain', () => {
  it.each([
    ['ai.acme.com', 'ai.acme.com'],
    ['  AI.Acme.COM ', 'ai.acme.com'],
    ['acme.com', 'acme.com'],
    ['acme.co.uk', 'acme.co.uk'],
    ['ki.münchen.de', 'ki.xn--mnchen-3ya.de'],
    ['KI.MÜNCHEN.DE', 'ki.xn--mnchen-3ya.de'],
    ['例え.jp', 'xn--r8jz45g.jp'],
    ['acme.github.io', 'acme.github.io'],
    ['notvanilla.app', 'notvanilla.app'],
  ])('%s is taken as %s', (text, hostname) => {
    expect(accept(text)).toEqual({ ok: true, value: { hostname } });
  });

  it.each([
    ['*.acme.com', 'wildcard'],
    ['192.0.2.1', 'ip_address'],
    ['0x7f.1', 'ip_address'],
    ['2130706433', 'ip_address'],
    ['2001:db8::1', 'ip_address'],
    ['[2001:db8::1]', 'ip_address'],
    ['ai.acme.com.', 'trailing_dot'],
    ['ai.acme.com。', 'trailing_dot'],
    ['acme', 'single_label'],
    ['com', 'single_label'],
    ['https://ai.acme.com', 'hostname'],
    ['ai.acme.com/path', 'hostname'],
    ['ai.acme.com:8443', 'hostname'],
    ['me@acme.com', 'hostname'],
    ['ai acme.com', 'hostname'],
    ['ai_x.acme.com', 'hostname'],
    ['-ai.acme.com', 'hostname'],
    ['ai..acme.com', 'hostname'],
    ['xn--.acme.com', 'hostname'],
    ['   ', 'hostname'],
    [`${'a'.repeat(64)}.acme.com`, 'hostname'],
    [`${'a.'.repeat(115)}acme.com`, 'too_long'],
    ['vanilla.app', 'own_domain'],
    ['acme.vanilla.app', 'own_domain'],
    ['a.console.vanilla.dev', 'own_domain'],
    ['domains.vanilla-edge.net', 'own_domain'],
    ['vanilla-edge.net', 'own_domain'],
    ['co.uk', 'public_suffix'],
    ['github.io', 'public_suffix'],
    ['ai.acme.internal', 'not_public'],
    ['ai.acme.test', 'not_public'],
    ['ai.localhost', 'not_public'],
    ['ai.example.com', 'reserved'],
  ])('%s is refused by the rule %s', (text, rule) => {
    expect(accept(text)).toMatchObject({ ok: false, failure: { code: 'invalid_hostname', rule } });
  });

  it('is taken again as it was stored, whatever was typed', () => {
    fc.assert(
      fc.property(fc.oneof(fc.domain(), fc.string({ maxLength: 60, unit: 'grapheme' })), (text) => {
        const first = accept(text);
        if (!first.ok) return;
        expect(first.value.hostname).toMatch(/^[a-z0-9.-]+$/);
        expect(accept(first.value.hostname)).toEqual(first);
      }),
    );
  });
});

describe('the records of a domain', () => {
  const custom_hostname = {
    ...{ id: 'an-id', status: 'pending', certificate_status: 'pending_validation', errors: [] },
    certificate_errors: [],
    ownership_record: { name: '_cf-custom-hostname.x', value: 'owned' },
    certificate_records: [{ name: '_acme-challenge.x', value: 'valid' }],
  };
  const recordsOf = (hostname: string, isKnown: boolean) =>
    dnsRecords(
      {
        ...{ hostname, verification_token: 'a-token' },
        findings: isKnown ? { proof: 'found', routing: 'nowhere', refusal: null, custom_hostname } : null,
      },
      own.CUSTOM_DOMAIN_TARGET,
    ).map(({ type, name, value, required }) => [type, name, value, required]);

  it('below its top are a TXT record and a CNAME; further ones spare the wait for the routing', () => {
    const first = [
      ['TXT', '_vanilla-verify.ai.acme.com', 'vanilla-verify=a-token', true],
      ['CNAME', 'ai.acme.com', 'domains.vanilla-edge.net', true],
    ];
    expect(recordsOf('ai.acme.com', false)).toEqual(first);
    expect(recordsOf('ai.acme.com', true)).toEqual([
      ...first,
      ['TXT', '_cf-custom-hostname.x', 'owned', false],
      ['TXT', '_acme-challenge.x', 'valid', false],
    ]);
  });

  it('at its top are an ALIAS instead of a CNAME, and TXT records that validate ownership and certificate', () => {
    expect([isApex('acme.co.uk'), isApex('ai.acme.co.uk')]).toEqual([true, false]);
    expect(recordsOf('acme.co.uk', true)).toEqual([
      ['TXT', '_vanilla-verify.acme.co.uk', 'vanilla-verify=a-token', true],
      ['ALIAS', 'acme.co.uk', 'domains.vanilla-edge.net', true],
      ['TXT', '_cf-custom-hostname.x', 'owned', true],
      ['TXT', '_acme-challenge.x', 'valid', true],
    ]);
  });
});
