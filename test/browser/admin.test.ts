import { readFile } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import {
  asOwner,
  type Client,
  eventually,
  ledgerOf,
  registerSomebody,
  signIn as signInByApi,
} from '../support/demo.ts';
import {
  balanceLink,
  browserForTests,
  expectAccessible,
  fitsWidth,
  originOf,
  signIn,
} from './browser-session.ts';

const { port, ownerUrl } = inject('stack');
const HOST = 'globex.localhost';
const { openWith, complaints } = browserForTests();

let admin: Client;
beforeAll(async () => {
  admin = await signInByApi(port, HOST, 'admin@globex.test');
});

const openAs = (client: Client, path: string, options = {}) =>
  openWith(client, `${originOf('globex')}${path}`, options);
const openAsAdmin = (path: string, options = {}) => openAs(admin, path, options);

const enforcementOf = async (client: Awaited<ReturnType<typeof registerSomebody>>) =>
  (await client.get('/api/wallet')).body.policy.enforcement;

async function setLimit(page: Page, name: 'Hard limit' | 'Soft limit'): Promise<void> {
  await page
    .getByRole('button', { name: /^Edit the policy of/ })
    .first()
    .click();
  await page.getByRole('radio', { name }).click();
  await page.getByRole('button', { name: 'Save' }).click();
}

describe('Admins can', () => {
  it('change what a level gives, are asked first since people feel it, and wallets obey at once', async () => {
    const client = await registerSomebody(port, HOST);
    expect(await enforcementOf(client)).toBe('hard');
    const page = await openAsAdmin('/levels');
    await setLimit(page, 'Soft limit');
    await page.getByText(/^This changes the limits of \d+ users?$/).waitFor();
    await expectAccessible(page, 'level review');
    expect(await enforcementOf(client), 'not before it is confirmed').toBe('hard');
    await page.getByRole('button', { name: /^Change for/ }).click();
    await page.getByText(/wallets? updated/).waitFor();
    expect(await enforcementOf(client)).toBe('warn');
    await setLimit(page, 'Hard limit');
    await page.getByRole('button', { name: /^Change for/ }).click();
    await expect.poll(() => enforcementOf(client)).toBe('hard');
    expect(complaints()).toEqual([]);
  });

  it('not save a policy that makes no sense, and are told where', async () => {
    const page = await openAsAdmin('/levels');
    await page
      .getByRole('button', { name: /^Edit the policy of/ })
      .first()
      .click();
    await page.getByRole('textbox', { name: 'Longest run' }).fill('5');
    await page.getByRole('combobox', { name: /Unit/ }).selectOption('seconds');
    await page.getByRole('textbox', { name: 'Allocation' }).fill('');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('From 10 seconds to 60 minutes').waitFor();
    await page.getByText('Enter a whole number, 0 or more').waitFor();
    await expectAccessible(page, 'level form');
    await page.keyboard.press('Escape');
    await page.getByRole('dialog', { name: 'Discard your changes?' }).waitFor();
    await expectAccessible(page, 'discard');
    await page.getByRole('button', { name: 'Keep editing' }).click();
    await page.getByText('From 10 seconds to 60 minutes').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Discard', exact: true }).click();
    await expect.poll(() => page.getByRole('dialog').count()).toBe(0);
    expect(complaints()).toEqual([]);
  });

  it('find a person, give them a value of their own, and let them inherit again', async () => {
    const client = await registerSomebody(port, HOST);
    const { policy } = (await client.get('/api/wallet')).body;
    const allocation = policy.allocation_tokens.toLocaleString('en-US');
    const page = await openAsAdmin('/users');
    await page.getByRole('searchbox').fill(client.email.slice(0, -3).toUpperCase());
    await page.getByRole('link', { name: client.email }).click();
    await page.getByRole('heading', { name: client.email }).waitFor();
    await page.getByText(`${allocation} credits`, { exact: true }).first().waitFor();

    await page.getByRole('button', { name: 'Edit the policy' }).click();
    await page.getByRole('switch', { name: /^Allocation: inherit from / }).click();
    await page.getByRole('textbox', { name: 'Allocation' }).fill(String(policy.allocation_tokens + 20_000));
    await expectAccessible(page, 'override form');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText(`instead of ${allocation} credits`).waitFor();
    expect((await client.get('/api/wallet')).body.available).toBe(policy.allocation_tokens + 20_000);

    await page.getByRole('button', { name: 'Edit the policy' }).click();
    await page.getByRole('switch', { name: /^Allocation: inherit from / }).click();
    await page.getByRole('button', { name: 'Save' }).click();
    await expect.poll(() => page.getByText('instead of').count()).toBe(0);
    expect((await client.get('/api/wallet')).body.policy).toEqual(policy);
    expect(complaints()).toEqual([]);
  });

  it('find several people by level and status, and change them at once', async () => {
    const mark = crypto.randomUUID().slice(0, 8);
    const clients = [await registerSomebody(port, HOST), await registerSomebody(port, HOST)];
    await asOwner(ownerUrl, 'update users set name = $1 where id = any($2)', [
      `Team ${mark}`,
      clients.map(({ userId }) => userId),
    ]);
    const page = await openAsAdmin('/users?status=active&role=user');
    await page.getByRole('searchbox').fill(mark);
    await expect.poll(() => page.getByRole('table').getByRole('link').count()).toBe(2);
    await page.getByRole('checkbox', { name: 'Choose all shown' }).check();
    await page.getByText('2 chosen').waitFor();
    await expectAccessible(page, 'chosen users');
    await page.getByRole('button', { name: 'Disable' }).click();
    const dialog = page.getByRole('dialog', { name: 'Disable 2 users?' });
    await dialog.getByRole('button', { name: 'Disable' }).click();
    await dialog.getByText('2 users changed.').waitFor();
    await expectAccessible(page, 'changed users');
    await dialog.getByRole('button', { name: 'Close' }).last().click();
    await page.getByRole('heading', { name: 'No users found' }).waitFor();
    for (const { userId } of clients)
      expect((await admin.get(`/api/users/${userId}`)).body.user.status).toBe('disabled');

    await page.reload();
    await page.getByRole('heading', { name: 'No users found' }).waitFor();
    expect(await page.getByRole('searchbox').inputValue()).toBe(mark);
    await page.keyboard.press('Control+k');
    await page.getByRole('textbox', { name: /^Search pages/ }).fill(mark);
    await page
      .getByRole('button', { name: `Team ${mark}` })
      .first()
      .waitFor();
    await expectAccessible(page, 'command palette');
    await page.getByRole('textbox', { name: /^Search pages/ }).fill('audit log');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Audit log' }).waitFor();
    expect(complaints()).toEqual([]);
  });

  it('disable somebody, who is out at once wherever they are, and let them in again', async () => {
    const client = await registerSomebody(port, HOST);
    const theirs = await openAs(client, '/');
    const page = await openAsAdmin(`/users/${client.userId}`);
    await page.getByRole('button', { name: 'More actions' }).click();
    await page.getByRole('menuitem', { name: 'Disable the account' }).click();
    await expectAccessible(page, 'disable');
    await page.getByRole('button', { name: 'Disable', exact: true }).click();
    await page.getByText('Disabled', { exact: true }).waitFor();
    await theirs
      .getByText('This account is disabled. Contact your administrator.')
      .waitFor({ timeout: 5_000 });
    expect(complaints()).toEqual([]);

    await page.getByRole('button', { name: 'More actions' }).click();
    await page.getByRole('menuitem', { name: 'Enable the account' }).click();
    await page.getByRole('button', { name: 'Enable', exact: true }).click();
    // This text appears only after the change; the dialog's own text is there before.
    await page.getByText(/ can sign in again\.$/).waitFor();
    await signIn(theirs, client.email);
    await balanceLink(theirs).waitFor();
  });

  it('end every session of somebody', async () => {
    const client = await registerSomebody(port, HOST);
    const theirs = await openAs(client, '/');
    const page = await openAsAdmin(`/users/${client.userId}`);
    await page.getByRole('button', { name: 'More actions' }).click();
    await page.getByRole('menuitem', { name: 'Sign out everywhere' }).click();
    await page.getByRole('button', { name: 'Sign out everywhere' }).click();
    await theirs.getByText('Your session has ended. Sign in again.').waitFor({ timeout: 5_000 });
    expect(complaints()).toEqual([]);
  });

  it('move somebody to another level, and see before what that changes', async () => {
    const client = await registerSomebody(port, HOST);
    const before = (await client.get('/api/wallet')).body.policy;
    const page = await openAsAdmin(`/users/${client.userId}`);
    await page.getByRole('button', { name: 'More actions' }).click();
    await page.getByRole('menuitem', { name: 'Change the level' }).click();
    await page.getByRole('combobox', { name: 'Level' }).click();
    await page.getByRole('option').last().click();
    await page.getByText('Allocation', { exact: true }).last().waitFor();
    await expectAccessible(page, 'level change');
    await page.getByRole('button', { name: 'Change the level' }).click();
    await page.getByText(/ is on .+ now\./).waitFor();
    expect((await client.get('/api/wallet')).body.policy).not.toEqual(before);
    expect(complaints()).toEqual([]);
  });

  it('not change their own level or status: the last one could lock everybody out', async () => {
    const page = await openAsAdmin('/users');
    await page.getByRole('searchbox').fill('admin@globex');
    await expect.poll(() => page.getByRole('table').getByRole('link').count()).toBe(1);
    await page.getByRole('table').getByRole('link').first().click();
    await page.getByRole('button', { name: 'More actions' }).click();
    await page.getByRole('menuitem', { name: 'Adjust the balance' }).waitFor();
    expect(await page.getByRole('menuitem', { name: /Disable|level/ }).count()).toBe(0);
  });
});

describe('Reconciliation', () => {
  it('checks a wallet, says that it is in order, and lists it from then on', async () => {
    const client = await registerSomebody(port, HOST);
    await client.get('/api/wallet');
    await eventually(
      () => ledgerOf(ownerUrl, client),
      ({ length }) => length === 1,
    );
    const page = await openAsAdmin(`/users/${client.userId}`);
    await page.getByRole('button', { name: 'Check the wallet' }).click();
    await page.getByText('In order').waitFor();
    await page.getByRole('table', { name: 'Figures compared' }).waitFor();
    await expectAccessible(page, 'report');
    await page.goto(`${originOf('globex')}/reconciliation`);
    await page.getByRole('link', { name: client.email }).waitFor();
    await page.getByRole('button', { name: 'Check these now' }).click();
    await expect.poll(() => page.getByText(/^Checking wallet/).count()).toBe(0);
    await page.getByRole('combobox', { name: 'Status' }).click();
    await page.getByRole('option', { name: 'Different' }).click();
    await page.getByRole('heading', { name: 'No wallet is “Different”' }).waitFor();
    expect(complaints()).toEqual([]);
  });

  it('shows a difference in words to everybody who may look, and lets a superadmin alone repair it', async () => {
    const client = await registerSomebody(port, HOST);
    await client.get('/api/wallet');
    const asked = 'from user_token_wallets where user_id = $1';
    await eventually(
      () => asOwner(ownerUrl, `select 1 ${asked}`, [client.userId]),
      (rows) => rows.length === 1,
    );
    await asOwner(ownerUrl, 'update user_token_wallets set lifetime = lifetime + 5 where user_id = $1', [
      client.userId,
    ]);
    const admins = await openAsAdmin(`/users/${client.userId}`);
    await admins.getByRole('button', { name: 'Check the wallet' }).click();
    await admins.getByText('Only a superadmin can repair it.').waitFor();
    expect(await admins.getByRole('button', { name: 'Repair' }).count()).toBe(0);

    const superadmin = await signInByApi(port, 'localhost', 'super@vanilla.test');
    const page = await openWith(superadmin, `http://localhost:${port}/users/${client.userId}`);
    await page.getByRole('button', { name: 'Check the wallet' }).click();
    await page.getByText('The balance in lists differs from the ledger').waitFor();
    await expectAccessible(page, 'difference');
    await page.getByRole('button', { name: 'Repair' }).click();
    await page.getByRole('textbox', { name: 'Reason' }).fill('The test changed it by hand');
    await expectAccessible(page, 'repair');
    await page
      .getByRole('dialog', { name: /^Repair/ })
      .getByRole('button', { name: 'Repair' })
      .click();
    await page.getByText('In order').waitFor();
    const [row] = await asOwner<{ lifetime: string }>(ownerUrl, `select lifetime ${asked}`, [client.userId]);
    expect(Number(row?.lifetime)).toBe((await client.get('/api/wallet')).body.lifetime);
    expect(complaints()).toEqual([]);
  });

  it('gives everybody their own ledger as a file, one entry a line', async () => {
    const client = await registerSomebody(port, HOST);
    const page = await openAs(client, '/wallet');
    const coming = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Download the ledger' }).click();
    const download = await coming;
    expect(download.suggestedFilename()).toBe(`ledger-${client.email}.ndjson`);
    const lines = (await readFile(await download.path(), 'utf8')).trimEnd().split('\n');
    const [header, ...entries] = lines.map((line) => JSON.parse(line));
    expect(header).toMatchObject({ format: 'vanilla-ledger/1', wallet: { user_id: client.userId } });
    expect(entries).toHaveLength(header.seq);
    expect(complaints()).toEqual([]);
  });
});

describe('A page of administration', () => {
  it('says that there is no such person, whether the id is unknown, foreign or no id at all', async () => {
    const stranger = await registerSomebody(port, 'acme.localhost');
    const page = await openAsAdmin('/users');
    for (const id of [crypto.randomUUID(), stranger.userId, 'nobody']) {
      await page.goto(`${originOf('globex')}/users/${id}`);
      await page.getByRole('heading', { name: 'User not found' }).waitFor();
    }
  });

  it('is closed to ordinary users', async () => {
    const client = await registerSomebody(port, HOST);
    const page = await openAs(client, '/levels');
    await page.getByRole('heading', { name: 'This page is for admins' }).waitFor();
    expect(await page.getByRole('link', { name: 'Levels' }).count()).toBe(0);
    expect(complaints()).toEqual([]);
  });

  it('is reached on a phone, where its form fits the screen', async () => {
    const page = await openAsAdmin('/', { viewport: { width: 390, height: 844 } });
    await page.getByRole('button', { name: 'More' }).click();
    await page.getByRole('menuitem', { name: 'Levels' }).waitFor();
    await expectAccessible(page, 'admin menu');
    await page.getByRole('menuitem', { name: 'Levels' }).click();
    await page
      .getByRole('button', { name: /^Edit the policy of/ })
      .first()
      .click();
    await page.getByRole('button', { name: 'Save' }).waitFor();
    expect(await fitsWidth(page)).toBe(true);
    await expectAccessible(page, 'level form on a phone');
    expect(complaints()).toEqual([]);
  });
});
