import { env } from 'cloudflare:workers';
import { expect, it } from 'vitest';
import { ask, newAddress, openRegistration } from './asking.ts';

const PASSWORD = 'seventeen green umbrellas';
const NEW = '2:a-newer-pepper-for-tests-of-at-least-32-characters';
const BOTH = `${NEW} 1:${env.PASSWORD_PEPPER}`;

await openRegistration();

/** Registers an account under the old pepper, and returns the status of a sign-in to it under others. */
async function registered() {
  const email = `${crypto.randomUUID()}@example.test`;
  const address = newAddress();
  await ask('/api/auth/register', { body: { email, password: PASSWORD }, address });
  return async (pepper: string, password = PASSWORD) =>
    (
      await ask('/api/auth/login', {
        body: { email, password },
        address,
        variables: { PASSWORD_PEPPER: pepper },
      })
    ).status;
}

it('a sign-in renews a hash under an old pepper, which can be dropped then', async () => {
  const signIn = await registered();
  expect(await signIn(NEW)).toBe(401);
  expect(await signIn(BOTH)).toBe(200);
  expect(await signIn(NEW)).toBe(200);
});

it('a wrong password renews nothing', async () => {
  const signIn = await registered();
  expect(await signIn(BOTH, 'eighteen green umbrellas')).toBe(401);
  expect(await signIn(NEW)).toBe(401);
  expect(await signIn(env.PASSWORD_PEPPER)).toBe(200);
});
