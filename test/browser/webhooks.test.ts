import { randomUUID } from 'node:crypto';
import { expect, inject, it } from 'vitest';
import { isSignedBy } from '../../dev/simulators/webhooks/receiver.ts';
import { eventually, registerSomebody, signIn } from '../support/demo.ts';
import { openReceiver } from '../support/webhook-receiver.ts';
import { browserForTests, expectAccessible, fitsWidth, originOf } from './browser-session.ts';

const { port, simulatorOrigin } = inject('stack');
const { openWith, complaints } = browserForTests();

it('an admin creates a webhook, sees its secret once, reads its log, delivers an event again and deletes it, on a phone', async () => {
  const admin = await signIn(port, 'acme.localhost', 'admin@acme.test');
  const receiver = openReceiver(simulatorOrigin, randomUUID());
  const viewport = { width: 390, height: 844 };
  const page = await openWith(admin, `${originOf('acme')}/webhooks`, { colorScheme: 'dark', viewport });
  await page.getByRole('heading', { name: 'Webhooks', level: 1 }).waitFor();
  await page.getByRole('button', { name: 'New webhook' }).press('Enter');
  await page.getByLabel('URL').fill(receiver.url);
  await page.getByRole('button', { name: 'Create the webhook' }).click();
  await page.getByText('Choose at least one event').waitFor();
  await page.getByLabel('wallet.credited').press('Space');
  await expectAccessible(page, 'new webhook');
  await page.getByRole('button', { name: 'Create the webhook' }).press('Enter');
  await page.getByText('You cannot see this secret again').waitFor();
  const [secret = ''] = /whsec_[\w+/]{43}=/.exec((await page.getByRole('dialog').textContent()) ?? '') ?? [];
  await page.getByRole('button', { name: 'I have copied it' }).press('Enter');
  const user = await registerSomebody(port, 'acme.localhost');
  await admin.post(
    `/api/users/${user.userId}/wallet/credits`,
    { amount: 10, reason: 'A test' },
    { 'idempotency-key': randomUUID() },
  );
  const [event] = await eventually(receiver.received, ({ length }) => length > 0, 30_000);
  expect(event !== undefined && isSignedBy(secret, event)).toBe(true);
  await page.getByRole('link', { name: receiver.url }).click();
  await page.getByText('Delivered').last().waitFor();
  await page.getByRole('button', { name: /^Show the body/ }).press('Enter');
  await page.getByRole('dialog').getByText(user.userId).waitFor();
  await expectAccessible(page, 'body of an event');
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: /^Deliver again/ }).press('Enter');
  await eventually(receiver.received, ({ length }) => length > 1, 30_000);
  expect(await fitsWidth(page)).toBe(true);
  await expectAccessible(page, 'deliveries');
  await page.getByRole('main').getByRole('link', { name: 'Webhooks' }).click();
  await page.getByRole('button', { name: `Actions for ${receiver.url}` }).press('Enter');
  await page.getByRole('menuitem', { name: 'Delete' }).press('Enter');
  await page.getByRole('button', { name: 'Delete', exact: true }).press('Enter');
  await page.getByRole('link', { name: receiver.url }).waitFor({ state: 'detached' });
  await page.getByRole('link', { name: 'Alerts' }).click();
  await page.getByRole('heading', { name: 'Alerts', level: 1 }).waitFor();
  await page.getByLabel('Mailed to you').waitFor();
  await expectAccessible(page, 'alerts');
  expect(await fitsWidth(page)).toBe(true);
  expect(complaints()).toEqual([]);
});
