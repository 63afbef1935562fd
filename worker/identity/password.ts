import bcrypt from 'bcryptjs';

/** 2^10 rounds: about 60 ms of CPU in a Worker. */
const COST = 10;

/** Hash of discarded random bytes with the same cost. The password of an unknown user is compared with it. */
const DUMMY_HASH = '$2b$10$dFTcWr9Pt4gRE48esH4Xyur2YsifQ3I6iEWeEyMrB.QaDQU9IW8DK';

const encoder = new TextEncoder();

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

/** Returns the hash to store for a password: salted bcrypt over its peppered digest. */
export async function hashPassword(pepper: string, password: string): Promise<string> {
  return bcrypt.hash(await digestOf(pepper, password), COST);
}

/**
 * Returns true when `password` matches `hash`. A null hash, for an unknown user, takes as long as a wrong password, so that
 * response times do not reveal registered emails.
 */
export async function verifyPassword(
  pepper: string,
  password: string,
  hash: string | null,
): Promise<boolean> {
  const matches = await bcrypt.compare(await digestOf(pepper, password), hash ?? DUMMY_HASH);
  return matches && hash !== null;
}
