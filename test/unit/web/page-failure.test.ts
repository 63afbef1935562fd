import { expect, it } from 'vitest';
import { pageFailureOf } from '../../../web/src/lib/page-failure.ts';

it('a file of a page that did not arrive is told apart from a bug, in the words of each browser', () => {
  for (const message of [
    'Failed to fetch dynamically imported module: https://acme.example/assets/wallet-1.js',
    'error loading dynamically imported module: https://acme.example/assets/wallet-1.js',
    'Importing a module script failed.',
    'Unable to preload CSS for /assets/wallet-1.css',
  ]) {
    expect(pageFailureOf(new TypeError(message), true)).toBe('not_fetched');
    expect(pageFailureOf(new TypeError(message), false)).toBe('offline');
  }
  expect(pageFailureOf(new TypeError('x is not a function'), false)).toBe('broken');
  expect(pageFailureOf('thrown', true)).toBe('broken');
});
