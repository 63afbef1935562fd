import { expect, it } from 'vitest';
import { returnPath } from '../../../contracts/tenants/return-path.ts';

it.each(['/', '/wallet', '/users?q=ada#top', '/executions/1', '/a//b', '/?to=https://elsewhere.example'])(
  '%s is a page to return to, of the same hostname',
  (path) => {
    expect(returnPath.parse(path)).toBe(path);
    expect(new URL(path, 'https://acme.example').host).toBe('acme.example');
  },
);

it.each([
  '',
  'wallet',
  '//evil.example',
  '/\\evil.example',
  '\\\\evil.example',
  'https://evil.example',
  '/a\nb',
  '/\t/evil.example',
  'javascript:alert(1)',
  `/${'a'.repeat(500)}`,
])('%j is none', (path) => expect(returnPath.safeParse(path).success).toBe(false));
