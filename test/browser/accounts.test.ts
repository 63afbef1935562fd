import { expect, inject, it } from 'vitest';
import { DEMO_PASSWORD, registerSomebody } from '../support/demo.ts';
import { openMailbox } from '../support/mailbox.ts';
import { manageTenants } from '../support/tenants.ts';
import {
  balanceLink,
  balanceOf,
  browserForTests,
  expectAccessible,
  fitsWidth,
  originOf,
  signIn,
} from './browser-session.ts';

const { port, simulatorOrigin } = inject('stack');
const { open, openWith, complaints } = browserForTests();
const mailbox = openMailbox(simulatorOrigin);

const NEW_PASSWORD = 'another long passphrase';
const newEmail = () => `person-${crypto.randomUUID()}@example.test`;
/** Two tenants with different brands. */
const tenants = ['acme', 'globex'];
const PHONE = { viewport: { width: 375, height: 800 } };

it('a newcomer verifies the address by the link in the mailbox, and then signs in with tokens', async () => {
  const { open: openTenant, send } = await manageTenants(port);
  const { host, token } = await openTenant();
  await send(host, '/api/tenant', 'PATCH', { registration: 'open' }, token);
  const email = newEmail();
  const page = await open(`http://${host}:${port}/register`, PHONE);
  const signIn = async () => {
    await page.getByLabel('Email').fill(email);
    await page.getByRole('textbox', { name: 'Password' }).fill(DEMO_PASSWORD);
    await page.getByRole('button', { name: 'Sign in' }).click();
  };
  await page.getByLabel('Email').fill(email);
  await page.getByRole('textbox', { name: 'Password' }).fill(DEMO_PASSWORD);
  await page.getByRole('button', { name: 'Create account' }).click();
  await page.getByRole('heading', { name: 'Check your mail' }).waitFor();
  await expectAccessible(page, 'check your mail');
  expect(await fitsWidth(page)).toBe(true);
  await page.getByRole('link', { name: 'Sign in' }).press('Enter');
  await signIn();
  await page.getByText('or the address is not verified yet').waitFor();
  await expectAccessible(page, 'not verified');
  await page.getByRole('button', { name: 'Send the link again' }).press('Enter');
  await page.getByRole('button', { name: 'a link is on its way' }).waitFor();

  await mailbox.waitFor(email, /^Verify/);
  await page.goto(`${simulatorOrigin}/mailbox`);
  await expectAccessible(page, 'mailbox');
  await page
    .getByRole('row', { name: new RegExp(email) })
    .getByRole('link')
    .click();
  const link = (await page.locator('pre').getByRole('link').getAttribute('href')) ?? '';
  await page.goto(link);
  const verify = page.getByRole('button', { name: 'Verify email address' });
  await verify.waitFor();
  await expectAccessible(page, 'verify');
  await verify.press('Enter');
  await page.getByText(`${email} is verified`).waitFor();
  await page.getByRole('link', { name: 'Sign in' }).click();
  await signIn();
  await balanceLink(page).waitFor();
  await expect.poll(() => balanceOf(page)).toBe(10_000);

  await page.goto(link);
  // Until the session is loaded too.
  await page.reload({ waitUntil: 'networkidle' });
  await page.getByRole('button', { name: 'Verify email address' }).click();
  await page.getByText('This link does not work').waitFor();
  await expectAccessible(page, 'dead link');
});

it.each(tenants)(
  'at %s, a forgotten password is replaced by the link, from the sign-in page on',
  async (tenant) => {
    const { email } = await registerSomebody(port, `${tenant}.localhost`);
    const page = await open(`${originOf(tenant)}/login`);
    await page.getByRole('link', { name: 'Forgot your password?' }).click();
    await page.getByRole('button', { name: 'Send the link' }).click();
    await page.getByText('Enter your email address').waitFor();
    await page.getByLabel('Email').fill(email);
    await expectAccessible(page, 'forgot password');
    await page.keyboard.press('Enter');
    await page.getByText('Check your mail').waitFor();
    await page.goto((await mailbox.linkTo(email, /^Reset/)).href);
    const password = page.getByRole('textbox', { name: 'New password' });
    expect(await password.getAttribute('autocomplete')).toBe('new-password');
    await password.fill('short');
    await page.getByRole('button', { name: 'Set the password' }).click();
    await page.getByText('Use at least 12 characters', { exact: true }).waitFor();
    await expectAccessible(page, 'reset password');
    await password.fill(NEW_PASSWORD);
    await page.getByRole('button', { name: 'Set the password' }).click();
    await page.getByRole('link', { name: 'Sign in' }).click();
    await page.getByLabel('Email').fill(email);
    await page.getByRole('textbox', { name: 'Password' }).fill(NEW_PASSWORD);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await balanceLink(page).waitFor();
    expect(complaints()).toEqual([]);
  },
);

it.each(tenants)(
  'at %s, the account page changes the name and the password, and the session goes on',
  async (tenant) => {
    const person = await registerSomebody(port, `${tenant}.localhost`);
    const page = await openWith(person, originOf(tenant));
    await page.getByRole('button', { name: 'Account' }).click();
    await page.getByRole('menuitem', { name: 'Account' }).click();
    await page.getByRole('heading', { name: 'Account', level: 1 }).waitFor();
    await expectAccessible(page, 'account');
    await page.getByLabel('Name').fill('Ada Lovelace');
    await page.getByRole('button', { name: 'Save the name' }).click();
    await page.getByText('Your name is changed.').waitFor();
    await page.getByRole('textbox', { name: 'Current password' }).fill('a wrong password');
    await page.getByRole('textbox', { name: 'New password' }).fill(NEW_PASSWORD);
    await page.getByRole('button', { name: 'Change the password' }).click();
    await page.getByText('The current password is incorrect.').waitFor();
    await expectAccessible(page, 'wrong password');
    await page.getByRole('textbox', { name: 'Current password' }).fill(DEMO_PASSWORD);
    await page.getByRole('button', { name: 'Change the password' }).click();
    await page.getByText('Your password is changed').waitFor();
    await page.reload();
    await page.getByRole('heading', { name: 'Account', level: 1 }).waitFor();
    expect(await page.getByLabel('Name').inputValue()).toBe('Ada Lovelace');
  },
);

it.each(tenants)(
  'at %s, the account page asks for another address, which the link confirms',
  async (tenant) => {
    const person = await registerSomebody(port, `${tenant}.localhost`);
    const next = newEmail();
    const page = await openWith(person, `${originOf(tenant)}/account`, PHONE);
    const section = page.getByRole('region', { name: 'Email' });
    await section.getByText('Not verified').waitFor();
    await section.getByRole('button', { name: 'Send the link again' }).click();
    await section.getByRole('button', { name: 'The link is on its way' }).waitFor();
    await section.getByLabel('New email').fill(next);
    await section.getByLabel('Your password').fill(DEMO_PASSWORD);
    await section.getByRole('button', { name: 'Change the address' }).click();
    await section.getByText('Check your mail').waitFor();
    await expectAccessible(page, 'another address');
    expect(await fitsWidth(page)).toBe(true);
    await page.goto((await mailbox.linkTo(next, /^Confirm/)).href);
    await page.getByRole('button', { name: 'Confirm email address' }).click();
    await page.getByText(`Your account has the address ${next} now`).waitFor();
    await page.goto(`${originOf(tenant)}/account`);
    await page.getByText('Verified', { exact: true }).waitFor();
    expect(complaints()).toEqual([]);
  },
);

it.each(tenants)(
  'at %s, the account page lists where somebody is signed in, and ends the sessions one by one or all',
  async (tenant) => {
    const person = await registerSomebody(port, `${tenant}.localhost`);
    const elsewhere = await open(`${originOf(tenant)}/login`);
    await signIn(elsewhere, person.email);
    await balanceLink(elsewhere).waitFor();
    const page = await openWith(person, `${originOf(tenant)}/account`, PHONE);
    const section = page.getByRole('region', { name: 'Where you are signed in' });
    const rows = section.getByRole('listitem');
    await expect.poll(() => rows.count()).toBe(2);
    const theirs = rows.filter({ hasText: 'Chrome on Linux' });
    await expectAccessible(page, 'sessions');
    expect(await fitsWidth(page)).toBe(true);
    await theirs.getByRole('button', { name: /^Sign out/ }).press('Enter');
    await elsewhere.getByText('Your session has ended. Sign in again.').waitFor();
    await expect.poll(() => rows.count()).toBe(1);
    await rows.getByText('This browser').waitFor();
    await section.getByRole('button', { name: 'Sign out everywhere' }).click();
    const dialog = page.getByRole('dialog');
    await expectAccessible(page, 'sign out everywhere');
    await dialog.getByRole('button', { name: 'Sign out everywhere' }).click();
    await page.getByRole('button', { name: 'Sign in' }).waitFor();
    expect(complaints()).toEqual([]);
  },
);
