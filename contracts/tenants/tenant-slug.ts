import { z } from 'zod';

/** Slugs of tenants: the first label of `<slug>.<platform domain>`. */

const SLUG_MIN = 2;
const SLUG_MAX = 40;

/** Labels that name a service, a role or a part of the platform, and could deceive people in a hostname. */
const reserved = new Set(
  `abuse account accounts admin administrator administrators api apis app apps assets auth autoconfig autodiscover
  billing blog broadcasthost cdn cloud cname community console contact customer customers dashboard demo deleted dev
  dns docs domain domains email files ftp gateway git help home hostmaster http https identity imap img images info
  internal invitation invoice invoices isatap legal localhost login logout mail mailer media mx news no-reply noreply
  ns ns1 ns2 oauth pay payment payments ping platform pop pop3 portal postmaster preview privacy prod production proxy
  register root saml secure security server signin signup smtp ssl sso staff staging static status store superadmin
  support sys system tenant tenants terms test tls update updates upload uploads user users v1 v2 vpn webhook webhooks
  webmail webmaster wpad ws www www1 www2`.split(/\s+/),
);

/** Returns the rule that a well-formed slug breaks, with its message, or null. */
export function brokenSlugRule(slug: string): { rule: 'punycode' | 'reserved'; message: string } | null {
  // The third and fourth character of a label are hyphens only in encodings such as punycode (RFC 5891, section 4.2.3.1).
  if (slug.slice(2, 4) === '--') return { rule: 'punycode', message: 'must not be an encoded name' };
  return reserved.has(slug) || slug.startsWith('deleted-')
    ? { rule: 'reserved', message: 'is reserved' }
    : null;
}

/** The slug of a new tenant. */
export const newTenantSlug = z
  .string()
  .min(SLUG_MIN)
  .max(SLUG_MAX)
  .regex(/^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/, 'expects lower-case letters a to z, digits and inner hyphens')
  .check(({ value, issues }) => {
    const broken = brokenSlugRule(value);
    if (broken !== null)
      issues.push({ code: 'custom', input: value, message: broken.message, params: { rule: broken.rule } });
  })
  .describe(
    "The short name, part of the tenant's hostname: 2 to 40 lower-case letters, digits and inner hyphens. Names of services such as `www` and encoded names are reserved.",
  )
  .meta({ examples: ['acme'] });
