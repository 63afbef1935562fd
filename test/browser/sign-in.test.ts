import { beforeAll, expect, inject, it } from 'vitest';
import { DEMO_PASSWORD } from '../support/demo.ts';
import { identityProviderOf } from '../support/identity-provider.ts';
import { manageTenants } from '../support/tenants.ts';
import { balanceLink, browserForTests, expectAccessible, fitsWidth, originOf } from './browser-session.ts';

const { port, simulatorOrigin } = inject('stack');
const { open, complaints } = browserForTests();
const { open: openTenant, send } = await manageTenants(port);
const idp = identityProviderOf({ port, simulatorOrigin });

const PHONE = { viewport: { width: 375, height: 800 } };

let tenant: Awaited<ReturnType<typeof openTenant>>;
beforeAll(async () => {
  tenant = await openTenant();
});

it('an admin adds an identity provider in the settings, after the test has said what is wrong with its issuer', async () => {
  const page = await open(`http://${tenant.host}:${port}/login`);
  await page.getByLabel('Email').fill(`first@${tenant.slug}.example`);
  await page.getByRole('textbox', { name: 'Password' }).fill(DEMO_PASSWORD);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await balanceLink(page).waitFor();
  await page.goto(`http://${tenant.host}:${port}/settings`);
  const section = page.getByRole('region', { name: 'Sign-in' });
  await section.getByText('People sign in with their password alone.').waitFor();
  await section.getByRole('button', { name: 'Add an identity provider' }).press('Enter');
  const drawer = page.getByRole('dialog', { name: 'New identity provider' });
  await drawer.getByText(`http://${tenant.host}:${port}/api/auth/sign-in/callback`).waitFor();
  await drawer.getByLabel('Kind').selectOption('oidc');
  await drawer.getByRole('textbox', { name: 'Issuer' }).fill(idp.issuerOf('other_discovery'));
  await drawer.getByRole('button', { name: 'Test the issuer' }).click();
  await drawer.getByText(/document names another issuer/).waitFor();
  await expectAccessible(page, 'another issuer');
  await drawer.getByRole('button', { name: 'Test and add' }).click();
  await drawer.getByText('Enter a name of at most 60 characters').waitFor();
  await drawer.getByRole('textbox', { name: 'Issuer' }).fill(idp.issuerOf());
  await drawer.getByRole('textbox', { name: 'Name' }).fill('Example ID');
  await drawer.getByRole('textbox', { name: 'Client ID' }).fill('a-client');
  await drawer.getByRole('textbox', { name: 'Client secret' }).fill('simulated-secret');
  await drawer.getByRole('button', { name: 'Test the issuer' }).click();
  await drawer.getByText('The issuer answers').waitFor();
  await drawer.getByRole('switch', { name: 'Create accounts' }).press(' ');
  await expectAccessible(page, 'new provider');
  await drawer.getByRole('button', { name: 'Test and add' }).click();
  await section.getByText('Example ID', { exact: true }).waitFor();
  await expectAccessible(page, 'settings');
  await page.setViewportSize(PHONE.viewport);
  await page.reload();
  await section.getByText('Example ID', { exact: true }).waitFor();
  expect(await fitsWidth(page)).toBe(true);
  expect(complaints()).toEqual([]);
});

it('a person signs in with it, by the keyboard alone, and returns to the page they came for', async () => {
  const origin = `http://${tenant.host}:${port}`;
  const page = await open(`${origin}/wallet`, PHONE);
  const button = page.getByRole('link', { name: 'Continue with Example ID' });
  await button.waitFor();
  await expectAccessible(page, 'sign-in page');
  expect(await fitsWidth(page)).toBe(true);
  await button.press('Enter');
  await page.getByRole('heading', { name: 'Example ID' }).waitFor();
  await expectAccessible(page, 'identity provider');
  await page.getByRole('link', { name: /Ada Lovelace/ }).press('Enter');
  await balanceLink(page).waitFor();
  expect(new URL(page.url()).pathname).toBe('/wallet');
  expect(await page.evaluate(() => window.location.href)).not.toContain('vsg_');
  await page.goto(`${origin}/account`);
  await page.getByText('You have none: you sign in with a linked account.').waitFor();
  const linked = page.getByRole('region', { name: 'Linked accounts' });
  await linked.getByRole('button', { name: 'Unlink Example ID' }).click();
  await linked.getByText('This is your only way to sign in. Set a password first.').waitFor();
  await expectAccessible(page, 'linked accounts');
});

it('whoever cancels at the provider, or has no verified address, reads why on the sign-in page', async () => {
  const origin = `http://${tenant.host}:${port}`;
  const page = await open(`${origin}/login`, { colorScheme: 'dark' });
  const button = page.getByRole('link', { name: 'Continue with Example ID' });
  await button.click();
  await page.getByRole('link', { name: 'Cancel' }).click();
  await page.getByText('You did not sign in').waitFor();
  await button.click();
  await page.getByRole('link', { name: /Mallory/ }).click();
  await page.getByText('The identity provider does not say that your email address is verified').waitFor();
  await expectAccessible(page, 'refused');
  await page.goto(`${origin}/sign-in?return_to=//evil.example#vsg_nothing`);
  await page.getByText('This address is not complete').waitFor();
  await page.getByRole('link', { name: 'Go to the sign-in page' }).click();
  await button.waitFor();
});

it('a demo tenant offers the simulated provider', async () => {
  const page = await open(`${originOf('globex')}/login`);
  await page.getByRole('link', { name: 'Continue with Example ID (simulated)' }).click();
  await page.getByText('Simulated: this identity provider is a part of the local stack.').waitFor();
  await page.getByRole('link', { name: /Grace Hopper/ }).click();
  await balanceLink(page).waitFor();
});

it('a user downloads their data and closes the account, and reads what is lost', async () => {
  await send(
    tenant.host,
    '/api/tenant',
    'PATCH',
    { registration: 'open', allocation_after: 'registration' },
    tenant.token,
  );
  const email = `${crypto.randomUUID()}@example.test`;
  const page = await open(`http://${tenant.host}:${port}/register`);
  await page.getByLabel('Email').fill(email);
  await page.getByRole('textbox', { name: 'Password' }).fill(DEMO_PASSWORD);
  await page.getByRole('button', { name: 'Create account' }).click();
  await balanceLink(page).waitFor();
  await page.goto(`http://${tenant.host}:${port}/account`);
  const downloading = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Download as JSON' }).click();
  expect((await downloading).suggestedFilename()).toBe('account.json');
  await page.getByRole('button', { name: 'Close the account …' }).press('Enter');
  const dialog = page.getByRole('dialog', { name: 'Close your account?' });
  await dialog.getByText('Your balance of 10,000 credits is lost.').waitFor();
  await expectAccessible(page, 'closing');
  await dialog.getByLabel('Your password').fill('a wrong password');
  await page.keyboard.press('Enter');
  await dialog.getByText('The current password is incorrect.').waitFor();
  await dialog.getByLabel('Your password').fill(DEMO_PASSWORD);
  await page.keyboard.press('Enter');
  await page.getByText('Your account is closed.').waitFor();
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
  await expectAccessible(page, 'closed');
});
