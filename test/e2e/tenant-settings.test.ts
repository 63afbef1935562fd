import { expect, inject, it } from 'vitest';
import { signIn } from '../support/demo.ts';
import { requestJson } from '../support/http.ts';

const stack = inject('stack');
const GLOBEX = 'globex.localhost';

const shown = async () => (await requestJson(stack.port, GLOBEX, '/api/tenant')).body.support_email;

it('an admin sets the support email, and everybody who opens the hostname sees it', async () => {
  const admin = await signIn(stack.port, GLOBEX, 'admin@globex.test');
  const set = (support_email: unknown) => admin.patch('/api/tenant', { support_email });
  expect(await shown()).toBeNull();
  try {
    expect(await set('help@globex.test')).toMatchObject({
      status: 200,
      body: { support_email: 'help@globex.test' },
    });
    expect(await shown()).toBe('help@globex.test');
  } finally {
    expect((await set(null)).status).toBe(200);
  }
  expect(await shown()).toBeNull();
});

it.each([
  ['nothing', {}],
  ['an address that is none', { support_email: 'help' }],
  ['a setting that admins do not change', { registration_open: false }],
])('a change of %s is refused', async (_, change) => {
  const admin = await signIn(stack.port, GLOBEX, 'admin@globex.test');
  expect((await admin.patch('/api/tenant', change)).status).toBe(400);
});
