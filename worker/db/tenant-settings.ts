import { eq, sql } from 'drizzle-orm';
import { v7 as uuidv7 } from 'uuid';
import type { SessionClaims } from '../../contracts/api/auth.ts';
import type { TenantSettings } from '../../contracts/api/tenant.ts';
import { fail, ok, type Result } from '../../contracts/result.ts';
import { auditChange } from './audit.ts';
import { callerIsAdmin, isAdminRole, selectCallerRole } from './authorization.ts';
import type { Database } from './client.ts';
import { type EnterRefusal, runAsUser } from './context.ts';
import { tenants } from './schema/tenancy.ts';

const selectSettings = (database: Database, { tenantId }: SessionClaims) =>
  database.select({ stores_contents: tenants.stores_contents }).from(tenants).where(eq(tenants.id, tenantId));

/** What admins have decided for their tenant. Everybody in it may know. */
export async function getTenantSettings(
  database: Database,
  claims: SessionClaims,
): Promise<Result<TenantSettings, { code: EnterRefusal | 'not_found' }>> {
  const answer = await runAsUser(database, claims, [selectSettings(database, claims)]);
  if (!answer.ok) return answer;
  const [row] = answer.value[0];
  return row === undefined ? fail({ code: 'not_found' }) : ok(row);
}

/** Changes what admins decide for their own tenant, and writes down what it was before. Admins only. */
export async function updateTenantSettings(
  database: Database,
  claims: SessionClaims,
  { stores_contents }: TenantSettings,
  requestId: string,
): Promise<Result<TenantSettings, { code: EnterRefusal | 'forbidden' }>> {
  const settings = (value: typeof tenants.stores_contents | ReturnType<typeof sql>) =>
    sql`jsonb_build_object('stores_contents', ${value})`;
  const after = settings(sql`${stores_contents}::boolean`);
  const isOwn = sql`${tenants.id} = app.tenant_id() and ${callerIsAdmin}`;
  const answer = await runAsUser(database, claims, [
    auditChange(database, {
      id: uuidv7(),
      action: 'tenant.settings_changed',
      target_type: 'tenant',
      target: { tenant_id: tenants.id, id: tenants.id },
      before: settings(tenants.stores_contents),
      after,
      rows: sql`from ${tenants} where ${isOwn}`,
      request_id: requestId,
    }),
    database.update(tenants).set({ stores_contents }).where(isOwn),
    selectSettings(database, claims),
    selectCallerRole(database),
  ]);
  if (!answer.ok) return answer;
  const [, , [row], askers] = answer.value;
  return row !== undefined && isAdminRole(askers.rows[0]) ? ok(row) : fail({ code: 'forbidden' });
}
