import { sql } from 'drizzle-orm';
import { v7 as uuidv7 } from 'uuid';
import type { SessionClaims } from '../../../contracts/api/account/auth.ts';
import {
  type AlertRules,
  type AlertRulesPatch,
  DEFAULT_ALERT_RULES,
  alertRules as ruleFields,
} from '../../../contracts/api/tenant/alerts.ts';
import { pickFields } from '../../../contracts/fields.ts';
import { fail, ok, type Result } from '../../../contracts/result.ts';
import { auditChange, columnsJson } from '../audit.ts';
import { callerIsAdmin, isAdminRole, selectCallerRole } from '../authorization.ts';
import type { Database } from '../client.ts';
import { type EnterRefusal, runAsUser } from '../context.ts';
import { alertRules } from '../schema/alerts.ts';

/** The rules of a tenant's alerts. A row exists once they were changed. */

const columns = pickFields(ruleFields, alertRules);

const selectRules = (database: Database, { tenantId }: SessionClaims) =>
  database.select(columns).from(alertRules).where(sql`${alertRules.tenant_id} = ${tenantId}::uuid`);

type RulesRefusal = { code: EnterRefusal | 'forbidden' };

/** Returns the rules of the caller's tenant. Admins only. */
export async function getAlertRules(
  database: Database,
  claims: SessionClaims,
): Promise<Result<AlertRules, RulesRefusal>> {
  const answer = await runAsUser(database, claims, [
    selectRules(database, claims),
    selectCallerRole(database),
  ]);
  if (!answer.ok) return answer;
  const [[rules], callers] = answer.value;
  return isAdminRole(callers.rows[0]) ? ok(rules ?? DEFAULT_ALERT_RULES) : fail({ code: 'forbidden' });
}

/** Changes the rules of the caller's tenant. Admins only. */
export async function changeAlertRules(
  database: Database,
  claims: SessionClaims,
  patch: AlertRulesPatch,
  request_id: string,
): Promise<Result<AlertRules, RulesRefusal>> {
  const answer = await runAsUser(database, claims, [
    database.execute(
      sql`insert into alert_rules (tenant_id) select app.tenant_id() where ${callerIsAdmin} on conflict do nothing`,
    ),
    auditChange(database, {
      ...{ id: uuidv7(), action: 'tenant.alert_rules_changed', request_id, target_type: 'tenant' },
      target: { tenant_id: alertRules.tenant_id, id: alertRules.tenant_id },
      before: columnsJson(columns),
      after: sql`${columnsJson(columns)} || ${JSON.stringify(patch)}::jsonb`,
      rows: sql`from ${alertRules} where ${alertRules.tenant_id} = app.tenant_id() and ${callerIsAdmin}`,
    }),
    database
      .update(alertRules)
      .set({ ...patch, updated_at: sql`now()` } as Record<string, unknown>)
      .where(sql`${alertRules.tenant_id} = app.tenant_id() and ${callerIsAdmin}`),
    selectRules(database, claims),
    selectCallerRole(database),
  ]);
  if (!answer.ok) return answer;
  const [, , , [rules], callers] = answer.value;
  return isAdminRole(callers.rows[0]) && rules !== undefined ? ok(rules) : fail({ code: 'forbidden' });
}
