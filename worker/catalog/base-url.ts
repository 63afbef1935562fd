/**
 * The rules for base URLs of AI providers. Pure. The Worker calls them with the tenant's key, so they must be public servers:
 * neither this platform nor a host inside a network (server-side request forgery; OWASP SSRF prevention, case 2). A name that
 * resolves to a private address is refused by the platform's network, and redirects are not followed.
 */

/**
 * Suffixes of names inside networks: RFC 6761, RFC 6762, RFC 7686, ICANN's reserved `internal`, names that ICANN will never
 * delegate because networks use them, and names of services within clusters. No public server is below `arpa` (RFC 8375).
 */
const privateSuffixes = [
  ...['localhost', 'local', 'internal', 'intranet', 'lan', 'arpa', 'onion'],
  ...['test', 'invalid', 'corp', 'home', 'mail', 'private', 'localdomain', 'svc', 'consul'],
];

const hasSuffix = (hostname: string, suffix: string) =>
  hostname === suffix || hostname.endsWith(`.${suffix}`);

type OwnHosts = { PLATFORM_DOMAIN: string; PLATFORM_HOSTNAMES: readonly string[] };

const isLoopback = ({ hostname }: URL) => hostname === '127.0.0.1' || hostname === 'localhost';

/** True for an IP address. The URL parser has normalized every spelling to digits or brackets. */
const isAddress = ({ hostname }: URL) => /^[\d.]+$/.test(hostname) || hostname.startsWith('[');

function refuseHostname(url: URL, own: OwnHosts): string | null {
  const hostname = url.hostname.replace(/\.+$/, '');
  if (isAddress(url)) return 'must name a host, not an address';
  if (hostname.includes('..')) return 'must be a public host name';
  if (!hostname.includes('.')) return 'must be a public host name';
  if (privateSuffixes.some((suffix) => hasSuffix(hostname, suffix))) return 'must be a public host name';
  if ([own.PLATFORM_DOMAIN, ...own.PLATFORM_HOSTNAMES].some((host) => hasSuffix(hostname, host)))
    return 'must not be this platform itself';
  return null;
}

/**
 * The rule that a base URL breaks, or null when it may be used. `allowLoopback` is for the local stack, whose simulators listen on
 * this machine.
 */
export function refuseBaseUrl(text: string, own: OwnHosts, allowLoopback: boolean): string | null {
  if (!URL.canParse(text)) return 'must be a URL';
  const url = new URL(text);
  if (url.username !== '' || url.password !== '') return 'must not hold a user name or a password';
  if (url.search !== '' || url.hash !== '') return 'must not have a query or a fragment';
  if (allowLoopback && isLoopback(url) && /^https?:$/.test(url.protocol)) return null;
  if (url.protocol !== 'https:') return 'must begin with https://';
  return refuseHostname(url, own);
}
