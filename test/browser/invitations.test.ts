import { beforeAll, expect, inject, it } from 'vitest';
import { type Client, DEMO_PASSWORD, signIn } from '../support/demo.ts';
import { balanceLink, browserForTests, expectAccessible, fitsWidth, originOf } from './browser-session.ts';

const { port } = inject('stack');
const { open, openWith, complaints } = browserForTests();

let admin: Client;
beforeAll(async () => {
  admin = await signIn(port, 'globex.localhost', 'admin@globex.test');
});

const newEmail = () => `guest-${crypto.randomUUID()}@example.test`;
const PHONE = { viewport: { width: 375, height: 800 } };

async function invite(email: string): Promise<string> {
  const { body } = await admin.post('/api/invitations', { email, role: 'user' });
  return body.link;
}

it('an admin invites somebody, who opens the link, sets a password and is in', async () => {
  const email = newEmail();
  const page = await openWith(admin, `${originOf('globex')}/users`);
  await page.getByRole('button', { name: 'Invite' }).click();
  await page.getByRole('button', { name: 'Create the link' }).click();
  await page.getByText('Enter an email address').waitFor();
  await page.getByRole('textbox', { name: 'Email' }).fill(email);
  await page.getByRole('radio', { name: /^Admin/ }).check();
  expect(await page.getByRole('radio', { name: /^Superadmin/ }).count()).toBe(0);
  await expectAccessible(page, 'invite');
  await page.getByRole('button', { name: 'Create the link' }).click();
  const dialog = page.getByRole('dialog', { name: `Send this link to ${email}` });
  await dialog.getByText('Copy it now').waitFor();
  await expectAccessible(page, 'link');
  const link = (await dialog.getByText(/^http/).textContent()) ?? '';
  await page.getByRole('button', { name: 'I have copied it' }).click();
  const invitations = page.getByRole('region', { name: 'Open invitations' });
  await invitations.getByText(email).waitFor();

  const theirs = await open(link, PHONE);
  await theirs.getByRole('heading', { name: 'Join Globex' }).waitFor();
  expect(await theirs.getByLabel('Email').inputValue()).toBe(email);
  await theirs.getByRole('textbox', { name: 'Password' }).fill('short');
  await theirs.getByRole('button', { name: 'Create account' }).click();
  await theirs.getByText('Use at least 12 characters').first().waitFor();
  await expectAccessible(theirs, 'invitation');
  expect(await fitsWidth(theirs)).toBe(true);
  await theirs.getByLabel('Name').fill('Grace');
  await theirs.getByRole('textbox', { name: 'Password' }).fill(DEMO_PASSWORD);
  await theirs.getByRole('button', { name: 'Create account' }).click();
  await balanceLink(theirs).waitFor();
  expect(new URL(theirs.url()).hash).toBe('');

  await theirs.goto(link);
  await theirs.getByText(`You are signed in as ${email}`).waitFor();
  await theirs.getByRole('button', { name: 'Sign out' }).click();
  await theirs.getByRole('heading', { name: 'This link does not work' }).waitFor();
  await expectAccessible(theirs, 'ended invitation');
  // The browser reports the answer to the used link.
  expect(complaints().filter((line) => !line.includes('404'))).toEqual([]);
});

it('an admin revokes an invitation after a question, and makes a new link for another', async () => {
  const [revoked, renewed] = [newEmail(), newEmail()];
  const links = [await invite(revoked), await invite(renewed)];
  const page = await openWith(admin, `${originOf('globex')}/users`);
  await page.getByRole('button', { name: `Actions for ${revoked}` }).click();
  await page.getByRole('menuitem', { name: 'Revoke' }).click();
  await expectAccessible(page, 'revoke');
  await page.getByRole('button', { name: 'Revoke' }).click();
  await page.getByText(`The link of ${revoked} no longer works.`).waitFor();
  await page.getByRole('button', { name: `Actions for ${renewed}` }).click();
  await page.getByRole('menuitem', { name: 'New link' }).click();
  await page.getByRole('button', { name: 'Create the link' }).click();
  await page.getByRole('dialog', { name: `Send this link to ${renewed}` }).waitFor();
  for (const link of links) {
    const theirs = await open(link);
    await theirs.getByRole('heading', { name: 'This link does not work' }).waitFor();
  }
});
