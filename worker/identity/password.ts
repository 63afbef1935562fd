import bcrypt from 'bcryptjs';
import type { SecretRing } from '../runtime/secret-ring.ts';
import { HashingQueue } from './passwords/hashing-queue.ts';

/** 2^10 rounds: about 60 ms of CPU in a Worker. */
const COST = 10;

/** Hash of discarded random bytes with the same cost. The password of an unknown user is compared with it. */
const DUMMY_HASH = '$2b$10$dFTcWr9Pt4gRE48esH4Xyur2YsifQ3I6iEWeEyMrB.QaDQU9IW8DK';

/** Stored in place of a hash for an account without a password (migrations: has_password). No password matches it. */
export const NO_PASSWORD = '-';

/** For this isolate. The last of those that wait waits for about two seconds. */
const hashing = new HashingQueue({ running_max: 2, waiting_max: 32 });

const encoder = new TextEncoder();

/** The form that is hashed: one letter can be written in several ways (Unicode, NFC), and keyboards differ. */
const composed = (password: string): string => password.normalize('NFC');

/**
 * Returns base64(HMAC-SHA-256(pepper, password)), 44 bytes for a password of any length: bcrypt ignores everything after 72
 * bytes. Stolen hashes cannot be guessed without the pepper.
 */
async function digestOf(pepper: string, password: string): Promise<string> {
  const algorithm = { name: 'HMAC', hash: 'SHA-256' };
  const key = await crypto.subtle.importKey('raw', encoder.encode(pepper), algorithm, false, ['sign']);
  const digest = await crypto.subtle.sign('HMAC', key, encoder.encode(password));
  return btoa(String.fromCharCode(...new Uint8Array(digest)));
}

/** A stored hash: bcrypt's own form, after the version of its pepper and a colon unless that is 1. */
const STORED = /^(?:([1-9]\d{0,5}):)?(\$2b\$.+)$/;

/** Returns the version of the pepper of a stored hash, and bcrypt's own part. */
function partsOf(stored: string | null): { version: string; hash: string | undefined } {
  const [, version = '1', hash] = STORED.exec(stored ?? '') ?? [];
  return { version, hash };
}

/** Tells whether a hash is under an older pepper than the newest. */
export const isUnderOldPepper = ([newest]: SecretRing, stored: string): boolean =>
  partsOf(stored).version !== String(newest.version);

/**
 * Returns the hash to store for a password: salted bcrypt over its digest under the newest pepper. Throws `TooManyHashes` if too many
 * wait.
 */
export async function hashPassword([newest]: SecretRing, password: string): Promise<string> {
  const digest = await digestOf(newest.secret, composed(password));
  const hash = await hashing.run(() => bcrypt.hash(digest, COST));
  return newest.version === 1 ? hash : `${newest.version}:${hash}`;
}

/**
 * Returns true when `password` matches `stored`. A null hash, for an unknown user, takes as long as a wrong password, so that
 * response times do not reveal registered emails. Hashes from before passwords were composed match the password as it was typed. A
 * hash under a pepper that was dropped matches nothing. Throws `TooManyHashes` if too many wait.
 */
export async function verifyPassword(
  peppers: SecretRing,
  password: string,
  stored: string | null,
): Promise<boolean> {
  const { version, hash } = partsOf(stored);
  const pepper = peppers.find((one) => String(one.version) === version);
  for (const form of new Set([composed(password), password])) {
    const digest = await digestOf((pepper ?? peppers[0]).secret, form);
    const matches = await hashing.run(() => bcrypt.compare(digest, hash ?? DUMMY_HASH));
    if (matches && hash !== undefined && pepper !== undefined) return true;
  }
  return false;
}
