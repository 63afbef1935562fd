import { z } from 'zod';
import { walletTokens } from '../amounts.ts';
import { user } from './auth.ts';

/**
 * A user with the wallet as Postgres last heard of it, about a second behind. Null when the wallet was never used: it
 * opens, with its allocation, on first use.
 */
export const userWithWallet = user.extend({
  wallet: z.object({ available: walletTokens, reserved: walletTokens, overage: walletTokens }).nullable(),
});
export type UserWithWallet = z.infer<typeof userWithWallet>;
