import { createHash, randomBytes } from 'node:crypto';
import { BoundedMap } from '../../contracts/bounded-map.ts';

/**
 * Secrets of keys: a prefix that tells their kind, 43 random characters (256 bits) and a 6-character checksum, letters and digits only so that a
 * double click selects the whole key. Secret scanners recognise the prefix. The checksum rejects typos and invented keys
 * without a database query. Only a SHA-256 hash is stored, which is enough for 256 random bits.
 */

/** `vsk_`: a user's API key; `vsm_`: a tenant's management key. */
type Prefix = 'vsk_' | 'vsm_';

const PREFIX_LENGTH = 4;
const RANDOM_LENGTH = 43;
const CHECKSUM_LENGTH = 6;
/** Leading characters of a secret that are stored and displayed to identify its key. */
const DISPLAYED_LENGTH = PREFIX_LENGTH + 6;

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** Encodes bytes as `length` base-62 digits, lowest first. */
function base62(bytes: Uint8Array, length: number): string {
  let value = BigInt(`0x${Buffer.from(bytes).toString('hex')}`);
  let text = '';
  for (let digit = 0; digit < length; digit++) {
    text += ALPHABET[Number(value % 62n)];
    value /= 62n;
  }
  return text;
}

const sha256 = (text: string): Uint8Array => new Uint8Array(createHash('sha256').update(text).digest());

/** Returns the checksum of a prefix and the random characters after it. */
const checksumOf = (text: string): string => base62(sha256(text).subarray(0, 8), CHECKSUM_LENGTH);

function newSecret(prefix: Prefix): string {
  // 8 more bytes than needed, so that cutting to 43 digits leaves every digit equally likely.
  const text = `${prefix}${base62(randomBytes(40), RANDOM_LENGTH)}`;
  return `${text}${checksumOf(text)}`;
}

/** Generates the secret of a new API key. */
export const newApiKey = (): string => newSecret('vsk_');
/** Generates the secret of a new management key. */
export const newManagementKey = (): string => newSecret('vsm_');

/** The stored part of a secret: its SHA-256 in hex, by which the database finds the key, and its first characters. */
type Fingerprint = { hash: string; prefix: string };

/** Returns the stored part of a secret. */
export const fingerprintOf = (key: string): Fingerprint => ({
  hash: Buffer.from(sha256(key)).toString('hex'),
  prefix: key.slice(0, DISPLAYED_LENGTH),
});

const isSecret = (prefix: Prefix, text: string): boolean =>
  text.startsWith(prefix) &&
  /^[a-z]{3}_[0-9A-Za-z]{49}$/.test(text) &&
  text.slice(-CHECKSUM_LENGTH) === checksumOf(text.slice(0, -CHECKSUM_LENGTH));

/** True when a text has the form of an API key's secret and its checksum is correct. */
export const isApiKey = (text: string): boolean => isSecret('vsk_', text);

/** Fingerprints of the secrets that this isolate has seen. In memory only. */
const seen = new BoundedMap<string, Fingerprint>(5_000);

/** Returns the fingerprint of a management key's secret, or null when a text is none. */
export const readManagementKey = (text: string): Fingerprint | null =>
  isSecret('vsm_', text) ? fingerprintOf(text) : null;

/** Returns the fingerprint of an API key's secret, or null when a text is none. */
export function readApiKey(text: string): Fingerprint | null {
  const known = seen.get(text);
  if (known !== undefined || !isApiKey(text)) return known ?? null;
  const fingerprint = fingerprintOf(text);
  seen.set(text, fingerprint);
  return fingerprint;
}
