import { beforeAll, describe, expect, inject, it } from 'vitest';
import { type Client, signIn as signInByApi } from '../support/demo.ts';
import { newSlug } from '../support/tenants.ts';
import { browserForTests, expectAccessible, fitsWidth } from './browser-session.ts';

const { port } = inject('stack');
const PLATFORM = `http://localhost:${port}`;
const { open, openWith, complaints } = browserForTests();

let superadmin: Client;
beforeAll(async () => {
  superadmin = await signInByApi(port, 'localhost', 'super@vanilla.test');
});

const openTenants = (path = '', options = {}) => openWith(superadmin, `${PLATFORM}/tenants${path}`, options);

async function makeTenant() {
  const slug = newSlug();
  const { body } = await superadmin.post('/api/tenants', {
    ...{ slug, name: `Shop ${slug}`, admin_email: `first@${slug}.example` },
  });
  return body as { id: string; slug: string; name: string };
}

describe('A superadmin', () => {
  it('creates a tenant with a budget, gets the link of its admin once, and finds the tenant', async () => {
    const slug = newSlug();
    const page = await openTenants();
    await page.getByRole('button', { name: 'Create a tenant' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Name').fill(slug.toUpperCase());
    await dialog.getByLabel('Slug').fill('www');
    await dialog.getByLabel('Email of the first admin').fill(`first@${slug}.example`);
    await dialog.getByLabel('Budget in US dollars').fill('5');
    await dialog.getByRole('button', { name: 'Create', exact: true }).click();
    await dialog.getByText(/are reserved/).waitFor();
    await expectAccessible(page, 'create a tenant');
    await dialog.getByLabel('Slug').fill(slug);
    await dialog.getByRole('button', { name: 'Create', exact: true }).click();
    await page.getByText(`http://${slug}.localhost:${port}/invitation#vsi_`).waitFor();
    await page.getByRole('button', { name: 'I have copied it' }).click();
    await page.getByRole('heading', { name: slug.toUpperCase() }).waitFor();
    await expectAccessible(page, 'tenant');
    await page.getByRole('link', { name: 'All tenants' }).click();
    await page.getByRole('searchbox').fill(slug.slice(0, 12));
    const row = page.getByRole('row').filter({ hasText: slug.toUpperCase() });
    await row.getByText('$5.00').waitFor();
    await expectAccessible(page, 'tenants');
    expect(complaints()).toEqual([]);
  });

  it('suspends a tenant with a reason, resumes it, deletes it by its slug and restores it', async () => {
    const { id, name, slug } = await makeTenant();
    const page = await openTenants(`/${id}`);
    const button = (label: string) => page.getByRole('button', { name: label, exact: true });
    const dialog = page.getByRole('dialog');
    await button('Suspend').click();
    await dialog.getByLabel('Reason').fill('The invoice is not paid.');
    await dialog.getByRole('button', { name: 'Suspend' }).click();
    await page.getByText('The invoice is not paid.').waitFor();
    await button('Resume').click();
    await dialog.getByRole('button', { name: 'Resume' }).click();
    await button('Delete').click();
    await dialog.getByLabel(/to confirm/).fill('another');
    await dialog.getByRole('button', { name: 'Review' }).click();
    await dialog.getByText(`Enter “${slug}”`, { exact: true }).waitFor();
    await dialog.getByLabel(/to confirm/).fill(slug);
    await dialog.getByRole('button', { name: 'Review' }).click();
    await expectAccessible(page, 'delete a tenant');
    await dialog.getByRole('button', { name: `Delete ${name}` }).click();
    await page.getByText(/^Is erased on/).waitFor();
    await button('Restore').click();
    await dialog.getByRole('button', { name: 'Restore' }).click();
    await expect.poll(() => page.getByText(/^Is erased on/).count()).toBe(0);
    expect(complaints()).toEqual([]);
  });

  it('acts inside a tenant with a banner, without a wallet, and leaves it', async () => {
    const { id, name } = await makeTenant();
    const platform = await openTenants(`/${id}`);
    await platform.getByRole('button', { name: 'Act inside' }).click();
    await platform.getByLabel('Reason').fill('They asked for help.');
    await platform.getByRole('button', { name: 'Open for 15 minutes' }).click();
    const link = platform.getByRole('link', { name: `Open ${name}` });
    const page = await open((await link.getAttribute('href')) ?? '');
    await page.getByText(`You act inside ${name} as a superadmin`).waitFor();
    await page.getByRole('heading', { name: 'Users', exact: true }).waitFor();
    expect(new URL(page.url()).hash, 'the token is not in the address').toBe('');
    expect(await page.getByRole('link', { name: 'Wallet' }).count()).toBe(0);
    await expectAccessible(page, 'acting');
    await page.getByRole('link', { name: 'Audit log' }).click();
    await page.getByText('Entered by a superadmin').waitFor();
    await page.getByRole('button', { name: 'Leave' }).click();
    await page.getByRole('button', { name: 'Sign in' }).waitFor();
    expect(complaints()).toEqual([]);
  });

  it('sees tenants on a phone within its width, and a search without a match', async () => {
    const page = await openTenants('', { viewport: { width: 390, height: 844 }, colorScheme: 'dark' });
    await page.getByRole('link', { name: 'Acme' }).waitFor();
    expect(await fitsWidth(page)).toBe(true);
    await expectAccessible(page, 'tenants on a phone');
    await page.getByRole('searchbox').fill('nobody-has-this-name');
    await page.getByText('No tenants found').waitFor();
    expect(complaints()).toEqual([]);
  });
});

it('a link to act inside a tenant signs nobody in with another token', async () => {
  const page = await open(`http://acme.localhost:${port}/acting#${superadmin.token}`);
  await page.getByText('This link does not work').waitFor();
  await expectAccessible(page, 'acting without a link');
});

it('somebody signs up a tenant where the platform allows it, and is told when it does not', async () => {
  const closed = await open(`${PLATFORM}/sign-up`);
  await closed.getByText('Sign-ups are closed').waitFor();
  await superadmin.put('/api/tenant-signups', { mode: 'unverified' });
  try {
    const slug = newSlug();
    const page = await open(`${PLATFORM}/sign-up`);
    await page.getByLabel('Name of your business').fill(slug);
    await page.getByLabel('Your email').fill(`me@${slug}.example`);
    await expectAccessible(page, 'sign-up');
    await page.getByRole('button', { name: 'Sign up' }).click();
    await page.getByRole('link', { name: `Open ${slug}.localhost` }).click();
    await page.getByRole('button', { name: 'Create account' }).waitFor();
    expect(complaints()).toEqual([]);
  } finally {
    await superadmin.put('/api/tenant-signups', { mode: 'closed' });
  }
});
