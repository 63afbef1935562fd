import { expect, it } from 'vitest';
import type { RegistrationMode } from '../../../contracts/tenants/registration.ts';
import { emailDomain } from '../../../contracts/tenants/registration.ts';
import { checkRegistration } from '../../../worker/identity/registration.ts';

const answerOf = (registration: RegistrationMode, email: string, invited = false) => {
  const tenant = { registration, registration_email_domains: ['acme.example', 'xn--mnchen-3ya.example'] };
  const checked = checkRegistration(tenant, email, { invited });
  return checked.ok ? 'registers' : checked.failure.code;
};

it.each([
  ['open', false, 'registers'],
  ['open', true, 'registers'],
  ['invitation', false, 'invitation_required'],
  ['invitation', true, 'registers'],
  ['email_domains', false, 'email_domain_refused'],
  ['email_domains', true, 'registers'],
  ['closed', false, 'registration_closed'],
  ['closed', true, 'registration_closed'],
] as const)('with %s registration, somebody from elsewhere, invited: %s, %s', (mode, invited, expected) =>
  expect(answerOf(mode, 'ada@elsewhere.example', invited)).toBe(expected),
);

it.each([
  ['ada@acme.example', 'registers'],
  ['ada@ACME.example', 'registers'],
  ['ada@xn--mnchen-3ya.example', 'registers'],
  ['ada@mail.acme.example', 'email_domain_refused'],
  ['ada@notacme.example', 'email_domain_refused'],
  ['ada@acme.example.evil.example', 'email_domain_refused'],
  ['"ada@acme.example"@evil.example', 'email_domain_refused'],
])('of the allowed domains, %s: %s', (email, expected) =>
  expect(answerOf('email_domains', email)).toBe(expected),
);

it('a domain is read in lower case and without spaces around it', () =>
  expect(emailDomain.parse(' Acme.Example ')).toBe('acme.example'));

it.each([
  '',
  'acme',
  '@acme.example',
  'ada@acme.example',
  '*.acme.example',
  '.acme.example',
  'acme.example.',
  'acme..example',
  '-acme.example',
  '127.0.0.1',
  'münchen.example',
  'acme.example/path',
  `${'a'.repeat(64)}.example`,
  `${'a.'.repeat(126)}example`,
])('%j is no email domain', (text) => expect(emailDomain.safeParse(text).success).toBe(false));
