import { z } from 'zod';
import { providerKind } from '../usage.ts';

/** The brand of a tenant. Each field is stored in the column of `tenants` with the same name. */
export const branding = z
  .object({
    name: z.string().min(1).max(60).describe('The display name.'),
    tagline: z.string().max(140).nullable().describe('A line below the name. Null if there is none.'),
    logo_url: z
      .string()
      .max(500)
      .nullable()
      .describe("The logo: an https URL, or a path on the tenant's hostname. Null if there is none."),
    primary_color: z
      .string()
      .regex(/^#[0-9a-fA-F]{6}$/)
      .describe('The colour of buttons and links, as six hex digits.')
      .meta({ examples: ['#0f766e'] }),
  })
  .meta({ id: 'Branding' });

/** Label and help text of a setting in the form of the web app. */
export const settingForm = z.registry<{ label: string; help: string }>();

/**
 * Every setting of a tenant. Snapshot, queries, responses and the web form are derived from this object, so a new setting needs
 * one field here and its name in the lists below, the column of `tenants` with the same name (worker/db/schema/tenancy.ts), the
 * migration (`npm run db:generate`, with `grant update` when admins change it) and the code that uses it.
 */
export const tenantFields = z.object({
  registration_open: z.boolean().describe('True if anyone can create an account.'),
  stores_contents: z
    .boolean()
    .describe(
      'If true, prompts and answers are stored. Only their user can read them, until they delete them.',
    )
    .register(settingForm, {
      label: 'Keep prompts and answers',
      help: 'Each user can read their own and delete them. Nobody else can, you included.',
    }),
  support_email: z
    .email()
    .max(254)
    .nullable()
    .describe('The email address where users get help. Null if there is none.')
    .meta({ examples: ['help@example.com'] })
    .register(settingForm, {
      label: 'Support email',
      help: 'Your users see it in the user menu and on the sign-in page.',
    }),
});

/** The settings that anyone who opens the hostname can read. */
export const publicTenantFields = tenantFields.pick({ registration_open: true, support_email: true });

/** The tenant as anyone who opens the hostname can read it. */
export const publicTenant = z
  .object({
    id: z.uuid().describe('The id of the tenant.'),
    slug: z
      .string()
      .describe("The short name, part of the tenant's hostname.")
      .meta({ examples: ['acme'] }),
    branding: branding.describe('The name, logo and colour of the tenant.'),
    ...publicTenantFields.shape,
    simulated_providers: z
      .array(providerKind)
      .describe('The kinds of providers that are replaced by local simulators. Empty in production.'),
  })
  .meta({ id: 'Tenant' });
export type PublicTenant = z.infer<typeof publicTenant>;

/** The settings that admins of the tenant change. Every user of the tenant can read them. */
export const tenantSettings = z
  .strictObject(tenantFields.pick({ stores_contents: true, support_email: true }).shape)
  .meta({ id: 'TenantSettings' });
export type TenantSettings = z.infer<typeof tenantSettings>;

/** A change of settings. Settings that are not sent keep their value. */
export const tenantSettingsPatch = tenantSettings
  .partial()
  .refine((patch) => Object.values(patch).some((value) => value !== undefined), 'Send at least one setting')
  .meta({ id: 'UpdateTenantSettingsRequest' });
export type TenantSettingsPatch = z.infer<typeof tenantSettingsPatch>;
