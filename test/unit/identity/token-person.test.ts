import { describe, expect, it } from 'vitest';
import { personOf } from '../../../worker/sign-in/token-person.ts';

const open = { kind: 'oidc' as const, email_domains: null, trusts_addresses: false };
const ada = { sub: 'ada', email: 'Ada@Example.com', email_verified: true, name: ' Ada ' };

describe('a person of a verified token', () => {
  it('has an address in lower case, and a name without blanks around it', () => {
    expect(personOf(ada, open)).toEqual({
      ok: true,
      value: { subject: 'ada', email: 'ada@example.com', name: 'Ada', is_proved: true },
    });
  });

  it.each([
    [true, false, true],
    ['true', false, true],
    [false, false, false],
    [false, true, false],
    ['false', true, false],
    [null, true, false],
    [1, true, false],
    [undefined, false, false],
    [undefined, true, true],
  ])(
    'with email_verified %s and trust %s has a proved address: %s',
    (email_verified, trusts_addresses, proved) => {
      const { email_verified: _, ...silent } = ada;
      const claims = email_verified === undefined ? silent : { ...silent, email_verified };
      expect(personOf(claims, { ...open, trusts_addresses })).toMatchObject({ value: { is_proved: proved } });
    },
  );

  it.each([undefined, 'no address', 7, `${'a'.repeat(300)}@example.com`])(
    'without a usable address (%s) has none, and proves none',
    (email) => {
      expect(personOf({ ...ada, email }, { ...open, trusts_addresses: true })).toMatchObject({
        value: { email: null, is_proved: false },
      });
    },
  );

  it.each(['', 'a'.repeat(256), 'half \ud800'])('needs a subject that can be stored: %j', (sub) => {
    expect(personOf({ ...ada, sub }, open)).toEqual({ ok: false, failure: { code: 'provider_failed' } });
  });

  it('is of the domains that the provider is for, not of one below or beside them', () => {
    const rules = { ...open, email_domains: ['example.com'] };
    const of = (email?: string) => personOf({ ...ada, email }, rules).ok;
    expect([of('a@example.com'), of('a@sub.example.com'), of('a@example.com.evil.example'), of()]).toEqual([
      ...[true, false, false, false],
    ]);
  });

  it('has no name where the claim is none', () => {
    for (const name of [undefined, '', ' ', 7, 'a'.repeat(101)])
      expect(personOf({ ...ada, name }, open)).toMatchObject({ value: { name: null } });
  });

  it.each([
    ['example.com', true],
    ['EXAMPLE.com', true],
    ['elsewhere.test', false],
    [undefined, false],
  ])('at Google with hd %s is of the organization that a list of domains names: %s', (hd, isAllowed) => {
    const rules = { ...open, kind: 'google' as const, email_domains: ['example.com'] };
    expect(personOf({ ...ada, hd }, rules).ok).toBe(isAllowed);
    expect(personOf({ ...ada, hd }, { ...rules, kind: 'oidc' }).ok).toBe(true);
  });
});
