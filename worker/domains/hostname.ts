import { parse } from 'tldts';
import { fail, ok, type Result } from '../../contracts/result.ts';

/** Names that belong to the platform: nobody can claim them, nor a name below one of them. */
export type OwnNames = {
  PLATFORM_DOMAIN: string;
  PLATFORM_HOSTNAMES: string[];
  /** The hostname that domains point to; null if the platform has none. */
  CUSTOM_DOMAIN_TARGET: string | null;
};

export type BrokenHostnameRule = { code: 'invalid_hostname'; rule: string; message: string };

/** A hostname that can become a custom domain. */
export type AcceptedHostname = {
  /** In lower case and punycode. */
  hostname: string;
};

/** The longest prefix that a record of ours or of Cloudflare puts before the hostname. Names have at most 253 characters. */
const LENGTH_MAX = 253 - '_cf-custom-hostname.'.length;

const label = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/** Names that are never somebody's, below public suffixes too (RFC 2606, RFC 6761). */
const reserved = ['example.com', 'example.net', 'example.org'];

const isWithin = (hostname: string, name: string) => hostname === name || hostname.endsWith(`.${name}`);

const broken = (rule: string, message: string) =>
  fail<BrokenHostnameRule>({ code: 'invalid_hostname', rule, message });

/** Returns a hostname in lower case and punycode, or null if a browser could not open it. */
function toAscii(text: string): string | null {
  if (/[\s/\\?#@:%[\]<>^|]/.test(text)) return null;
  return URL.parse(`http://${text}`)?.hostname ?? null;
}

function brokenForm(text: string): Result<string, BrokenHostnameRule> {
  if (text.includes('*')) return broken('wildcard', 'must be one hostname, without *');
  if (/^\[?[0-9a-f:.]*:[0-9a-f:.]*\]?$/i.test(text) && text.split(':').length > 2)
    return broken('ip_address', 'must be a hostname, not an address');
  const hostname = toAscii(text);
  if (hostname === null)
    return broken('hostname', 'must be a hostname, without scheme, port, path or spaces');
  if (hostname.endsWith('.')) return broken('trailing_dot', 'must not end with a dot');
  if (/^[\d.]+$/.test(hostname)) return broken('ip_address', 'must be a hostname, not an address');
  if (hostname.length > LENGTH_MAX) return broken('too_long', `must have at most ${LENGTH_MAX} characters`);
  const labels = hostname.split('.');
  if (!labels.every((one) => label.test(one)))
    return broken('hostname', 'must consist of labels of letters, digits and inner hyphens');
  return labels.length === 1 ? broken('single_label', 'must have at least one dot') : ok(hostname);
}

/** Returns the hostname that an admin typed, ready to be stored, or the rule that it breaks. Pure. */
export function acceptHostname(text: string, own: OwnNames): Result<AcceptedHostname, BrokenHostnameRule> {
  const form = brokenForm(text.trim());
  if (!form.ok) return form;
  const hostname = form.value;
  const { isIcann, isPrivate, domain } = parse(hostname, { allowPrivateDomains: true });
  const target = own.CUSTOM_DOMAIN_TARGET;
  const targetDomain =
    target === null ? null : (parse(target, { allowPrivateDomains: true }).domain ?? target);
  const ours = [
    own.PLATFORM_DOMAIN,
    ...own.PLATFORM_HOSTNAMES,
    ...(targetDomain === null ? [] : [targetDomain]),
  ];
  if (ours.some((name) => isWithin(hostname, name)))
    return broken('own_domain', 'must not be a name of this platform');
  if (!isIcann && !isPrivate) return broken('not_public', 'must end with a public top-level domain');
  if (reserved.some((name) => isWithin(hostname, name)))
    return broken('reserved', 'is reserved for documentation');
  if (domain === null)
    return broken('public_suffix', 'must be a name below a public suffix, such as yours.co.uk');
  return ok({ hostname });
}

/** Tells whether a hostname is the top of its domain, where DNS allows no CNAME. Pure. */
export const isApex = (hostname: string): boolean =>
  parse(hostname, { allowPrivateDomains: true }).domain === hostname;
