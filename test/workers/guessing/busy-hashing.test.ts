import { env } from 'cloudflare:workers';
import { expect, it } from 'vitest';
import { hashPassword } from '../../../worker/identity/password.ts';
import { secretRing } from '../../../worker/runtime/secret-ring.ts';
import { ask } from '../http/asking.ts';

it('of a hundred sign-ins at once, a few are tried and the others asked to come back, while others are served', async () => {
  const startedMs = performance.now();
  await hashPassword(secretRing.parse(env.PASSWORD_PEPPER), 'seventeen green umbrellas');
  const hashMs = performance.now() - startedMs;

  const burst = Array.from({ length: 100 }, (_, index) =>
    ask('/api/auth/login', {
      body: { email: `somebody-${index}@example.test`, password: 'a guess' },
      address: `198.51.100.${index}`,
    }),
  );
  const askedMs = performance.now();
  const other = await ask('/api/tenant');
  const waitedMs = performance.now() - askedMs;
  expect(other.status).toBe(200);

  const answers = await Promise.all(burst);
  const tried = answers.filter(({ status }) => status === 401);
  const refused = answers.filter(({ status }) => status === 503);
  expect(tried.length).toBeGreaterThanOrEqual(34);
  expect(refused.length).toBeGreaterThanOrEqual(30);
  expect(tried.length + refused.length).toBe(100);
  for (const { headers } of refused) expect(headers.get('retry-after')).toBe('2');
  // A hundred hashes take a hundred times as long as one.
  expect(waitedMs).toBeLessThan(40 * hashMs);

  const later = await ask('/api/auth/login', {
    body: { email: 'somebody-99@example.test', password: 'a guess' },
    address: '198.51.100.99',
  });
  expect(later.status).toBe(401);
});
