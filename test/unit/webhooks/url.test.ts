import { expect, it } from 'vitest';
import { refuseWebhookUrl } from '../../../worker/webhooks/manage-endpoints.ts';

const settings = {
  PLATFORM_DOMAIN: 'platform.example',
  PLATFORM_HOSTNAMES: ['app.platform.example'],
  ALLOW_LOCAL_BASE_URLS: false,
};

it.each([
  'https://hooks.customer.com/events',
  'https://hooks.customer.com:8443/events?token=abc',
  'https://hooks.customer.com',
])('%s can be called', (url) => {
  expect(refuseWebhookUrl(url, settings)).toBeNull();
});

it.each([
  'http://hooks.customer.com/',
  'https://127.0.0.1/',
  'https://2130706433/',
  'https://0x7f.1/',
  'https://[::1]/',
  'https://[::ffff:169.254.169.254]/',
  'https://169.254.169.254/latest/meta-data',
  'https://localhost/',
  'https://metadata.google.internal/',
  'https://intranet/',
  'https://printer.local/',
  'https://user:password@hooks.customer.com/',
  'https://hooks.customer.com/#fragment',
  'https://acme.platform.example/api',
  'https://app.platform.example/',
  'ftp://hooks.customer.com/',
  'file:///etc/passwd',
  'not a URL',
])('%s is refused', (url) => {
  expect(refuseWebhookUrl(url, settings)).toEqual(expect.any(String));
});

it('the local stack alone calls servers of its machine', () => {
  expect(
    refuseWebhookUrl('http://127.0.0.1:9100/webhooks/a', { ...settings, ALLOW_LOCAL_BASE_URLS: true }),
  ).toBeNull();
});
