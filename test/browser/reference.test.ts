import type { Page } from 'playwright-core';
import { describe, expect, inject, it } from 'vitest';
import { curlOf, variablesIn } from '../../web/src/features/api-reference/curl.ts';
import { referenceDocument } from '../../web/src/features/api-reference/document.ts';
import { type Operation, referenceOf } from '../../web/src/features/api-reference/reference.ts';
import { registerSomebody, signIn } from '../support/demo.ts';
import { type JsonAnswer, request, requestJson } from '../support/http.ts';
import { curlArguments } from '../support/shell.ts';
import { browserForTests, expectAccessible, fitsWidth, originOf } from './browser-session.ts';

const { port } = inject('stack');
const HOST = 'globex.localhost';
const origin = originOf('globex');
const { open, openWith, complaints } = browserForTests();

const PHONE = { width: 390, height: 844 };
const DESKTOP = { width: 1280, height: 800 };

/** Creates a key with every scope. Returns its secret. */
async function newKey(): Promise<string> {
  const client = await registerSomebody(port, HOST);
  const scopes = ['executions:write', 'executions:read', 'models:read', 'wallet:read'];
  const { body } = await client.post('/api/api-keys', { name: 'Reference', scopes });
  return body.secret;
}

/** Sends the request that curl would send for this shell command. */
async function runCurl(command: string, variables: Record<string, string>): Promise<JsonAnswer> {
  const [...rest] = curlArguments(command, variables);
  const headers: Record<string, string> = {};
  let address = '';
  let method: string | undefined;
  let body: string | undefined;
  while (rest.length > 0) {
    const argument = rest.shift() ?? '';
    const value = () => rest.shift() ?? '';
    if (argument === '-X') method = value();
    else if (argument === '-d') body = value();
    else if (argument === '-H') {
      const [name = '', ...text] = value().split(': ');
      headers[name.toLowerCase()] = text.join(': ');
    } else address = argument;
  }
  const { host, pathname, search } = new URL(address);
  expect(host).toBe(`${HOST}:${port}`);
  const implied = body === undefined ? 'GET' : 'POST';
  const sent = { method: method ?? implied, headers, ...(body === undefined ? {} : { body }) };
  const { text, ...answer } = await request(port, HOST, pathname + search, sent);
  const isJson = answer.headers['content-type']?.startsWith('application/json') ?? false;
  return { ...answer, body: isJson ? JSON.parse(text) : text };
}

const operations = async (): Promise<Operation[]> => {
  const { body } = await requestJson(port, HOST, '/api/openapi.json');
  return referenceOf(referenceDocument.parse(body)).sections.flatMap((section) => section.operations);
};

const search = (page: Page) => page.getByRole('searchbox', { name: 'Search operations' });

/** Expects the operation at the top of the page, with the focus. */
async function expectArrival(page: Page, title: string): Promise<void> {
  const heading = page.getByRole('heading', { name: title });
  await heading.and(page.locator(':focus')).waitFor();
  const { y = -1 } = (await heading.boundingBox()) ?? {};
  expect(y).toBeGreaterThanOrEqual(60);
  expect(y).toBeLessThan(160);
}

describe('The API reference', () => {
  it('is open to who is signed out, and every operation is found in it, with the keyboard alone', async () => {
    const page = await open(`${origin}/docs/api`, { viewport: DESKTOP });
    await page.getByText(`${origin}/v1`).waitFor();
    await expectAccessible(page, 'overview');
    await page.keyboard.press('/');
    await page.keyboard.type('/');
    const all = await operations();
    await page.getByText(`${all.length} operations found`).waitFor();
    const found = page.getByRole('navigation', { name: 'API reference' }).getByRole('link');
    const anchors = await found.evaluateAll((links) =>
      links.map((link) => new URL((link as HTMLAnchorElement).href).hash),
    );
    expect(anchors.filter(Boolean).sort()).toEqual(all.map(({ id }) => `#${id}`).sort());
    await page.keyboard.press('Escape');
    await page.keyboard.type('zebra');
    await page.getByText('No operation matches “zebra”.').waitFor();
    await page.getByRole('button', { name: 'Clear the search' }).click();
    await search(page).fill('your ledger newest');
    await page.getByText('1 operation found').waitFor();
    await page.keyboard.press('Enter');
    await expectArrival(page, 'List your ledger entries');
    expect(page.url()).toBe(`${origin}/docs/api/wallet#get-api-wallet-ledger`);
    await page.locator('[aria-current="location"]', { hasText: 'List your ledger entries' }).waitFor();
    expect(complaints()).toEqual([]);
  });

  it('is gone to by deep links, and its example runs as it was copied', async () => {
    const page = await open(`${origin}/docs/api/openai-compatible#post-v1-chat-completions`, {
      viewport: DESKTOP,
      permissions: ['clipboard-read', 'clipboard-write'],
    });
    await expectArrival(page, 'Create a chat completion');
    await page.getByRole('button', { name: /Copy the request: create a chat completion/ }).click();
    const command = await page.evaluate(() => navigator.clipboard.readText());
    expect(variablesIn(command)).toEqual(['API_KEY']);
    const { status, body } = await runCurl(command, { API_KEY: await newKey() });
    expect([status, body.object]).toEqual([200, 'chat.completion']);
    expect(complaints()).toEqual([]);
  });

  it('shows what is inside of fields, in light and dark, on a desktop and on a phone', async () => {
    const page = await open(`${origin}/docs/api/anthropic-compatible`, { viewport: DESKTOP });
    // The first operation. Counting tokens takes the same messages.
    await page.getByRole('button', { name: 'one of 3 of messages' }).first().click();
    await page.getByRole('button', { name: 'fields of role: "user"' }).click();
    await page.getByRole('button', { name: 'application/json of 4XX' }).first().click();
    await expectAccessible(page, 'operation, desktop, light');
    await page.emulateMedia({ colorScheme: 'dark' });
    await expectAccessible(page, 'operation, desktop, dark');
    await page.setViewportSize(PHONE);
    await expectAccessible(page, 'operation, phone, dark');
    expect(await fitsWidth(page)).toBe(true);
    await page.getByRole('button', { name: 'Contents' }).click();
    await search(page).fill('repair a');
    await page.emulateMedia({ colorScheme: 'light' });
    await expectAccessible(page, 'contents, phone, light');
    await page.getByRole('link', { name: /Repair a wallet/ }).click();
    await expectArrival(page, 'Repair a wallet');
    expect(await fitsWidth(page)).toBe(true);
    expect(complaints()).toEqual([]);
  });

  it('says what each value means and what each error code asks for, in light and dark, on a desktop and on a phone', async () => {
    const page = await open(`${origin}/docs/api/wallet`, { viewport: DESKTOP });
    const ledger = page.getByRole('article', { name: 'List your ledger entries' });
    await ledger.getByText('default 25').waitFor();
    await ledger.getByRole('button', { name: 'application/json of 200' }).click();
    await ledger.getByRole('button', { name: /fields of items/ }).click();
    const kinds = ledger.locator('dl', { hasText: '"rollover"' });
    await kinds.getByRole('definition').filter({ hasText: 'Held for an execution' }).waitFor();
    await ledger.getByRole('button', { name: /codes of 4XX/ }).click();
    const codes = ledger.locator('dl', { hasText: 'invalid_cursor' });
    await codes.getByText('Start again from the first page').waitFor();
    expect(await codes.getByText('provider_failed').count()).toBe(0);
    await expectAccessible(page, 'meanings and codes, desktop, light');
    await page.emulateMedia({ colorScheme: 'dark' });
    await expectAccessible(page, 'meanings and codes, desktop, dark');
    await page.setViewportSize(PHONE);
    await expectAccessible(page, 'meanings and codes, phone, dark');
    expect(await fitsWidth(page)).toBe(true);
    await page.emulateMedia({ colorScheme: 'light' });
    await expectAccessible(page, 'meanings and codes, phone, light');
    expect(complaints()).toEqual([]);
  });

  it('has the shape of its navigation and of its text while it loads', async () => {
    const page = await open(`${origin}/login`, { viewport: DESKTOP });
    let letGo = () => {};
    const held = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    await page.route('**/api/openapi.json', async (route) => {
      await held;
      await route.continue();
    });
    await page.goto(`${origin}/docs/api`);
    await page.getByText('Loading').waitFor({ state: 'attached' });
    const bars = page.locator('.mantine-AppShell-navbar .mantine-Skeleton-root');
    expect(await bars.count()).toBeGreaterThan(5);
    await expectAccessible(page, 'loading');
    letGo();
    await page.getByRole('navigation', { name: 'API reference' }).waitFor();
    expect(await bars.count()).toBe(0);
  });

  it('is a click away from the keys and from the menu of who is signed in, and names a model of theirs', async () => {
    const client = await registerSomebody(port, HOST);
    const page = await openWith(client, `${origin}/api-keys`);
    await page.getByRole('link', { name: 'API reference' }).click();
    await page.getByRole('link', { name: 'Your API keys' }).click();
    await page.getByRole('button', { name: 'Account' }).click();
    await page.getByRole('menuitem', { name: 'API reference' }).click();
    await page.getByRole('link', { name: 'AI', exact: true }).first().click();
    const { body } = await client.get('/api/ai/models');
    await page.getByText(`"model": "${body.items[0].name}"`).waitFor();
    expect(complaints()).toEqual([]);
  });

  it('says so when it cannot be loaded, and can be asked again', async () => {
    const page = await open(`${origin}/login`);
    await page.route('**/api/openapi.json', (route) => route.abort(), { times: 1 });
    await page.goto(`${origin}/docs/api/wallet`);
    await page.getByRole('alert').getByText('cannot be reached').waitFor();
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByRole('heading', { name: 'List your ledger entries' }).waitFor();
    await page.goto(`${origin}/docs/api/nothing`);
    await page.getByRole('heading', { name: 'Group not found' }).waitFor();
  });
});

describe('Examples', () => {
  it('that need nothing but a key work with one', async () => {
    const variables = { API_KEY: await newKey() };
    const commands = (await operations()).flatMap((operation) => curlOf(operation, { origin }) ?? []);
    const runnable = commands.filter((command) => variablesIn(command).join() === 'API_KEY');
    expect(runnable.length).toBeGreaterThanOrEqual(8);
    const check = async (command: string) => {
      const { status, body } = await runCurl(command, variables);
      expect(status, `${command}\n${JSON.stringify(body)}`).toBeLessThan(300);
    };
    // One after the other: a run holds tokens that the next one may need.
    for (const command of runnable) await check(command);
  });

  it('are never refused for their form', async () => {
    const { token } = await signIn(port, HOST, 'admin@globex.test');
    const variables = { SESSION: token, API_KEY: await newKey(), IDEMPOTENCY_KEY: 'reference' };
    const id = '01900000-0000-7000-8000-000000000000';
    const unknown = {
      ID: id,
      PROVIDER_ID: id,
      EVENT_ID: id,
      RESPONSE_ID: `resp_${id}`,
      FILE_ID: `file-${'0'.repeat(32)}`,
      MODEL: 'none',
      ...{ FROM: '2026-11-01', TO: '2026-11-02', GROUP_BY: 'day' },
      HASH: '0'.repeat(64),
    };
    // Requests without an existing id change nothing.
    const commands = (await operations())
      .filter(({ method, path }) => method === 'get' || path.includes('{'))
      .flatMap((operation) => curlOf(operation, { origin }) ?? []);
    const check = async (command: string) => {
      const { status, body } = await runCurl(command, { ...variables, ...unknown });
      expect(status === 404 || status < 400, `${command}\n${status} ${JSON.stringify(body)}`).toBe(true);
    };
    await Promise.all(commands.map(check));
  });
});
