import { createHash, randomBytes } from 'node:crypto';
import type { AccountTokenPurpose } from '../../contracts/account-token.ts';

/** The time for which a token works, in minutes. */
export const ACCOUNT_TOKEN_LIFETIME_MINUTES = {
  verify_email: 24 * 60,
  reset_password: 30,
  change_email: 24 * 60,
} as const satisfies Record<AccountTokenPurpose, number>;

const paths = {
  verify_email: 'verify-email',
  reset_password: 'reset-password',
  change_email: 'change-email',
} as const satisfies Record<AccountTokenPurpose, string>;

/** Returns the hash under which a token is stored. */
export const accountTokenHash = (token: string): string => createHash('sha256').update(token).digest('hex');

/** A new token of an account: `vst_` and 256 random bits. Only its hash, the SHA-256 in hex, is stored. */
export function newAccountToken(): { token: string; hash: string } {
  const token = `vst_${randomBytes(32).toString('base64url')}`;
  return { token, hash: accountTokenHash(token) };
}

/** Returns the page that uses a token. The token is in the fragment, which browsers do not send. */
export const accountLink = (origin: string, purpose: AccountTokenPurpose, token: string): string =>
  `${origin}/${paths[purpose]}#${token}`;
