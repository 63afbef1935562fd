import { readFile } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import { afterEach, describe, expect, inject, it } from 'vitest';
import { type Client, registerSomebody, setBalance, signIn } from '../support/demo.ts';
import { setFault } from '../support/simulators.ts';
import { balanceOf, browserForTests, expectAccessible, fitsWidth, originOf } from './browser-session.ts';

const { port, simulatorOrigin } = inject('stack');
const HOST = 'globex.localhost';
const { openWith, complaints } = browserForTests();
afterEach(() => setFault(simulatorOrigin, 'all', 'none'));

const somebody = () => registerSomebody(port, HOST);
const openPlayground = (client: Client, options = {}) =>
  openWith(client, `${originOf('globex')}/playground`, options);

async function runInBackground(page: Page, prompt: string): Promise<void> {
  await page.getByLabel('Prompt', { exact: true }).fill(prompt);
  await page.getByRole('button', { name: 'More ways to send' }).click();
  await page.getByRole('menuitem', { name: 'Run in the background' }).click();
}

describe('A prompt that runs in the background', () => {
  it('is answered in its place, and its receipt says what became of every token', async () => {
    const page = await openPlayground(await somebody());
    const before = await balanceOf(page);
    await runInBackground(page, 'Take your time');
    await page.getByTestId('answer').getByText('Take your time').waitFor();
    await page.getByRole('link', { name: 'Open the execution' }).click();
    await page.getByText('Policy', { exact: true }).waitFor();
    const receipt = page.getByRole('table', { name: 'Receipt' });
    const left = (await balanceOf(page)).toLocaleString('en-US');
    await receipt.getByRole('row', { name: `Available after ${left}` }).waitFor();
    expect(await balanceOf(page)).toBeLessThan(before);
    await page.getByText('Hard limit, ').waitFor();
    const charged = await receipt
      .getByRole('row', { name: /^Charged/ })
      .getByRole('cell')
      .last()
      .textContent();
    const worked = page.getByRole('table', { name: 'Credits' });
    await worked.getByRole('row', { name: /^Input [\d,]+ tokens × 1,000 per 1,000/ }).waitFor();
    await worked.getByRole('row', { name: new RegExp(`^Charged.* ${charged}$`) }).waitFor();
    await expectAccessible(page, 'receipt');
    expect(await page.getByText(/US dollars|Provider cost/).count(), 'for admins only').toBe(0);
    const theirs = await openWith(await signIn(port, HOST, 'admin@globex.test'), page.url());
    await theirs.getByRole('table', { name: 'US dollars' }).getByText('per million').first().waitFor();
    await theirs.getByText('Provider cost', { exact: true }).first().waitFor();

    await page.getByRole('button', { name: 'Delete' }).click();
    await page.getByRole('button', { name: 'Delete both' }).click();
    await page.getByText('The prompt and the answer are not stored.').waitFor();
    expect(await page.getByText('Take your time').count()).toBe(0);
    expect(complaints()).toEqual([]);
  });

  it('shows the documents of its prompt by their names', async () => {
    const client = await somebody();
    await setBalance(await signIn(port, HOST, 'admin@globex.test'), client, 1_000_000);
    const data = Buffer.alloc(45_000, 'a page').toString('base64');
    const source = { kind: 'base64', media_type: 'application/pdf', data };
    const document = { type: 'document', source, title: 'Report.pdf', context: 'Figures of 2026' };
    const text = { type: 'text', text: 'Sum it up' };
    const started = await client.post('/api/ai/executions', {
      ...{ model: 'auto', background: true, max_output_tokens: 20 },
      messages: [{ role: 'user', content: [document, text] }],
    });
    expect(started.status).toBe(202);
    const page = await openWith(client, `${originOf('globex')}/executions/${started.body.id}`);
    await page.getByText('Report.pdf, 45 kB').waitFor();
    await page.getByText('Figures of 2026', { exact: true }).waitFor();
    await expectAccessible(page, 'document');
    expect(complaints()).toEqual([]);
  });

  it('is shown as soon as it has ended, told and not asked for', async () => {
    await setFault(simulatorOrigin, 'all', 'server_error');
    const client = await somebody();
    const page = await openPlayground(client);
    // A hidden page does not poll, so the change comes from the live connection.
    await page.evaluate(() => Object.defineProperty(document, 'visibilityState', { value: 'hidden' }));
    const started = page.waitForResponse((response) => response.status() === 202);
    await runInBackground(page, 'Tell me when it is over');
    const { id } = await (await started).json();
    await page.getByText('Running in the background').waitFor();
    expect((await client.post(`/api/ai/executions/${id}/cancel`, {})).status).toBe(200);
    await page.getByText('Nothing was charged.').waitFor();
    expect(await page.getByText('Running in the background').count()).toBe(0);
  });

  it('shows what was tried while providers fail, and gives everything back when it is cancelled', async () => {
    await setFault(simulatorOrigin, 'all', 'server_error');
    const page = await openPlayground(await somebody(), { viewport: { width: 390, height: 844 } });
    const before = await balanceOf(page);
    await runInBackground(page, 'Keep trying');
    await page.getByText(/attempts? failed/).waitFor();
    await expect.poll(() => balanceOf(page)).toBeLessThan(before);
    expect(await fitsWidth(page)).toBe(true);
    await expectAccessible(page, 'in the background');
    await page.getByRole('link', { name: 'Open the receipt' }).click();
    await page.getByText('Overloaded').first().waitFor();
    await page.getByRole('button', { name: 'Cancel it' }).click();
    await page.getByRole('button', { name: 'Cancel the execution' }).click();
    await page.getByText('Nothing was charged.').first().waitFor();
    await expect.poll(() => balanceOf(page)).toBe(before);
    await page.getByText('Released').waitFor();
    expect(complaints()).toEqual([]);
  });
});

describe('A prompt that no provider could answer', () => {
  it('goes on in the background, if its person wants that, and is answered once one can', async () => {
    await setFault(simulatorOrigin, 'all', 'server_error');
    const page = await openPlayground(await somebody());
    await page.getByLabel('Prompt', { exact: true }).fill('Sooner or later');
    await page.getByRole('button', { name: 'Run' }).click();
    await page.getByText('No provider was able to answer.', { exact: false }).waitFor();
    await setFault(simulatorOrigin, 'all', 'none');
    await page.getByRole('button', { name: 'Keep trying in the background' }).click();
    await page.getByTestId('answer').getByText('Sooner or later').waitFor();
  });
});

describe('What was said', () => {
  it('is nobody else’s to read: an admin finds a person’s execution, and sees the receipt alone', async () => {
    const client = await somebody();
    const { body } = await client.post('/api/ai/executions', {
      model: 'auto',
      prompt: 'Between us',
      background: true,
    });
    const admin = await signIn(port, HOST, 'admin@globex.test');
    // Admins see it once the ledger has it.
    await expect
      .poll(async () => (await admin.get(`/api/ai/executions/${body.id}`)).status, { timeout: 10_000 })
      .toBe(200);
    const page = await openWith(admin, `${originOf('globex')}/executions`);
    await page.getByRole('combobox', { name: 'User' }).fill(client.email.slice(0, -4));
    await page.getByRole('option', { name: client.email }).click();
    await expect.poll(() => page.getByRole('table').getByRole('link').count()).toBe(1);
    await page.getByRole('table').getByRole('link', { name: 'auto' }).click();
    await page.getByText('Policy', { exact: true }).waitFor();
    await page.getByText('visible only to the user who ran them', { exact: false }).waitFor();
    expect(await page.getByText('Between us').count()).toBe(0);
    expect(await page.getByRole('button', { name: 'Delete' }).count()).toBe(0);
    expect(complaints()).toEqual([]);
  });
});

describe('Users can', () => {
  it('find executions by model and status, keep that in the address, take them along, and read the attempts on a phone', async () => {
    const client = await somebody();
    for (const model of ['gpt-5.4-mini', 'claude-haiku-4-5'])
      expect((await client.post('/api/ai/executions', { model, prompt: 'Find me' })).status).toBe(201);
    await expect
      .poll(async () => (await client.get('/api/ai/executions?status=succeeded')).body.items.length)
      .toBe(2);
    const page = await openWith(client, `${originOf('globex')}/usage`);
    await page.getByRole('link', { name: '1 executions of gpt-5.4-mini' }).click();
    await page.waitForURL('**/executions?*model=gpt-5.4-mini*');
    await expect
      .poll(() => page.getByRole('table').getByRole('link').allTextContents())
      .toEqual(['gpt-5.4-mini']);
    await page.getByRole('combobox', { name: 'Model' }).click();
    await page.getByRole('option', { name: 'claude-haiku-4-5' }).click();
    await page.waitForURL('**/executions?*model=claude-haiku-4-5*');
    await page.reload();
    await expect
      .poll(() => page.getByRole('table').getByRole('link').allTextContents())
      .toEqual(['claude-haiku-4-5']);
    await expectAccessible(page, 'filtered executions');
    const download = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Export CSV' }).click();
    const lines = (await readFile(await (await download).path(), 'utf8')).trim().split('\n');
    expect(lines).toHaveLength(2);
    await page.goto(`${originOf('globex')}/executions?status=failed`);
    await page.getByText('No executions found').waitFor();
    await page.getByRole('button', { name: 'Clear filters' }).first().click();
    await expect.poll(() => page.getByRole('table').getByRole('link').count()).toBe(2);
    await page.setViewportSize({ width: 390, height: 844 });
    await expect.poll(() => fitsWidth(page)).toBe(true);
    await page.getByRole('link', { name: 'gpt-5.4-mini' }).click();
    const attempts = page.getByRole('list', { name: 'Attempts' }).getByRole('listitem');
    await attempts.getByText('Answered').waitFor();
    expect(await attempts.count()).toBe(1);
    expect(await fitsWidth(page)).toBe(true);
    await expectAccessible(page, 'attempts on a phone');
    expect(complaints()).toEqual([]);
  });
});
