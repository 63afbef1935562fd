import { eq, sql } from 'drizzle-orm';
import { v7 as uuidv7 } from 'uuid';
import type { SessionClaims } from '../../contracts/api/auth.ts';
import { type TenantSettings, type TenantSettingsPatch, tenantSettings } from '../../contracts/api/tenant.ts';
import { pickFields } from '../../contracts/fields.ts';
import { fail, ok, type Result } from '../../contracts/result.ts';
import { auditChange, columnsJson } from './audit.ts';
import { callerIsAdmin, isAdminRole, selectCallerRole } from './authorization.ts';
import type { Database } from './client.ts';
import { type EnterRefusal, runAsUser } from './context.ts';
import { tenants } from './schema/tenancy.ts';

const columns = pickFields(tenantSettings, tenants);

const selectSettings = (database: Database, { tenantId }: SessionClaims) =>
  database.select(columns).from(tenants).where(eq(tenants.id, tenantId));

/** Returns the settings of the caller's tenant. Every user of the tenant can read them. */
export async function getTenantSettings(
  database: Database,
  claims: SessionClaims,
): Promise<Result<TenantSettings, { code: EnterRefusal | 'not_found' }>> {
  const answer = await runAsUser(database, claims, [selectSettings(database, claims)]);
  if (!answer.ok) return answer;
  const [row] = answer.value[0];
  return row === undefined ? fail({ code: 'not_found' }) : ok(row);
}

/** Changes settings of the caller's tenant and records the change in the audit log. Admins only. */
export async function updateTenantSettings(
  database: Database,
  claims: SessionClaims,
  patch: TenantSettingsPatch,
  requestId: string,
): Promise<Result<TenantSettings, { code: EnterRefusal | 'forbidden' }>> {
  const before = columnsJson(columns);
  const isOwn = sql`${tenants.id} = app.tenant_id() and ${callerIsAdmin}`;
  const answer = await runAsUser(database, claims, [
    auditChange(database, {
      id: uuidv7(),
      action: 'tenant.settings_changed',
      target_type: 'tenant',
      target: { tenant_id: tenants.id, id: tenants.id },
      before,
      after: sql`${before} || ${JSON.stringify(patch)}::jsonb`,
      rows: sql`from ${tenants} where ${isOwn}`,
      request_id: requestId,
    }),
    database.update(tenants).set(patch).where(isOwn),
    selectSettings(database, claims),
    selectCallerRole(database),
  ]);
  if (!answer.ok) return answer;
  const [, , [row], callers] = answer.value;
  return row !== undefined && isAdminRole(callers.rows[0]) ? ok(row) : fail({ code: 'forbidden' });
}
