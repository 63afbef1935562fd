import { expect, it } from 'vitest';
import { browserOrigin } from '../../../contracts/tenants/browser-origin.ts';

it.each([
  '*',
  'https://app.example.com',
  'https://app.example.com:8443',
  'https://xn--mnchen-3ya.example',
  'https://192.0.2.1',
  'http://localhost:5173',
  'http://127.0.0.1:3000',
  'http://[::1]:3000',
  'http://app.localhost:8787',
])('%s is an origin that a tenant can allow', (text) =>
  expect(browserOrigin.safeParse(text).success).toBe(true),
);

it.each([
  '',
  'null',
  'app.example.com',
  'https://',
  'https://app.example.com/',
  'https://app.example.com/path',
  'https://app.example.com?query',
  'https://app.example.com#hash',
  'https://user:secret@app.example.com',
  'https://App.example.com',
  'https://app.example.com:443',
  ' https://app.example.com',
  'http://app.example.com',
  'http://localhost.evil.example',
  'https://*.example.com',
  'https://münchen.example',
  'ftp://app.example.com',
  'chrome-extension://abcdefgh',
  'javascript:alert(1)',
  `https://${'a'.repeat(300)}.example`,
])('%j is none', (text) => expect(browserOrigin.safeParse(text).success).toBe(false));
