import { and, asc, eq, gt, isNotNull, sql } from 'drizzle-orm';
import type { SessionClaims } from '../../../contracts/api/account/auth.ts';
import type { RequireMfa, TenantSettingsPatch } from '../../../contracts/api/tenant/tenant.ts';
import { ok, type Result } from '../../../contracts/result.ts';
import { callerIsAdmin } from '../authorization.ts';
import type { Database } from '../client.ts';
import { type EnterRefusal, runAsService, runAsUser } from '../context.ts';
import { userFactors } from '../schema/factors.ts';
import { users } from '../schema/users.ts';
import { factorsOf } from '../users/factors.ts';
import { signedOutAtS } from '../users/user-rows.ts';
import { updateTenantSettings } from './tenant-settings.ts';

/** The rule of a tenant about who needs a second factor. */

/** Tells whether the caller has a second factor. */
export async function hasSecondFactor(
  database: Database,
  claims: SessionClaims,
): Promise<Result<boolean, { code: EnterRefusal }>> {
  const answer = await runAsUser(database, claims, [
    database
      .select({ id: userFactors.id })
      .from(userFactors)
      .where(factorsOf(claims.tenantId, claims.userId))
      .limit(1),
  ]);
  return answer.ok ? ok(answer.value[0].length > 0) : answer;
}

/** Ends the sessions of those who need a second factor and have none. */
const endSessionsWithout = (database: Database, rule: RequireMfa) =>
  database.execute(sql`update ${users} set signed_out_at = greatest(${users.signed_out_at}, now())
    where ${users.tenant_id} = app.tenant_id() and ${users.id} is distinct from app.user_id() and ${callerIsAdmin}
      and (${rule} = 'everyone' or ${users.role} <> 'user')
      and not exists (select from ${userFactors} where ${userFactors.tenant_id} = ${users.tenant_id}
        and ${userFactors.user_id} = ${users.id})`);

/** Changes settings and, with a rule that requires second factors, ends the sessions of those who have none, in one transaction. */
export const saveSettingsWithRule = (
  database: Database,
  claims: SessionClaims,
  patch: TenantSettingsPatch,
  requestId: string,
): ReturnType<typeof updateTenantSettings> =>
  updateTenantSettings(
    database,
    claims,
    patch,
    requestId,
    patch.require_mfa === undefined || patch.require_mfa === 'off'
      ? []
      : [endSessionsWithout(database, patch.require_mfa)],
  );

const PAGE = 100;

/** A page of users who were signed out, in the order of their ids, and the user after whom the next page begins. */
export type SignedOutPage = {
  wallets: { tenant_id: string; user_id: string; signed_out_at_s: number }[];
  next: string | null;
};

/** Lists the users of a tenant who were signed out, after a user. */
export async function listSignedOut(
  database: Database,
  tenant_id: string,
  after: string | null,
): Promise<SignedOutPage> {
  const answer = await runAsService(database, tenant_id, [
    database
      .select({ user_id: users.id, signed_out_at_s: signedOutAtS })
      .from(users)
      .where(
        and(
          eq(users.tenant_id, tenant_id),
          isNotNull(users.signed_out_at),
          after === null ? undefined : gt(users.id, after),
        ),
      )
      .orderBy(asc(users.id))
      .limit(PAGE),
  ]);
  const rows = answer.ok ? answer.value[0] : [];
  const wallets = rows.map(({ user_id, signed_out_at_s }) => ({
    ...{ tenant_id, user_id, signed_out_at_s: signed_out_at_s ?? 0 },
  }));
  return { wallets, next: rows.length < PAGE ? null : (rows.at(-1)?.user_id ?? null) };
}
