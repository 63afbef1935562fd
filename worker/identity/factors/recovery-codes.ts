import type { FactorOwner } from './totp.ts';

/**
 * Recovery codes: 80 random bits each, written with the letters of Crockford's base32, which are hard to confuse. A stolen hash cannot be
 * guessed, so it needs no salt and no slow function.
 */

const LETTERS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const LENGTH = 16;
const COUNT = 10;

const newCode = (): string => {
  const letters = crypto.getRandomValues(new Uint8Array(LENGTH));
  const code = Array.from(letters, (byte) => LETTERS[byte % LETTERS.length]).join('');
  return code.replaceAll(/(.{4})(?=.)/g, '$1-');
};

/** Returns what was typed as a code is written, without hyphens: letters that look alike are the same. Null if it cannot be a code. */
export function readRecoveryCode(typed: string): string | null {
  const code = typed.toUpperCase().replaceAll(/[\s-]/g, '').replaceAll('O', '0').replaceAll(/[IL]/g, '1');
  return code.length === LENGTH && [...code].every((letter) => LETTERS.includes(letter)) ? code : null;
}

/** Returns the hash under which a user's code is stored, in hex. */
export async function recoveryCodeHash({ tenant_id, user_id }: FactorOwner, code: string): Promise<string> {
  const bytes = new TextEncoder().encode(`${tenant_id}/${user_id}/${code}`);
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return Array.from(hash, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** Makes a user's codes, and the hashes to store. */
export async function makeRecoveryCodes(owner: FactorOwner): Promise<{ codes: string[]; hashes: string[] }> {
  const codes = Array.from({ length: COUNT }, newCode);
  const hashes = codes.map((code) => recoveryCodeHash(owner, code.replaceAll('-', '')));
  return { codes, hashes: await Promise.all(hashes) };
}
