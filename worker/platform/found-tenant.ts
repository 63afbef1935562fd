import { v7 as uuidv7 } from 'uuid';
import type { SessionClaims } from '../../contracts/api/account/auth.ts';
import type { TenantSignup, TenantSignupResponse } from '../../contracts/api/platform/tenant-signups.ts';
import {
  type CreatedTenant,
  type CreateTenant,
  tenantSummary,
} from '../../contracts/api/platform/tenants.ts';
import { pickFields } from '../../contracts/fields.ts';
import { fail, ok, type Result } from '../../contracts/result.ts';
import type { AllocationAfter } from '../../contracts/tenants/registration.ts';
import { setBudget } from '../budgets/tenant-budget.ts';
import type { EnterRefusal } from '../db/context.ts';
import { foundSignedUpTenant, foundTenant, getTenantSignupMode } from '../db/tenants/found-tenant.ts';
import type { NewInvitation } from '../db/users/invitations.ts';
import type { FieldRefusal } from '../identity/field-refusal.ts';
import { ofTenantSignup } from '../identity/guessing/sign-up-limits.ts';
import { type TryRefusal, takeTries } from '../identity/guessing/take-tries.ts';
import { checkTurnstile, type TurnstileDown } from '../identity/turnstile.ts';
import { isMailOn } from '../mail/mail.ts';
import { queueMail } from '../mail/queue-mail.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import type { Settings } from '../runtime/settings.ts';
import {
  INVITATION_LIFETIME_DAYS,
  invitationLink,
  newInvitationToken,
  originOfTenant,
} from '../tenants/invitation-link.ts';
import { hostnameOfSlug } from '../tenants/tenant-hostnames.ts';
import { invalidateTenant } from '../tenants/tenant-lookup.ts';
import { presentTenantDetail } from './present-tenant.ts';

/** The scheme and the port of the request, which the tenant's links have too. */
type Requested = Pick<URL, 'protocol' | 'port'>;

/** A new tenant's newcomers verify their addresses where the platform sends mail. */
const allocationAfterIn = (settings: Settings): AllocationAfter =>
  isMailOn(settings) ? 'verification' : 'registration';

/** Returns the invitation of a tenant's first admin, and its token. */
function invitationOf(
  tenant_id: string,
  email: string,
  is_mailed: boolean,
): { invitation: NewInvitation; token: string } {
  const { token, hash: token_hash } = newInvitationToken();
  const invitation = {
    ...{ tenant_id, id: uuidv7(), email, token_hash, level_id: null, is_mailed },
    role: 'admin',
    lifetime_days: INVITATION_LIFETIME_DAYS,
  } as const;
  return { invitation, token };
}

/**
 * Creates a tenant with a default level, and the invitation of its first admin, whose link is returned once. Its wallet takes the budget
 * afterwards, so a tenant can be created without it. Superadmins only.
 */
export async function createTenant(
  deps: Dependencies,
  claims: SessionClaims,
  { slug, name, admin_email, budget }: CreateTenant,
  requested: Requested,
): Promise<Result<CreatedTenant, { code: EnterRefusal | 'forbidden' | 'name_taken' }>> {
  const id = uuidv7();
  const { settings } = deps;
  const { invitation, token } = invitationOf(id, admin_email, isMailOn(settings));
  const tenantToFound = { id, slug, name, invitation, allocation_after: allocationAfterIn(settings) };
  const founded = await foundTenant(deps.database, claims, tenantToFound, deps.requestId);
  if (!founded.ok) return founded;
  // The slug may be cached as unknown.
  await invalidateTenant([{ slug }]);
  const set =
    budget === undefined
      ? null
      : await setBudget(deps, claims, { tenant_id: id, change: budget, operation_id: id });
  const tenant = presentTenantDetail(founded.value, settings);
  const origin = originOfTenant(slug, requested, settings);
  const link = invitationLink(origin, token);
  const expires_at = new Date(Date.now() + INVITATION_LIFETIME_DAYS * 86_400_000).toISOString();
  const mail = { template: 'invitation', role: 'admin', email: admin_email, link, expires_at } as const;
  queueMail(deps, { tenant_id: id, origin }, { ...mail, invited_by: null });
  return ok({
    ...tenant,
    budget: set?.ok ? pickFields(tenantSummary.shape.budget, set.value) : tenant.budget,
    is_budget_set: set?.ok === true,
    invitation: { email: admin_email, link, expires_at },
  });
}

type SignupFailure =
  | FieldRefusal
  | TurnstileDown
  | TryRefusal
  | { code: 'name_taken' | 'registration_closed' | 'too_many_today' };

/**
 * Creates a tenant for somebody whose email address nobody has verified, where the platform allows it: 50 a day on the platform, each
 * with the smallest allocation. The link is returned only where the platform says so. A tenant that nobody enters is erased after
 * eight days.
 */
export async function signUpTenant(
  deps: Dependencies,
  { slug, name, email, turnstile_token }: TenantSignup,
  { requested, address }: { requested: Requested & Pick<URL, 'hostname'>; address: string },
): Promise<Result<TenantSignupResponse, SignupFailure>> {
  const mode = await getTenantSignupMode(deps.database);
  if (mode === 'closed') return fail({ code: 'registration_closed' });
  const page = { action: 'tenant-signup', hostname: requested.hostname, address } as const;
  const person = await checkTurnstile(deps, turnstile_token, page);
  if (!person.ok) return person;
  const taken = await takeTries(deps, ofTenantSignup(address));
  if (!taken.ok) return taken;
  const id = uuidv7();
  const { settings } = deps;
  const { invitation, token } = invitationOf(id, email, false);
  const tenantToFound = { id, slug, name, invitation, allocation_after: allocationAfterIn(settings) };
  const founded = await foundSignedUpTenant(deps.database, tenantToFound);
  if (!founded.ok) {
    taken.value.giveBack();
    return founded;
  }
  await invalidateTenant([{ slug }]);
  const link = invitationLink(originOfTenant(slug, requested, settings), token);
  return ok({
    ...{ slug, hostname: hostnameOfSlug(slug, settings), email_verified: false },
    invitation_link: mode === 'unverified' ? link : null,
  });
}
