import { z } from 'zod';
import { turnstileToken } from '../account/turnstile.ts';
import { createTenantRequest } from './tenants.ts';

/** Sign-ups of tenants, by anybody, on the platform's hostname. */

/** The platform's rule for sign-ups. */
export const tenantSignupMode = z
  .enum(['closed', 'reviewed', 'unverified'])
  .describe(
    'The rule for sign-ups: `closed`: refused; `reviewed`: the tenant is created, and a superadmin sends the invitation; `unverified`: the answer contains the invitation, although nobody has verified the email address.',
  )
  .meta({ id: 'TenantSignupMode' });
export type TenantSignupMode = z.infer<typeof tenantSignupMode>;

/** The setting. */
export const tenantSignupSetting = z
  .strictObject({ mode: tenantSignupMode })
  .meta({ id: 'TenantSignupSetting' });

const { slug, name, admin_email } = createTenantRequest.shape;

/** A sign-up. */
export const tenantSignupRequest = z
  .strictObject({
    slug,
    name,
    email: admin_email.describe('Your email address. You become the first admin.'),
    turnstile_token: turnstileToken,
  })
  .meta({ id: 'CreateTenantSignupRequest' });
export type TenantSignup = z.infer<typeof tenantSignupRequest>;

/** The result of a sign-up. */
export const tenantSignupResponse = z
  .object({
    slug: z.string().describe('The slug of the tenant.'),
    hostname: z.string().describe('The hostname of the tenant.'),
    email_verified: z.literal(false).describe('False: nobody has verified the email address.'),
    invitation_link: z
      .url()
      .nullable()
      .describe('The link that accepts the invitation. Null if a superadmin sends it after a review.'),
  })
  .meta({ id: 'TenantSignupResponse' });
export type TenantSignupResponse = z.infer<typeof tenantSignupResponse>;
