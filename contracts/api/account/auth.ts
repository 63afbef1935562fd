import { z } from 'zod';
import { resourceId } from '../../resource-id.ts';
import { isStorable, STORABLE_RULE } from '../../storable-text.ts';
import { featureFlags } from '../../tenants/level-features.ts';
import { actingSession } from '../tenant/acting-sessions.ts';
import { turnstileToken } from './turnstile.ts';

/** Roles, each with the rights of those before it: use the tenant, manage it, manage the platform. */
export const role = z
  .enum(['user', 'admin', 'superadmin'])
  .describe(
    'The role of the user: `user`: uses the tenant; `admin`: manages the tenant; `superadmin`: manages the platform.',
  )
  .meta({ id: 'Role' });
export type Role = z.infer<typeof role>;

/** Lower-cased on the way in, so that one address has one account. */
export const emailAddress = z
  .string()
  .trim()
  .max(254)
  .pipe(z.email())
  .transform((address) => address.toLowerCase())
  .describe('An email address. Case does not matter.');

/**
 * A new password, in its composed form (Unicode, NFC). The upper bound limits the work of hashing. Common passwords, and those about their
 * user, are refused as well (worker/identity/passwords/).
 */
export const newPassword = z
  .string()
  .normalize('NFC')
  .min(12)
  .max(1_024)
  .refine((password) => password.isWellFormed(), 'must be well-formed text')
  .describe(
    'The new password, 12 to 1,024 characters. Common passwords are refused, and those made of your address, your name or the name of the tenant.',
  );

/** A display name. */
export const userName = z
  .string()
  .trim()
  .min(1)
  .max(100)
  .refine(isStorable, STORABLE_RULE)
  .describe("The user's display name.");

/** Creates an account in the hostname's tenant. */
export const registerRequest = z
  .strictObject({
    email: emailAddress,
    password: newPassword,
    name: userName.optional(),
    turnstile_token: turnstileToken,
  })
  .meta({ id: 'RegisterRequest' });
export type RegisterRequest = z.infer<typeof registerRequest>;

/** The answer to a registration whose account waits until its address is verified. It is the same for an address that has an account. */
export const checkYourMail = z
  .object({
    status: z
      .literal('check_your_mail')
      .describe('A mail is on its way to the address. It says what to do next.'),
  })
  .meta({ id: 'CheckYourMail' });
export type CheckYourMail = z.infer<typeof checkYourMail>;

/** Credentials. */
export const loginRequest = z
  .strictObject({
    email: emailAddress,
    password: z.string().min(1).max(1_024).describe('The password of the account.'),
  })
  .meta({ id: 'LogInRequest' });
export type LoginRequest = z.infer<typeof loginRequest>;

/** A disabled user keeps all data and has no access. */
export const userStatus = z.enum(['active', 'disabled']).meta({ id: 'UserStatus' });

/** The event that a newcomer's allocation waits for. */
export const allocationAwaits = z.enum(['verification', 'approval']).meta({ id: 'AllocationAwaits' });

/** A user as they and their admins see them. */
export const user = z
  .object({
    id: resourceId.describe('The id of the user.'),
    tenant_id: resourceId.describe("The id of the user's tenant."),
    email: z
      .string()
      .describe("The user's email address, in lower case.")
      .meta({ examples: ['ada@example.com'] }),
    name: z.string().nullable().describe("The user's display name. Null if it was not given."),
    role,
    status: userStatus.describe(
      'The status of the user: `active`: can use the tenant; `disabled`: cannot sign in or run executions, and keeps all data.',
    ),
    level: z
      .object({
        id: resourceId.describe('The id of the level.'),
        slug: z
          .string()
          .describe('The short name, for URLs and scripts.')
          .meta({ examples: ['pro'] }),
        name: z.string().describe('The display name.'),
        features: featureFlags.describe('The features that users on the level have.'),
      })
      .meta({
        id: 'UserLevel',
        description: "The user's level: the models they may call, the tokens they get and their features.",
      }),
    email_verified: z.boolean().describe('True if the user proved that they receive mail at `email`.'),
    allocation_awaits: allocationAwaits
      .nullable()
      .describe(
        'What the allocation of wallet tokens waits for: `verification`: of the email address; `approval`: by an administrator. Until then the wallet gets nothing. Null if the wallet gets its allocation.',
      ),
    closed_at: z.iso
      .datetime()
      .nullable()
      .describe(
        'The time the user closed the account: it stays disabled, without personal data. Null otherwise.',
      ),
    created_at: z.iso.datetime().describe('The time the account was created.'),
  })
  .meta({ id: 'User' });
export type User = z.infer<typeof user>;

/** The caller's account. A superadmin who acts inside a tenant has the role `admin` there. */
export const account = user
  .extend({
    acting: actingSession
      .nullable()
      .describe('The session of a superadmin who acts inside this tenant. Null for a user of the tenant.'),
  })
  .meta({ id: 'Account' });
export type Account = z.infer<typeof account>;

/** A session token and its user. */
export const authResponse = z
  .object({
    token: z.string().describe('A session token. Send it as `Authorization: Bearer`.'),
    user: user.describe('The user who is signed in.'),
  })
  .meta({ id: 'AuthResponse' });
export type AuthResponse = z.infer<typeof authResponse>;

/** The claims of a session token, exactly these. `actingSessionId` is the session of a superadmin inside the tenant. */
export const sessionClaims = z.strictObject({
  userId: resourceId,
  tenantId: resourceId,
  actingSessionId: resourceId.optional(),
  iat: z.int().min(0),
  exp: z.int().min(0),
});
/** The claims of a verified session token, and the id of the session, from its header. Tokens from before sessions were kept have no id. */
export type SessionClaims = z.infer<typeof sessionClaims> & { sessionId?: string };
