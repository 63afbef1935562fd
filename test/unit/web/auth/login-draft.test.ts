import { expect, test } from 'vitest';
import { readLogin } from '../../../../web/src/features/auth/login-draft.ts';

test('a complete login is sent with its address trimmed and its password as typed', () => {
  expect(readLogin({ email: ' ada@example.com ', password: ' secret ' })).toEqual({
    ok: true,
    value: { email: 'ada@example.com', password: ' secret ' },
  });
});

test.each([
  ['', '', ['email', 'password']],
  ['ada', 'secret', ['email']],
  ['ada@example.com', '', ['password']],
])('of %j and %j, what is missing is named', (email, password, fields) => {
  const read = readLogin({ email, password });
  expect(read.ok ? [] : Object.keys(read.errors)).toEqual(fields);
});
