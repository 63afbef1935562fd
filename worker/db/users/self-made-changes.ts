import { sql } from 'drizzle-orm';
import { v7 as uuidv7 } from 'uuid';
import type { SessionClaims } from '../../../contracts/api/account/auth.ts';
import type { SelfMadeChanges } from '../../../contracts/api/tenant/self-made-changes.ts';
import { fail, ok, type Result } from '../../../contracts/result.ts';
import { auditChange } from '../audit.ts';
import { callerIsSuperadmin, selectCallerRole } from '../authorization.ts';
import type { Database } from '../client.ts';
import { type EnterRefusal, runAsUser } from '../context.ts';
import { tenants } from '../schema/tenancy.ts';

type Refusal = { code: EnterRefusal | 'forbidden' | 'not_found' };

const ofSuperadmin = (tenantId: string) => sql`${tenants.id} = ${tenantId} and ${callerIsSuperadmin}`;

const selectRules = (database: Database, tenantId: string) =>
  database
    .select({
      allowed_by_tenant: tenants.allows_self_made_changes,
      allowed_by_platform: sql<boolean>`not ${tenants.self_made_changes_locked}`,
    })
    .from(tenants)
    .where(ofSuperadmin(tenantId));

/** Returns the rules for self-made changes of a tenant. Superadmins only. */
export async function getSelfMadeChanges(
  database: Database,
  claims: SessionClaims,
  tenantId: string,
): Promise<Result<SelfMadeChanges, Refusal>> {
  const answer = await runAsUser(database, claims, [
    selectRules(database, tenantId),
    selectCallerRole(database),
  ]);
  if (!answer.ok) return answer;
  const [[row], callers] = answer.value;
  if (callers.rows[0]?.role !== 'superadmin') return fail({ code: 'forbidden' });
  return row === undefined ? fail({ code: 'not_found' }) : ok(row);
}

/** Lets the admins of a tenant change their own wallet and policy, or not. Records the change. Superadmins only. */
export async function saveSelfMadeChanges(
  database: Database,
  claims: SessionClaims,
  tenantId: string,
  allowed: boolean,
  requestId: string,
): Promise<Result<SelfMadeChanges, Refusal>> {
  const isTenant = ofSuperadmin(tenantId);
  const answer = await runAsUser(database, claims, [
    auditChange(database, {
      id: uuidv7(),
      action: allowed ? 'tenant.self_made_changes_unlocked' : 'tenant.self_made_changes_locked',
      target_type: 'tenant',
      target: { tenant_id: tenants.id, id: tenants.id },
      before: sql`jsonb_build_object('locked', ${tenants.self_made_changes_locked})`,
      after: sql`jsonb_build_object('locked', ${!allowed}::boolean)`,
      rows: sql`from ${tenants} where ${isTenant}`,
      request_id: requestId,
    }),
    database.update(tenants).set({ self_made_changes_locked: !allowed }).where(isTenant),
    selectRules(database, tenantId),
    selectCallerRole(database),
  ]);
  if (!answer.ok) return answer;
  const [, , [row], callers] = answer.value;
  if (callers.rows[0]?.role !== 'superadmin') return fail({ code: 'forbidden' });
  return row === undefined ? fail({ code: 'not_found' }) : ok(row);
}
