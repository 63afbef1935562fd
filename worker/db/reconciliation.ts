import { and, desc, eq, lt, lte, or, sql } from 'drizzle-orm';
import { NIL, v7 as uuidv7 } from 'uuid';
import type { z } from 'zod';
import type { Reconciliation, reconciliationQuery } from '../../contracts/api/reconciliation.ts';
import type { UserSummary } from '../../contracts/api/users.ts';
import type { JournalEntry, WalletIdentity } from '../../contracts/journal.ts';
import type { Difference } from '../../contracts/reconciliation.ts';
import { fail, ok, type Result } from '../../contracts/result.ts';
import { isAdminRole, selectCallerRole } from './authorization.ts';
import { attemptQuery, type Database } from './client.ts';
import { type EnterRefusal, type Principal, runAsService, runAsUser } from './context.ts';
import { entryOf, ofWallet, selectEntries } from './ledger.ts';
import { type InvalidCursor, type Page, pageOfRows, startOfPage, uuidPosition } from './paging.ts';
import { auditLog, users } from './schema/users.ts';
import { userTokenLedger, userTokenWallets, walletReconciliations } from './schema/wallets.ts';
import {
  belongsToUser,
  isoTime,
  isUser,
  presentUserWithPolicy,
  selectUserWithPolicy,
  type UserWithPolicy,
  userSummaryColumns,
} from './user-rows.ts';

/** The stored result of a wallet's last check. */
export type Findings = Omit<typeof walletReconciliations.$inferSelect, 'tenant_id' | 'user_id'>;

/** The state of a wallet in Postgres at one moment: its ledger, and the rows projected from it. */
export type Projection = {
  ledger: {
    entries: number;
    newest_seq: number;
    /** Sum of the debits. */
    charged: number;
    /** Executions that started and did not end. */
    open: number;
    monthly: number;
    lifetime: number;
    reserved: number;
    overage: number;
  };
  executions: { charged: number; open: number };
  /** Null without a row. */
  wallet: { seq: number; monthly: number; lifetime: number; reserved: number; overage: number } | null;
};

/**
 * Reads the projection in one statement, and so at one moment: the journal's consumer writes ledger and projections together.
 */
const selectProjection = (database: Database, { tenant_id, user_id }: WalletIdentity) =>
  database.execute<{ projection: Projection }>(sql`
    with entries as (
      select seq, kind, amount from ${userTokenLedger} where tenant_id = ${tenant_id} and user_id = ${user_id}
    ), newest as (
      select monthly_after, lifetime_after, reserved_after, overage_after from ${userTokenLedger}
      where tenant_id = ${tenant_id} and user_id = ${user_id} order by seq desc limit 1
    )
    select jsonb_build_object(
      'ledger', (select jsonb_build_object(
          'entries', count(*), 'newest_seq', coalesce(max(seq), 0),
          'charged', coalesce(sum(amount) filter (where kind = 'debit'), 0),
          'open', count(*) filter (where kind = 'reserve') - count(*) filter (where kind in ('debit', 'release', 'expiry')),
          'monthly', coalesce((select monthly_after from newest), 0),
          'lifetime', coalesce((select lifetime_after from newest), 0),
          'reserved', coalesce((select reserved_after from newest), 0),
          'overage', coalesce((select overage_after from newest), 0)
        ) from entries),
      'executions', (select jsonb_build_object(
          'charged', coalesce(sum(tokens_charged), 0), 'open', count(*) filter (where finished_at_ms is null)
        ) from ai_executions where tenant_id = ${tenant_id} and user_id = ${user_id}),
      'wallet', (select jsonb_build_object(
          'seq', seq, 'monthly', monthly, 'lifetime', lifetime, 'reserved', reserved, 'overage', overage
        ) from ${userTokenWallets} where tenant_id = ${tenant_id} and user_id = ${user_id})
    ) as projection`);

/** Everything Postgres stores about one wallet. */
export type WalletRecords = {
  owner: UserWithPolicy;
  previous: Findings | null;
  projection: Projection;
  entries: JournalEntry[];
};

/**
 * Reads the records of one wallet and the first page of its entries, in one round trip: those after the last checkpoint or,
 * with `full`, from the first. Returns null when the tenant has no such user.
 */
export async function readWalletRecords(
  database: Database,
  wallet: WalletIdentity,
  { full, ...page }: { full: boolean; last_seq: number; limit: number },
): Promise<WalletRecords | null> {
  const checkpointSeq = sql`coalesce((select (checkpoint ->> 'seq')::bigint from ${walletReconciliations}
    where ${ofWallet(walletReconciliations, wallet)}), 0)`;
  const answer = await runAsService(database, wallet.tenant_id, [
    selectUserWithPolicy(database, isUser(wallet.tenant_id, wallet.user_id)),
    database.select().from(walletReconciliations).where(ofWallet(walletReconciliations, wallet)),
    selectProjection(database, wallet),
    selectEntries(database, wallet, { ...page, after_seq: full ? 0 : checkpointSeq }),
  ]);
  if (!answer.ok) throw new Error('The service was refused');
  const [[owner], [previous], { rows }, entries] = answer.value;
  const [row] = rows;
  if (owner === undefined || row === undefined) return null;
  return {
    owner: presentUserWithPolicy(owner),
    previous: previous ?? null,
    projection: row.projection,
    entries: entries.map(entryOf),
  };
}

/** Stores the result of a check. A check that began before a repair does not overwrite the repair's result. */
export async function saveFindings(
  database: Database,
  wallet: WalletIdentity,
  findings: Findings,
): Promise<void> {
  const answer = await runAsService(database, wallet.tenant_id, [
    database
      .insert(walletReconciliations)
      .values({ ...wallet, ...findings })
      .onConflictDoUpdate({
        target: [walletReconciliations.tenant_id, walletReconciliations.user_id],
        set: findings,
        setWhere: lte(walletReconciliations.repaired_through_seq, findings.repaired_through_seq),
      }),
  ]);
  if (!answer.ok) throw new Error('The service was refused');
}

/** Lists the tenants that have users, and so wallets to check. */
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
 * Lists wallets last checked before a moment. Includes wallets without rows in Postgres, because every entry of a wallet may
 * be missing; most of those were never used, so they are checked once a day.
 */
export async function listUncheckedWallets(
  database: Database,
  { tenant_id, before_ms, after_user_id }: UncheckedWalletsQuery,
  limit: number,
): Promise<WalletIdentity[]> {
  const answer = await runAsService(database, tenant_id, [
    database.execute<{ user_id: string }>(sql`
      select u.id as user_id from ${users} u
        left join ${userTokenWallets} w on w.tenant_id = u.tenant_id and w.user_id = u.id
        left join ${walletReconciliations} r on r.tenant_id = u.tenant_id and r.user_id = u.id
      where u.tenant_id = ${tenant_id} and u.id > ${after_user_id ?? NIL}
        and (r.checked_at is null or r.checked_at < to_timestamp(${before_ms}::float8 / 1000)
          - case when w.user_id is null then interval '1 day' else interval '0' end)
      order by u.id limit ${limit}`),
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

/** Converts findings to the API's reconciliation. */
export const presentReconciliation = (
  { tenant_id, user_id }: WalletIdentity,
  user: UserSummary,
  findings: Findings,
): Reconciliation => ({
  tenant_id,
  user_id,
  user_email: user.email,
  user,
  status: findings.status,
  verified_seq: verifiedSeqOf(findings),
  wallet_seq: findings.wallet_seq,
  repaired_through_seq: findings.repaired_through_seq,
  differences: findings.differences.slice(0, SHOWN_MAX),
  acknowledged: findings.acknowledged.slice(0, SHOWN_MAX),
  checked_at: isoTime(findings.checked_at),
});

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
      actor_role: sql`app.role()`,
      action,
      target_type: 'user',
      target_id: wallet.user_id,
      request_id,
      details: { tenant_id: wallet.tenant_id, ...details },
    }),
  ]);
  return answer.ok ? ok(null) : answer;
}
