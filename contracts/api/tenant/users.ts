import { z } from 'zod';
import { walletTokens } from '../../amounts.ts';
import { resourceId } from '../../resource-id.ts';
import { isStorable, STORABLE_RULE } from '../../storable-text.ts';
import { emailAddress, role, user, userName } from '../account/auth.ts';
import { pageParams } from '../paging.ts';

/** The user that an item of a list belongs to. */
export const userSummary = user.pick({ id: true, name: true, email: true }).meta({ id: 'UserSummary' });
export type UserSummary = z.infer<typeof userSummary>;

/** Creates a user without a password. */
export const createUserRequest = z
  .strictObject({
    email: emailAddress,
    name: userName.optional(),
    level_id: resourceId
      .optional()
      .describe('The id of the level of the user. The default level if left out.'),
    mail: z
      .boolean()
      .default(false)
      .describe(
        'If true, mails the user a link to choose a password. Without it, they choose one by *Forgot your password?*',
      ),
  })
  .meta({ id: 'CreateUserRequest' });
export type CreateUserRequest = z.infer<typeof createUserRequest>;

/** Filters of the list. */
export const userListParams = pageParams.extend({
  q: z
    .string()
    .trim()
    .min(1)
    .max(254)
    .refine(isStorable, STORABLE_RULE)
    .optional()
    .describe('Returns only users whose email or name contains this text. Case does not matter.'),
  level_id: resourceId.optional().describe('Returns only users on this level.'),
  role: role.optional().describe('Returns only users with this role.'),
  status: user.shape.status
    .optional()
    .describe('Returns only users with this status. Closed accounts are `disabled`.'),
});
export type UsersQuery = z.infer<typeof userListParams>;

/** A user with the balance as last copied to the database. */
export const userWithWallet = user
  .extend({
    wallet: z
      .object({
        available: walletTokens.describe('Wallet tokens available.'),
        reserved: walletTokens.describe('Wallet tokens reserved for running executions.'),
        overage: walletTokens.describe('Wallet tokens charged beyond the balance.'),
      })
      .nullable()
      .describe(
        'The wallet as last copied to the database, about one second old. Null if it was never used: a wallet is created, with its allocation, on first use.',
      ),
  })
  .meta({ id: 'UserWithWallet' });
export type UserWithWallet = z.infer<typeof userWithWallet>;
