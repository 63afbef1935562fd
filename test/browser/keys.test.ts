import type { Page } from 'playwright-core';
import { describe, expect, inject, it } from 'vitest';
import { type Client, registerSomebody, signIn } from '../support/demo.ts';
import { requestJson } from '../support/http.ts';
import { browserForTests, expectAccessible, fitsWidth, originOf } from './browser-session.ts';

const { port } = inject('stack');
const HOST = 'globex.localhost';
const { openWith, complaints } = browserForTests();

const somebody = () => registerSomebody(port, HOST);
const openKeys = (client: Client, options = {}) =>
  openWith(client, `${originOf('globex')}/api-keys`, options);

/** Returns the status of a request with a secret. */
const statusWith = async (secret: string) =>
  (await requestJson(port, HOST, '/v1/models', { headers: { authorization: `Bearer ${secret}` } })).status;

/** Reads the new secret from its dialog, and closes the dialog. */
async function takeSecret(page: Page): Promise<string> {
  const secret = (await page.getByRole('group', { name: 'Secret' }).textContent()) ?? '';
  await page.getByRole('button', { name: 'I have copied it' }).click();
  return secret;
}

async function makeKey(page: Page, name: string): Promise<string> {
  await page.getByRole('button', { name: 'New key' }).click();
  await page.getByRole('textbox', { name: 'Name' }).fill(name);
  await page.getByRole('button', { name: 'Create the key' }).click();
  return takeSecret(page);
}

async function act(page: Page, name: string, action: string): Promise<void> {
  await page.getByRole('button', { name: `Actions for ${name}` }).click();
  await page.getByRole('menuitem', { name: action }).click();
}

describe('API keys', () => {
  it('are made with limits, and their secret is shown once, in programs ready to be copied', async () => {
    const page = await openKeys(await somebody(), { permissions: ['clipboard-read', 'clipboard-write'] });
    await page.getByRole('heading', { name: 'No keys yet' }).waitFor();
    await page.getByRole('button', { name: 'New key' }).click();
    await page.getByRole('textbox', { name: 'Name' }).fill('Newsletter');
    await page.getByRole('textbox', { name: 'Budget per month' }).fill('5000');
    await page.getByRole('combobox', { name: 'Models' }).click();
    await page.getByRole('option', { name: 'gpt-5.4-mini' }).click();
    await page.keyboard.press('Escape');
    await expectAccessible(page, 'key form');
    await page.getByRole('button', { name: 'Create the key' }).click();
    await page.getByRole('tab', { name: 'OpenAI' }).waitFor();
    await page.getByRole('button', { name: 'Copy the program' }).click();
    const program = await page.evaluate(() => navigator.clipboard.readText());
    const secret = await takeSecret(page);
    expect(program).toContain(`baseURL: '${originOf('globex')}/v1'`);
    expect(program).toContain(secret);
    expect(await statusWith(secret)).toBe(200);
    await page.reload();
    await page.getByText('5,000 credits a month').waitFor();
    await page.getByText('Models: gpt-5.4-mini').waitFor();
    expect(await page.content()).not.toContain(secret.slice(12));
    expect(complaints()).toEqual([]);
  });

  it('are refused with what makes no sense or is taken; it is said at the field until that is changed, on a phone too', async () => {
    const page = await openKeys(await somebody(), {
      viewport: { width: 390, height: 844 },
      colorScheme: 'dark',
    });
    await page.getByRole('button', { name: 'New key' }).click();
    await page.getByRole('textbox', { name: 'Name' }).fill('Script');
    await page.getByRole('button', { name: 'Create the key' }).click();
    await page.getByRole('tab', { name: 'curl' }).click();
    expect(await fitsWidth(page)).toBe(true);
    await expectAccessible(page, 'secret');
    await takeSecret(page);
    await page.getByRole('button', { name: 'New key' }).click();
    await page.getByRole('textbox', { name: 'Credits per minute' }).fill('0');
    await page.getByRole('button', { name: 'Create the key' }).click();
    await page.getByText('Enter a whole number, at least 1, or leave it empty').waitFor();
    await page.getByRole('textbox', { name: 'Credits per minute' }).fill('');
    await page.getByRole('textbox', { name: 'Name' }).fill('Script');
    await page.getByRole('button', { name: 'Create the key' }).click();
    await page.getByText('This name is already taken. Choose another name.').waitFor();
    // The field is outside of the view by now, and gets the focus.
    await page.locator('input[aria-invalid="true"]:focus').waitFor();
    await page.getByRole('textbox', { name: 'Name' }).fill('Script 2');
    expect(await page.getByText('This name is already taken').count()).toBe(0);
    expect(await fitsWidth(page)).toBe(true);
  });

  it('get a new secret while the one before it goes on, and end for good when they are revoked', async () => {
    const page = await openKeys(await somebody());
    const first = await makeKey(page, 'Script');
    await act(page, 'Script', 'Rotate the secret');
    await page.getByRole('button', { name: 'Rotate', exact: true }).click();
    const second = await takeSecret(page);
    expect(second).not.toBe(first);
    expect([await statusWith(first), await statusWith(second)]).toEqual([200, 200]);
    await page.getByText('Rotating').waitFor();
    await act(page, 'Script', 'Edit');
    await page.getByRole('textbox', { name: 'Requests per minute' }).fill('30');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('30 requests a minute').waitFor();
    await act(page, 'Script', 'Revoke');
    expect(await statusWith(second), 'not before it is confirmed').toBe(200);
    await page.getByRole('button', { name: 'Revoke', exact: true }).click();
    await page.getByText('Revoked', { exact: true }).first().waitFor();
    expect([await statusWith(first), await statusWith(second)]).toEqual([401, 401]);
    expect(await page.getByRole('button', { name: 'Actions for Script' }).count()).toBe(0);
    expect(complaints()).toEqual([]);
  });

  it('are sorted by a header: up, down, and as they were', async () => {
    const client = await somebody();
    for (const name of ['Beta', 'alpha', 'Gamma']) await client.post('/api/api-keys', { name });
    const page = await openKeys(client);
    const header = page.getByRole('columnheader', { name: 'Key' });
    const order = async () => {
      const rows = await page.getByRole('table', { name: 'API keys' }).getByRole('row').allTextContents();
      return rows.flatMap((text) => text.match(/^(Beta|alpha|Gamma)/)?.[1] ?? []).join(' ');
    };
    await expect.poll(order).toBe('Gamma alpha Beta');
    for (const [direction, expected] of [
      ['ascending', 'alpha Beta Gamma'],
      ['descending', 'Gamma Beta alpha'],
      ['none', 'Gamma alpha Beta'],
    ]) {
      await header.getByRole('button').press('Enter');
      expect([await header.getAttribute('aria-sort'), await order()]).toEqual([direction, expected]);
    }
  });

  it('of others are seen by admins, who may revoke them and change nothing', async () => {
    const client = await somebody();
    const name = `Key of ${client.email}`;
    await client.post('/api/api-keys', { name });
    const page = await openKeys(await signIn(port, HOST, 'admin@globex.test'));
    await page.getByText('All users', { exact: true }).click();
    await page.getByRole('button', { name: `Actions for ${name}` }).click();
    await page.getByRole('menuitem', { name: 'Revoke' }).waitFor();
    expect(await page.getByRole('menuitem').allTextContents()).toEqual(['Executions', 'Revoke']);
    expect(complaints()).toEqual([]);
  });
});
