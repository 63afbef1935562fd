import { and, desc, eq, lt, lte, or, sql } from 'drizzle-orm';
import { v7 as uuidv7 } from 'uuid';
import type { z } from 'zod';
import type { Reconciliation, reconciliationQuery } from '../../contracts/api/reconciliation.ts';
import type { JournalEntry, WalletIdentity } from '../../contracts/journal.ts';
import type { Difference } from '../../contracts/reconciliation.ts';
import { fail, ok, type Result } from '../../contracts/result.ts';
import { isAdministrator, selectAsker } from './administration.ts';
import { attemptQuery, type Database } from './client.ts';
import { asService, asUser, type EnterRefusal, type Principal } from './context.ts';
import { type GovernedUser, presentGovernedUser } from './governed-users.ts';
import { entryOf, ofWallet, selectEntries } from './ledger-entries.ts';
import { type InvalidCursor, type Page, pageOfRows, startOfPage, uuidPosition } from './paging.ts';
import { isoTime, isUser, selectPerson } from './person.ts';
import { auditLog, users } from './schema/users.ts';
import { userTokenLedger, userTokenWallets, walletReconciliations } from './schema/wallets.ts';

/** How a wallet stood when it was last checked, as stored. */
export type Findings = Omit<typeof walletReconciliations.$inferSelect, 'tenant_id' | 'user_id'>;

/** What Postgres has of a wallet, as it stood at one moment: the ledger, and what was projected from it. */
export type Projection = {
  ledger: {
    entries: number;
    newest_seq: number;
    /** Sum of its debits. */
    charged: number;
    /** Executions that began and have not ended. */
    open: number;
    monthly: number;
    lifetime: number;
    reserved: number;
    overage: number;
  };
  executions: { charged: number; open: number };
  /** Null when there is no row. */
  wallet: { seq: number; monthly: number; lifetime: number; reserved: number; overage: number } | null;
};

/** One statement and so one moment: the journal's consumer writes ledger and projections together. */
const selectProjection = (database: Database, { tenant_id, user_id }: WalletIdentity) =>
  database.execute<{ projection: Projection }>(sql`
    with entries as (
      select * from ${userTokenLedger} where tenant_id = ${tenant_id} and user_id = ${user_id}
    ), newest as (select * from entries order by seq desc limit 1)
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

/** Everything Postgres says about one wallet, in one round trip. */
export type Evidence = {
  person: GovernedUser;
  previous: Findings | null;
  projection: Projection;
  entries: JournalEntry[];
};

/**
 * Reads what one wallet is to be held against, and the first page of its entries: those after the last checkpoint, or with
 * `full` from the first on. Null when the tenant has no such user.
 */
export async function readEvidence(
  database: Database,
  wallet: WalletIdentity,
  { full, ...page }: { full: boolean; last_seq: number; limit: number },
): Promise<Evidence | null> {
  const checkpointSeq = sql`coalesce((select (checkpoint ->> 'seq')::bigint from ${walletReconciliations}
    where ${ofWallet(walletReconciliations, wallet)}), 0)`;
  const answer = await asService(database, wallet.tenant_id, [
    selectPerson(database, isUser(wallet.tenant_id, wallet.user_id)),
    database.select().from(walletReconciliations).where(ofWallet(walletReconciliations, wallet)),
    selectProjection(database, wallet),
    selectEntries(database, wallet, { ...page, after_seq: full ? 0 : checkpointSeq }),
  ]);
  if (!answer.ok) throw new Error('The service was refused');
  const [[person], [previous], { rows }, entries] = answer.value;
  const [row] = rows;
  if (person === undefined || row === undefined) return null;
  return {
    person: presentGovernedUser(person),
    previous: previous ?? null,
    projection: row.projection,
    entries: entries.map(entryOf),
  };
}

/**
 * Stores what a check found. A check that began before a repair never overwrites what the repair left, and a repair is never
 * forgotten.
 */
export async function saveFindings(
  database: Database,
  wallet: WalletIdentity,
  findings: Findings,
): Promise<void> {
  const answer = await asService(database, wallet.tenant_id, [
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

/** Tenants that have wallets to check. */
export async function listTenantsWithWallets(database: Database): Promise<string[]> {
  const answer = await attemptQuery(() =>
    database.execute<{ tenant_id: string }>(
      sql`select tenant_id from app.tenants_with_wallets() as t(tenant_id)`,
    ),
  );
  return answer.ok ? answer.value.rows.map(({ tenant_id }) => tenant_id) : [];
}

/** Wallets of a tenant that were last checked before a moment, the longest unchecked first. */
export async function listUncheckedWallets(
  database: Database,
  { tenant_id, before_ms }: { tenant_id: string; before_ms: number },
  limit: number,
): Promise<WalletIdentity[]> {
  const answer = await asService(database, tenant_id, [
    database.execute<{ user_id: string }>(sql`
      select user_id from (
        select w.user_id, r.checked_at from ${userTokenWallets} w
          left join ${walletReconciliations} r on r.tenant_id = w.tenant_id and r.user_id = w.user_id
          where w.tenant_id = ${tenant_id}
        union
        select user_id, checked_at from ${walletReconciliations} where tenant_id = ${tenant_id}
      ) as wallets
      where checked_at is null or checked_at < to_timestamp(${before_ms}::float8 / 1000)
      order by checked_at nulls first, user_id limit ${limit}`),
  ]);
  if (!answer.ok) throw new Error('The service was refused');
  return answer.value[0].rows.map(({ user_id }) => ({ tenant_id, user_id }));
}

/** Findings as the API shows them. */
export const presentFindings = (
  { tenant_id, user_id }: WalletIdentity,
  user_email: string,
  findings: Findings,
): Reconciliation => ({
  tenant_id,
  user_id,
  user_email,
  status: findings.status,
  verified_seq: findings.checkpoint.seq,
  wallet_seq: findings.wallet_seq,
  repaired_through_seq: findings.repaired_through_seq,
  differences: findings.differences,
  checked_at: isoTime(findings.checked_at),
});

type ReconciliationQuery = z.infer<typeof reconciliationQuery>;

/** How the wallets of the tenant stand, to a superadmin everybody's. The newest user first. */
export async function listReconciliations(
  database: Database,
  principal: Principal,
  { status, ...page }: ReconciliationQuery,
): Promise<Result<Page<Reconciliation>, { code: EnterRefusal | InvalidCursor | 'forbidden' }>> {
  const start = startOfPage(page, uuidPosition);
  if (!start.ok) return start;
  const answer = await asUser(database, principal, [
    database
      .select({ findings: walletReconciliations, email: users.email })
      .from(walletReconciliations)
      .innerJoin(
        users,
        and(
          eq(users.tenant_id, walletReconciliations.tenant_id),
          eq(users.id, walletReconciliations.user_id),
        ),
      )
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
    selectAsker(database),
  ]);
  if (!answer.ok) return answer;
  const [rows, askers] = answer.value;
  if (!isAdministrator(askers.rows[0])) return fail({ code: 'forbidden' });
  const { items, next_cursor } = pageOfRows(rows, page.limit, ({ findings }) => findings.user_id);
  return ok({
    items: items.map(({ findings, email }) => presentFindings(findings, email, findings)),
    next_cursor,
  });
}

export type RepairRecord = {
  wallet: WalletIdentity;
  reason: string;
  /** The compensating entry; null when only a projection was rewritten or a difference acknowledged. */
  seq: number | null;
  differences: Difference[];
  request_id: string;
};

/** Writes a repair down in the name of whoever ordered it. */
export async function recordRepair(
  database: Database,
  principal: Principal,
  { wallet, reason, seq, differences, request_id }: RepairRecord,
): Promise<Result<null, { code: EnterRefusal }>> {
  const answer = await asUser(database, principal, [
    database.insert(auditLog).values({
      tenant_id: principal.tenantId,
      id: uuidv7(),
      actor_user_id: principal.userId,
      actor_role: sql`app.role()`,
      action: 'wallet.repaired',
      target_type: 'user',
      target_id: wallet.user_id,
      request_id,
      details: { tenant_id: wallet.tenant_id, reason, seq, differences },
    }),
  ]);
  return answer.ok ? ok(null) : answer;
}
