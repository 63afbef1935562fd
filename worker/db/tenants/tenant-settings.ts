import { eq, sql } from 'drizzle-orm';
import type { BatchItem } from 'drizzle-orm/batch';
import { v7 as uuidv7 } from 'uuid';
import type { SessionClaims } from '../../../contracts/api/account/auth.ts';
import {
  branding,
  type TenantSettings,
  type TenantSettingsPatch,
  tenantFields,
} from '../../../contracts/api/tenant/tenant.ts';
import { pickFields } from '../../../contracts/fields.ts';
import { fail, ok, type Result } from '../../../contracts/result.ts';
import { auditChange, columnsJson } from '../audit.ts';
import { callerIsAdmin, isAdminRole, selectCallerRole } from '../authorization.ts';
import type { Database } from '../client.ts';
import { type EnterRefusal, runAsUser } from '../context.ts';
import { tenants } from '../schema/tenancy.ts';

const brandColumns = pickFields(branding, tenants);
const settingColumns = pickFields(tenantFields, tenants);

const selectSettings = (database: Database, { tenantId }: SessionClaims) =>
  database
    .select({ branding: brandColumns, ...settingColumns })
    .from(tenants)
    .where(eq(tenants.id, tenantId));

/** Matches the caller's tenant if the caller administers it. */
export const isOwnTenant = sql`${tenants.id} = app.tenant_id() and ${callerIsAdmin}`;

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

type TenantRow = typeof tenants.$inferInsert;
type TenantPatch = { [Column in keyof TenantRow]?: TenantRow[Column] | undefined };

/**
 * Changes columns of the caller's tenant and records the change in the audit log, in one transaction with `further` statements. Admins
 * only. `refusals` maps expected SQLSTATEs to codes.
 */
export async function changeTenant<Refusal extends string = never>(
  database: Database,
  claims: SessionClaims,
  patch: TenantPatch,
  requestId: string,
  further: BatchItem<'pg'>[] = [],
  refusals: Record<string, Refusal> = {},
): Promise<Result<TenantSettings, { code: EnterRefusal | Refusal | 'forbidden' }>> {
  const before = columnsJson({ ...brandColumns, ...settingColumns });
  const answer = await runAsUser(
    database,
    claims,
    [
      auditChange(database, {
        id: uuidv7(),
        action: 'tenant.settings_changed',
        target_type: 'tenant',
        target: { tenant_id: tenants.id, id: tenants.id },
        before,
        after: sql`${before} || ${JSON.stringify(patch)}::jsonb`,
        rows: sql`from ${tenants} where ${isOwnTenant}`,
        request_id: requestId,
      }),
      database.update(tenants).set(patch).where(isOwnTenant),
      selectSettings(database, claims),
      selectCallerRole(database),
      ...further,
    ],
    refusals,
  );
  if (!answer.ok) return answer;
  const [, , [row], callers] = answer.value;
  return row !== undefined && isAdminRole(callers.rows[0]) ? ok(row) : fail({ code: 'forbidden' });
}

/** Violation of a check. The contract holds the values of every other one. */
const CHECK_VIOLATION = { '23514': 'email_domains_missing' } as const;

/** Changes settings of the caller's tenant. `email_domains_missing` if only some email domains could register and there would be none. */
export const updateTenantSettings = (
  database: Database,
  claims: SessionClaims,
  { branding: brand, ...settings }: TenantSettingsPatch,
  requestId: string,
  further: BatchItem<'pg'>[] = [],
) => changeTenant(database, claims, { ...brand, ...settings }, requestId, further, CHECK_VIOLATION);
