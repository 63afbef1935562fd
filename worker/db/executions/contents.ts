import { and, eq, isNull, not, or, sql } from 'drizzle-orm';
import type { Execution, KeptContent } from '../../../contracts/api/executions.ts';
import { type KeptInput, type KeptOutput, keptInput, keptOutput } from '../../../contracts/execution-job.ts';
import { fail, ok, type Result } from '../../../contracts/result.ts';
import type { Database } from '../client.ts';
import { type EnterRefusal, type Principal, runAsService, runAsUser } from '../context.ts';
import { auditClients } from '../schema/audit-clients.ts';
import { aiExecutions, aiExecutionContents as contents } from '../schema/executions.ts';
import { sessions } from '../schema/sessions.ts';
import { tenants } from '../schema/tenancy.ts';
import { presentExecution, recordOfRun } from './present-execution.ts';
import { costRightsOf, selectCostRights, shownTo } from './provider-cost.ts';

/**
 * Stored prompts and answers. Both are JSON texts inside jsonb strings: jsonb objects would lose the order of fields, and Postgres
 * refuses some characters that prompts and answers can hold.
 */

/** The key of an execution's contents. */
export type ContentsKey = { tenant_id: string; user_id: string; execution_id: string };

/** The stored contents of an execution. `revision` identifies the version of the output that was read. */
export type Contents = { input: KeptInput; output: KeptOutput; revision: string };

const inputText = sql<string>`${contents.input} #>> '{}'`;
const outputText = sql<string>`${contents.output} #>> '{}'`;

const isOf = ({ tenant_id, user_id, execution_id }: ContentsKey) =>
  and(
    eq(contents.tenant_id, tenant_id),
    eq(contents.user_id, user_id),
    eq(contents.execution_id, execution_id),
  );

/** A row without an input: its user deleted the contents before they were stored. */
const isDeleted = sql`${contents.input} is null`;

/** Lifetime of a row that marks a deletion. An execution runs for an hour at most, so nothing is stored after two. */
const DELETED_KNOWN_FOR = sql`interval '2 hours'`;

const isKeptOf = (tenantId: string, executionId: string) =>
  and(eq(contents.tenant_id, tenantId), eq(contents.execution_id, executionId), not(isDeleted));

const outputOf = (text: string): KeptOutput => keptOutput.parse(JSON.parse(text));

/**
 * Stores a request and its state until `expires_at_ms`, or until its user deletes it if that is null. Does nothing if its user deleted
 * it before.
 */
export async function insertContents(
  database: Database,
  key: ContentsKey,
  input: KeptInput,
  output: KeptOutput,
  expires_at_ms: number | null,
): Promise<void> {
  const expires_at = expires_at_ms === null ? null : new Date(expires_at_ms).toISOString();
  await runAsService(database, key.tenant_id, [
    database
      .insert(contents)
      .values({
        ...key,
        input: JSON.stringify(input),
        output: JSON.stringify(output),
        in_background: output.background !== null,
        expires_at,
      })
      .onConflictDoNothing(),
  ]);
}

/** Returns the stored contents of an execution, or null. */
export async function loadContents(database: Database, key: ContentsKey): Promise<Contents | null> {
  const answer = await runAsService(database, key.tenant_id, [
    database
      .select({ input: inputText, output: outputText })
      .from(contents)
      .where(and(isOf(key), not(isDeleted))),
  ]);
  const row = answer.ok ? answer.value[0][0] : undefined;
  if (row === undefined) return null;
  return {
    input: keptInput.parse(JSON.parse(row.input)),
    output: outputOf(row.output),
    revision: row.output,
  };
}

/** Replaces the state. Returns null if it changed since `before` was read, or if its user deleted it. */
export async function replaceOutput(
  database: Database,
  key: ContentsKey,
  before: Contents,
  output: KeptOutput,
): Promise<Contents | null> {
  const revision = JSON.stringify(output);
  const answer = await runAsService(database, key.tenant_id, [
    database
      .update(contents)
      .set({ output: revision })
      .where(and(isOf(key), eq(outputText, before.revision)))
      .returning({ id: contents.execution_id }),
  ]);
  return answer.ok && answer.value[0].length > 0 ? { ...before, output, revision } : null;
}

/** Deletes the contents of an execution that could not be queued. */
export async function deleteStoredContents(database: Database, key: ContentsKey): Promise<void> {
  await runAsService(database, key.tenant_id, [database.delete(contents).where(isOf(key))]);
}

/**
 * The least id of an execution that began within the days for which the tenant keeps contents: ids are UUIDv7, which begin with the
 * milliseconds since 1970. The primary key finds older ones without another index.
 */
const leastKeptId = sql`(
  select (lpad(to_hex((extract(epoch from now() - make_interval(days => ${tenants.content_retention_days})) * 1000)::bigint),
    12, '0') || '70008000000000000000')::uuid
  from ${tenants} where ${tenants.id} = app.tenant_id())`;

/**
 * Deletes a tenant's expired contents, those without an expiry that are older than the days for which the tenant keeps contents,
 * the addresses in its audit log after 90 days, and its expired sessions. Returns the number of contents.
 */
export async function deleteExpiredTenantContents(database: Database, tenantId: string): Promise<number> {
  const isOver = or(
    sql`${contents.expires_at} < now()`,
    and(isNull(contents.expires_at), sql`${contents.execution_id} < ${leastKeptId}`),
  );
  const answer = await runAsService(database, tenantId, [
    database
      .delete(contents)
      .where(and(eq(contents.tenant_id, tenantId), isOver))
      .returning({ id: contents.execution_id }),
    database
      .delete(auditClients)
      .where(and(eq(auditClients.tenant_id, tenantId), sql`${auditClients.at} < now() - interval '90 days'`)),
    database
      .delete(sessions)
      .where(and(eq(sessions.tenant_id, tenantId), sql`${sessions.expires_at} < now()`)),
  ]);
  return answer.ok ? answer.value[0].length : 0;
}

/** Selects the stored state of the caller's own execution. RLS hides it from every other user. For a batch. */
export const selectOwnOutput = (database: Database, { tenantId }: Principal, executionId: string) =>
  database
    .select({ user_id: contents.user_id, output: outputText })
    .from(contents)
    .where(isKeptOf(tenantId, executionId));

/** Returns the caller's own execution in the background, or null. */
export async function getOwnBackground(
  database: Database,
  principal: Principal,
  executionId: string,
): Promise<Execution | null> {
  const answer = await runAsUser(database, principal, [
    selectOwnOutput(database, principal, executionId),
    selectCostRights(database),
  ]);
  if (!answer.ok) return null;
  const [[row], seen] = answer.value;
  const shown = row === undefined ? null : presentBackground(row.user_id, outputOf(row.output));
  return shown === null ? null : shownTo(costRightsOf(seen), shown);
}

/** Parses a row of {@link selectOwnOutput}; null without one. */
export const parseOwnOutput = (row: { output: string } | undefined): KeptOutput | null =>
  row === undefined ? null : outputOf(row.output);

/** Selects the caller's own execution from the ledger's projection. For a batch. */
const selectOwnExecution = (database: Database, { tenantId, userId }: Principal, executionId: string) =>
  database
    .select({ id: aiExecutions.id })
    .from(aiExecutions)
    .where(
      and(
        eq(aiExecutions.tenant_id, tenantId),
        eq(aiExecutions.id, executionId),
        eq(aiExecutions.user_id, userId),
      ),
    );

type OwnContents = { kept: { input: KeptInput; output: KeptOutput } | null };

/**
 * Returns what is stored of the caller's own execution: null if it has ended and nothing is stored. `not_found` if the caller has no such
 * execution.
 */
export async function getOwnContents(
  database: Database,
  principal: Principal,
  executionId: string,
): Promise<Result<OwnContents, { code: EnterRefusal | 'not_found' }>> {
  const answer = await runAsUser(database, principal, [
    database
      .select({ input: inputText, output: outputText })
      .from(contents)
      .where(isKeptOf(principal.tenantId, executionId)),
    selectOwnExecution(database, principal, executionId),
  ]);
  if (!answer.ok) return answer;
  const [[row], [known]] = answer.value;
  if (row !== undefined)
    return ok({ kept: { input: keptInput.parse(JSON.parse(row.input)), output: outputOf(row.output) } });
  return known === undefined ? fail({ code: 'not_found' }) : ok({ kept: null });
}

/** Returns the stored prompt and answer of the caller's own execution. `not_found` if the caller has no such execution. */
export async function getOwnContent(
  database: Database,
  principal: Principal,
  executionId: string,
): Promise<Result<KeptContent, { code: EnterRefusal | 'not_found' }>> {
  const found = await getOwnContents(database, principal, executionId);
  if (!found.ok) return found;
  const { kept } = found.value;
  if (kept === null) return ok({ messages: null, output_text: null, tool_calls: null });
  const said = kept.output.answer;
  const { messages } = kept.input.chat;
  return ok({ messages, output_text: said?.text ?? null, tool_calls: said?.tool_calls ?? null });
}

/**
 * Deletes the stored contents of the caller's own execution and marks them deleted, so that an execution that ends later stores
 * nothing. `not_found` if the caller has no such execution.
 */
export async function deleteOwnContents(
  database: Database,
  principal: Principal,
  executionId: string,
): Promise<Result<null, { code: EnterRefusal | 'not_found' }>> {
  const { tenantId, userId } = principal;
  const answer = await runAsUser(database, principal, [
    // The mark comes first: it waits for a concurrent insert, which the second statement then deletes.
    database.execute(sql`insert into ai_execution_contents (tenant_id, execution_id, user_id, expires_at)
      select ${aiExecutions.tenant_id}, ${aiExecutions.id}, ${aiExecutions.user_id}, now() + ${DELETED_KNOWN_FOR}
      from ${aiExecutions} where ${aiExecutions.tenant_id} = ${tenantId} and ${aiExecutions.id} = ${executionId}
        and ${aiExecutions.user_id} = ${userId}
      on conflict do nothing`),
    database.delete(contents).where(isKeptOf(tenantId, executionId)).returning({ id: contents.execution_id }),
    selectOwnExecution(database, principal, executionId),
  ]);
  if (!answer.ok) return answer;
  const [, deleted, known] = answer.value;
  return deleted.length > 0 || known.length > 0 ? ok(null) : fail({ code: 'not_found' });
}

/**
 * Returns an execution in the background as its caller sees it, from its stored state: the ledger may not know it yet. Null if it
 * does not run in the background. Pure.
 */
export function presentBackground(
  user_id: string,
  { background, attempts, settlement, answer }: KeptOutput,
): Execution | null {
  if (background === null) return null;
  const { start, worst_case_tokens, shortfall } = background;
  const run = { start, user_id, tokens_reserved: worst_case_tokens, shortfall, attempts, settlement };
  return presentExecution(recordOfRun(run), {
    output_text: answer?.text ?? null,
    tool_calls: answer?.tool_calls ?? null,
  });
}
