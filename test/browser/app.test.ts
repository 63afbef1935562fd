import type { Page } from 'playwright-core';
import { describe, expect, inject, it } from 'vitest';
import { DEMO_PASSWORD, signIn as signInByApi } from '../support/demo.ts';
import {
  balanceLink,
  balanceOf,
  browserForTests,
  expectAccessible,
  fitsWidth,
  originOf,
  signIn,
} from './browser-session.ts';

const { open, complaints } = browserForTests();

describe('Users can', () => {
  it('sign in, run a prompt, see the balance fall by what it cost, and find it in executions and ledger', async () => {
    const page = await open(`${originOf('acme')}/wallet`);
    await signIn(page, 'user@acme.test');
    // Back at the page that was requested before signing in.
    await page.waitForURL('**/wallet');
    await page.getByRole('link', { name: 'Playground' }).first().click();
    await balanceLink(page).waitFor();
    const before = await balanceOf(page);

    await page.getByRole('textbox', { name: 'Prompt' }).fill('What is an edge?');
    await page.getByRole('button', { name: 'Run' }).click();
    const cost = page.getByText(/^[\d,.]+ credits$/).last();
    await cost.waitFor();
    const charged = Number(((await cost.textContent()) ?? '').replace(/\D/g, ''));
    expect(charged).toBeGreaterThan(0);
    await expect.poll(() => balanceOf(page)).toBe(before - charged);
    expect(await page.getByText('Simulated').count()).toBeGreaterThan(0);

    await page.getByRole('link', { name: 'Executions' }).first().click();
    await page.getByText('gpt-5.4-mini').first().waitFor();
    await page.getByRole('link', { name: 'Wallet' }).first().click();
    await page.getByText('Charged').first().waitFor();
    expect(complaints()).toEqual([]);
  });

  it('register, and are told in place what is wrong before anything is sent', async () => {
    const page = await open(`${originOf('globex')}/register`);
    await page.getByLabel('Email').fill('not an email');
    await page.getByRole('textbox', { name: 'Password' }).fill('short');
    await page.getByRole('button', { name: 'Create account' }).click();
    await page.getByText('Use at least 12 characters').first().waitFor();
    await page.getByLabel('Email').fill(`${crypto.randomUUID()}@globex.test`);
    await page.getByRole('textbox', { name: 'Password' }).fill(DEMO_PASSWORD);
    await page.getByRole('button', { name: 'Create account' }).click();
    await balanceLink(page).waitFor();
    expect(await page.title()).toContain('Globex');
    expect(complaints()).toEqual([]);
  });

  it('sign out, after which the app is closed and Back does not open it', async () => {
    const page = await open(`${originOf('globex')}/register`);
    await page.getByLabel('Email').fill(`${crypto.randomUUID()}@globex.test`);
    await page.getByRole('textbox', { name: 'Password' }).fill(DEMO_PASSWORD);
    await page.getByRole('button', { name: 'Create account' }).click();
    await balanceLink(page).waitFor();
    await page.getByRole('link', { name: 'Executions' }).first().click();
    await page.waitForURL('**/executions');
    await page.getByRole('button', { name: /account/i }).click();
    await page.getByRole('menuitem', { name: /sign out/i }).click();
    await page.getByRole('button', { name: 'Sign in' }).waitFor();
    await page.goBack();
    await page.getByRole('button', { name: 'Sign in' }).waitFor();
  });

  it('are told that email or password is wrong, and which is not said', async () => {
    const page = await open(`${originOf('acme')}/login`);
    await page.getByLabel('Email').fill('nobody@acme.test');
    await page.getByRole('textbox', { name: 'Password' }).fill('wrong');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByText('The email or the password is incorrect.').waitFor();
  });
});

describe('Admins can', () => {
  it('see the users of their own tenant, and nobody else', async () => {
    const page = await open(`${originOf('globex')}/users`);
    await signIn(page, 'admin@globex.test');
    await page.getByRole('row').nth(1).waitFor();
    expect(await page.getByText('acme.test').count()).toBe(0);
    // Users of other tests fill the first page.
    await page.getByRole('searchbox').fill('user@');
    await page.getByText('user@globex.test').first().waitFor();
    expect(await page.getByText('acme.test').count()).toBe(0);
    expect(complaints()).toEqual([]);
  });
});

const paths = [
  ...['/', '/playground', '/usage', '/executions', '/wallet', '/api-keys'],
  ...['/users', '/levels', '/providers', '/models', '/budget', '/reconciliation', '/settings', '/nowhere'],
];

/** Returns true if the page has loaded: it shows no placeholders. */
const isLoaded = (page: Page) =>
  expect.poll(() => page.locator('[aria-busy="true"], .mantine-Skeleton-root').count()).toBe(0);

describe.each([
  ['a desktop in light mode', { viewport: { width: 1280, height: 860 }, colorScheme: 'light' }],
  ['a phone in dark mode', { viewport: { width: 390, height: 844 }, colorScheme: 'dark' }],
] as const)('On %s', (_, options) => {
  it('every page is accessible, fits the screen and obeys its own policy', async () => {
    const page = await open(`${originOf('acme')}/`, options);
    await page.getByLabel('Email').waitFor();
    await expectAccessible(page, 'login');
    await signIn(page, 'admin@acme.test');
    await balanceLink(page).waitFor();
    const { userId } = await signInByApi(inject('stack').port, 'acme.localhost', 'user@acme.test');
    for (const path of [...paths, `/users/${userId}`]) {
      await page.goto(`${originOf('acme')}${path}`);
      await page.getByRole('main').waitFor();
      await balanceLink(page).waitFor();
      await isLoaded(page);
      await expectAccessible(page, path);
      expect(await fitsWidth(page), `${path} fits`).toBe(true);
    }
    expect(complaints()).toEqual([]);
  });
});
