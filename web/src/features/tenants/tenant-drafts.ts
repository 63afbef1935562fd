import { type TenantSignup, tenantSignupRequest } from '../../../../contracts/api/platform/tenant-signups.ts';
import {
  type CreateTenant,
  createTenantRequest,
  type TenantDetail,
  type TenantPatch,
  tenantPatch,
} from '../../../../contracts/api/platform/tenants.ts';
import { actingSessionRequest } from '../../../../contracts/api/tenant/acting-sessions.ts';
import { type FormRead, readForm } from '../../lib/form-errors.ts';

/** Forms about tenants while they are being filled in. Pure. */

const SLUG_RULE = '2 to 40 lower-case letters, digits and inner hyphens. Names such as “www” are reserved.';
const NAME_RULE = 'Enter a name of at most 60 characters';
const REASON_RULE = 'Enter a reason of at least 3 characters';

/** `budget_usd` is empty for none. An emptied number field holds a text. */
export type NewTenantDraft = { name: string; slug: string; admin_email: string; budget_usd: number | string };
export const emptyTenant: NewTenantDraft = { name: '', slug: '', admin_email: '', budget_usd: '' };
export const newTenantFields = ['name', 'slug', 'admin_email', 'budget'] as const;

/** Returns the request of a new tenant, or an error for each invalid field. */
export const readNewTenant = ({
  budget_usd,
  ...draft
}: NewTenantDraft): FormRead<CreateTenant, (typeof newTenantFields)[number]> =>
  readForm(
    createTenantRequest,
    budget_usd === ''
      ? draft
      : {
          ...draft,
          budget: {
            mode: 'prepaid',
            enforcement: 'hard',
            balance_micro_usd:
              typeof budget_usd === 'number' ? Math.round(budget_usd * 1_000_000) : budget_usd,
          },
        },
    {
      name: NAME_RULE,
      slug: SLUG_RULE,
      admin_email: 'Enter an email address',
      budget: 'Enter an amount of 0 or more',
    },
  );

export const emptySignup: TenantSignup = { name: '', slug: '', email: '' };
export const signupFields = ['name', 'slug', 'email'] as const;

/** Returns a sign-up, or an error for each invalid field. */
export const readSignup = (draft: TenantSignup): FormRead<TenantSignup, keyof TenantSignup> =>
  readForm(tenantSignupRequest, draft, { name: NAME_RULE, slug: SLUG_RULE, email: 'Enter an email address' });

/** Proposes the slug of a name: its letters and digits in ASCII, joined by hyphens. */
export const slugOf = (name: string): string =>
  name
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 40)
    .replace(/^-+|-+$/g, '');

export type BrandDraft = { name: string; tagline: string; logo_url: string; primary_color: string };
export const brandFields = [
  'name',
  'branding.tagline',
  'branding.logo_url',
  'branding.primary_color',
] as const;

export const brandDraftOf = ({ branding }: TenantDetail): BrandDraft => ({
  name: branding.name,
  tagline: branding.tagline ?? '',
  logo_url: branding.logo_url ?? '',
  primary_color: branding.primary_color,
});

/** Returns the change of a brand, or an error for each invalid field. */
export const readBrand = ({
  name,
  tagline,
  logo_url,
  primary_color,
}: BrandDraft): FormRead<TenantPatch, (typeof brandFields)[number]> =>
  readForm(
    tenantPatch,
    {
      name,
      branding: {
        tagline: tagline.trim() === '' ? null : tagline,
        logo_url: logo_url.trim() === '' ? null : logo_url,
        primary_color,
      },
    },
    {
      name: NAME_RULE,
      'branding.tagline': 'At most 140 characters',
      'branding.logo_url': 'Enter an https address, or a path that begins with a slash',
      'branding.primary_color': 'Enter a colour as # and six hex digits',
    },
  );

/** Returns the change of a slug, or its error. */
export const readSlug = (draft: { slug: string }): FormRead<TenantPatch, 'slug'> =>
  readForm(tenantPatch, draft, { slug: SLUG_RULE });

/** Returns a suspension, or the error of its reason. */
export const readSuspension = ({ reason }: { reason: string }): FormRead<TenantPatch, 'reason'> =>
  readForm(tenantPatch, { status: 'suspended', reason }, { reason: REASON_RULE });

/** Returns the reason to act inside a tenant, or its error. */
export const readReason = (draft: { reason: string }): FormRead<{ reason: string }, 'reason'> =>
  readForm(actingSessionRequest, draft, { reason: REASON_RULE });

/** Returns the confirmation of a deletion, or an error unless it is the slug of the tenant. */
export const readConfirmation = (
  { slug }: { slug: string },
  expected: string,
): FormRead<{ slug: string }, 'slug'> =>
  slug.trim() === expected
    ? { ok: true, value: { slug: expected } }
    : { ok: false, errors: { slug: `Enter “${expected}”` } };
