import AxeBuilder from '@axe-core/playwright';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { launchBrowser } from '../support/browser.ts';
import { DEMO_PASSWORD, registerSomebody } from '../support/demo.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';

let stack: TestStack;
let browser: Browser;
beforeAll(async () => {
  [stack, browser] = await Promise.all([startTestStack({ turnstile: true }), launchBrowser()]);
});
afterAll(async () => {
  await browser?.close();
  await stack?.stop();
});

const setFault = async (mode: string, remaining?: number) => {
  const body = JSON.stringify({ mode, ...(remaining === undefined ? {} : { remaining }) });
  const answer = await fetch(`${stack.simulatorOrigin}/_control/turnstile`, { method: 'PUT', body });
  expect(answer.status).toBe(200);
};

/** Opens a page of a tenant. Returns it with what the browser complained about. */
async function open(path: string, options = {}): Promise<{ page: Page; complaints: string[] }> {
  const context = await browser.newContext({ reducedMotion: 'reduce', ...options });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (line) => line.type() === 'error' && complaints.push(line.text()));
  await page.goto(`${stack.origin('acme.localhost')}${path}`);
  return { page, complaints };
}

async function fill(page: Page): Promise<void> {
  await page.getByLabel('Email').fill(`person-${crypto.randomUUID()}@example.test`);
  await page.getByRole('textbox', { name: 'Password' }).fill(DEMO_PASSWORD);
}

it.each([
  ['light', { viewport: { width: 1_280, height: 800 } }],
  ['dark', { colorScheme: 'dark', viewport: { width: 375, height: 800 } }],
])('a newcomer passes the widget, which is loaded again after a failure: %s', async (_, options) => {
  const { page, complaints } = await open('/register', options);
  await page.getByText('Simulated Turnstile: you are a person').waitFor();
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations).toEqual([]);
  await setFault('spent', 1);
  await fill(page);
  await page.keyboard.press('Enter');
  await page.getByText('was used before or is older than 5 minutes').waitFor();
  await page.getByText('Simulated Turnstile: you are a person').waitFor();
  await page.getByRole('button', { name: 'Create account' }).press('Enter');
  await page
    .getByRole('link', { name: /credits available/ })
    .first()
    .waitFor();
  expect(complaints.filter((line) => !line.includes('400'))).toEqual([]);
});

it('the page allows the origin of the widget, and a script without it cannot register', async () => {
  const answer = await fetch(`http://127.0.0.1:${stack.port}/register`);
  const policy = answer.headers.get('content-security-policy') ?? '';
  expect(policy).toContain(`script-src 'self' ${stack.simulatorOrigin};`);
  expect(policy).toContain(`frame-src ${stack.simulatorOrigin};`);
  await expect(registerSomebody(stack.port, 'acme.localhost')).rejects.toThrow('turnstile_token');
});

it('a forgotten password is asked for with the widget, and not while it cannot be verified', async () => {
  const { page } = await open('/forgot-password');
  await page.getByLabel('Email').fill('admin@acme.test');
  await page.getByText('Simulated Turnstile: you are a person').waitFor();
  await setFault('error');
  await page.getByRole('button', { name: 'Send the link' }).press('Enter');
  await page.getByText('cannot be made at this moment').waitFor();
  await setFault('none');
  await page.getByText('Simulated Turnstile: you are a person').waitFor();
  await page.getByRole('button', { name: 'Send the link' }).press('Enter');
  await page.getByText('Check your mail').waitFor();
});
