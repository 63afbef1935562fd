import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { type Client, signIn } from '../support/demo.ts';
import { pngOf } from '../support/images.ts';
import { browserForTests, expectAccessible, originOf } from './browser-session.ts';

const { port } = inject('stack');
const { open, openWith, complaints } = browserForTests();

let admin: Client;
let before: { name: string; tagline: string | null; primary_color: string };
beforeAll(async () => {
  admin = await signIn(port, 'globex.localhost', 'admin@globex.test');
  const { name, tagline, primary_color } = (await admin.get('/api/tenant/settings')).body.branding;
  before = { name, tagline, primary_color };
});
afterAll(() => admin.patch('/api/tenant', { branding: before }));

it('an admin tries a brand on their own page, saves it, and everybody sees it', async () => {
  const page = await openWith(admin, `${originOf('globex')}/settings`);
  const brand = page.getByRole('region', { name: 'Brand' });
  const shownName = page.getByRole('banner').getByText('Globe & Sons');
  await brand.getByLabel('Name').fill('Globe & Sons');
  await shownName.waitFor();
  await brand.getByRole('textbox', { name: 'Colour', exact: true }).fill('#7c2d12');
  await expectAccessible(page, 'brand settings');
  await brand.getByRole('button', { name: 'Discard' }).click();
  await page.getByRole('banner').getByText(before.name).waitFor();
  await brand.getByLabel('Name').fill('Globe & Sons');
  await brand.getByRole('button', { name: 'Save' }).click();
  await page.getByText('Everybody sees the new brand within a minute.').waitFor();
  const other = await open(`${originOf('globex')}/login`);
  await other.getByText('Globe & Sons').first().waitFor();
  expect(complaints()).toEqual([]);
});

it('an admin uploads a logo and removes it; an image that is refused says why', async () => {
  const page = await openWith(admin, `${originOf('globex')}/settings`);
  const brand = page.getByRole('region', { name: 'Brand' });
  const choose = async (name: string, mimeType: string, buffer: Buffer) => {
    const chooser = page.waitForEvent('filechooser');
    await brand.getByRole('button', { name: /(Upload a|Replace the) logo/ }).click();
    await (await chooser).setFiles({ name, mimeType, buffer });
  };
  await choose('logo.png', 'image/png', Buffer.from(pngOf(64, 64)));
  await page.getByText('Everybody sees the new logo within a minute.').waitFor();
  const logo = page.getByRole('banner').locator('img');
  await expect.poll(() => logo.evaluate((image) => (image as HTMLImageElement).naturalWidth)).toBe(64);
  await choose('small.png', 'image/png', Buffer.from(pngOf(8, 8)));
  await brand.getByText(/must have sides of 16 to 2048 pixels/i).waitFor();
  await brand.getByRole('button', { name: 'Remove' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
  await page.getByText('The initial of the name takes the place of the logo.').waitFor();
  expect(await logo.count()).toBe(0);
});
