import { z } from 'zod';
import { microUsd } from '../../amounts.ts';
import { resourceId } from '../../resource-id.ts';
import { isStorable, STORABLE_RULE } from '../../storable-text.ts';
import { newTenantSlug } from '../../tenants/tenant-slug.ts';
import { emailAddress, userStatus } from '../account/auth.ts';
import { pageParams } from '../paging.ts';
import { setTenantBudget, tenantBudget } from '../tenant/budgets.ts';
import { branding } from '../tenant/tenant.ts';
import { userSummary } from '../tenant/users.ts';

/** Tenants as superadmins manage them, on the platform's hostname. */

/** The standing of a tenant. Only an active tenant answers at its hostnames. */
export const tenantStatus = z
  .enum(['active', 'suspended', 'deleting', 'deleted'])
  .describe(
    'The status of the tenant: `active`: answers at its hostnames; `suspended`: refuses every request and keeps all data; `deleting`: the same, and is deleted at the end of its grace period; `deleted`: its contents, secrets and personal data are gone.',
  )
  .meta({ id: 'TenantStatus' });
export type TenantStatus = z.infer<typeof tenantStatus>;

/** Filters and order of the list. */
export const tenantListParams = pageParams.extend({
  q: z
    .string()
    .trim()
    .min(1)
    .max(254)
    .refine(isStorable, STORABLE_RULE)
    .optional()
    .describe('Returns only tenants whose slug, name or hostname contains this text. Case does not matter.'),
  status: tenantStatus
    .optional()
    .describe('Returns only tenants with this status. Left out: all but deleted ones.'),
  sort: z
    .enum(['created_at', 'name'])
    .default('created_at')
    .describe('The order: `created_at`: newest first; `name`: by name.'),
});
export type TenantsQuery = z.infer<typeof tenantListParams>;

/** The budget of a tenant as last copied to the database. */
const budgetSummary = tenantBudget
  .pick({ mode: true, enforcement: true, balance_micro_usd: true })
  .meta({ id: 'TenantBudgetSummary' });

/** A tenant in the list. */
export const tenantSummary = z
  .object({
    id: resourceId.describe('The id of the tenant.'),
    slug: z
      .string()
      .describe("The short name, part of the tenant's hostname.")
      .meta({ examples: ['acme'] }),
    name: z.string().describe('The display name.'),
    status: tenantStatus,
    hostnames: z
      .array(z.string())
      .describe("The hostnames it answers at: the platform's first, then its own.")
      .meta({ examples: [['acme.vanilla.example', 'ai.acme.com']] }),
    users: z.int().min(0).describe('The number of users.'),
    month_executions: z.int().min(0).describe('The executions started in this month (UTC).'),
    month_cost_micro_usd: microUsd.describe("The providers' price of these executions, in micro-USD."),
    budget: budgetSummary.describe('The budget as last copied to the database, about one second old.'),
    created_at: z.iso.datetime().describe('The time the tenant was created.'),
  })
  .meta({ id: 'TenantSummary' });
export type TenantSummary = z.infer<typeof tenantSummary>;

/** An admin of a tenant. */
const tenantAdmin = userSummary
  .extend({ status: userStatus.describe('The status of the account.') })
  .meta({ id: 'TenantAdmin' });

/** A tenant with everything superadmins see of it. */
export const tenantDetail = tenantSummary
  .extend({
    branding: branding.describe('The name, logo and colour of the tenant.'),
    status_reason: z.string().nullable().describe('The reason given for the status. Null if none was given.'),
    status_changed_at: z.iso.datetime().describe('The time of the last change of the status.'),
    deletion_due_at: z.iso
      .datetime()
      .nullable()
      .describe('The end of the grace period of a tenant that is being deleted. Null otherwise.'),
    is_platform: z
      .boolean()
      .describe("True for the platform's own tenant, which is never suspended or deleted."),
    signed_up_at: z.iso
      .datetime()
      .nullable()
      .describe('The time of the sign-up. Null if a superadmin created the tenant.'),
    admins: z.array(tenantAdmin).describe('The admins, oldest first, 100 at most.'),
  })
  .meta({ id: 'TenantDetail' });
export type TenantDetail = z.infer<typeof tenantDetail>;

const storable = (max: number, min = 1) =>
  z.string().trim().min(min).max(max).refine(isStorable, STORABLE_RULE);
const tenantName = storable(60).describe('The display name.');

/** A new tenant and its first admin. */
export const createTenantRequest = z
  .strictObject({
    slug: newTenantSlug,
    name: tenantName,
    admin_email: emailAddress.describe('The email address of the first admin, who is invited.'),
    budget: setTenantBudget
      .optional()
      .describe(
        "The budget. Left out, it is prepaid and empty: executions on the platform's keys are refused.",
      ),
  })
  .meta({ id: 'CreateTenantRequest' });
export type CreateTenant = z.infer<typeof createTenantRequest>;

/** The invitation of a tenant's first admin. */
const firstInvitation = z
  .object({
    email: z.string().describe('The email address of the invited person.'),
    link: z.url().describe('The link that accepts the invitation. Shown once; it works once.'),
    expires_at: z.iso.datetime().describe('The time the link stops working.'),
  })
  .meta({ id: 'FirstInvitation' });

/** A tenant that was created. */
export const createdTenant = tenantDetail
  .extend({
    invitation: firstInvitation.describe('The invitation of the first admin.'),
    is_budget_set: z
      .boolean()
      .describe(
        'True if the budget of the request is set. If it was sent and could not be set, set it again.',
      ),
  })
  .meta({ id: 'CreatedTenant' });
export type CreatedTenant = z.infer<typeof createdTenant>;

const reason = storable(500, 3);

/** A change of a tenant. Fields that are not sent keep their value. */
export const tenantPatch = z
  .strictObject({
    slug: newTenantSlug
      .optional()
      .describe(
        'The new slug. The former one stays reserved for 30 days, and the slug cannot change again before.',
      ),
    name: tenantName.optional(),
    branding: z
      .strictObject({
        tagline: storable(140).nullable().describe('A line below the name. Null removes it.'),
        logo_url: storable(500)
          .regex(/^(https:\/\/[^/]|\/(?!\/))/, 'expects an https URL or a path')
          .nullable()
          .describe("The logo: an https URL, or a path on the tenant's hostname. Null removes it."),
        primary_color: branding.shape.primary_color,
      })
      .partial()
      .optional()
      .describe('The brand.'),
    status: z
      .enum(['active', 'suspended'])
      .optional()
      .describe(
        '`suspended`: refuses every request from now on; `active`: ends a suspension, or restores a tenant that is being deleted.',
      ),
    reason: reason.optional().describe('The reason for the status. Required to suspend.'),
  })
  .refine(({ reason: _, ...change }) => Object.values(change).some((value) => value !== undefined), {
    message: 'Send at least one change',
  })
  .refine(({ status, reason: given }) => status !== 'suspended' || given !== undefined, {
    path: ['reason'],
    message: 'is required to suspend',
    params: { rule: 'required' },
  })
  .refine(({ status, reason: given }) => status !== undefined || given === undefined, {
    path: ['reason'],
    message: 'belongs to a status',
    params: { rule: 'needs_status' },
  })
  .meta({ id: 'UpdateTenantRequest' });
export type TenantPatch = z.infer<typeof tenantPatch>;

/** The shortest grace period outlasts what wallets keep of executions. */
export const GRACE_DAYS = { min: 8, max: 90, default: 30 };

/** The query of a deletion. */
export const deletionParams = z.object({
  grace_days: z.coerce
    .number()
    .int()
    .min(GRACE_DAYS.min)
    .max(GRACE_DAYS.max)
    .default(GRACE_DAYS.default)
    .describe('The number of days in which the tenant can be restored.'),
});

/** The named confirmation of a deletion. */
export const deletionHeaders = z.object({
  'x-confirm-slug': z
    .string()
    .max(63)
    .describe('The slug of the tenant, which confirms that this one is meant.')
    .meta({ examples: ['acme'] }),
});
