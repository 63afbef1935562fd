import { z } from 'zod';
import { resourceId } from '../../resource-id.ts';
import { isStorable, STORABLE_RULE } from '../../storable-text.ts';
import { browserOrigin, ORIGINS_MAX } from '../../tenants/browser-origin.ts';
import { currencyFields } from '../../tenants/currency.ts';
import {
  allocationAfter,
  EMAIL_DOMAINS_MAX,
  emailDomain,
  registrationMode,
} from '../../tenants/registration.ts';
import { settingForm } from '../../tenants/setting-form.ts';
import { providerKind } from '../../usage.ts';
import { offeredSignIn } from '../account/sign-in.ts';
import { turnstileWidget } from '../account/turnstile.ts';
import { OUTPUT_TOKENS_MAX } from '../executions.ts';

/** The brand of a tenant. Each field is stored in the column of `tenants` with the same name. */
export const branding = z
  .object({
    name: z.string().min(1).max(60).describe('The display name.'),
    tagline: z.string().max(140).nullable().describe('A line below the name. Null if there is none.'),
    logo_url: z
      .string()
      .max(500)
      .nullable()
      .describe("The logo: a path on the tenant's hostname, or an https URL. Null if there is none."),
    primary_color: z
      .string()
      .regex(/^#[0-9a-fA-F]{6}$/)
      .describe('The colour of buttons and links, as six hex digits.')
      .meta({ examples: ['#0f766e'] }),
  })
  .meta({ id: 'Branding' });

const hasNoRepeats = (texts: string[]): boolean => new Set(texts).size === texts.length;

const registrationFields = {
  registration: registrationMode.register(settingForm, {
    label: 'Who can create an account',
    help: 'Existing accounts are not affected.',
    group: 'access',
  }),
  registration_email_domains: z
    .array(emailDomain)
    .max(EMAIL_DOMAINS_MAX)
    .refine(hasNoRepeats, 'must name each once')
    .describe(
      'The domains of email addresses that can register with `email_domains`, each exactly: a subdomain needs an entry of its own.',
    )
    .meta({ examples: [['example.com']] })
    .register(settingForm, {
      label: 'Email domains',
      help: 'One domain per line, such as example.com. A subdomain needs a line of its own.',
      group: 'access',
    }),
};

const allocationField = {
  allocation_after: allocationAfter
    .describe(
      "What a newcomer's allocation of wallet tokens waits for: `registration`: nothing; `verification`: they verify their email address; `approval`: an administrator approves them. Who was invited gets it at once.",
    )
    .register(settingForm, {
      label: 'When newcomers get their allocation',
      help: 'Invited users get it right away. Users who already wait are not affected.',
      group: 'access',
    }),
};

const requireMfa = z
  .enum(['off', 'admins', 'everyone'])
  .describe(
    'Who needs a second factor to sign in: `off`: nobody, but those who have one are asked for it; `admins`: administrators; `everyone`: every user. Sessions of those who need one and have none end, and they set one up with their next sign-in.',
  )
  .meta({ id: 'RequireMfa' });
export type RequireMfa = z.infer<typeof requireMfa>;

const secondFactorField = {
  require_mfa: requireMfa.register(settingForm, {
    label: 'Require two-step sign-in',
    help: 'Users who need it and have not set it up are signed out. They set it up the next time they sign in.',
    group: 'access',
  }),
};

const outputFields = {
  default_output_limit: z
    .int()
    .min(1)
    .max(OUTPUT_TOKENS_MAX)
    .nullable()
    .describe(
      "The output limit of requests that set none, in the model's tokens. Null uses the limit of the model. A model with a lower limit keeps its own.",
    )
    .register(settingForm, {
      label: 'Default output limit',
      help: 'For requests that set no limit of their own. A lower limit makes answers shorter and cheaper.',
      group: 'answers',
    }),
  fits_to_balance: z
    .boolean()
    .describe(
      'If true, the output limit is lowered to what the balance covers. If false, a request is refused if the balance does not cover the output limit it names, or 1,024 tokens if it names none. Requests can choose for themselves with `X-Fit-To-Balance`.',
    )
    .register(settingForm, {
      label: 'Shorten answers to the balance',
      help: 'A request that the balance does not cover in full gets a shorter answer instead of a refusal. Requests can choose for themselves.',
      group: 'answers',
    }),
};

const privacyFields = {
  shows_provider_cost: z
    .boolean()
    .describe(
      "If true, users see the provider's price and cost of their executions. Administrators always see them.",
    )
    .register(settingForm, {
      label: 'Show provider cost to users',
      help: 'The price of the provider and the cost of each execution in US dollars. You always see both.',
      group: 'privacy',
    }),
  stores_contents: z
    .boolean()
    .describe(
      'If true, prompts and answers are stored. Only their user can read them, until they delete them or `content_retention_days` have passed.',
    )
    .register(settingForm, {
      label: 'Keep prompts and answers',
      help: 'Each user can read their own and delete them. Nobody else can, you included.',
      group: 'privacy',
    }),
  content_retention_days: z
    .int()
    .min(1)
    .max(365)
    .describe('The days after which stored prompts and answers are deleted. Applies to those stored before.')
    .register(settingForm, {
      label: 'Days to keep prompts and answers',
      help: 'Older ones are deleted, those stored before the change included.',
      group: 'privacy',
    }),
};

/**
 * Every setting of a tenant. Snapshot, queries, responses and the web form are derived from this object, so a new setting needs
 * one field here and its name in the lists below, the column of `tenants` with the same name (worker/db/schema/tenancy.ts), the
 * migration (`npm run db:generate`, with `grant update` when admins change it) and the code that uses it.
 */
export const tenantFields = z.object({
  ...registrationFields,
  ...allocationField,
  ...secondFactorField,
  allowed_origins: z
    .array(browserOrigin)
    .max(ORIGINS_MAX)
    .refine(hasNoRepeats, 'must name each once')
    .describe(
      'The origins of web pages that can call `/v1` from a browser. `*` allows every origin. The hostname of the tenant needs no entry.',
    )
    .meta({ examples: [['https://app.example.com']] })
    .register(settingForm, {
      label: 'Origins that can call /v1 from a browser',
      help: 'One origin per line: scheme and host, such as https://app.example.com. A * allows every origin. This hostname needs no line.',
      group: 'api',
    }),
  allows_self_made_changes: z
    .boolean()
    .describe(
      'If true, administrators can change their own wallet and policy. The audit log marks these changes.',
    )
    .register(settingForm, {
      label: 'Administrators change their own wallet and policy',
      help: 'Every administrator sees these changes in the audit log.',
      group: 'privacy',
    }),
  ...outputFields,
  ...privacyFields,
  ...currencyFields,
  support_email: z
    .email()
    .max(254)
    .nullable()
    .describe('The email address where users get help. Null if there is none.')
    .meta({ examples: ['help@example.com'] })
    .register(settingForm, {
      label: 'Support email',
      help: 'Your users see it in the user menu and on the sign-in page.',
      group: 'support',
    }),
});

/** The settings that anyone who opens the hostname can read. */
export const publicTenantFields = tenantFields.pick({
  registration: true,
  support_email: true,
  currency_name: true,
  currency_name_singular: true,
});

/** The tenant as anyone who opens the hostname can read it. */
export const publicTenant = z
  .object({
    id: resourceId.describe('The id of the tenant.'),
    slug: z
      .string()
      .describe("The short name, part of the tenant's hostname.")
      .meta({ examples: ['acme'] }),
    branding: branding.describe('The name, logo and colour of the tenant.'),
    ...publicTenantFields.shape,
    registration_open: z
      .boolean()
      .describe(
        'True if people can create an account without an invitation: all of them, or those of some email domains.',
      ),
    sends_mail: z
      .boolean()
      .describe(
        'True if the platform sends mail: then email addresses are verified and forgotten passwords reset.',
      ),
    requires_verification: z
      .boolean()
      .describe(
        'True if a new account can sign in only once its email address is verified. Registration then answers the same for every address.',
      ),
    sign_in_providers: z
      .array(offeredSignIn)
      .describe('The identity providers with which people can sign in, besides with a password.'),
    turnstile: turnstileWidget
      .nullable()
      .describe(
        "Cloudflare's check that somebody is a person. Registration, sign-ups of tenants and resets of passwords then need its token. Null where they do not.",
      ),
    simulated_providers: z
      .array(providerKind)
      .describe('The kinds of providers that are replaced by local simulators. Empty in production.'),
    simulator_base_urls: z
      .record(z.string(), z.string().describe('The base URL of the simulator.'))
      .describe('The base URL of each local simulator, by kind of provider. Empty in production.'),
  })
  .meta({ id: 'Tenant' });
export type PublicTenant = z.infer<typeof publicTenant>;

/** The settings that admins of the tenant change. Every user of the tenant can read them. */
export const tenantSettings = z
  .strictObject({ branding: branding.describe('The brand of the tenant.'), ...tenantFields.shape })
  .meta({ id: 'TenantSettings' });
export type TenantSettings = z.infer<typeof tenantSettings>;

/** The fields of the brand that admins change. The logo is uploaded. */
export const brandingPatch = z
  .strictObject({
    name: z.string().trim().min(1).max(60).refine(isStorable, STORABLE_RULE).describe('The display name.'),
    tagline: z
      .string()
      .trim()
      .min(1)
      .max(140)
      .refine(isStorable, STORABLE_RULE)
      .nullable()
      .describe('A line below the name. Null removes it.'),
    primary_color: branding.shape.primary_color,
  })
  .partial()
  .meta({ id: 'UpdateBrandingRequest' });

const isSomething = ({ branding: brand = {}, ...settings }: { branding?: object | undefined }): boolean =>
  [...Object.values(brand), ...Object.values(settings)].some((value) => value !== undefined);

/** A change of settings. Settings that are not sent keep their value. */
export const tenantSettingsPatch = z
  .strictObject({
    branding: brandingPatch.describe('The fields of the brand to change.'),
    ...tenantFields.shape,
  })
  .partial()
  .refine(isSomething, 'Send at least one setting')
  .meta({ id: 'UpdateTenantSettingsRequest' });
export type TenantSettingsPatch = z.infer<typeof tenantSettingsPatch>;
