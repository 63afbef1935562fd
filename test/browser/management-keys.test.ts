import { expect, inject, it } from 'vitest';
import { signIn } from '../support/demo.ts';
import { requestJson } from '../support/http.ts';
import { manageTenants } from '../support/tenants.ts';
import { browserForTests, expectAccessible, fitsWidth, originOf } from './browser-session.ts';

const { port } = inject('stack');
const { openWith, complaints } = browserForTests();
const { superadmin } = await manageTenants(port);

it.each([
  ['light', { width: 1_280, height: 800 }],
  ['dark', { width: 375, height: 800 }],
] as const)(
  'an admin makes a management key, sees its secret once, and revokes it: %s',
  async (colorScheme, viewport) => {
    const admin = await signIn(port, 'acme.localhost', 'admin@acme.test');
    const page = await openWith(admin, `${originOf('acme')}/management-keys`, { colorScheme, viewport });
    const name = `Shop ${crypto.randomUUID().slice(0, 8)}`;
    await page.getByRole('heading', { name: 'Management keys', level: 1 }).waitFor();
    await page.getByRole('button', { name: 'New key' }).press('Enter');
    await page.getByLabel('Name').fill(name);
    await page.getByRole('button', { name: 'Create the key' }).click();
    await page.getByText('Choose at least one permission').waitFor();
    await page.getByLabel('Read users').press('Space');
    await expectAccessible(page, 'new key');
    await page.getByRole('button', { name: 'Create the key' }).press('Enter');
    await page.getByText('You cannot see this secret again').waitFor();
    await expectAccessible(page, 'secret');
    const [secret = ''] = /vsm_\w{49}/.exec((await page.getByRole('dialog').textContent()) ?? '') ?? [];
    const users = () =>
      requestJson(port, 'acme.localhost', '/api/users', { headers: { authorization: `Bearer ${secret}` } });
    expect((await users()).status).toBe(200);
    await page.getByRole('button', { name: 'I have copied it' }).press('Enter');
    await page.getByText(name).first().waitFor();
    expect(await page.content()).not.toContain(secret);
    expect(await fitsWidth(page)).toBe(true);
    await expectAccessible(page, 'keys');
    await page.getByRole('button', { name: `Actions for ${name}` }).press('Enter');
    await page.getByRole('menuitem', { name: 'Revoke' }).press('Enter');
    await page.getByRole('button', { name: 'Revoke', exact: true }).press('Enter');
    await page.getByText(`“${name}” no longer works.`).waitFor();
    expect((await users()).body.error.code).toBe('api_key_revoked');
    expect(complaints()).toEqual([]);
  },
);

it('a superadmin reads the audit logs of all tenants, and of one', async () => {
  await signIn(port, 'acme.localhost', 'admin@acme.test');
  const page = await openWith(superadmin, `http://localhost:${port}/platform-audit`);
  await page.getByRole('heading', { name: 'Audit log of all tenants' }).waitFor();
  await page.getByRole('link', { name: 'Acme' }).first().click();
  await page.getByRole('main').getByRole('link', { name: 'Audit log' }).click();
  await page.getByRole('heading', { name: 'Audit log of one tenant' }).waitFor();
  await expectAccessible(page, 'audit log of one tenant');
  await page.getByRole('button', { name: 'Show all tenants' }).press('Enter');
  await page.getByRole('heading', { name: 'Audit log of all tenants' }).waitFor();
  await expectAccessible(page, 'audit log of all tenants');
  expect(complaints()).toEqual([]);
});
