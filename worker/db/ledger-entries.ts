import { and, asc, eq, gt, lte, type SQL, sql } from 'drizzle-orm';
import type { PgColumn } from 'drizzle-orm/pg-core';
import type { JournalEntry, WalletIdentity } from '../../contracts/journal.ts';
import { ok, type Result } from '../../contracts/result.ts';
import type { Database } from './client.ts';
import { type EnterRefusal, type Principal, runAsService, runAsUser } from './context.ts';
import { userTokenLedger } from './schema/wallets.ts';

/** The ledger as its wallet hashed it, entry by entry: what is checked and what is exported. */

type LedgerRow = typeof userTokenLedger.$inferSelect;

/** The entry exactly as its wallet hashed it: what a column holds as null, the entry does not speak of. */
export function entryOf(row: LedgerRow): JournalEntry {
  const { tenant_id: _t, user_id: _u, execution_id: _e, created_at: _c, ...rest } = row;
  const { actor_kind, actor_id, shortfall, thresholds_crossed, ...entry } = rest;
  return {
    ...entry,
    actor: { kind: actor_kind, id: actor_id },
    ...(shortfall === null ? {} : { shortfall }),
    ...(thresholds_crossed === null ? {} : { thresholds_crossed }),
  };
}

/** Rows of one wallet. */
export const ofWallet = (
  table: { tenant_id: PgColumn; user_id: PgColumn },
  { tenant_id, user_id }: WalletIdentity,
): SQL | undefined => and(eq(table.tenant_id, tenant_id), eq(table.user_id, user_id));

/** Entries after one number and up to another, ascending. */
export type EntryRange = { after_seq: number | SQL; last_seq: number; limit: number };

/** A page of them. */
export const selectEntries = (
  database: Database,
  wallet: WalletIdentity,
  { after_seq, last_seq, limit }: EntryRange,
) =>
  database
    .select()
    .from(userTokenLedger)
    .where(
      and(
        ofWallet(userTokenLedger, wallet),
        gt(userTokenLedger.seq, after_seq),
        lte(userTokenLedger.seq, last_seq),
      ),
    )
    .orderBy(asc(userTokenLedger.seq))
    .limit(limit);

/** A page of a wallet's entries as they were hashed, ascending. For the check, which nobody asks in person. */
export async function readEntriesOfWallet(
  database: Database,
  wallet: WalletIdentity,
  range: EntryRange,
): Promise<JournalEntry[]> {
  const answer = await runAsService(database, wallet.tenant_id, [selectEntries(database, wallet, range)]);
  if (!answer.ok) throw new Error('The service was refused');
  return answer.value[0].map(entryOf);
}

/** The same for a person: RLS decides whether they may see it, and what they may not see is empty. */
export async function exportEntries(
  database: Database,
  principal: Principal,
  wallet: WalletIdentity,
  range: EntryRange,
): Promise<Result<JournalEntry[], { code: EnterRefusal }>> {
  const answer = await runAsUser(database, principal, [selectEntries(database, wallet, range)]);
  return answer.ok ? ok(answer.value[0].map(entryOf)) : answer;
}

/** Entries first_seq..last_seq. */
export type Gap = { first_seq: number; last_seq: number };

/** Where entries are missing between those that are there, the first hundred places. */
export async function listGaps(database: Database, wallet: WalletIdentity): Promise<Gap[]> {
  const answer = await runAsService(database, wallet.tenant_id, [
    database.execute<{ first_seq: number; last_seq: number }>(sql`
      select (before + 1)::float8 as first_seq, (seq - 1)::float8 as last_seq
      from (
        select seq, lag(seq, 1, 0::bigint) over (order by seq) as before
        from ${userTokenLedger} where ${ofWallet(userTokenLedger, wallet)}
      ) as numbers
      where seq > before + 1 order by seq limit 100`),
  ]);
  if (!answer.ok) throw new Error('The service was refused');
  return answer.value[0].rows;
}
