import { sql } from 'drizzle-orm';
import type { SessionClaims } from '../../../contracts/api/account/auth.ts';
import { CONVERSATION_BYTES_MAX } from '../../../contracts/api/conversations.ts';
import type { PageQuery } from '../../../contracts/api/paging.ts';
import { ok, type Result } from '../../../contracts/result.ts';
import type { Database } from '../client.ts';
import { type EnterRefusal, runAsUser } from '../context.ts';
import { type InvalidCursor, type Page, startOfPage } from '../paging.ts';
import { isoTime } from '../users/user-rows.ts';

const UUID = '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}';
const POSITION = new RegExp(`^(${UUID}) (${UUID})$`);

/** A message with its conversation. */
type ExportedRow = {
  conversation_id: string;
  id: string;
  parent_id: string | null;
  content_ciphertext: string;
  created_at: string;
};

/** Returns a page of the messages of all of the caller's conversations: as many as a conversation can hold bytes, and at least one. */
export async function selectAllMessages(
  database: Database,
  claims: SessionClaims,
  page: PageQuery,
): Promise<Result<Page<ExportedRow>, { code: EnterRefusal | InvalidCursor }>> {
  const start = startOfPage(page, POSITION);
  if (!start.ok) return start;
  const [, conversation = null, id = null] = POSITION.exec(start.value ?? '') ?? [];
  const answer = await runAsUser(database, claims, [
    database.execute<ExportedRow>(sql`select conversation_id, id, parent_id, content_ciphertext, created_at::text
      from (select m.*, row_number() over place as number, sum(m.bytes) over place as so_far
        from (select * from conversation_messages
          where tenant_id = ${claims.tenantId}::uuid and user_id = ${claims.userId}::uuid
            and (${conversation}::uuid is null or (conversation_id, id) > (${conversation}::uuid, ${id}::uuid))
          order by conversation_id, id limit ${page.limit}) m
        window place as (order by m.conversation_id, m.id rows unbounded preceding)) numbered
      where number = 1 or so_far <= ${CONVERSATION_BYTES_MAX} order by conversation_id, id`),
  ]);
  if (!answer.ok) return answer;
  const items = answer.value[0].rows.map((row) => ({ ...row, created_at: isoTime(row.created_at) }));
  const last = items.at(-1);
  // The page after the last one is empty.
  return ok({ items, next_cursor: last === undefined ? null : btoa(`${last.conversation_id} ${last.id}`) });
}
