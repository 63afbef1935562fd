import { Secret, TOTP } from 'otpauth';
import type { Page } from 'playwright-core';
import { expect, inject, it } from 'vitest';
import { DEMO_PASSWORD, registerSomebody } from '../support/demo.ts';
import { openMailbox } from '../support/mailbox.ts';
import { manageTenants } from '../support/tenants.ts';
import {
  balanceLink,
  browserForTests,
  expectAccessible,
  fitsWidth,
  originOf,
  signIn,
} from './browser-session.ts';

const { port, simulatorOrigin } = inject('stack');
const { open, openWith, complaints } = browserForTests();
const mailbox = openMailbox(simulatorOrigin);
const PHONE = { viewport: { width: 375, height: 800 } };
const DARK = { colorScheme: 'dark' } as const;

const codeOf = (secret: string, stepsFromNow = 0) =>
  new TOTP({ secret: Secret.fromBase32(secret) }).generate({ timestamp: Date.now() + stepsFromNow * 30_000 });

/** Gives a page an authenticator with the user's verification, as a laptop has. */
async function withAuthenticator(page: Page): Promise<void> {
  const devtools = await page.context().newCDPSession(page);
  await devtools.send('WebAuthn.enable');
  await devtools.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      ...{ protocol: 'ctap2', transport: 'internal', hasResidentKey: true },
      ...{ hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true },
    },
  });
}

/** Reads the secret that the page shows beside the QR code. */
const secretOn = async (page: Page): Promise<string> =>
  (await page.getByText(/^[A-Z2-7]{32}$/).textContent()) ?? '';

async function signOut(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Account', exact: true }).click();
  await page.getByRole('menuitem', { name: 'Sign out', exact: true }).click();
  await page.getByRole('button', { name: 'Sign in', exact: true }).waitFor();
}

it('an authenticator app is added on the account page, and its code is the second step of the next sign-in, by keyboard', async () => {
  const person = await registerSomebody(port, 'globex.localhost');
  const page = await openWith(person, `${originOf('globex')}/account`, PHONE);
  const section = page.getByRole('region', { name: 'Two-step sign-in' });
  await section.getByRole('button', { name: 'Add an authenticator app' }).press('Enter');
  await page.getByRole('img', { name: /QR code/ }).waitFor();
  await expectAccessible(page, 'QR code');
  const secret = await secretOn(page);
  await page.getByLabel('Code').fill('12 34');
  await page.keyboard.press('Enter');
  await page.getByText('Enter the 6 digits that the app shows').waitFor();
  await page.getByLabel('Code').fill(codeOf(secret, -1));
  await page.keyboard.press('Enter');
  const codes = page.getByRole('group', { name: 'Recovery codes' });
  await codes.waitFor();
  await expectAccessible(page, 'recovery codes');
  expect(await fitsWidth(page)).toBe(true);
  const [recovery = ''] = ((await codes.textContent()) ?? '').split('\n');
  await page.getByRole('button', { name: 'I have kept them' }).press('Enter');
  await section.getByText('On', { exact: true }).waitFor();
  await section.getByText('10 codes are left').waitFor();
  await expectAccessible(page, 'account');
  expect((await mailbox.waitFor(person.email, /^Two-step/)).text).toContain('authenticator app was added');

  const other = await open(`${originOf('globex')}/login`, { ...PHONE, ...DARK });
  await signIn(other, person.email);
  await other.getByText('Enter your second step to finish signing in.').waitFor();
  await expectAccessible(other, 'second step');
  expect(await fitsWidth(other)).toBe(true);
  await other.getByRole('textbox', { name: 'Code' }).fill('000000');
  await other.keyboard.press('Enter');
  await other.getByText('The code is incorrect').waitFor();
  await other.getByRole('textbox', { name: 'Code' }).fill(recovery.toLowerCase());
  await other.keyboard.press('Enter');
  await balanceLink(other).waitFor();
});

it('a passkey is added, signs in without the password, and is renamed and removed', async () => {
  const person = await registerSomebody(port, 'globex.localhost');
  const page = await openWith(person, `${originOf('globex')}/account`);
  await withAuthenticator(page);
  const section = page.getByRole('region', { name: 'Passkeys' });
  await section.getByLabel('New passkey').fill('Test laptop');
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'I have kept them' }).click();
  await section.getByText('Test laptop').waitFor();
  await expectAccessible(page, 'passkeys');
  await signOut(page);
  await expectAccessible(page, 'sign-in');
  await page.getByRole('button', { name: 'Use a passkey' }).press('Enter');
  await balanceLink(page).waitFor();
  await signOut(page);
  await signIn(page, person.email);
  await page.getByRole('button', { name: 'Use a passkey' }).click();
  await balanceLink(page).waitFor();

  await page.goto(`${originOf('globex')}/account`);
  await section.getByText(/last used/).waitFor();
  await section.getByRole('button', { name: 'Rename Test laptop' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Name').fill('Old laptop');
  await dialog.getByRole('button', { name: 'Save the name' }).click();
  await section.getByRole('button', { name: 'Remove Old laptop' }).click();
  await expectAccessible(page, 'remove a passkey');
  await dialog.getByRole('button', { name: 'Remove', exact: true }).click();
  await section.getByText('Old laptop').waitFor({ state: 'detached' });
  expect(complaints()).toEqual([expect.stringContaining('401')]);
});

it('where a tenant requires it, a newcomer sets up the second step before the first page, and keeps the codes', async () => {
  const { open: openTenant, send } = await manageTenants(port);
  const { host, token } = await openTenant();
  await send(host, '/api/tenant', 'PATCH', { registration: 'open', allocation_after: 'registration' }, token);
  const boss = await openWith({ token }, `http://${host}:${port}/account`);
  await withAuthenticator(boss);
  await boss.getByLabel('New passkey').fill('Boss');
  await boss.keyboard.press('Enter');
  await boss.getByRole('button', { name: 'I have kept them' }).click();
  await boss.goto(`http://${host}:${port}/settings`);
  const rule = boss.getByRole('radiogroup', { name: /Require two-step sign-in/ });
  await rule.getByRole('radio', { name: /Everyone/ }).check();
  await expectAccessible(boss, 'settings');
  await boss.getByRole('button', { name: 'Save' }).first().click();
  await expect
    .poll(async () => (await send(host, '/api/tenant/settings', 'GET', undefined, token)).body.require_mfa)
    .toBe('everyone');

  const page = await open(`http://${host}:${port}/register`, PHONE);
  await page.getByLabel('Email').fill(`person-${crypto.randomUUID()}@example.test`);
  await page.getByRole('textbox', { name: 'Password' }).fill(DEMO_PASSWORD);
  await page.getByRole('button', { name: 'Create account' }).click();
  await page.getByRole('heading', { name: 'Set up two-step sign-in' }).waitFor();
  await expectAccessible(page, 'set up');
  expect(await fitsWidth(page)).toBe(true);
  await page.getByRole('button', { name: 'Use an authenticator app' }).click();
  await page.getByLabel('Code').fill(codeOf(await secretOn(page)));
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'Recovery codes' }).waitFor();
  await expectAccessible(page, 'set-up codes');
  await page.getByRole('button', { name: 'I have kept them' }).click();
  await balanceLink(page).waitFor();
});

it('what is protected asks who somebody is, and goes on where it was', async () => {
  const person = await registerSomebody(port, 'globex.localhost');
  const page = await openWith(person, `${originOf('globex')}/account`, DARK);
  // A session that is older than 15 minutes gets this answer, once.
  let asked = 0;
  await page.route('**/api/auth/factors/totp', (route) => {
    asked += 1;
    const error = { code: 'confirmation_required', message: 'Confirm that it is you.', request_id: 'x' };
    return asked === 1 ? route.fulfill({ status: 403, json: { error } }) : route.continue();
  });
  await page.getByRole('button', { name: 'Add an authenticator app' }).click();
  const dialog = page.getByRole('dialog', { name: 'Confirm that it is you' });
  await dialog.waitFor();
  await expectAccessible(page, 'confirm');
  await dialog.getByLabel('Your password').fill('a wrong password');
  await page.keyboard.press('Enter');
  await dialog.getByText('The current password is incorrect').waitFor();
  await dialog.getByLabel('Your password').fill(DEMO_PASSWORD);
  await page.keyboard.press('Enter');
  await page.getByRole('img', { name: /QR code/ }).waitFor();
  expect(asked).toBe(2);
});
