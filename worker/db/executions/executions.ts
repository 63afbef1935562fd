import { and, asc, desc, eq, getTableColumns, lt, type SQL, sql } from 'drizzle-orm';
import type { ExecutionListItem, ExecutionReceipt } from '../../../contracts/api/executions.ts';
import type { PageQuery } from '../../../contracts/api/paging.ts';
import { fail, ok, type Result } from '../../../contracts/result.ts';
import type { Database } from '../client.ts';
import { type EnterRefusal, type ManagementCaller, type Principal, runAsUser } from '../context.ts';
import { type LedgerRow, presentEntry } from '../ledger/ledger.ts';
import { type InvalidCursor, type Page, pageOfRows, startOfPage, uuidPosition } from '../paging.ts';
import { aiExecutions } from '../schema/executions.ts';
import { users } from '../schema/users.ts';
import { userTokenLedger } from '../schema/wallets.ts';
import { belongsToUser, userSummaryColumns } from '../users/user-rows.ts';
import { parseOwnOutput, presentBackground, selectOwnOutput } from './contents.ts';
import { NO_OUTPUT, presentAttempts, presentExecution } from './present-execution.ts';
import { costRightsOf, selectCostRights, shownTo } from './provider-cost.ts';

const seesWholeTenant = sql`(select app.role()) in ('admin', 'superadmin', 'management_key')`;
const seesWholesale = sql`(select app.role()) in ('admin', 'superadmin')`;

/** The columns of an execution that the caller may see: the tenant's figures are for admins. */
const visibleColumns = {
  ...getTableColumns(aiExecutions),
  wholesale_micro_usd: sql<
    number | null
  >`case when ${seesWholesale} then ${aiExecutions.wholesale_micro_usd} end`
    .mapWith(aiExecutions.wholesale_micro_usd)
    .as('visible_wholesale_micro_usd'),
};

/**
 * Lists executions, newest first (ids are UUIDv7). Users get their own, admins and management keys their tenant's or one user's. RLS decides, so the page of
 * a user whom the caller may not see is empty.
 */
export async function listExecutions(
  database: Database,
  principal: Principal | ManagementCaller,
  page: PageQuery,
  userId: string | null,
): Promise<Result<Page<ExecutionListItem>, { code: EnterRefusal | InvalidCursor }>> {
  const start = startOfPage(page, uuidPosition);
  if (!start.ok) return start;
  const after = start.value;
  const selectPage = (whose: SQL) =>
    database
      .select({ execution: visibleColumns, user: userSummaryColumns })
      .from(aiExecutions)
      .innerJoin(users, belongsToUser(aiExecutions))
      .where(
        and(
          eq(aiExecutions.tenant_id, principal.tenantId),
          whose,
          after === null ? undefined : lt(aiExecutions.id, after),
        ),
      )
      .orderBy(desc(aiExecutions.id))
      .limit(page.limit + 1);
  // A user's own executions are found by the index on the user. With RLS as the only filter the scan would read everybody's.
  const statements =
    userId === null
      ? [
          selectPage(seesWholeTenant),
          ...('managementKeyHash' in principal
            ? []
            : [selectPage(sql`not ${seesWholeTenant} and ${eq(aiExecutions.user_id, principal.userId)}`)]),
        ]
      : [selectPage(eq(aiExecutions.user_id, userId))];
  const answer = await runAsUser(database, principal, [selectCostRights(database), ...statements]);
  if (!answer.ok) return answer;
  const [seen, ...pages] = answer.value;
  const rights = costRightsOf(seen);
  const rows = pages.flat();
  const { items, next_cursor } = pageOfRows(rows, page.limit, ({ execution }) => execution.id);
  return ok({
    items: items.map(({ execution, user }) => ({
      ...shownTo(rights, presentExecution(execution, NO_OUTPUT)),
      wholesale_micro_usd: execution.wholesale_micro_usd,
      user,
    })),
    next_cursor,
  });
}

/**
 * Returns the receipt of an execution from its ledger entries, which ascend. Pure. The entries of a running one are read after its row
 * and may have its end already, which the row does not tell: that is left out.
 */
export function receiptOf(
  entries: LedgerRow[],
  isRunning: boolean,
): Pick<ExecutionReceipt, 'tokens_released' | 'overage' | 'balance_after' | 'policy' | 'ledger'> {
  const rows = isRunning ? entries.filter(({ kind }) => kind === 'reserve') : entries;
  const start = rows.find(({ kind }) => kind === 'reserve');
  const end = rows.find(({ kind }) => kind !== 'reserve');
  const policy = start?.execution_start?.policy;
  const ended = end === undefined ? null : presentEntry(end);
  const charged = ended?.kind === 'debit' ? ended.amount : 0;
  return {
    tokens_released:
      ended === null ? null : Math.max(0, (start?.reserved_delta ?? -ended.reserved_delta) - charged),
    overage: ended?.overage ?? null,
    balance_after: ended?.available_after ?? null,
    policy: start === undefined || policy === undefined ? null : { ...policy, version: start.policy_version },
    ledger: rows.map(presentEntry),
  };
}

/** Selects the ledger entries of one execution, ascending. For a batch. */
export const selectEntriesOfExecution = (
  database: Database,
  { tenantId }: Pick<Principal, 'tenantId'>,
  id: string,
) =>
  database
    .select()
    .from(userTokenLedger)
    .where(
      and(
        eq(userTokenLedger.tenant_id, tenantId),
        // The execution gives the user, with whom the index finds the entries.
        eq(
          userTokenLedger.user_id,
          database
            .select({ user_id: aiExecutions.user_id })
            .from(aiExecutions)
            .where(and(eq(aiExecutions.tenant_id, tenantId), eq(aiExecutions.id, id))),
        ),
        eq(userTokenLedger.execution_id, id),
      ),
    )
    .orderBy(asc(userTokenLedger.seq));

/**
 * Returns one execution that the caller may see, with its receipt. A foreign id and an unknown one are both `not_found`. The output is
 * shown to its user if it is stored and was paid for. An execution in the background is found before the journal has recorded it.
 */
export async function getExecution(
  database: Database,
  principal: Principal,
  id: string,
): Promise<Result<ExecutionReceipt, { code: EnterRefusal | 'not_found' }>> {
  const answer = await runAsUser(database, principal, [
    database
      .select(visibleColumns)
      .from(aiExecutions)
      .where(and(eq(aiExecutions.tenant_id, principal.tenantId), eq(aiExecutions.id, id))),
    selectOwnOutput(database, principal, id),
    selectEntriesOfExecution(database, principal, id),
    selectCostRights(database),
  ]);
  if (!answer.ok) return answer;
  const [[row], [own], entries, seen] = answer.value;
  const rights = costRightsOf(seen);
  const kept = parseOwnOutput(own);
  const isRunning = row === undefined || row.status === 'running';
  const receipt = receiptOf(entries, isRunning);
  if (row === undefined) {
    const begun = own === undefined || kept === null ? null : presentBackground(own.user_id, kept);
    return begun === null
      ? fail({ code: 'not_found' })
      : ok({ ...shownTo(rights, begun), wholesale_micro_usd: null, ...receipt });
  }
  const { wholesale_micro_usd } = row;
  const shown = {
    ...shownTo(rights, presentExecution(row, NO_OUTPUT)),
    wholesale_micro_usd,
    ...receipt,
  };
  if (isRunning) return ok(kept === null ? shown : { ...shown, attempts: presentAttempts(kept.attempts) });
  if (row.usage === null || kept === null || kept.answer === null) return ok(shown);
  return ok({ ...shown, output_text: kept.answer.text, tool_calls: kept.answer.tool_calls });
}
