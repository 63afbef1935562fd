import { desc, sql } from 'drizzle-orm';
import type { ExecutionFilter } from '../../../contracts/api/execution-filter.ts';
import { ok, type Result } from '../../../contracts/result.ts';
import type { Database } from '../client.ts';
import { type EnterRefusal, runAsUser } from '../context.ts';
import { aiExecutions } from '../schema/executions.ts';
import { users } from '../schema/users.ts';
import { belongsToUser, userSummaryColumns } from '../users/user-rows.ts';
import { type ExecutionReader, executionConditions } from './execution-filter.ts';
import { visibleColumns } from './executions.ts';
import { costRightsOf, selectCostRights } from './provider-cost.ts';

/** The columns of a file. Attempts and prices, which are large, stay in the database. */
const exportedColumns = {
  id: aiExecutions.id,
  status: aiExecutions.status,
  error_code: aiExecutions.error_code,
  task: aiExecutions.task,
  model: aiExecutions.model,
  provider_name: aiExecutions.provider_name,
  provider_model: aiExecutions.provider_model,
  attempts: sql<number>`jsonb_array_length(${aiExecutions.attempts})`.as('attempts_count'),
  api_key_id: aiExecutions.api_key_id,
  usage: aiExecutions.usage,
  usage_source: aiExecutions.usage_source,
  tokens_reserved: aiExecutions.tokens_reserved,
  tokens_charged: aiExecutions.tokens_charged,
  cost_micro_usd: aiExecutions.cost_micro_usd,
  wholesale_micro_usd: visibleColumns.wholesale_micro_usd,
  first_token_ms: aiExecutions.first_token_ms,
  started_at_ms: aiExecutions.started_at_ms,
  finished_at_ms: aiExecutions.finished_at_ms,
  user: userSummaryColumns,
};

const selectExported = (
  database: Database,
  reader: ExecutionReader,
  filter: ExecutionFilter,
  limit: number,
) =>
  executionConditions(reader, filter).map((condition) =>
    database
      .select(exportedColumns)
      .from(aiExecutions)
      .innerJoin(users, belongsToUser(aiExecutions))
      .where(condition)
      .orderBy(desc(aiExecutions.id))
      .limit(limit),
  );

type ExportedRow = Awaited<ReturnType<typeof selectExported>[number]>[number];

/** An execution in a file. `cost_micro_usd` is null for readers who do not see it. */
export type ExportedExecution = Omit<ExportedRow, 'cost_micro_usd'> & { cost_micro_usd: number | null };

/** Reads the newest executions of a filter, at most `limit`, that the caller may see. One round trip. */
export async function readExportedExecutions(
  database: Database,
  reader: ExecutionReader,
  filter: ExecutionFilter,
  limit: number,
): Promise<Result<ExportedExecution[], { code: EnterRefusal }>> {
  const answer = await runAsUser(database, reader, [
    selectCostRights(database),
    ...selectExported(database, reader, filter, limit),
  ]);
  if (!answer.ok) return answer;
  const [seen, ...pages] = answer.value;
  const { sees_cost } = costRightsOf(seen);
  return ok(pages.flat().map((row) => ({ ...row, cost_micro_usd: sees_cost ? row.cost_micro_usd : null })));
}
