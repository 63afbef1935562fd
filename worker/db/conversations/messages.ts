import { sql } from 'drizzle-orm';
import type { SessionClaims } from '../../../contracts/api/account/auth.ts';
import {
  CONVERSATION_BYTES_MAX,
  CONVERSATION_MESSAGES_MAX,
  USER_CONVERSATION_BYTES_MAX,
} from '../../../contracts/api/conversations.ts';
import { fail, ok, type Result } from '../../../contracts/result.ts';
import type { Database } from '../client.ts';
import { type EnterRefusal, runAsUser } from '../context.ts';
import { isoTime } from '../users/user-rows.ts';

/** Messages of conversations as they are stored: ciphertexts, with their size before. */

/** A message to store. `bytes`: the size of its content before it was encrypted. */
export type SealedMessage = {
  id: string;
  parent_id: string | null;
  role: 'user' | 'assistant';
  content_ciphertext: string;
  bytes: number;
};

/** The caller's rows of a conversation, by the alias of the table. */
const ofConversation = (alias: 'c' | 'm', { tenantId, userId }: SessionClaims, id: string) => {
  const table = sql.raw(alias);
  const column = sql.raw(alias === 'c' ? 'id' : 'conversation_id');
  return sql`${table}.tenant_id = ${tenantId}::uuid and ${table}.user_id = ${userId}::uuid and ${table}.${column} = ${id}::uuid`;
};

/** The bytes of all conversations of the caller. */
const bytesOfUser = ({ tenantId, userId }: SessionClaims) =>
  sql`(select coalesce(sum(u.bytes), 0) from conversations u where u.tenant_id = ${tenantId}::uuid and u.user_id = ${userId}::uuid)`;

/**
 * Adds a message to a conversation of the caller and shows its branch, in one statement. Adds nothing if the message is already there, a
 * limit is reached, or its parent is in no other message. `onlyFirst`: adds it to an empty conversation alone. For a batch.
 */
export const insertingMessage = (
  database: Database,
  claims: SessionClaims,
  conversationId: string,
  { id, parent_id, role, content_ciphertext, bytes }: SealedMessage,
  onlyFirst = false,
) =>
  database.execute(sql`with counted as (
      update conversations c set bytes = c.bytes + ${bytes}, message_count = c.message_count + 1,
        shown_message_id = ${id}::uuid, used_at = now()
      where ${ofConversation('c', claims, conversationId)} and c.bytes + ${bytes} <= ${CONVERSATION_BYTES_MAX}
        and c.message_count < ${onlyFirst ? 1 : CONVERSATION_MESSAGES_MAX}
        and ${bytesOfUser(claims)} + ${bytes} <= ${USER_CONVERSATION_BYTES_MAX}
        and (${parent_id}::uuid is null or exists (select from conversation_messages m
          where ${ofConversation('m', claims, conversationId)} and m.id = ${parent_id}::uuid))
        and not exists (select from conversation_messages m
          where ${ofConversation('m', claims, conversationId)} and m.id = ${id}::uuid)
      returning c.tenant_id, c.user_id, c.id)
    insert into conversation_messages (tenant_id, user_id, conversation_id, id, parent_id, role, content_ciphertext, bytes)
    select counted.tenant_id, counted.user_id, counted.id, ${id}::uuid, ${parent_id}::uuid, ${role}::text,
      ${content_ciphertext}::text, ${bytes}::int
    from counted on conflict do nothing`);

/** Reasons to add nothing to a conversation. */
export type MessageRefusal =
  | 'not_found'
  | 'parent_not_found'
  | 'conversation_full'
  | 'too_many_messages'
  | 'conversations_full';

type Figures = { bytes: number; message_count: number; user_bytes: number; has_parent: boolean };

const selectFigures = (database: Database, claims: SessionClaims, id: string, parentId: string | null) =>
  database.execute<Figures>(sql`select c.bytes, c.message_count, ${bytesOfUser(claims)}::float8 as user_bytes,
      (${parentId}::uuid is null or exists (select from conversation_messages m
        where ${ofConversation('m', claims, id)} and m.id = ${parentId}::uuid)) as has_parent
    from conversations c where ${ofConversation('c', claims, id)}`);

/** The reason why a message of a size was not taken. */
function refusalOf(figures: Figures | undefined, bytes: number): MessageRefusal {
  if (figures === undefined) return 'not_found';
  if (!figures.has_parent) return 'parent_not_found';
  if (figures.message_count >= CONVERSATION_MESSAGES_MAX) return 'too_many_messages';
  return figures.bytes + bytes > CONVERSATION_BYTES_MAX ? 'conversation_full' : 'conversations_full';
}

const selectTime = (database: Database, claims: SessionClaims, conversationId: string, id: string) =>
  database.execute<{ created_at: string; parent_id: string | null }>(
    sql`select m.created_at::text, m.parent_id from conversation_messages m
      where ${ofConversation('m', claims, conversationId)} and m.id = ${id}::uuid`,
  );

/** The place and time of a stored message. */
export type StoredPlace = { parent_id: string | null; created_at: string };

/** Adds a message to a conversation of the caller. A message that is there already is left as it is. */
export async function insertMessage(
  database: Database,
  claims: SessionClaims,
  conversationId: string,
  message: SealedMessage,
): Promise<Result<StoredPlace, { code: EnterRefusal | MessageRefusal }>> {
  const answer = await runAsUser(database, claims, [
    insertingMessage(database, claims, conversationId, message),
    selectTime(database, claims, conversationId, message.id),
    selectFigures(database, claims, conversationId, message.parent_id),
  ]);
  if (!answer.ok) return answer;
  const [, times, figures] = answer.value;
  const stored = times.rows[0];
  if (stored === undefined) return fail({ code: refusalOf(figures.rows[0], message.bytes) });
  return ok({ ...stored, created_at: isoTime(stored.created_at) });
}

/** Replaces the content of an answer in a conversation of the caller. */
export async function replaceAnswer(
  database: Database,
  claims: SessionClaims,
  conversationId: string,
  { id, content_ciphertext, bytes }: Omit<SealedMessage, 'parent_id' | 'role'>,
): Promise<Result<StoredPlace, { code: EnterRefusal | MessageRefusal }>> {
  const answer = await runAsUser(database, claims, [
    database.execute(sql`with before as (
        select m.bytes from conversation_messages m
        where ${ofConversation('m', claims, conversationId)} and m.id = ${id}::uuid and m.role = 'assistant' for update),
      counted as (
        update conversations c set bytes = c.bytes - before.bytes + ${bytes} from before
        where ${ofConversation('c', claims, conversationId)}
          and c.bytes - before.bytes + ${bytes} <= ${CONVERSATION_BYTES_MAX}
          and ${bytesOfUser(claims)} - before.bytes + ${bytes} <= ${USER_CONVERSATION_BYTES_MAX}
        returning c.id)
      update conversation_messages m set content_ciphertext = ${content_ciphertext}::text, bytes = ${bytes}
      from counted where ${ofConversation('m', claims, conversationId)} and m.id = ${id}::uuid
      returning m.id`),
    selectTime(database, claims, conversationId, id),
    selectFigures(database, claims, conversationId, null),
  ]);
  if (!answer.ok) return answer;
  const [replaced, times, figures] = answer.value;
  const stored = times.rows[0];
  if (replaced.rows.length > 0 && stored !== undefined)
    return ok({ ...stored, created_at: isoTime(stored.created_at) });
  return fail({ code: stored === undefined ? 'not_found' : refusalOf(figures.rows[0], bytes) });
}
