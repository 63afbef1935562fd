import type { Page } from 'playwright-core';
import { afterEach, describe, expect, inject, it } from 'vitest';
import { registerSomebody } from '../support/demo.ts';
import { setFault } from '../support/simulators.ts';
import { browserForTests, expectAccessible, fitsWidth, originOf } from './browser-session.ts';

const { port, simulatorOrigin } = inject('stack');
const { openWith, complaints } = browserForTests();
afterEach(() => setFault(simulatorOrigin, 'all', 'none'));

const logOf = (page: Page) => page.getByRole('log', { name: 'Conversation' });
const promptOf = (page: Page) => page.getByRole('article', { name: 'Your prompt' });

/** Sends a prompt with Enter and waits for its answer. */
async function ask(page: Page, prompt: string): Promise<void> {
  const answers = page.getByTestId('answer');
  const before = await answers.count();
  await page.getByLabel('Prompt', { exact: true }).fill(prompt);
  await page.getByLabel('Prompt', { exact: true }).press('Enter');
  await expect.poll(() => answers.count()).toBe(before + 1);
}

const openFor = async (somebody: Awaited<ReturnType<typeof registerSomebody>>, path = '/playground') =>
  openWith(somebody, `${originOf('acme')}${path}`);

describe('Users can', () => {
  it('find a conversation again after a reload, rename it, search for it and delete it', async () => {
    const somebody = await registerSomebody(port, 'acme.localhost');
    const page = await openFor(somebody);
    await ask(page, 'What is an edge?');
    await page.waitForURL(/\/playground\/[0-9a-f-]{36}$/);
    const list = page.getByRole('navigation', { name: 'Conversations' });
    await list.getByRole('link', { name: 'What is an edge?' }).waitFor();
    await page.reload();
    await promptOf(page).getByText('What is an edge?').waitFor();
    expect(await page.getByTestId('answer').count()).toBe(1);
    await expectAccessible(page, 'a kept conversation');

    await list.getByRole('button', { name: 'Actions for What is an edge?' }).click();
    await page.getByRole('menuitem', { name: 'Rename' }).click();
    await page.getByLabel('Title').fill('Borders');
    await page.getByRole('button', { name: 'Rename' }).click();
    await list.getByRole('link', { name: 'Borders' }).waitFor();
    await list.getByRole('searchbox').fill('nothing like it');
    await list.getByText('No title has', { exact: false }).waitFor();
    await list.getByRole('searchbox').fill('bord');
    await list.getByRole('button', { name: 'Actions for Borders' }).click();
    await page.getByRole('menuitem', { name: 'Delete' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    await page.getByRole('heading', { name: /^Welcome/ }).waitFor();
    expect(await logOf(page).count()).toBe(0);
    expect(complaints()).toEqual([]);
  });

  it('answer a prompt again and edit it, and move between the branches, also after a reload', async () => {
    const page = await openFor(await registerSomebody(port, 'acme.localhost'));
    await ask(page, 'Name a colour');
    await page.getByRole('button', { name: 'Answer again' }).click();
    await page.getByRole('group', { name: 'Versions of this answer' }).getByText('2 of 2').waitFor();
    await page.getByRole('button', { name: 'Edit this prompt' }).click();
    await page.getByLabel('Edited prompt').fill('Name a flower');
    await page.getByRole('button', { name: 'Send', exact: true }).click();
    const prompts = page.getByRole('group', { name: 'Versions of this prompt' });
    await prompts.getByText('2 of 2').waitFor();
    await page.getByTestId('answer').waitFor();
    expect(await logOf(page).getByText('Name a colour').count()).toBe(0);
    await page.getByRole('button', { name: 'Previous prompt' }).click();
    await promptOf(page).getByText('Name a colour').waitFor();
    // The branch that is shown is kept after the click.
    await expect
      .poll(async () => {
        await page.reload();
        await prompts.waitFor();
        return prompts.textContent();
      })
      .toContain('1 of 2');
    await page.getByRole('group', { name: 'Versions of this answer' }).getByText('2 of 2').waitFor();
    expect(complaints()).toEqual([]);
  });

  it('send an image, and see it in the conversation afterwards', async () => {
    const page = await openFor(await registerSomebody(port, 'acme.localhost'));
    const pixel =
      'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
    await page.locator('input[type=file]').setInputFiles({
      ...{ name: 'pixel.png', mimeType: 'image/png', buffer: Buffer.from(pixel, 'base64') },
    });
    await page.getByRole('list', { name: 'Files of this prompt' }).getByText('pixel.png').waitFor();
    await ask(page, 'What is this?');
    await page.reload();
    await logOf(page).getByAltText('Attached by you').waitFor();
    expect(complaints()).toEqual([]);
  });

  it('read formulas and code in an answer, whose HTML stays text and whose images are not fetched', async () => {
    const somebody = await registerSomebody(port, 'acme.localhost');
    const prompt = { id: crypto.randomUUID(), parent_id: null, role: 'user', content: 'Show me' };
    const { body } = await somebody.post('/api/conversations', { message: prompt });
    const text = [
      'So $x^2$ <b id="raw">bold</b> ![a tracker](https://tracker.example/pixel.png)',
      '```ts\nconst edge = 42;\n```',
      '$$\\frac{1}{2}$$',
    ];
    const added = await somebody.post(`/api/conversations/${body.id}/messages`, {
      ...{ parent_id: prompt.id, role: 'assistant', model: 'auto', text: text.join('\n\n'), reasoning: '' },
      ...{ state: 'succeeded', execution_id: null, failure: null, receipt: null },
    });
    expect(added.status).toBe(201);
    const page = await openFor(somebody, `/playground/${body.id}`);
    const answer = page.getByTestId('answer');
    await expect.poll(() => answer.locator('math').count()).toBe(2);
    await answer.locator('code span').getByText('const', { exact: true }).waitFor();
    await answer.getByText('ts', { exact: true }).waitFor();
    await answer.getByText('<b id="raw">', { exact: false }).waitFor();
    expect([await answer.locator('#raw').count(), await answer.locator('img').count()]).toEqual([0, 0]);
    await expectAccessible(page, 'formulas and code');
    expect(complaints()).toEqual([]);
  });

  it('open their conversations in a drawer on a phone', async () => {
    const somebody = await registerSomebody(port, 'acme.localhost');
    const page = await openWith(somebody, `${originOf('acme')}/playground`, {
      viewport: { width: 390, height: 844 },
    });
    await ask(page, 'Hello from a phone');
    await page.getByRole('button', { name: 'Conversations' }).click();
    const drawer = page.getByRole('dialog', { name: 'Conversations' });
    await drawer.getByRole('link', { name: 'Hello from a phone' }).waitFor();
    await expectAccessible(page, 'conversations on a phone');
    expect(await fitsWidth(page)).toBe(true);
    await drawer.getByRole('button', { name: 'New conversation' }).click();
    await page.getByRole('heading', { name: /^Welcome/ }).waitFor();
    expect(complaints()).toEqual([]);
  });
});
