import { APIConnectionTimeoutError, APIError } from 'cloudflare/core/error';
import { describe, expect, it } from 'vitest';
import { failureOf, readCustomHostname } from '../../../worker/domains/cloudflare.ts';
import { customDomainSettings } from '../../../worker/domains/custom-domain-settings.ts';
import { describeParts, errorOf } from '../../../worker/domains/words.ts';

/** A custom hostname as the API's documentation shows it. */
const documented = {
  id: '3537a672-e4d8-4d89-aab9-26cb622918a1',
  hostname: 'app.acme.com',
  ssl: {
    id: '0d89c70d-ad9f-4843-b99f-6cc0252067e9',
    type: 'dv',
    method: 'txt',
    status: 'pending_validation',
    validation_errors: [{ message: 'SERVFAIL looking up CAA for app.acme.com' }],
    validation_records: [
      { txt_name: '_acme-challenge.app.acme.com', txt_value: 'p24a', status: 'pending' },
      { http_url: 'http://app.acme.com/.well-known/pki-validation/ca3.txt', http_body: 'ca3' },
    ],
  },
  status: 'pending',
  verification_errors: ['custom hostname does not CNAME to this zone.'],
  ownership_verification: { type: 'txt', name: '_cf-custom-hostname.app.acme.com', value: '0e2d5a7f' },
};

describe('a custom hostname', () => {
  it('is read with its states, its errors and its TXT records', () => {
    expect(readCustomHostname(documented)).toEqual({
      id: documented.id,
      status: 'pending',
      certificate_status: 'pending_validation',
      errors: ['custom hostname does not CNAME to this zone.'],
      certificate_errors: ['SERVFAIL looking up CAA for app.acme.com'],
      ownership_record: { name: '_cf-custom-hostname.app.acme.com', value: '0e2d5a7f' },
      certificate_records: [{ name: '_acme-challenge.app.acme.com', value: 'p24a' }],
    });
  });

  it('without fields that are still to come is pending; something else is none', () => {
    expect(readCustomHostname({ id: 'an-id', hostname: 'app.acme.com' })).toMatchObject({
      ...{ status: 'pending', certificate_status: 'initializing', certificate_records: [] },
    });
    for (const body of [undefined, null, 'text', {}, { id: '' }, { id: 1 }])
      expect(readCustomHostname(body)).toBeNull();
  });

  it('with long or many errors is stored with a few short ones', () => {
    const errors = Array.from({ length: 50 }, () => 'x'.repeat(5_000));
    expect(
      JSON.stringify(readCustomHostname({ ...documented, verification_errors: errors })).length,
    ).toBeLessThan(3_000);
  });
});

it('a platform without token, zone or target offers no custom domains', () => {
  const all = {
    ...{
      CLOUDFLARE_API_TOKEN: 'token',
      CLOUDFLARE_ZONE_ID: 'zone',
      CUSTOM_DOMAIN_TARGET: 'domains.acme.net',
    },
    CLOUDFLARE_BASE_URL: null,
  };
  expect(customDomainSettings(all)).toEqual({
    ...{ api_token: 'token', zone_id: 'zone', target: 'domains.acme.net', base_url: null },
  });
  for (const name of ['CLOUDFLARE_API_TOKEN', 'CLOUDFLARE_ZONE_ID', 'CUSTOM_DOMAIN_TARGET'])
    expect(customDomainSettings({ ...all, [name]: null }), name).toBeNull();
});

describe('an error of the API', () => {
  const error = (status: number, code?: number) =>
    APIError.generate(
      status,
      { errors: code === undefined ? [] : [{ code, message: 'words' }] },
      undefined,
      new Headers(),
    );

  it.each([
    [409, 1406, 'duplicate'],
    [404, 1436, 'gone'],
    [403, 1404, 'quota'],
    [403, 1405, 'quota'],
    [400, 1407, 'refused'],
    [400, 1410, 'refused'],
    [400, 7003, 'unreachable'],
    [404, 7003, 'unreachable'],
    [401, 1000, 'unreachable'],
    [403, 9109, 'unreachable'],
    [429, 971, 'unreachable'],
    [500, 1500, 'unreachable'],
    [404, undefined, 'unreachable'],
    [502, undefined, 'unreachable'],
  ])('with status %i and code %s is %s', (status, code, expected) => {
    expect(failureOf(error(status, code)).code).toBe(expected);
  });

  it('that has no answer is unreachable', () => {
    expect(failureOf(new APIConnectionTimeoutError()).code).toBe('unreachable');
    expect(failureOf(new Error('broken pipe')).code).toBe('unreachable');
  });
});

describe('the words for a state', () => {
  const caa = readCustomHostname({
    ...documented,
    ssl: { status: 'pending_validation', validation_errors: [{ message: 'caa_error: forbidden by CAA' }] },
  });
  const stored = {
    ...({ status: 'issuing', problem: null, missing_since: null } as const),
    findings: { proof: 'found', routing: 'here', custom_hostname: caa, refusal: null } as const,
  };

  it('name a CAA record as what forbids the certificate', () => {
    const { ownership, certificate, routing } = describeParts(stored);
    expect([ownership.state, certificate.state, routing.state]).toEqual(['done', 'problem', 'done']);
    expect(certificate.message).toContain('CAA');
  });

  it('quote Cloudflare’s reason for a refusal', () => {
    const findings = { ...stored.findings, refusal: 'Invalid custom hostname.' };
    expect(errorOf({ ...stored, status: 'failed', problem: 'refused', findings })).toContain(
      'Invalid custom hostname.',
    );
    expect(errorOf(stored)).toBeNull();
  });

  it('say what to do before the first check', () => {
    const fresh = { ...stored, status: 'waiting_for_txt', findings: null } as const;
    for (const { state, message } of Object.values(describeParts(fresh)))
      expect([state, message]).toEqual(['waiting', expect.any(String)]);
  });
});
