import { and, desc, eq, lt } from 'drizzle-orm';
import type { SessionClaims } from '../../../contracts/api/account/auth.ts';
import type { PageQuery } from '../../../contracts/api/paging.ts';
import type { TenantLedgerItem } from '../../../contracts/api/tenant/budgets.ts';
import { fail, ok, type Result } from '../../../contracts/result.ts';
import { selectCallerRole } from '../authorization.ts';
import type { Database } from '../client.ts';
import { type EnterRefusal, runAsUser } from '../context.ts';
import { type InvalidCursor, type Page, pageOfRows, seqPosition, startOfPage } from '../paging.ts';
import { tenantLedger } from '../schema/budgets.ts';
import { selectTenantWithBudget } from '../tenants/budgets.ts';
import { type LedgerRow, presentEntry } from './ledger.ts';

/** The reference of a lease: the user whose wallet leases. */
const USER_REFERENCE = /^user:([0-9a-f-]{36})$/;

/** Converts an entry to the API's item, in micro-USD. Pure. */
export function presentTenantEntry(row: LedgerRow): TenantLedgerItem {
  const { seq, kind, thresholds_crossed, operation_id, actor, reason, hash, at, at_ms } = presentEntry(row);
  const user_id = row.reference?.match(USER_REFERENCE)?.[1] ?? null;
  return {
    ...{ seq, kind },
    amount_micro_usd: row.amount,
    balance_delta_micro_usd: row.monthly_delta + row.lifetime_delta,
    leased_delta_micro_usd: row.reserved_delta,
    overage_micro_usd: row.overage,
    shortfall_micro_usd: row.shortfall,
    thresholds_crossed,
    balance_after_micro_usd: row.monthly_after + row.lifetime_after,
    leased_after_micro_usd: row.reserved_after,
    ...{ operation_id, user_id, actor, reason },
    reference: user_id === null ? row.reference : null,
    ...{ hash, at, at_ms },
  };
}

/** Lists the ledger of a tenant, newest first, for superadmins. An unknown tenant is `not_found`. */
export async function listTenantLedger(
  database: Database,
  claims: SessionClaims,
  page: PageQuery,
  tenantId: string,
): Promise<
  Result<Page<TenantLedgerItem>, { code: EnterRefusal | InvalidCursor | 'forbidden' | 'not_found' }>
> {
  const start = startOfPage(page, seqPosition);
  if (!start.ok) return start;
  const after = start.value;
  const answer = await runAsUser(database, claims, [
    database
      .select()
      .from(tenantLedger)
      .where(
        and(
          eq(tenantLedger.tenant_id, tenantId),
          after === null ? undefined : lt(tenantLedger.seq, Number(after)),
        ),
      )
      .orderBy(desc(tenantLedger.seq))
      .limit(page.limit + 1),
    selectTenantWithBudget(database, tenantId),
    selectCallerRole(database),
  ]);
  if (!answer.ok) return answer;
  const [rows, [tenant], callers] = answer.value;
  if (callers.rows[0]?.role !== 'superadmin') return fail({ code: 'forbidden' });
  if (tenant === undefined) return fail({ code: 'not_found' });
  const { items, next_cursor } = pageOfRows(rows, page.limit, (row) => String(row.seq));
  return ok({ items: items.map(presentTenantEntry), next_cursor });
}
