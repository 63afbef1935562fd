import type { IDToken } from 'oauth4webapi';
import { emailAddress, userName } from '../../contracts/api/account/auth.ts';
import { fail, ok, type Result } from '../../contracts/result.ts';
import { isStorable } from '../../contracts/storable-text.ts';
import { domainOfEmail } from '../../contracts/tenants/registration.ts';

/** A person as a verified token describes them. */
export type TokenPerson = {
  subject: string;
  email: string | null;
  name: string | null;
  /** The address is theirs, as the issuer says, or as the admin trusts. */
  is_proved: boolean;
};

type Rules = { kind: 'google' | 'oidc'; email_domains: string[] | null; trusts_addresses: boolean };

/** The longest subject of the standard (OpenID Connect Core, section 2). */
const SUBJECT_MAX = 255;

/** Some issuers send the claim as a text. Null if it is missing. */
function verifiedOf(claim: unknown): boolean | null {
  if (claim === undefined) return null;
  return claim === true || claim === 'true';
}

/**
 * Reads a person from the claims of a verified token. An address that the issuer says is not verified never counts; one of which it says
 * nothing counts if the admin trusts the issuer. Google says in `hd` whose organization an account is of: anybody can have an account of
 * Google's with an address of a company, which the company does not control. Pure.
 */
export function personOf(
  {
    sub,
    email: emailClaim,
    email_verified,
    name: nameClaim,
    hd,
  }: Pick<IDToken, 'sub'> & Record<string, unknown>,
  { kind, email_domains, trusts_addresses }: Rules,
): Result<TokenPerson, { code: 'provider_failed' | 'email_domain_refused' }> {
  if (sub.length === 0 || sub.length > SUBJECT_MAX || !isStorable(sub))
    return fail({ code: 'provider_failed' });
  const email = emailAddress.safeParse(emailClaim).data ?? null;
  const isAllowed =
    email_domains === null ||
    (email !== null &&
      email_domains.includes(domainOfEmail(email)) &&
      (kind !== 'google' || (typeof hd === 'string' && email_domains.includes(hd.toLowerCase()))));
  if (!isAllowed) return fail({ code: 'email_domain_refused' });
  return ok({
    subject: sub,
    email,
    name: userName.safeParse(nameClaim).data ?? null,
    is_proved: email !== null && (verifiedOf(email_verified) ?? trusts_addresses),
  });
}
