/** Returns the eight groups of an IPv6 address, or null. */
function groupsOf(address: string): string[] | null {
  const [head = '', tail, ...more] = address.split('::');
  if (more.length > 0) return null;
  const split = (part: string | undefined) => (part === undefined || part === '' ? [] : part.split(':'));
  const [before, after] = [split(head), split(tail)];
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - before.length - after.length);
  return [...before, ...Array.from({ length: zeros }, () => '0'), ...after];
}

/**
 * Returns the network of a client's address, as one who guesses has addresses: an IPv4 address, or the first 64 bits of an IPv6 address,
 * which one connection has to itself (RFC 6177). Pure.
 */
export function networkOf(address: string): string {
  const [, mapped] = /^::ffff:([\d.]+)$/i.exec(address) ?? [];
  if (mapped !== undefined) return mapped;
  const groups = address.includes(':') ? groupsOf(address.toLowerCase()) : null;
  if (groups === null || groups.length < 4) return address;
  const prefix = groups.slice(0, 4).map((group) => group.replace(/^0+(?=.)/, ''));
  return `${prefix.join(':')}::/64`;
}
