import bcrypt from 'bcryptjs';

/** 2^10 rounds: about 60 ms of CPU in a Worker, for us and for whoever steals the hashes. */
const COST = 10;

/** Hash of random bytes nobody kept, made with the same cost: what the password of an unknown user is compared with. */
const NOBODYS_HASH = '$2b$10$dFTcWr9Pt4gRE48esH4Xyur2YsifQ3I6iEWeEyMrB.QaDQU9IW8DK';

const encoder = new TextEncoder();

/**
 * base64(HMAC-SHA-256(pepper, password)). bcrypt ignores what is past 72 bytes; this digest is 44, whatever the length of
 * the password. And hashes stolen without the pepper cannot be guessed at.
 */
async function digestOf(pepper: string, password: string): Promise<string> {
  const algorithm = { name: 'HMAC', hash: 'SHA-256' };
  const key = await crypto.subtle.importKey('raw', encoder.encode(pepper), algorithm, false, ['sign']);
  const digest = await crypto.subtle.sign('HMAC', key, encoder.encode(password));
  return btoa(String.fromCharCode(...new Uint8Array(digest)));
}

/** The hash to store for a password: bcrypt over its peppered digest, salted. */
export async function hashPassword(pepper: string, password: string): Promise<string> {
  return bcrypt.hash(await digestOf(pepper, password), COST);
}

/**
 * Whether `password` is the one behind `hash`. Null stands for a user who does not exist: it takes as long as a wrong
 * password, so that the time of the answer does not tell which emails are registered.
 */
export async function verifyPassword(
  pepper: string,
  password: string,
  hash: string | null,
): Promise<boolean> {
  const matches = await bcrypt.compare(await digestOf(pepper, password), hash ?? NOBODYS_HASH);
  return matches && hash !== null;
}
