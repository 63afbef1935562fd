import { z } from 'zod';
import { providerKind } from '../usage.ts';

/** How a tenant looks. Colours are six-digit hex; the logo is an https URL or a path on the tenant's own hostname. */
export const branding = z.object({
  name: z.string().min(1).max(60),
  tagline: z.string().max(140).nullable(),
  logo_url: z.string().max(500).nullable(),
  primary_color: z.string().regex(/^#[0-9a-f]{6}$/i),
});

/** What anybody who opens the hostname may know. */
export const publicTenant = z.object({
  id: z.uuid(),
  slug: z.string(),
  branding,
  registration_open: z.boolean(),
  /** Providers answered by local simulators; always empty in production. Shown wherever an answer is shown. */
  simulated_providers: z.array(providerKind),
});
export type PublicTenant = z.infer<typeof publicTenant>;

/** What admins decide for their tenant. */
export const tenantSettings = z.strictObject({
  /** Keeps prompts and answers, for the eyes of their user alone, until they delete them. */
  stores_contents: z.boolean(),
});
export type TenantSettings = z.infer<typeof tenantSettings>;
