import { and, desc, eq, isNotNull, lt, sql } from 'drizzle-orm';
import type { SessionClaims } from '../../../contracts/api/account/auth.ts';
import type { PageQuery } from '../../../contracts/api/paging.ts';
import { ok, type Result } from '../../../contracts/result.ts';
import type { Database } from '../client.ts';
import { type EnterRefusal, runAsUser } from '../context.ts';
import { type InvalidCursor, type Page, pageOfRows, startOfPage, uuidPosition } from '../paging.ts';
import { aiExecutionContents as contents } from '../schema/executions.ts';
import { auditLog } from '../schema/users.ts';
import { isoTime } from './user-rows.ts';

/** Pages of the caller's rows that no list of the API has in this form, newest first. */

type Row = Record<string, unknown>;
type Answer = Promise<Result<Page<Row>, { code: EnterRefusal | InvalidCursor }>>;

/** Returns a page of the caller's stored prompts and answers. */
export async function readOwnContents(database: Database, claims: SessionClaims, page: PageQuery): Answer {
  const start = startOfPage(page, uuidPosition);
  if (!start.ok) return start;
  const after = start.value;
  const answer = await runAsUser(database, claims, [
    database
      .select({
        execution_id: contents.execution_id,
        // Both are JSON texts inside jsonb strings (executions/contents.ts).
        messages: sql<unknown>`(${contents.input} #>> '{}')::json -> 'chat' -> 'messages'`,
        answer: sql<unknown>`(${contents.output} #>> '{}')::json -> 'answer'`,
      })
      .from(contents)
      .where(
        and(
          eq(contents.tenant_id, claims.tenantId),
          eq(contents.user_id, claims.userId),
          isNotNull(contents.input),
          after === null ? undefined : lt(contents.execution_id, after),
        ),
      )
      .orderBy(desc(contents.execution_id))
      .limit(page.limit + 1),
  ]);
  return answer.ok ? ok(pageOfRows(answer.value[0], page.limit, (row) => row.execution_id)) : answer;
}

/** Returns a page of what the caller did, as the audit log has it. */
export async function readOwnAuditEntries(
  database: Database,
  claims: SessionClaims,
  page: PageQuery,
): Answer {
  const start = startOfPage(page, uuidPosition);
  if (!start.ok) return start;
  const after = start.value;
  const answer = await runAsUser(database, claims, [
    database
      .select({
        ...{ id: auditLog.id, at: auditLog.at, action: auditLog.action, actor_role: auditLog.actor_role },
        ...{ target_type: auditLog.target_type, target_id: auditLog.target_id, details: auditLog.details },
      })
      .from(auditLog)
      .where(
        and(
          eq(auditLog.tenant_id, claims.tenantId),
          eq(auditLog.actor_user_id, claims.userId),
          after === null ? undefined : lt(auditLog.id, after),
        ),
      )
      .orderBy(desc(auditLog.id))
      .limit(page.limit + 1),
  ]);
  if (!answer.ok) return answer;
  const { items, next_cursor } = pageOfRows(answer.value[0], page.limit, (row) => row.id);
  return ok({ items: items.map((row) => ({ ...row, at: isoTime(row.at) })), next_cursor });
}
