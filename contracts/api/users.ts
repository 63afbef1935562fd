import { z } from 'zod';
import { walletTokens } from '../amounts.ts';
import { isStorable, STORABLE_RULE } from '../storable-text.ts';
import { user } from './auth.ts';
import { pageQuery } from './paging.ts';

/** The user that an item of a list belongs to. */
export const userSummary = user.pick({ id: true, name: true, email: true });
export type UserSummary = z.infer<typeof userSummary>;

/** Filters of the list. `q` is how an email or a name begins, in capitals or not. */
export const usersQuery = pageQuery.extend({
  q: z
    .string()
    .trim()
    .min(1)
    .max(254)
    .refine(isStorable, STORABLE_RULE)
    .optional()
    .describe('How an email or a name begins, in capitals or not; everybody without'),
});
export type UsersQuery = z.infer<typeof usersQuery>;

/**
 * A user with the wallet as Postgres last heard of it, about a second behind. Null when the wallet was never used: it
 * opens, with its allocation, on first use.
 */
export const userWithWallet = user.extend({
  wallet: z
    .object({
      available: walletTokens.describe('Tokens that can be spent'),
      reserved: walletTokens.describe('Tokens held for executions that run'),
      overage: walletTokens.describe('Charged beyond the balance'),
    })
    .nullable()
    .describe(
      'The wallet as Postgres last heard of it, about a second behind; null when it was never used: it opens, with its allocation, on first use',
    ),
});
export type UserWithWallet = z.infer<typeof userWithWallet>;
