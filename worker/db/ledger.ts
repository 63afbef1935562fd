import { and, desc, eq, lt } from 'drizzle-orm';
import type { PageQuery } from '../../contracts/api/paging.ts';
import type { LedgerItem } from '../../contracts/api/wallet.ts';
import { ok, type Result } from '../../contracts/result.ts';
import type { Database } from './client.ts';
import { type EnterRefusal, type Principal, runAsUser } from './context.ts';
import { type InvalidCursor, type Page, pageOfRows, seqPosition, startOfPage } from './paging.ts';
import { userTokenLedger } from './schema/wallets.ts';

export type LedgerRow = typeof userTokenLedger.$inferSelect;

/** An entry as the API shows it. */
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

/** One user's ledger, newest first. RLS decides whether the caller may see it; a wallet they may not see is empty. */
export async function listLedger(
  database: Database,
  principal: Principal,
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
