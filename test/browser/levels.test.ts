import { beforeAll, describe, expect, inject, it } from 'vitest';
import { type Client, registerSomebody, signIn as signInByApi } from '../support/demo.ts';
import { browserForTests, expectAccessible, fitsWidth, originOf } from './browser-session.ts';

const { port } = inject('stack');
const HOST = 'globex.localhost';
const { openWith, complaints } = browserForTests();

let admin: Client;
beforeAll(async () => {
  admin = await signInByApi(port, HOST, 'admin@globex.test');
});

const openAs = (client: Client, path: string, options = {}) =>
  openWith(client, `${originOf('globex')}${path}`, options);
const levelsOf = async () =>
  (await admin.get('/api/levels')).body.items as { name: string; archived_at: string | null }[];

describe('Levels', () => {
  it('are created, given features, moved, copied, archived and restored', async () => {
    const name = `Gold ${crypto.randomUUID().slice(0, 6)}`;
    const page = await openAs(admin, '/levels');
    await page.getByRole('button', { name: 'New level' }).click();
    await page.getByRole('textbox', { name: 'Short name' }).fill('-');
    await page.getByRole('button', { name: 'Create' }).click();
    await page.getByText('Enter a name of up to 60 characters').waitFor();
    await expectAccessible(page, 'new level');
    await page.getByRole('textbox', { name: 'Name', exact: true }).fill(name);
    await page.getByRole('textbox', { name: 'Short name' }).fill('');
    await page.getByRole('textbox', { name: 'Default output limit' }).fill('500');
    await page.getByRole('button', { name: 'Create' }).click();
    const card = page.getByRole('article', { name, exact: true });
    await card.getByText('outputs up to 500 tokens').waitFor();

    await page.getByRole('button', { name: `Choose the features of ${name}` }).click();
    await page.getByRole('switch', { name: 'Exports' }).click();
    await expectAccessible(page, 'features');
    await page.getByRole('button', { name: 'Save' }).click();
    await card.getByText('without Exports').waitFor();

    await page.getByRole('button', { name: `Move ${name} up` }).click();
    await expect.poll(async () => (await levelsOf()).map((level) => level.name).at(-1)).not.toBe(name);

    const act = async (action: string) => {
      await page.getByRole('button', { name: `Actions for ${name}`, exact: true }).click();
      await page.getByRole('menuitem', { name: action }).click();
    };
    await act('Copy');
    await page.getByRole('button', { name: 'Create' }).click();
    await page
      .getByRole('article', { name: `${name} (copy)` })
      .getByText('without Exports')
      .waitFor();

    await act('Archive');
    await page.getByText('Nobody is on it.').waitFor();
    await expectAccessible(page, 'archive');
    await page.getByRole('button', { name: 'Archive', exact: true }).click();
    await page.getByRole('heading', { name: 'Archived' }).waitFor();
    expect((await levelsOf()).find((level) => level.name === name)?.archived_at).not.toBeNull();
    await act('Restore');
    await page.getByRole('button', { name: 'Restore', exact: true }).click();
    await page.getByText(`${name} is restored.`).waitFor();
    expect(complaints()).toEqual([]);
  });

  it('without features show what is missing and where it is, on a phone as well', async () => {
    const client = await registerSomebody(port, HOST);
    const off = Object.fromEntries(
      ['api_keys', 'background_runs', 'own_providers', 'live_balance', 'exports', 'playground_models'].map(
        (name) => [name, false],
      ),
    );
    const made = await admin.post('/api/levels', { name: `Bare ${client.userId.slice(-6)}`, features: off });
    await admin.patch(`/api/users/${client.userId}`, { level_id: made.body.id });
    const page = await openAs(client, '/playground', { viewport: { width: 390, height: 844 } });
    await page.getByRole('heading', { name: 'The playground is not part of your level' }).waitFor();
    await page.getByText(/ do\. Ask an administrator/).waitFor();
    await expectAccessible(page, 'playground');
    await page.getByRole('button', { name: 'More' }).click();
    await page.getByRole('menuitem', { name: 'API keys' }).click();
    await page.getByText(/^Your level Bare .+ does not include “API keys”/).waitFor();
    expect(await page.getByRole('button', { name: 'New key' }).count()).toBe(0);
    await page.getByRole('link', { name: 'Wallet', exact: true }).click();
    await page.getByRole('button', { name: 'Download the ledger' }).waitFor();
    expect(
      await page.getByRole('button', { name: 'Download the ledger' }).getAttribute('aria-disabled'),
    ).toBe('true');
    expect(await fitsWidth(page)).toBe(true);
    await expectAccessible(page, 'wallet');
    expect(complaints()).toEqual([]);
  });
});

describe('A role', () => {
  it('is changed after a confirmation, holds for an open page, and is in the log of changes', async () => {
    const client = await registerSomebody(port, HOST);
    const theirs = await openAs(client, '/');
    expect(await theirs.getByRole('link', { name: 'Users' }).count()).toBe(0);
    const page = await openAs(admin, `/users/${client.userId}`);
    await page.getByRole('button', { name: 'More actions' }).click();
    await page.getByRole('menuitem', { name: 'Change the role' }).click();
    expect(await page.getByRole('radio').count(), 'superadmin is not offered').toBe(2);
    await page.getByRole('radio', { name: 'Admin' }).click();
    await expectAccessible(page, 'role');
    await page.getByRole('button', { name: 'Make them admin' }).click();
    await page.getByText(/ is admin now\./).waitFor();
    await page.getByRole('tab', { name: 'Changes' }).click();
    await page.getByText('Role: from user to admin').waitFor();
    await expectAccessible(page, 'changes');
    await theirs.waitForTimeout(3_100);
    await theirs.evaluate(() => document.dispatchEvent(new Event('visibilitychange')));
    await theirs.getByRole('link', { name: 'Users', exact: true }).waitFor();

    await theirs.goto(`${originOf('globex')}/users/${client.userId}`);
    await theirs.getByText(/^This is your own account\./).waitFor();
    await theirs.getByRole('button', { name: 'Add credits' }).click();
    await theirs.getByRole('textbox', { name: 'Amount' }).fill('5');
    await theirs.getByRole('textbox', { name: 'Reason' }).fill('For a test');
    await theirs.getByRole('button', { name: 'Review' }).click();
    await theirs.getByRole('button', { name: 'Add 5 credits' }).click();
    await theirs.getByText('Saved').waitFor();
    await page.goto(`${originOf('globex')}/audit`);
    await page.getByText('Self-made', { exact: true }).first().click();
    await page.getByText('Balance increased').first().waitFor();
    await expectAccessible(page, 'audit log');
    await admin.patch(`/api/users/${client.userId}`, { role: 'user' });
    expect(complaints()).toEqual([]);
  });
});
