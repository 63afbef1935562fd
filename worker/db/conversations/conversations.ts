import { and, eq, type SQL, sql } from 'drizzle-orm';
import type { SessionClaims } from '../../../contracts/api/account/auth.ts';
import { CONVERSATIONS_MAX, USER_CONVERSATION_BYTES_MAX } from '../../../contracts/api/conversations.ts';
import type { PageQuery } from '../../../contracts/api/paging.ts';
import { fail, ok, type Result } from '../../../contracts/result.ts';
import type { Database } from '../client.ts';
import { type EnterRefusal, runAsUser } from '../context.ts';
import { type InvalidCursor, startOfPage } from '../paging.ts';
import { conversations, conversationMessages as messages } from '../schema/conversations.ts';
import { isoTime } from '../users/user-rows.ts';
import { insertingMessage, type SealedMessage } from './messages.ts';

/** Conversations as they are stored: titles, settings and messages are ciphertexts. */

const head = {
  id: conversations.id,
  title_ciphertext: conversations.title_ciphertext,
  message_count: conversations.message_count,
  bytes: conversations.bytes,
  shown_message_id: conversations.shown_message_id,
  created_at: conversations.created_at,
  used_at: conversations.used_at,
};

const withTimes = <Row extends { created_at: string; used_at: string }>(row: Row): Row => ({
  ...row,
  created_at: isoTime(row.created_at),
  used_at: isoTime(row.used_at),
});

/** Matches the caller's conversations. Policies do too; a query names them all the same, for the index. */
export const isOwn = ({ tenantId, userId }: SessionClaims) =>
  and(eq(conversations.tenant_id, tenantId), eq(conversations.user_id, userId));

const isOwnOf = (claims: SessionClaims, id: string) => and(isOwn(claims), eq(conversations.id, id));

/** A conversation without messages and settings. */
export type ConversationRow = {
  id: string;
  title_ciphertext: string;
  message_count: number;
  bytes: number;
  shown_message_id: string | null;
  created_at: string;
  used_at: string;
};

/** A position in the list: the time of the last message, and the id. */
const POSITION = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z) ([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/;

/** Returns the position of a row for a cursor. */
export const positionOf = ({ used_at, id }: ConversationRow): string => `${used_at} ${id}`;

/** Returns up to `count` of the caller's conversations from a cursor on, the last used first. */
export async function selectConversations(
  database: Database,
  claims: SessionClaims,
  page: PageQuery,
  count: number,
): Promise<Result<ConversationRow[], { code: EnterRefusal | InvalidCursor }>> {
  const start = startOfPage(page, POSITION);
  if (!start.ok) return start;
  const [, usedAt, id] = POSITION.exec(start.value ?? '') ?? [];
  const after: SQL | undefined =
    usedAt === undefined
      ? undefined
      : sql`(${conversations.used_at}, ${conversations.id}) < (${usedAt}::timestamptz, ${id}::uuid)`;
  const answer = await runAsUser(database, claims, [
    database
      .select(head)
      .from(conversations)
      .where(and(isOwn(claims), after))
      .orderBy(sql`${conversations.used_at} desc, ${conversations.id} desc`)
      .limit(count),
  ]);
  return answer.ok ? ok(answer.value[0].map(withTimes)) : answer;
}

/** A stored message. */
export type MessageRow = {
  id: string;
  parent_id: string | null;
  content_ciphertext: string;
  created_at: string;
};
/** A conversation with its settings and messages. */
export type WholeRow = ConversationRow & { settings_ciphertext: string; messages: MessageRow[] };

const selectWhole = (database: Database, claims: SessionClaims, id: string) =>
  database
    .select({ ...head, settings_ciphertext: conversations.settings_ciphertext })
    .from(conversations)
    .where(isOwnOf(claims, id));

const selectMessages = (database: Database, { tenantId, userId }: SessionClaims, id: string) =>
  database
    .select({
      id: messages.id,
      parent_id: messages.parent_id,
      content_ciphertext: messages.content_ciphertext,
      created_at: messages.created_at,
    })
    .from(messages)
    .where(
      and(eq(messages.tenant_id, tenantId), eq(messages.user_id, userId), eq(messages.conversation_id, id)),
    )
    .orderBy(messages.created_at, messages.id);

type Found = Result<WholeRow, { code: EnterRefusal | 'not_found' }>;

function wholeOf(row: Omit<WholeRow, 'messages'> | undefined, rows: MessageRow[]): Found {
  if (row === undefined) return fail({ code: 'not_found' });
  const kept = rows.map((one) => ({ ...one, created_at: isoTime(one.created_at) }));
  return ok({ ...withTimes(row), messages: kept });
}

/** Returns one of the caller's conversations with all of its messages, the oldest first. */
export async function selectConversation(
  database: Database,
  claims: SessionClaims,
  id: string,
): Promise<Found> {
  const answer = await runAsUser(database, claims, [
    selectWhole(database, claims, id),
    selectMessages(database, claims, id),
  ]);
  return answer.ok ? wholeOf(answer.value[0][0], answer.value[1]) : answer;
}

/** A new conversation, encrypted. */
export type SealedConversation = {
  id: string;
  title_ciphertext: string;
  settings_ciphertext: string;
  first: SealedMessage | null;
};

/**
 * Begins a conversation of the caller with its first message, unless they have one with its id. `too_many_conversations` beyond
 * {@link CONVERSATIONS_MAX}, and `conversations_full` beyond {@link USER_CONVERSATION_BYTES_MAX}.
 */
export async function insertConversation(
  database: Database,
  claims: SessionClaims,
  { id, title_ciphertext, settings_ciphertext, first }: SealedConversation,
): Promise<Result<WholeRow, { code: EnterRefusal | 'too_many_conversations' | 'conversations_full' }>> {
  const { tenantId, userId } = claims;
  const answer = await runAsUser(database, claims, [
    database.execute(sql`insert into conversations (tenant_id, user_id, id, title_ciphertext, settings_ciphertext)
      select ${tenantId}::uuid, ${userId}::uuid, ${id}::uuid, ${title_ciphertext}::text, ${settings_ciphertext}::text
      from (select count(*) as held, coalesce(sum(${conversations.bytes}), 0) as bytes from ${conversations}
        where ${isOwn(claims)}) as own
      where own.held < ${CONVERSATIONS_MAX} and own.bytes + ${first?.bytes ?? 0} <= ${USER_CONVERSATION_BYTES_MAX}
      on conflict do nothing`),
    first === null ? database.execute(sql`select`) : insertingMessage(database, claims, id, first, true),
    selectWhole(database, claims, id),
    selectMessages(database, claims, id),
    database.execute<{ held: number }>(
      sql`select count(*)::int as held from ${conversations} where ${isOwn(claims)}`,
    ),
  ]);
  if (!answer.ok) return answer;
  const [, , [row], rows, counted] = answer.value;
  const begun = wholeOf(row, rows);
  if (begun.ok) return begun;
  const held = counted.rows[0]?.held ?? 0;
  return fail({ code: held >= CONVERSATIONS_MAX ? 'too_many_conversations' : 'conversations_full' });
}

/** Columns of a conversation to change. */
export type SealedPatch = {
  title_ciphertext?: string;
  settings_ciphertext?: string;
  shown_message_id?: string;
};

/** Changes one of the caller's conversations. `message_not_found` if it has no message with the id to show. */
export async function updateConversation(
  database: Database,
  claims: SessionClaims,
  id: string,
  patch: SealedPatch,
): Promise<Result<ConversationRow, { code: EnterRefusal | 'not_found' | 'message_not_found' }>> {
  const shown = patch.shown_message_id;
  const hasIt =
    shown === undefined
      ? undefined
      : sql`exists (select from ${messages} where ${messages.tenant_id} = ${claims.tenantId}
          and ${messages.user_id} = ${claims.userId} and ${messages.conversation_id} = ${id} and ${messages.id} = ${shown})`;
  const answer = await runAsUser(database, claims, [
    database
      .update(conversations)
      .set(patch)
      .where(and(isOwnOf(claims, id), hasIt))
      .returning(head),
    database.select({ id: conversations.id }).from(conversations).where(isOwnOf(claims, id)),
  ]);
  if (!answer.ok) return answer;
  const [[changed], [known]] = answer.value;
  if (changed !== undefined) return ok(withTimes(changed));
  return fail({ code: known === undefined ? 'not_found' : 'message_not_found' });
}

/** Deletes one of the caller's conversations with its messages. */
export async function deleteConversation(
  database: Database,
  claims: SessionClaims,
  id: string,
): Promise<Result<null, { code: EnterRefusal | 'not_found' }>> {
  const answer = await runAsUser(database, claims, [
    database.delete(conversations).where(isOwnOf(claims, id)).returning({ id: conversations.id }),
  ]);
  if (!answer.ok) return answer;
  return answer.value[0].length > 0 ? ok(null) : fail({ code: 'not_found' });
}

/** Deletes all conversations of the caller. */
export async function deleteConversations(
  database: Database,
  claims: SessionClaims,
): Promise<Result<null, { code: EnterRefusal }>> {
  const answer = await runAsUser(database, claims, [database.delete(conversations).where(isOwn(claims))]);
  return answer.ok ? ok(null) : answer;
}
