import { expect, inject, it } from 'vitest';
import { asOwner } from '../support/demo.ts';
import { simulatedDomains } from '../support/simulated-domains.ts';
import { manageTenants } from '../support/tenants.ts';
import { browserForTests, expectAccessible, fitsWidth } from './browser-session.ts';

const { port, ownerUrl, simulatorOrigin } = inject('stack');
const { openWith, complaints } = browserForTests();
const simulated = simulatedDomains(simulatorOrigin);

it('an admin adds a domain, follows its records until it is active, on a phone as well, and removes it', async () => {
  const { open } = await manageTenants(port);
  const tenant = await open();
  const at = `http://${tenant.host}:${port}/domains`;
  const hostname = `ai.acme-${crypto.randomUUID().slice(0, 8)}.com`;
  const page = await openWith(tenant, at);
  await page.getByRole('heading', { name: 'No domains yet' }).waitFor();
  await expectAccessible(page, 'no domains');
  await page.getByRole('button', { name: 'Add a domain' }).click();
  const field = page.getByRole('textbox', { name: 'Hostname' });
  await field.fill('*.acme.com');
  await page.getByRole('button', { name: 'Add', exact: true }).click();
  await page.getByText('must be one hostname').waitFor();
  await expectAccessible(page, 'add a domain');
  await field.fill(hostname);
  await page.getByRole('button', { name: 'Add', exact: true }).click();

  const card = page.getByRole('article', { name: hostname });
  await card.getByText('Waiting for TXT record').waitFor();
  await card
    .getByRole('button', { name: `Copy the value of the TXT record _vanilla-verify.${hostname}` })
    .waitFor();
  await expectAccessible(page, 'a new domain');
  const value = (await card.getByText('vanilla-verify=').textContent()) ?? '';
  await simulated.set({ type: 'TXT', name: `_vanilla-verify.${hostname}`, value });
  await card.getByRole('button', { name: `Check now: ${hostname}` }).click();
  await card.getByText('Setting up').waitFor();
  await simulated.set({ type: 'CNAME', name: hostname, value: 'domains.vanilla-simulated.net' });

  const phone = await openWith(tenant, at, { viewport: { width: 360, height: 780 }, colorScheme: 'dark' });
  const phoneCard = phone.getByRole('article', { name: hostname });
  await phoneCard.getByRole('list', { name: `DNS records of ${hostname}` }).waitFor();
  await expectAccessible(phone, 'a domain on a phone');
  expect(await fitsWidth(phone)).toBe(true);
  for (let look = 0; look < 6 && !(await phoneCard.getByText('Active').isVisible()); look += 1) {
    // As if ten seconds had passed.
    await asOwner(
      ownerUrl,
      `update tenant_domains set check_started_at = check_started_at - interval '11 seconds' where hostname = $1`,
      [hostname],
    );
    const answered = phone.waitForResponse((answer) => answer.url().endsWith('/check'));
    await phoneCard.getByRole('button', { name: `Check now: ${hostname}` }).click();
    await answered;
  }
  await phoneCard.getByText('The hostname points here.').waitFor();

  await page.reload();
  await card.getByRole('link', { name: hostname }).waitFor();
  await card.getByRole('button', { name: `Remove ${hostname}` }).click();
  await expectAccessible(page, 'remove');
  await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
  await page.getByRole('heading', { name: 'No domains yet' }).waitFor();
  expect(complaints().filter((line) => !line.includes('400'))).toEqual([]);
}, 60_000);
