import { createHash, randomBytes } from 'node:crypto';

/**
 * API keys: `vsk_`, 43 random characters (256 bits), and 6 that check them, all of letters and digits so that a double click
 * selects a whole key. The prefix lets secret scanners know it, the check lets a typo or a made-up key be refused without asking
 * anybody. Only the hash is kept: with so much chance in it a fast hash is enough.
 */

const PREFIX = 'vsk_';
const RANDOM_LENGTH = 43;
const CHECK_LENGTH = 6;
/** What people see of a key afterwards, to tell it from others. */
const SHOWN_LENGTH = PREFIX.length + 6;

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** `length` digits of a number in base 62, the lowest first. */
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

const checkOf = (body: string): string => base62(sha256(`${PREFIX}${body}`).subarray(0, 8), CHECK_LENGTH);

/** A new key: shown once. */
export function newApiKey(): string {
  // 8 bytes more than needed, so that cutting to 43 digits leaves no digit more likely than another.
  const body = base62(randomBytes(40), RANDOM_LENGTH);
  return `${PREFIX}${body}${checkOf(body)}`;
}

/** What is kept of a key: its SHA-256 in hex, by which the database knows it, and how it begins. */
export const keptOf = (key: string): { hash: string; prefix: string } => ({
  hash: Buffer.from(sha256(key)).toString('hex'),
  prefix: key.slice(0, SHOWN_LENGTH),
});

/** Whether a text could be one of our keys: its form, and that its last characters fit the rest. */
export function isApiKey(text: string): boolean {
  if (!/^vsk_[0-9A-Za-z]{49}$/.test(text)) return false;
  const body = text.slice(PREFIX.length, -CHECK_LENGTH);
  return text.slice(-CHECK_LENGTH) === checkOf(body);
}
