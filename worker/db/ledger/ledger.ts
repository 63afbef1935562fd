import { and, asc, desc, eq, gt, lt, lte, type SQL, sql } from 'drizzle-orm';
import type { PgColumn } from 'drizzle-orm/pg-core';
import type { PageQuery } from '../../../contracts/api/paging.ts';
import type { LedgerItem } from '../../../contracts/api/wallet.ts';
import { ok, type Result } from '../../../contracts/result.ts';
import {
  isTenantWallet,
  type JournalEntry,
  type WalletIdentity,
  type WithheldEntry,
} from '../../../contracts/wallet/journal.ts';
import type { Database } from '../client.ts';
import {
  type EnterRefusal,
  type ManagementCaller,
  type Principal,
  runAsService,
  runAsUser,
} from '../context.ts';
import { costRightsOf, selectCostRights, shownEntry } from '../executions/provider-cost.ts';
import { type InvalidCursor, type Page, pageOfRows, seqPosition, startOfPage } from '../paging.ts';
import { tenantLedger } from '../schema/budgets.ts';
import { userTokenLedger } from '../schema/wallets.ts';

/** An entry of a user's or a tenant's wallet. */
export type LedgerRow = Omit<typeof userTokenLedger.$inferSelect, 'user_id'>;

/** Returns the entry exactly as its wallet hashed it. Optional fields that are null in the row are left out. */
export function entryOf(row: LedgerRow & { user_id?: string }): JournalEntry {
  const { tenant_id: _t, user_id: _u, execution_id: _e, created_at: _c, ...rest } = row;
  const { actor_kind, actor_id, shortfall, thresholds_crossed, ...entry } = rest;
  return {
    ...entry,
    actor: { kind: actor_kind, id: actor_id },
    ...(shortfall === null ? {} : { shortfall }),
    ...(thresholds_crossed === null ? {} : { thresholds_crossed }),
  };
}

/** Matches the rows of one user's wallet. */
export const ofWallet = (
  table: { tenant_id: PgColumn; user_id: PgColumn },
  { tenant_id, user_id }: WalletIdentity,
): SQL | undefined => and(eq(table.tenant_id, tenant_id), eq(table.user_id, user_id));

/** `from ... where ...`: the ledger of one wallet, a user's or a tenant's. */
export const fromLedger = (wallet: WalletIdentity): SQL =>
  isTenantWallet(wallet)
    ? sql`from ${tenantLedger} where ${eq(tenantLedger.tenant_id, wallet.tenant_id)}`
    : sql`from ${userTokenLedger} where ${ofWallet(userTokenLedger, wallet)}`;

/** A range of entries: after one number, up to and including another, ascending. */
export type EntryRange = { after_seq: number | SQL; last_seq: number; limit: number };

const within = (seq: PgColumn, { after_seq, last_seq }: EntryRange) =>
  and(gt(seq, after_seq), lte(seq, last_seq));

const selectUserEntries = (database: Database, wallet: WalletIdentity, range: EntryRange) =>
  database
    .select()
    .from(userTokenLedger)
    .where(and(ofWallet(userTokenLedger, wallet), within(userTokenLedger.seq, range)))
    .orderBy(asc(userTokenLedger.seq))
    .limit(range.limit);

const selectTenantEntries = (database: Database, { tenant_id }: WalletIdentity, range: EntryRange) =>
  database
    .select()
    .from(tenantLedger)
    .where(and(eq(tenantLedger.tenant_id, tenant_id), within(tenantLedger.seq, range)))
    .orderBy(asc(tenantLedger.seq))
    .limit(range.limit);

/** Selects a page of a range of a wallet's entries. */
export const selectEntries = (database: Database, wallet: WalletIdentity, range: EntryRange) =>
  isTenantWallet(wallet)
    ? selectTenantEntries(database, wallet, range)
    : selectUserEntries(database, wallet, range);

/** Returns a page of a wallet's entries as they were hashed, ascending, to the service of its tenant. */
export async function readEntriesOfWallet(
  database: Database,
  wallet: WalletIdentity,
  range: EntryRange,
): Promise<JournalEntry[]> {
  const answer = await runAsService(database, wallet.tenant_id, [selectEntries(database, wallet, range)]);
  if (!answer.ok) throw new Error('The service was refused');
  return answer.value[0].map(entryOf);
}

/**
 * Returns the same page to a user, without the costs that they may not see. RLS decides what is visible; entries the caller may not
 * see are an empty page.
 */
export async function exportEntries(
  database: Database,
  principal: Principal,
  wallet: WalletIdentity,
  range: EntryRange,
): Promise<Result<(JournalEntry | WithheldEntry)[], { code: EnterRefusal }>> {
  const answer = await runAsUser(database, principal, [
    selectEntries(database, wallet, range),
    selectCostRights(database),
  ]);
  if (!answer.ok) return answer;
  const [rows, rights] = answer.value;
  return ok(rows.map((row) => shownEntry(entryOf(row), costRightsOf(rights))));
}

/** Missing entries, from `first_seq` to `last_seq`. */
export type Gap = { first_seq: number; last_seq: number };

/** Lists the gaps between the entries of a wallet, at most 100. */
export async function listGaps(database: Database, wallet: WalletIdentity): Promise<Gap[]> {
  const answer = await runAsService(database, wallet.tenant_id, [
    database.execute<{ first_seq: number; last_seq: number }>(sql`
      select (before + 1)::float8 as first_seq, (seq - 1)::float8 as last_seq
      from (
        select seq, lag(seq, 1, 0::bigint) over (order by seq) as before ${fromLedger(wallet)}
      ) as numbers
      where seq > before + 1 order by seq limit 100`),
  ]);
  if (!answer.ok) throw new Error('The service was refused');
  return answer.value[0].rows;
}

/** Converts an entry to the API's ledger item. */
export const presentEntry = (row: LedgerRow): LedgerItem => ({
  seq: row.seq,
  kind: row.kind,
  amount: row.amount,
  monthly_delta: row.monthly_delta,
  lifetime_delta: row.lifetime_delta,
  reserved_delta: row.reserved_delta,
  overage: row.overage,
  shortfall: row.shortfall,
  thresholds_crossed: row.thresholds_crossed ?? [],
  available_after: row.monthly_after + row.lifetime_after - row.reserved_after,
  reserved_after: row.reserved_after,
  operation_id: row.operation_id,
  execution_id: row.execution_id,
  actor: { kind: row.actor_kind, id: row.actor_id },
  reason: row.reason,
  reference: row.reference,
  hash: row.hash,
  at: new Date(row.at_ms).toISOString(),
  at_ms: row.at_ms,
});

/** Lists one user's ledger, newest first. RLS decides what is visible; a wallet the caller may not see is an empty page. */
export async function listLedger(
  database: Database,
  principal: Principal | ManagementCaller,
  page: PageQuery,
  userId: string,
): Promise<Result<Page<LedgerItem>, { code: EnterRefusal | InvalidCursor }>> {
  const start = startOfPage(page, seqPosition);
  if (!start.ok) return start;
  const after = start.value;
  const answer = await runAsUser(database, principal, [
    database
      .select()
      .from(userTokenLedger)
      .where(
        and(
          eq(userTokenLedger.tenant_id, principal.tenantId),
          eq(userTokenLedger.user_id, userId),
          after === null ? undefined : lt(userTokenLedger.seq, Number(after)),
        ),
      )
      .orderBy(desc(userTokenLedger.seq))
      .limit(page.limit + 1),
  ]);
  if (!answer.ok) return answer;
  const { items, next_cursor } = pageOfRows(answer.value[0], page.limit, (row) => String(row.seq));
  return ok({ items: items.map(presentEntry), next_cursor });
}
