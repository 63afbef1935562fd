import { beforeAll, expect, inject, it } from 'vitest';
import { type Client, signIn } from '../support/demo.ts';
import { browserForTests, expectAccessible, fitsWidth, originOf } from './browser-session.ts';

const { port } = inject('stack');
const { openWith, complaints } = browserForTests();
const PLATFORM_ORIGIN = `http://localhost:${port}`;

let superadmin: Client;
let admin: Client;
beforeAll(async () => {
  superadmin = await signIn(port, 'localhost', 'super@vanilla.test');
  admin = await signIn(port, 'acme.localhost', 'admin@acme.test');
});

it('a superadmin sets a budget after a review, adds credit, and checks the ledger behind it', async () => {
  const page = await openWith(superadmin, `${PLATFORM_ORIGIN}/budget`);
  await page.getByRole('button', { name: 'Change' }).click();
  await page.getByRole('radio', { name: /^Prepaid/ }).check();
  await page.getByRole('radio', { name: /^No limit/ }).check();
  await page.getByRole('textbox', { name: 'Balance' }).fill('12.5');
  await page.getByRole('textbox', { name: 'Markup' }).fill('17.25');
  await page.getByRole('textbox', { name: 'Fee on own keys' }).fill('');
  await page.getByRole('button', { name: 'Review' }).click();
  await page.getByText('Enter an amount in dollars, 0 or more, with at most six decimals').waitFor();
  await expectAccessible(page, 'budget form');
  await page.getByRole('textbox', { name: 'Fee on own keys' }).fill('0.0005');
  await page.getByRole('button', { name: 'Review' }).click();
  await page.getByText('$12.50').first().waitFor();
  await expectAccessible(page, 'budget review');
  await page.getByRole('button', { name: 'Set the budget' }).click();
  await page.getByText('The budget applies from the next execution on.').waitFor();
  await page.getByText('Markup 17.25 %, fee on own keys $0.0005 per execution.').waitFor();

  await page.getByRole('button', { name: 'Add credit' }).click();
  await page.getByRole('textbox', { name: 'Amount' }).fill('0.000001');
  await page.getByRole('textbox', { name: 'Reason' }).fill('A test');
  await page.getByRole('button', { name: 'Review' }).click();
  await page.getByRole('button', { name: 'Add $0.000001' }).click();
  await page.getByText('The balance is $12.500001 now.').waitFor();
  await page.getByText('Paid in').first().waitFor();
  await expectAccessible(page, 'budget');

  await page.getByRole('button', { name: 'Check the wallet' }).click();
  await page.getByRole('table', { name: 'Figures compared' }).waitFor();
  await expectAccessible(page, 'budget check');
  expect(complaints()).toEqual([]);
});

it('a tenant’s admin reads the budget on a phone, and finds nothing to change', async () => {
  const phone = { viewport: { width: 390, height: 844 } };
  const page = await openWith(admin, `${originOf('acme')}/budget`, phone);
  await page.getByText(/every month, next on/).waitFor();
  expect(await page.getByRole('button', { name: 'Change' }).count()).toBe(0);
  expect(await fitsWidth(page)).toBe(true);
  await expectAccessible(page, 'own budget');
  expect(complaints()).toEqual([]);
});
