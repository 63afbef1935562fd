import { beforeAll, expect, inject, it } from 'vitest';
import { type Client, signIn } from '../support/demo.ts';
import { manageTenants } from '../support/tenants.ts';
import { browserForTests, expectAccessible, originOf } from './browser-session.ts';

const { port } = inject('stack');
const { openWith, complaints } = browserForTests();

let admin: Client;
let slug: string;
beforeAll(async () => {
  const tenants = await manageTenants(port);
  const tenant = await tenants.open();
  slug = tenant.slug;
  admin = await signIn(port, tenant.host, `first@${slug}.example`);
});

const setting = async () => (await admin.get('/api/tenant/settings')).body.response_cache;

it('an admin turns the response cache on, is told what is wrong, and turns it off', async () => {
  const page = await openWith(admin, `${originOf(slug)}/settings`);
  const cache = page.getByRole('region', { name: 'Response cache' });
  expect(await cache.getByLabel('Minutes to keep an answer').count()).toBe(0);
  await cache.getByRole('radio', { name: 'Every user of this tenant' }).click();
  await cache.getByLabel('Minutes to keep an answer').fill('20000');
  await cache.getByRole('button', { name: 'Save' }).click();
  await cache.getByText('Enter 1 to 10080 minutes').waitFor();
  await expectAccessible(page, 'response cache');
  expect(await setting()).toBeNull();
  await cache.getByLabel('Minutes to keep an answer').fill('90');
  await cache.getByLabel('Price of a kept answer').fill('25');
  await cache.getByRole('button', { name: 'Save' }).click();
  await expect.poll(setting).toEqual({ ttl_s: 5_400, scope: 'tenant', price_percent: 25 });
  await cache.getByRole('radio', { name: 'The user who got it before' }).click();
  await cache.getByRole('button', { name: 'Discard' }).click();
  expect(await cache.getByRole('radio', { name: 'Every user of this tenant' }).isChecked()).toBe(true);
  await cache.getByRole('radio', { name: 'Nobody' }).click();
  await cache.getByRole('button', { name: 'Save' }).click();
  await expect.poll(setting).toBeNull();
  expect(complaints()).toEqual([]);
});
