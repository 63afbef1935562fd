import { expect, it } from 'vitest';
import { refuseBaseUrl } from '../../../worker/catalog/base-url.ts';

const own = { PLATFORM_DOMAIN: 'vanilla.example', PLATFORM_HOSTNAMES: ['console.example.org'] };

it.each([
  'https://api.openai.com/v1',
  'https://llm.acme.com:8443/openai/v1',
  'https://xn--bcher-kva.example',
  'https://vanilla.example.com',
])('%s may be used', (url) => {
  expect(refuseBaseUrl(url, own, false)).toBeNull();
});

it.each([
  ['plain text', 'must be a URL'],
  ['http://api.openai.com/v1', 'must begin with https://'],
  ['ftp://api.openai.com', 'must begin with https://'],
  ['javascript:alert(1)', 'must begin with https://'],
  ['https://user:secret@api.openai.com', 'must not hold a user name or a password'],
  ['https://api.openai.com/v1?x=1', 'must not have a query or a fragment'],
  ['https://api.openai.com/v1#x', 'must not have a query or a fragment'],
  ['https://10.0.0.1/v1', 'must name a host, not an address'],
  ['https://169.254.169.254/latest', 'must name a host, not an address'],
  ['https://2130706433/', 'must name a host, not an address'],
  ['https://0x7f.1/', 'must name a host, not an address'],
  ['https://[::1]/', 'must name a host, not an address'],
  ['https://[::ffff:10.0.0.1]/', 'must name a host, not an address'],
  ['https://127.0.0.1/', 'must name a host, not an address'],
  ['https://localhost/', 'must be a public host name'],
  ['https://LOCALHOST./', 'must be a public host name'],
  ['https://router/', 'must be a public host name'],
  ['https://db.internal/', 'must be a public host name'],
  ['https://printer.local/', 'must be a public host name'],
  ['https://llm.default.svc/', 'must be a public host name'],
  ['https://llm.service.consul/', 'must be a public host name'],
  ['https://llm.acme.corp/', 'must be a public host name'],
  ['https://1.0.0.10.in-addr.arpa/', 'must be a public host name'],
  ['https://llm..acme.com/', 'must be a public host name'],
  ['https://localhost../', 'must be a public host name'],
  ['https://acme.vanilla.example../', 'must not be this platform itself'],
  ['https://acme.vanilla.example/v1', 'must not be this platform itself'],
  ['https://vanilla.example./v1', 'must not be this platform itself'],
  ['https://console.example.org/', 'must not be this platform itself'],
])('%s is refused: it %s', (url, rule) => {
  expect(refuseBaseUrl(url, own, false)).toBe(rule);
});

it('the local stack accepts this machine, also in plain HTTP, and no other refused address', () => {
  expect(refuseBaseUrl('http://127.0.0.1:9100/openai/v1', own, true)).toBeNull();
  expect(refuseBaseUrl('http://localhost:9100/openai/v1', own, true)).toBeNull();
  expect(refuseBaseUrl('http://10.0.0.1/', own, true)).toBe('must begin with https://');
  expect(refuseBaseUrl('ftp://127.0.0.1/', own, true)).toBe('must begin with https://');
});
