import { z } from 'zod';

/** The purposes of a one-time token of an account. */
export const accountTokenPurposes = ['verify_email', 'reset_password', 'change_email'] as const;
export type AccountTokenPurpose = (typeof accountTokenPurposes)[number];

/** A one-time token of an account: `vst_` and 256 random bits. Only its hash is stored. */
export const accountToken = z
  .string()
  .regex(/^vst_[0-9A-Za-z_-]{43}$/, 'must be the part of the link after #')
  .describe('The token of the link: the part after `#`.');
