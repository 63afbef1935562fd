import { expect, it } from 'vitest';
import { isActingToken } from '../../../../web/src/lib/acting-token.ts';

const tokenOf = (claims: unknown) =>
  `e30.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.signature`;

it('a token of a session inside a tenant is told from every other', () => {
  expect(isActingToken(tokenOf({ userId: 'a', actingSessionId: 'b', name: '??>>~~' }))).toBe(true);
  for (const other of [
    tokenOf({ userId: 'a' }),
    tokenOf({ actingSessionId: 7 }),
    tokenOf(null),
    '',
    'a.b',
    'a.%.c',
  ])
    expect(isActingToken(other), other).toBe(false);
});
