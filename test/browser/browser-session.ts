import AxeBuilder from '@axe-core/playwright';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, inject } from 'vitest';
import { TOKEN_KEY } from '../../web/src/lib/api-client.ts';
import { launchBrowser } from '../support/browser.ts';
import { type Client, DEMO_PASSWORD } from '../support/demo.ts';

/** Helpers for tests in a real browser. */

type ContextOptions = Parameters<Browser['newContext']>[0];

export const originOf = (tenant: string) => `http://${tenant}.localhost:${inject('stack').port}`;

/** Starts a browser for the tests of one file. Pages opened in a test are closed after it. */
export function browserForTests() {
  let browser: Browser;
  let contexts: BrowserContext[] = [];
  /** Errors and policy violations that the browser has reported in this test. None is expected. */
  let complaints: string[] = [];

  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(() => browser.close());
  afterEach(async () => {
    await Promise.all(contexts.map((context) => context.close()));
    contexts = [];
    complaints = [];
  });

  /** Opens an address in a new session each time. */
  async function open(url: string, options: ContextOptions = {}): Promise<Page> {
    // Without transitions, so that what is tested does not fade in or out at the time.
    const context = await browser.newContext({ reducedMotion: 'reduce', ...options });
    contexts.push(context);
    const page = await context.newPage();
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('console', (line) => line.type() === 'error' && complaints.push(line.text()));
    await page.goto(url);
    return page;
  }

  return {
    complaints: () => complaints,
    open,
    /** Opens an address with a session, without the sign-in form, which other tests cover. */
    async openWith(
      { token }: Pick<Client, 'token'>,
      url: string,
      options: ContextOptions = {},
    ): Promise<Page> {
      const localStorage = [{ name: TOKEN_KEY, value: token }];
      const storageState = { cookies: [], origins: [{ origin: new URL(url).origin, localStorage }] };
      const page = await open(url, { ...options, storageState });
      await balanceLink(page).waitFor();
      return page;
    },
  };
}

export async function signIn(page: Page, email: string): Promise<void> {
  await page.getByLabel('Email').fill(email);
  await page.getByRole('textbox', { name: 'Password' }).fill(DEMO_PASSWORD);
  await page.getByRole('button', { name: 'Sign in' }).click();
}

export const balanceLink = (page: Page) => page.getByRole('link', { name: /credits available/ });
export const balanceOf = async (page: Page) => Number(await balanceLink(page).getAttribute('data-available'));

/** Waits for finite animations, since a fading element has no final contrast. Endless animations, such as skeletons, are ignored. */
const settled = async () => {
  // Animations of new elements begin with the next frame.
  await new Promise((painted) => requestAnimationFrame(() => requestAnimationFrame(painted)));
  await Promise.all(
    document
      .getAnimations()
      .filter(({ effect }) => effect?.getComputedTiming().iterations !== Number.POSITIVE_INFINITY)
      .map(({ finished }) => finished.catch(() => undefined)),
  );
};

export async function expectAccessible(page: Page, where: string): Promise<void> {
  await page.evaluate(settled);
  // The legacy mode leaves out frames, which no page has, and saves a second page for each analysis.
  const axe = new AxeBuilder({ page }).options({ resultTypes: ['violations'] }).setLegacyMode();
  const { violations } = await axe.analyze();
  const grave = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
  expect(grave.map(({ id, nodes }) => `${where}: ${id} at ${nodes[0]?.html.slice(0, 120)}`)).toEqual([]);
}

export const fitsWidth = (page: Page) =>
  page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth);
