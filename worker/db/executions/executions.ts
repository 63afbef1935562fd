import { and, asc, desc, eq, getTableColumns, lt, type SQL, sql } from 'drizzle-orm';
import type { ExecutionFilter } from '../../../contracts/api/execution-filter.ts';
import type { ExecutionListItem, ExecutionReceipt } from '../../../contracts/api/executions.ts';
import type { PageQuery } from '../../../contracts/api/paging.ts';
import { fail, ok, type Result } from '../../../contracts/result.ts';
import type { Database } from '../client.ts';
import { type EnterRefusal, type Principal, runAsUser } from '../context.ts';
import { type LedgerRow, presentEntry } from '../ledger/ledger.ts';
import { type InvalidCursor, type Page, pageOfRows, startOfPage, uuidPosition } from '../paging.ts';
import { aiExecutions } from '../schema/executions.ts';
import { users } from '../schema/users.ts';
import { userTokenLedger } from '../schema/wallets.ts';
import { belongsToUser, userSummaryColumns } from '../users/user-rows.ts';
import { parseOwnOutput, presentBackground, selectOwnOutput } from './contents.ts';
import { type ExecutionReader, executionConditions } from './execution-filter.ts';
import { NO_OUTPUT, presentAttempts, presentExecution } from './present-execution.ts';
import { costRightsOf, selectCostRights, shownTo } from './provider-cost.ts';

const seesWholesale = sql`(select app.role()) in ('admin', 'superadmin')`;

/** The columns of an execution that the caller may see: the tenant's figures are for admins. */
export const visibleColumns = {
  ...getTableColumns(aiExecutions),
  wholesale_micro_usd: sql<
    number | null
  >`case when ${seesWholesale} then ${aiExecutions.wholesale_micro_usd} end`
    .mapWith(aiExecutions.wholesale_micro_usd)
    .as('visible_wholesale_micro_usd'),
};

/** Selects a page of the executions that fit a condition, newest first: ids are UUIDv7. */
export const selectExecutionPage = (
  database: Database,
  condition: SQL,
  { after, limit }: { after: string | null; limit: number },
) =>
  database
    .select({ execution: visibleColumns, user: userSummaryColumns })
    .from(aiExecutions)
    .innerJoin(users, belongsToUser(aiExecutions))
    .where(and(condition, after === null ? undefined : lt(aiExecutions.id, after)))
    .orderBy(desc(aiExecutions.id))
    .limit(limit);

/**
 * Lists executions, newest first. Users get their own, admins and management keys their tenant's, as far as the filter lets them through.
 * RLS decides, so the page of a user or a key that the caller may not see is empty. One round trip.
 */
export async function listExecutions(
  database: Database,
  reader: ExecutionReader,
  page: PageQuery,
  filter: ExecutionFilter = {},
): Promise<Result<Page<ExecutionListItem>, { code: EnterRefusal | InvalidCursor }>> {
  const start = startOfPage(page, uuidPosition);
  if (!start.ok) return start;
  const position = { after: start.value, limit: page.limit + 1 };
  const answer = await runAsUser(database, reader, [
    selectCostRights(database),
    ...executionConditions(reader, filter).map((condition) =>
      selectExecutionPage(database, condition, position),
    ),
  ]);
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
      : ok({ ...shownTo(rights, begun), wholesale_micro_usd: null, first_token_ms: null, ...receipt });
  }
  const { wholesale_micro_usd, first_token_ms } = row;
  const shown = {
    ...shownTo(rights, presentExecution(row, NO_OUTPUT)),
    wholesale_micro_usd,
    first_token_ms,
    ...receipt,
  };
  if (isRunning) return ok(kept === null ? shown : { ...shown, attempts: presentAttempts(kept.attempts) });
  if (row.usage === null || kept === null || kept.answer === null) return ok(shown);
  return ok({ ...shown, output_text: kept.answer.text, tool_calls: kept.answer.tool_calls });
}
