import { z } from 'zod';
import { resourceId } from '../../resource-id.ts';
import { isStorable, STORABLE_RULE } from '../../storable-text.ts';
import { EMAIL_DOMAINS_MAX, emailDomain } from '../../tenants/registration.ts';
import { returnPath } from '../../tenants/return-path.ts';

/** Identity providers of a tenant, and the accounts that users sign in with there. */

/** The kinds of identity providers: Google, or any issuer of OpenID Connect. */
export const signInProviderKinds = ['google', 'oidc'] as const;
export const signInProviderKind = z
  .enum(signInProviderKinds)
  .describe('The kind: `google`: Google; `oidc`: any issuer of OpenID Connect.')
  .meta({ id: 'SignInProviderKind' });
export type SignInProviderKind = z.infer<typeof signInProviderKind>;

/** The issuer of Google (its discovery document). */
export const GOOGLE_ISSUER = 'https://accounts.google.com';

const name = z
  .string()
  .trim()
  .min(1)
  .max(60)
  .refine(isStorable, STORABLE_RULE)
  .describe('The name on the button of the sign-in page.')
  .meta({ examples: ['Example ID'] });

/** The issuer's identifier. Its rules are checked when it is used (worker/catalog/base-url.ts). */
const issuer = z
  .url()
  .max(500)
  .describe('The issuer: the address below which `/.well-known/openid-configuration` is.')
  .meta({ examples: ['https://login.example.com'] });

/** Visible characters: what issuers give out, and what a form can send. */
const credential = z
  .string()
  .trim()
  .min(1)
  .max(1_000)
  .regex(/^[\x21-\x7e]+$/, 'must be visible characters without spaces');

const fields = {
  name,
  client_id: credential.max(500).describe('The client id that the issuer gave you.'),
  enabled: z.boolean().describe('If false, nobody can sign in with the provider.'),
  email_domains: z
    .array(emailDomain)
    .min(1)
    .max(EMAIL_DOMAINS_MAX)
    .nullable()
    .describe('The domains of email addresses that can sign in, each exactly. Null for all.')
    .meta({ examples: [['example.com']] }),
  creates_accounts: z
    .boolean()
    .describe(
      'If true, whoever signs in gets an account, also where registration is closed. If false, the rules of registration apply.',
    ),
  trusts_addresses: z
    .boolean()
    .describe(
      'If true, email addresses count as verified when the issuer does not say whether they are. Addresses that it says are not verified never count.',
    ),
};

/** An identity provider as its admins see it. The client secret is never returned. */
export const signInProvider = z
  .object({
    id: resourceId.describe('The id of the provider.'),
    kind: signInProviderKind,
    issuer,
    ...fields,
    redirect_uri: z.url().describe('The redirect URI to register at the issuer, for this hostname.'),
    identity_count: z.int().describe('The number of users who have signed in with the provider.'),
    created_at: z.iso.datetime().describe('The time the provider was added.'),
    updated_at: z.iso.datetime().describe('The time of its last change.'),
  })
  .meta({ id: 'SignInProvider' });
export type SignInProvider = z.infer<typeof signInProvider>;

const clientSecret = credential.describe(
  'The client secret that the issuer gave you. It is stored encrypted.',
);

/** Adds an identity provider. */
export const createSignInProviderRequest = z
  .strictObject({
    kind: signInProviderKind,
    issuer: issuer.optional(),
    ...fields,
    enabled: fields.enabled.default(true),
    email_domains: fields.email_domains.default(null),
    creates_accounts: fields.creates_accounts.default(false),
    trusts_addresses: fields.trusts_addresses.default(false),
    client_secret: clientSecret,
  })
  .refine(({ kind, issuer: address }) => (kind === 'oidc') === (address !== undefined), {
    path: ['issuer'],
    message: 'must be sent for `oidc`, and cannot be for `google`',
  })
  .meta({ id: 'CreateSignInProviderRequest' });
export type CreateSignInProviderRequest = z.infer<typeof createSignInProviderRequest>;

/** Changes an identity provider. Its kind and issuer stay: identities belong to them. */
export const signInProviderPatch = z
  .strictObject({ ...fields, client_secret: clientSecret })
  .partial()
  .refine((patch) => Object.values(patch).some((value) => value !== undefined), 'Send at least one field')
  .meta({ id: 'UpdateSignInProviderRequest' });
export type SignInProviderPatch = z.infer<typeof signInProviderPatch>;

/** Asks for the discovery document of an issuer. */
export const testSignInProviderRequest = z.strictObject({ issuer }).meta({ id: 'TestSignInProviderRequest' });

/** The rules that an issuer's discovery can break. */
export const discoveryRules = [
  'not_allowed',
  'unreachable',
  'status',
  'not_json',
  'too_large',
  'other_issuer',
  'missing_endpoint',
  'endpoint_not_allowed',
] as const;
export type DiscoveryRule = (typeof discoveryRules)[number];

/** The result of reading an issuer's discovery document. */
export const signInProviderTest = z
  .discriminatedUnion('ok', [
    z.object({
      ok: z.literal(true).describe('True if the document can be used.'),
      authorization_endpoint: z.string().describe('The address at which people sign in.'),
    }),
    z.object({
      ok: z.literal(false).describe('False if it cannot.'),
      rule: z.enum(discoveryRules).describe('The name of the broken rule.'),
      message: z.string().describe('A sentence for people.'),
    }),
  ])
  .meta({ id: 'SignInProviderTest' });
export type SignInProviderTest = z.infer<typeof signInProviderTest>;

/** An identity provider as the sign-in page shows it. */
export const offeredSignIn = z
  .object({
    id: resourceId.describe('The id of the provider.'),
    kind: signInProviderKind,
    name: z.string().describe('The name on the button.'),
  })
  .meta({ id: 'OfferedSignIn' });
export type OfferedSignIn = z.infer<typeof offeredSignIn>;

/** The page to return to after a sign-in. */
export const beginSignInParams = z.object({
  return_to: returnPath
    .optional()
    .describe('The path of the page to return to.')
    .meta({ examples: ['/wallet'] }),
});

/** A ticket of a sign-in: `vsg_` and 256 random bits. Only its hash is stored. */
export const signInTicket = z
  .string()
  .regex(/^vsg_[0-9A-Za-z_-]{43}$/, 'must be the part of the address after #');

/** Ends a sign-in at an identity provider. */
export const completeSignInRequest = z
  .strictObject({
    ticket: signInTicket.describe('The part of the address after `#`. It works once, for a minute.'),
  })
  .meta({ id: 'CompleteSignInRequest' });

/** An account at an identity provider that a user signs in with. */
export const identity = z
  .object({
    provider: offeredSignIn
      .extend({ enabled: z.boolean().describe('If false, nobody can sign in with it now.') })
      .meta({ id: 'IdentityProvider' })
      .describe('The identity provider.'),
    email: z.string().nullable().describe('The address that the provider gave last. Null if it gave none.'),
    created_at: z.iso.datetime().describe('The time it was linked.'),
    last_used_at: z.iso.datetime().describe('The time of the last sign-in with it.'),
  })
  .meta({ id: 'Identity' });
export type Identity = z.infer<typeof identity>;

/** The ways in which the caller can sign in. */
export const waysToSignIn = z
  .object({
    has_password: z.boolean().describe('True if the account has a password.'),
    identities: z.array(identity).describe('The linked accounts at identity providers.'),
  })
  .meta({ id: 'WaysToSignIn' });
export type WaysToSignIn = z.infer<typeof waysToSignIn>;
