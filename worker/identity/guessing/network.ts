/** Returns the eight groups of an IPv6 address, or null. */
function groupsOf(address: string): string[] | null {
  const [head = '', tail, ...more] = address.split('::');
  if (more.length > 0) return null;
  const split = (part: string | undefined) => (part === undefined || part === '' ? [] : part.split(':'));
  const [before, after] = [split(head), split(tail)];
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - before.length - after.length);
  return [...before, ...Array.from({ length: zeros }, () => '0'), ...after];
}

const withoutZeros = (group: string) => group.replace(/^0+(?=.)/, '');
/** Returns the IPv4 address in an IPv6 address that holds one. */
const mappedIn = (address: string): string | undefined => /^::ffff:([\d.]+)$/i.exec(address)?.[1];

/** Returns the first groups of an IPv6 address as a prefix, or null for another address. */
function prefixOf(address: string, groups: number): string | null {
  const all = address.includes(':') ? groupsOf(address.toLowerCase()) : null;
  if (all === null || all.length < groups) return null;
  return `${all.slice(0, groups).map(withoutZeros).join(':')}::/${groups * 16}`;
}

/**
 * Returns the network of a client's address, as one who guesses has addresses: an IPv4 address, or the first 64 bits of an IPv6 address,
 * which one connection has to itself (RFC 6177). Pure.
 */
export const networkOf = (address: string): string => mappedIn(address) ?? prefixOf(address, 4) ?? address;

/**
 * Returns the site of a client's address, as one who rents addresses has them: the first 24 bits of an IPv4 address, or the first 48 bits
 * of an IPv6 address, which one site is given (RFC 6177). Pure.
 */
export function siteOf(address: string): string {
  const plain = mappedIn(address) ?? address;
  const [, firstThree] = /^(\d+\.\d+\.\d+)\.\d+$/.exec(plain) ?? [];
  return firstThree === undefined ? (prefixOf(plain, 3) ?? plain) : `${firstThree}.0/24`;
}
