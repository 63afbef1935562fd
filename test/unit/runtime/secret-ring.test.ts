import { describe, expect, it } from 'vitest';
import { secretRing } from '../../../worker/runtime/secret-ring.ts';

const first = 'a-secret-of-at-least-thirty-two-characters';
const second = 'another:secret-of-at-least-thirty-two-characters';

describe('A ring of secrets', () => {
  it('is sorted, the newest first', () => {
    expect(secretRing.parse(`1:${first} 2:${second}`)).toEqual([
      { version: 2, secret: second },
      { version: 1, secret: first },
    ]);
  });

  it('of one secret without a version is version 1, whatever characters it has', () => {
    expect(secretRing.parse(first)).toEqual([{ version: 1, secret: first }]);
    for (const secret of [second, 'a secret of thirty-two characters or more'])
      expect(secretRing.parse(secret)).toEqual([{ version: 1, secret }]);
  });

  it.each([
    ['a short secret', 'short'],
    ['a short secret with a version', '2:short'],
    ['one short secret among others', `1:${first} 2:short`],
    ['the same version twice', `1:${first} 1:${second}`],
    ['nothing', ''],
  ])('refuses %s', (_, text) => {
    expect(secretRing.safeParse(text).success).toBe(false);
  });
});
