import { z } from 'zod';
import { providerKind } from '../usage.ts';

/** How a tenant looks. Colours are six-digit hex; the logo is an https URL or a path on the tenant's own hostname. */
export const branding = z.object({
  name: z.string().min(1).max(60).describe('What it is called'),
  tagline: z.string().max(140).nullable().describe('A line below the name; null is none'),
  logo_url: z
    .string()
    .max(500)
    .nullable()
    .describe('Its logo: an https URL, or a path on its own hostname; null is none'),
  primary_color: z
    .string()
    .regex(/^#[0-9a-fA-F]{6}$/)
    .describe('The colour of buttons and links, in six-digit hex')
    .meta({ examples: ['#0f766e'] }),
});

/** What anybody who opens the hostname may know. */
export const publicTenant = z.object({
  id: z.uuid().describe('The tenant'),
  slug: z
    .string()
    .describe('Its short name, part of its hostname')
    .meta({ examples: ['acme'] }),
  branding: branding.describe('How it looks'),
  registration_open: z.boolean().describe('Whether anybody may make an account'),
  simulated_providers: z
    .array(providerKind)
    .describe('Kinds of providers that local simulators answer for; empty in production'),
});
export type PublicTenant = z.infer<typeof publicTenant>;

/** What admins decide for their tenant. */
export const tenantSettings = z.strictObject({
  stores_contents: z
    .boolean()
    .describe('Keeps prompts and answers, for the eyes of their user alone, until they delete them'),
});
export type TenantSettings = z.infer<typeof tenantSettings>;
