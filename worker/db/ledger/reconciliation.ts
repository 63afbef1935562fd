import { and, desc, eq, lt, or, sql } from 'drizzle-orm';
import { NIL, v7 as uuidv7 } from 'uuid';
import type { z } from 'zod';
import type {
  CheckResult,
  Reconciliation,
  reconciliationQuery,
  TenantReconciliation,
} from '../../../contracts/api/reconciliation.ts';
import type { UserSummary } from '../../../contracts/api/tenant/users.ts';
import { fail, ok, type Result } from '../../../contracts/result.ts';
import { isTenantWallet, type WalletIdentity } from '../../../contracts/wallet/journal.ts';
import type { Difference } from '../../../contracts/wallet/reconciliation.ts';
import { isAdminRole, selectCallerRole } from '../authorization.ts';
import { attemptQuery, type Database } from '../client.ts';
import { type EnterRefusal, type Principal, runAsService, runAsUser } from '../context.ts';
import { type InvalidCursor, type Page, pageOfRows, startOfPage, uuidPosition } from '../paging.ts';
import { tenantWalletReconciliations, tenantWallets } from '../schema/budgets.ts';
import { tenants } from '../schema/tenancy.ts';
import { auditLog, users } from '../schema/users.ts';
import { userTokenWallets, walletReconciliations } from '../schema/wallets.ts';
import type { TenantWithBudget } from '../tenants/budgets.ts';
import { belongsToUser, isoTime, userSummaryColumns } from '../users/user-rows.ts';
import type { Findings } from './wallet-records.ts';

/** Lists the tenants: each has a wallet, and its users have theirs. */
export async function listTenantsWithWallets(database: Database): Promise<string[]> {
  const answer = await attemptQuery(() =>
    database.execute<{ tenant_id: string }>(
      sql`select tenant_id from app.tenants_with_wallets() as t(tenant_id)`,
    ),
  );
  return answer.ok ? answer.value.rows.map(({ tenant_id }) => tenant_id) : [];
}

/** A page of a tenant's wallets that were not checked since a moment, by user. */
export type UncheckedWalletsQuery = {
  tenant_id: string;
  before_ms: number;
  after_user_id?: string | undefined;
};

/**
 * Lists wallets last checked before a moment: those of the tenant's users, and the tenant's own, whose id is the tenant's. Includes wallets without rows in Postgres, because every entry of a wallet may
 * be missing; most of those were never used, so they are checked once a day.
 */
export async function listUncheckedWallets(
  database: Database,
  { tenant_id, before_ms, after_user_id }: UncheckedWalletsQuery,
  limit: number,
): Promise<WalletIdentity[]> {
  const answer = await runAsService(database, tenant_id, [
    database.execute<{ user_id: string }>(sql`
      select id as user_id from (
        select u.id, w.user_id is not null as is_used, r.checked_at from ${users} u
          left join ${userTokenWallets} w on w.tenant_id = u.tenant_id and w.user_id = u.id
          left join ${walletReconciliations} r on r.tenant_id = u.tenant_id and r.user_id = u.id
        where u.tenant_id = ${tenant_id}
        union all
        select t.id, w.tenant_id is not null, r.checked_at from ${tenants} t
          left join ${tenantWallets} w on w.tenant_id = t.id
          left join ${tenantWalletReconciliations} r on r.tenant_id = t.id
        where t.id = ${tenant_id}
      ) wallets
      where id > ${after_user_id ?? NIL}
        and (checked_at is null or checked_at < to_timestamp(${before_ms}::float8 / 1000)
          - case when is_used then interval '0' else interval '1 day' end)
      order by id limit ${limit}`),
  ]);
  if (!answer.ok) throw new Error('The service was refused');
  return answer.value[0].rows.map(({ user_id }) => ({ tenant_id, user_id }));
}

/** The most differences an answer lists. */
const SHOWN_MAX = 100;

/** The last entry before the first difference. */
const verifiedSeqOf = ({ checkpoint, differences }: Findings): number =>
  differences.reduce(
    (proved, { seq }) => (seq === null ? proved : Math.min(proved, seq - 1)),
    checkpoint.seq,
  );

const presentFindings = (findings: Findings): CheckResult => ({
  status: findings.status,
  verified_seq: verifiedSeqOf(findings),
  wallet_seq: findings.wallet_seq,
  repaired_through_seq: findings.repaired_through_seq,
  differences: findings.differences.slice(0, SHOWN_MAX),
  acknowledged: findings.acknowledged.slice(0, SHOWN_MAX),
  checked_at: isoTime(findings.checked_at),
});

/** Converts findings about a user's wallet to the API's reconciliation. */
export const presentReconciliation = (
  { tenant_id, user_id }: WalletIdentity,
  user: UserSummary,
  findings: Findings,
): Reconciliation => ({ tenant_id, user_id, user_email: user.email, user, ...presentFindings(findings) });

/** Converts findings about a tenant's wallet to the API's reconciliation. */
export const presentTenantReconciliation = (
  { id, slug }: Pick<TenantWithBudget, 'id' | 'slug'>,
  findings: Findings,
): TenantReconciliation => ({ tenant_id: id, tenant_slug: slug, ...presentFindings(findings) });

type ReconciliationQuery = z.infer<typeof reconciliationQuery>;

/** Lists the last checks of the tenant's wallets, for superadmins of every tenant's, newest user first. */
export async function listReconciliations(
  database: Database,
  principal: Principal,
  { status, ...page }: ReconciliationQuery,
): Promise<Result<Page<Reconciliation>, { code: EnterRefusal | InvalidCursor | 'forbidden' }>> {
  const start = startOfPage(page, uuidPosition);
  if (!start.ok) return start;
  const answer = await runAsUser(database, principal, [
    database
      .select({ findings: walletReconciliations, user: userSummaryColumns })
      .from(walletReconciliations)
      .innerJoin(users, belongsToUser(walletReconciliations))
      .where(
        and(
          or(
            eq(walletReconciliations.tenant_id, principal.tenantId),
            sql`(select app.role()) = 'superadmin'`,
          ),
          status === undefined ? undefined : eq(walletReconciliations.status, status),
          start.value === null ? undefined : lt(walletReconciliations.user_id, start.value),
        ),
      )
      .orderBy(desc(walletReconciliations.user_id))
      .limit(page.limit + 1),
    selectCallerRole(database),
  ]);
  if (!answer.ok) return answer;
  const [rows, callers] = answer.value;
  if (!isAdminRole(callers.rows[0])) return fail({ code: 'forbidden' });
  const { items, next_cursor } = pageOfRows(rows, page.limit, ({ findings }) => findings.user_id);
  return ok({
    items: items.map(({ findings, user }) => presentReconciliation(findings, user, findings)),
    next_cursor,
  });
}

/** Lists the last checks of tenants' wallets, newest tenant first. Superadmins see all, admins that of their tenant. */
export async function listTenantReconciliations(
  database: Database,
  principal: Principal,
  { status, ...page }: ReconciliationQuery,
): Promise<Result<Page<TenantReconciliation>, { code: EnterRefusal | InvalidCursor | 'forbidden' }>> {
  const start = startOfPage(page, uuidPosition);
  if (!start.ok) return start;
  const answer = await runAsUser(database, principal, [
    database
      .select({ findings: tenantWalletReconciliations, slug: tenants.slug })
      .from(tenantWalletReconciliations)
      .innerJoin(tenants, eq(tenants.id, tenantWalletReconciliations.tenant_id))
      .where(
        and(
          status === undefined ? undefined : eq(tenantWalletReconciliations.status, status),
          start.value === null ? undefined : lt(tenantWalletReconciliations.tenant_id, start.value),
        ),
      )
      .orderBy(desc(tenantWalletReconciliations.tenant_id))
      .limit(page.limit + 1),
    selectCallerRole(database),
  ]);
  if (!answer.ok) return answer;
  const [rows, callers] = answer.value;
  if (!isAdminRole(callers.rows[0])) return fail({ code: 'forbidden' });
  const { items, next_cursor } = pageOfRows(rows, page.limit, ({ findings }) => findings.tenant_id);
  return ok({
    items: items.map(({ findings, slug }) =>
      presentTenantReconciliation({ id: findings.tenant_id, slug }, findings),
    ),
    next_cursor,
  });
}

export type RepairRecord = {
  wallet: WalletIdentity;
  reason: string;
  differences: Difference[];
  request_id: string;
} & (
  | { action: 'wallet.repair_ordered' }
  /** `seq` is the compensating entry; null when only a projection was rewritten or a difference was acknowledged. */
  | { action: 'wallet.repaired'; seq: number | null }
);

/** Records in the audit log that the caller ordered a repair, before it starts, or its result. */
export async function recordRepair(
  database: Database,
  principal: Principal,
  { wallet, request_id, action, ...details }: RepairRecord,
): Promise<Result<null, { code: EnterRefusal }>> {
  const answer = await runAsUser(database, principal, [
    database.insert(auditLog).values({
      tenant_id: principal.tenantId,
      id: uuidv7(),
      actor_user_id: principal.userId,
      actor_role: sql`app.actor_role()`,
      action,
      target_type: isTenantWallet(wallet) ? 'tenant' : 'user',
      target_id: wallet.user_id,
      request_id,
      details: { tenant_id: wallet.tenant_id, ...details },
    }),
  ]);
  return answer.ok ? ok(null) : answer;
}
