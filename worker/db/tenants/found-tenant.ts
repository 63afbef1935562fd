import { eq, sql } from 'drizzle-orm';
import { v7 as uuidv7 } from 'uuid';
import type { SessionClaims } from '../../../contracts/api/account/auth.ts';
import type { TenantSignupMode } from '../../../contracts/api/platform/tenant-signups.ts';
import { fail, ok, type Result } from '../../../contracts/result.ts';
import type { AllocationAfter } from '../../../contracts/tenants/registration.ts';
import { auditChange } from '../audit.ts';
import { selectCallerRole } from '../authorization.ts';
import type { Database } from '../client.ts';
import { type EnterRefusal, enterAsService, runAsService, runAsUser } from '../context.ts';
import { tenants } from '../schema/tenancy.ts';
import { insertInvitation, type NewInvitation } from '../users/invitations.ts';
import {
  isSuperadminCaller,
  PLATFORM_TENANT_ID,
  presentTenantDetail,
  type StoredTenant,
  selectTenantDetail,
} from './tenants.ts';

/** A new tenant and the invitation of its first admin. */
export type NewTenant = {
  id: string;
  slug: string;
  name: string;
  allocation_after: AllocationAfter;
  invitation: NewInvitation;
};

/** Refusals of a slug: another tenant has it, or had it until lately. */
const slugRefusals = { '23505': 'name_taken', VS012: 'name_taken' } as const;

const insertTenant = (database: Database, { id, slug, name, allocation_after }: NewTenant) =>
  database.execute(
    sql`select app.found_tenant(${id}::uuid, ${slug}, ${name}, ${uuidv7()}::uuid, ${allocation_after})`,
  );

/**
 * Creates a tenant with a default level: a small allocation, granted once, with hard enforcement. Superadmins only; recorded in the
 * platform's audit log.
 */
export async function foundTenant(
  database: Database,
  claims: SessionClaims,
  tenant: NewTenant,
  request_id: string,
): Promise<Result<StoredTenant, { code: EnterRefusal | 'forbidden' | 'name_taken' }>> {
  const answer = await runAsUser(
    database,
    claims,
    [
      insertTenant(database, tenant),
      auditChange(database, {
        id: uuidv7(),
        action: 'tenant.created',
        target_type: 'tenant',
        target: { tenant_id: tenants.id, id: tenants.id },
        before: sql`'{}'::jsonb`,
        after: sql`jsonb_build_object('slug', ${tenants.slug}, 'name', ${tenants.name})`,
        rows: sql`from ${tenants} where ${tenants.id} = ${tenant.id}`,
        request_id,
      }),
      selectTenantDetail(database, tenant.id),
      selectCallerRole(database),
      insertInvitation(database, tenant.invitation),
    ],
    { ...slugRefusals, VS010: 'forbidden' },
  );
  if (!answer.ok) return answer;
  const [, , details, callers] = answer.value;
  const founded = presentTenantDetail(details);
  return founded === null || !isSuperadminCaller(callers) ? fail({ code: 'forbidden' }) : ok(founded);
}

/** Creates a tenant for a sign-up, where the platform allows sign-ups. At most 50 a day. */
export async function foundSignedUpTenant(
  database: Database,
  tenant: NewTenant,
): Promise<Result<null, { code: 'name_taken' | 'registration_closed' | 'too_many_today' }>> {
  const answer = await runAsService(
    database,
    PLATFORM_TENANT_ID,
    [
      insertTenant(database, tenant),
      enterAsService(database, tenant.id),
      insertInvitation(database, tenant.invitation),
    ],
    { ...slugRefusals, VS013: 'registration_closed', VS014: 'too_many_today' },
  );
  return answer.ok ? ok(null) : answer;
}

/** Returns the platform's rule for sign-ups. */
export async function getTenantSignupMode(database: Database): Promise<TenantSignupMode> {
  const answer = await runAsService(database, PLATFORM_TENANT_ID, [
    database.select({ mode: tenants.tenant_signups }).from(tenants).where(eq(tenants.id, PLATFORM_TENANT_ID)),
  ]);
  return (answer.ok ? answer.value[0][0]?.mode : undefined) ?? 'closed';
}
