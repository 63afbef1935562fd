import type { Page } from 'playwright-core';
import { describe, expect, inject, it } from 'vitest';
import { type Client, registerSomebody, signIn as signInByApi } from '../support/demo.ts';
import { requestJson } from '../support/http.ts';
import {
  balanceLink,
  balanceOf,
  browserForTests,
  expectAccessible,
  originOf,
  signIn,
} from './browser-session.ts';

const { port } = inject('stack');
const HOST = 'acme.localhost';
const { open, openWith, complaints } = browserForTests();

/** Runs a prompt like a program. Returns the balance afterwards. */
async function spend(client: Client): Promise<number> {
  const { status, body } = await client.post('/api/ai/executions', {
    model: 'gpt-5.4-mini',
    prompt: 'Spend.',
  });
  expect(status).toBe(201);
  return body.balance_after;
}

/** Counts the page's HTTP reads of the wallet. */
function countReads(page: Page): () => number {
  let reads = 0;
  page.on('request', (request) => {
    if (new URL(request.url()).pathname === '/api/wallet') reads += 1;
  });
  return () => reads;
}

const openAs = (client: Client, path = '/') => openWith(client, `${originOf('acme')}${path}`);

describe('The live balance', () => {
  it('follows what a program spends within a second, and is told, never asked for', async () => {
    const client = await registerSomebody(port, HOST);
    const page = await open(`${originOf('acme')}/`);
    const reads = countReads(page);
    await signIn(page, client.email);
    await balanceLink(page).waitFor();
    const before = await balanceOf(page);
    for (let run = 0; run < 3; run += 1) {
      const left = await spend(client);
      expect(left).toBeLessThan(before);
      await expect.poll(() => balanceOf(page), { timeout: 1_000, interval: 25 }).toBe(left);
    }
    // Longer than the interval after which a page without a live balance polls.
    await page.waitForTimeout(2_500);
    expect(reads()).toBe(0);
    expect(complaints()).toEqual([]);
  });

  it('follows from tab to tab: what one runs, the other shows', async () => {
    const client = await registerSomebody(port, HOST);
    const [one, other] = [await openAs(client, '/playground'), await openAs(client, '/wallet')];
    const before = await balanceOf(other);
    await one.getByRole('textbox', { name: 'Prompt' }).fill('What is an edge?');
    await one.getByRole('button', { name: 'Run' }).click();
    await one.getByTestId('answer').waitFor();
    await expect.poll(() => balanceOf(other)).toBeLessThan(before);
    expect(await balanceOf(one)).toBe(await balanceOf(other));
    await other.getByText('Charged').first().waitFor();
    expect(complaints()).toEqual([]);
  });

  it('says when it is not live, and catches up as soon as the network is back', async () => {
    const client = await registerSomebody(port, HOST);
    const page = await openAs(client);
    await page.context().setOffline(true);
    await page.getByRole('link', { name: /not live/ }).waitFor();
    const left = await spend(client);
    expect(await balanceOf(page)).not.toBe(left);
    await page.context().setOffline(false);
    await expect.poll(() => balanceOf(page), { timeout: 2_000 }).toBe(left);
    expect(await page.getByRole('link', { name: /not live/ }).count()).toBe(0);
  });

  it('comes back by itself when only its connection breaks', async () => {
    const client = await registerSomebody(port, HOST);
    const page = await open(`${originOf('acme')}/login`);
    const breaks: (() => Promise<void>)[] = [];
    await page.routeWebSocket('**/api/wallet/live', (socket) => {
      socket.connectToServer();
      breaks.push(() => socket.close({ code: 4000, reason: 'broken by the test' }));
    });
    await signIn(page, client.email);
    await balanceLink(page).waitFor();
    await expect.poll(() => breaks.length).toBe(1);
    await breaks[0]?.();
    await expect.poll(() => breaks.length, { timeout: 5_000 }).toBe(2);
    const left = await spend(client);
    await expect.poll(() => balanceOf(page)).toBe(left);
  });

  it('reads the wallet once where WebSockets do not get through', async () => {
    const client = await registerSomebody(port, HOST);
    const page = await open(`${originOf('acme')}/login`);
    const reads = countReads(page);
    // The connection is accepted and stays silent.
    await page.routeWebSocket('**/api/wallet/live', () => undefined);
    await signIn(page, client.email);
    await page.getByRole('link', { name: /not live/ }).waitFor();
    expect(await balanceOf(page)).toBeGreaterThan(0);
    expect(reads()).toBe(1);
  });
});

describe('A session that ends elsewhere', () => {
  it('ends here at once, without anything being asked, and goes on where it was after signing in again', async () => {
    const client = await registerSomebody(port, HOST);
    const here = await openAs(client);
    const elsewhere = await openAs(client, '/wallet');
    await elsewhere.getByRole('button', { name: /account/i }).click();
    await elsewhere.getByRole('menuitem', { name: /sign out/i }).click();
    await here.getByText('Your session has ended. Sign in again.').waitFor({ timeout: 5_000 });
    // A user who signed out on purpose gets no message.
    await elsewhere.getByRole('button', { name: 'Sign in' }).waitFor();
    expect(await elsewhere.getByText(/session/i).count()).toBe(0);
    await signIn(here, client.email);
    await balanceLink(here).waitFor();
    expect(complaints()).toEqual([]);
  });
});

describe('A warning threshold', () => {
  it('is told of in plain words, stays away when it is dismissed, and marks its ledger entry', async () => {
    const client = await registerSomebody(port, HOST);
    const admin = await signInByApi(port, HOST, 'admin@acme.test');
    const set = await requestJson(port, HOST, `/api/users/${client.userId}/token-policy`, {
      method: 'PUT',
      headers: { authorization: `Bearer ${admin.token}` },
      body: {
        mode: 'monthly',
        allocation_tokens: 6_000,
        rollover_cap_tokens: null,
        enforcement: 'warn',
        warning_thresholds_percent: [1, 2],
        reservation_lifetime_ms: null,
        in_flight_max: null,
      },
    });
    expect(set.status).toBe(200);
    const page = await openAs(client);
    await spend(client);
    const warning = page.getByText(/^You have used \d+ % of this month's credits\.$/);
    await warning.waitFor({ timeout: 5_000 });
    await page.getByText(/^They renew on /).waitFor();
    await expectAccessible(page, 'warning');
    await page.getByRole('button', { name: 'Dismiss this warning' }).click();
    await page.reload();
    await balanceLink(page).waitFor();
    expect(await warning.count()).toBe(0);
    await page.getByRole('link', { name: 'Wallet' }).first().click();
    await page.getByText('1 % and 2 % used').waitFor();
    expect(complaints()).toEqual([]);
  });
});
