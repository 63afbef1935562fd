import { z } from 'zod';
import { isStorable, STORABLE_RULE } from '../storable-text.ts';

/** What a user is allowed to do: use their tenant, run it, or run the platform. */
export const role = z
  .enum(['user', 'admin', 'superadmin'])
  .describe('`user`: uses the tenant; `admin`: runs it; `superadmin`: runs the platform');
export type Role = z.infer<typeof role>;

/** Lower-cased on the way in: one person, one account, whatever the keyboard did. */
const email = z
  .string()
  .trim()
  .max(254)
  .pipe(z.email())
  .transform((address) => address.toLowerCase())
  .describe('An email address, in capitals or not');

/** Length is what makes a password strong; anything else only annoys. 1,024 bounds the hashing work. */
export const newPassword = z
  .string()
  .min(12)
  .max(1_024)
  .describe('The password to sign in with from now on: 12 to 1,024 characters');

/** A new account of the hostname's tenant. */
export const registerRequest = z.strictObject({
  email,
  password: newPassword,
  name: z
    .string()
    .trim()
    .min(1)
    .max(100)
    .refine(isStorable, STORABLE_RULE)
    .optional()
    .describe('What to call them'),
});
export type RegisterRequest = z.infer<typeof registerRequest>;

/** Who signs in. */
export const loginRequest = z.strictObject({
  email,
  password: z.string().min(1).max(1_024).describe('The password of the account'),
});
export type LoginRequest = z.infer<typeof loginRequest>;

/** A disabled user keeps everything and can do nothing. */
export const userStatus = z.enum(['active', 'disabled']);

/** A user as they and their admins see them. */
export const user = z.object({
  id: z.uuid().describe('The user'),
  tenant_id: z.uuid().describe('Their tenant'),
  email: z
    .string()
    .describe('The address they sign in with, in lower case')
    .meta({ examples: ['ada@example.com'] }),
  name: z.string().nullable().describe('What to call them; null when nobody said'),
  role,
  status: userStatus.describe(
    '`active`: signed in or not, as they like; `disabled`: keeps everything and can do nothing',
  ),
  level: z
    .object({
      id: z.uuid().describe('The level'),
      slug: z
        .string()
        .describe('Its short name')
        .meta({ examples: ['pro'] }),
      name: z.string().describe('What it is called'),
    })
    .describe('Their level: the models they may call, and the tokens they get'),
  created_at: z.iso.datetime().describe('When the account was made'),
});
export type User = z.infer<typeof user>;

/** A session: its token, and whose it is. */
export const authResponse = z.object({
  token: z.string().describe('A session token, to be sent as `Authorization: Bearer`'),
  user: user.describe('Whose session it is'),
});
export type AuthResponse = z.infer<typeof authResponse>;

/** The claims of a session token, exactly these four. */
export const sessionClaims = z.strictObject({
  userId: z.uuid(),
  tenantId: z.uuid(),
  iat: z.int().min(0),
  exp: z.int().min(0),
});
export type SessionClaims = z.infer<typeof sessionClaims>;
