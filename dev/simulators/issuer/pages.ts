import type { Person } from './tokens.ts';

/** The people whom the page offers. Their addresses are verified, but for the last one. */
export const people: Person[] = [
  { sub: 'ada', email: 'ada@example-id.test', email_verified: true, name: 'Ada Lovelace' },
  { sub: 'grace', email: 'grace@example-id.test', email_verified: true, name: 'Grace Hopper' },
  { sub: 'mallory', email: 'mallory@example-id.test', email_verified: false, name: 'Mallory' },
];

const escapes: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
const escapeHtml = (text: string) => text.replace(/[&<>"']/g, (character) => escapes[character] ?? '');

const linkTo = (address: string, { name, email, email_verified }: Person) =>
  `<li><a href="${escapeHtml(address)}">${escapeHtml(`${name} <${email}>`)}</a>${email_verified ? '' : ' (address not verified)'}</li>`;

/** The page on which somebody chooses whom to sign in as. `addressOf` is where the choice of a person leads. */
export const choicePage = (client: string, addressOf: (person: Person) => string, cancel: string): string =>
  `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Example ID (simulated)</title>
<style>
  body { font: 16px/1.5 system-ui, sans-serif; max-width: 34rem; margin: 2rem auto; padding: 0 1rem; color: #111827 }
  .note { background: #fef3c7; border-radius: 8px; padding: .5rem 1rem }
</style></head><body><main>
<p class="note">Simulated: this identity provider is a part of the local stack. It asks for no password.</p>
<h1>Example ID</h1>
<p>Continue to ${escapeHtml(client)} as</p>
<ul>${people.map((person) => linkTo(addressOf(person), person)).join('')}</ul>
<p><a href="${escapeHtml(cancel)}">Cancel</a></p>
</main></body></html>`;
