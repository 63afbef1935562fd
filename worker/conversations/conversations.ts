import { v7 as uuidv7 } from 'uuid';
import type { SessionClaims } from '../../contracts/api/account/auth.ts';
import {
  CONVERSATION_BYTES_MAX,
  CONVERSATIONS_MAX,
  type Conversation,
  type ConversationListParams,
  type ConversationPatch,
  type CreateConversationRequest,
  conversationSettings,
  NO_SETTINGS,
  type WholeConversation,
} from '../../contracts/api/conversations.ts';
import { fail, ok, type Result } from '../../contracts/result.ts';
import type { EnterRefusal } from '../db/context.ts';
import {
  type ConversationRow,
  insertConversation,
  positionOf,
  selectConversation,
  selectConversations,
  updateConversation,
  type WholeRow,
} from '../db/conversations/conversations.ts';
import { type InvalidCursor, type Page, pageOfRows } from '../db/paging.ts';
import { openMessage, sealMessage } from './messages.ts';
import { ownSealer, type Sealer, type Storage } from './seal.ts';
import { titleOf } from './title.ts';

/** Conversations of the playground: encrypted on the way to the database, decrypted for their user on the way back. */

/** Decrypts a conversation without its messages. */
export async function openConversation(
  sealer: Sealer,
  { title_ciphertext, ...row }: ConversationRow,
): Promise<Conversation> {
  return { ...row, title: await sealer.open({ conversation_id: row.id, column: 'title' }, title_ciphertext) };
}

/** Decrypts the settings of a conversation. */
export const openSettings = async (sealer: Sealer, id: string, ciphertext: string) =>
  conversationSettings.parse(
    JSON.parse(await sealer.open({ conversation_id: id, column: 'settings' }, ciphertext)),
  );

async function openWhole(
  sealer: Sealer,
  { settings_ciphertext, messages, ...row }: WholeRow,
): Promise<WholeConversation> {
  return {
    ...(await openConversation(sealer, row)),
    settings: await openSettings(sealer, row.id, settings_ciphertext),
    messages: await Promise.all(messages.map((message) => openMessage(sealer, row.id, message))),
  };
}

/**
 * Lists the caller's conversations, the last used first. A search decrypts the titles of all of them, since the database cannot read
 * them: {@link CONVERSATIONS_MAX} bounds its work.
 */
export async function listConversations(
  storage: Storage,
  claims: SessionClaims,
  { search, ...page }: ConversationListParams,
): Promise<Result<Page<Conversation>, { code: EnterRefusal | InvalidCursor }>> {
  const count = search === undefined ? page.limit + 1 : CONVERSATIONS_MAX;
  const rows = await selectConversations(storage.database, claims, page, count);
  if (!rows.ok) return rows;
  const sealer = await ownSealer(storage, claims);
  const opened = await Promise.all(
    rows.value.map(async (row) => ({ ...row, ...(await openConversation(sealer, row)) })),
  );
  const wanted = search?.toLocaleLowerCase();
  const found =
    wanted === undefined ? opened : opened.filter(({ title }) => title.toLocaleLowerCase().includes(wanted));
  const { items, next_cursor } = pageOfRows(found, page.limit, positionOf);
  return ok({ items: items.map(({ title_ciphertext: _, ...shown }) => shown), next_cursor });
}

/** Returns one of the caller's conversations with its messages. */
export async function getConversation(
  storage: Storage,
  claims: SessionClaims,
  id: string,
): Promise<Result<WholeConversation, { code: EnterRefusal | 'not_found' }>> {
  const row = await selectConversation(storage.database, claims, id);
  return row.ok ? ok(await openWhole(await ownSealer(storage, claims), row.value)) : row;
}

/** Begins a conversation of the caller, with its first message if there is one. */
export async function createConversation(
  storage: Storage,
  claims: SessionClaims,
  { id = uuidv7(), title, settings = NO_SETTINGS, message }: CreateConversationRequest,
): Promise<
  Result<
    WholeConversation,
    { code: EnterRefusal | 'too_many_conversations' | 'conversation_full' | 'conversations_full' }
  >
> {
  const sealer = await ownSealer(storage, claims);
  const first = message === undefined ? null : await sealMessage(sealer, id, message);
  if (first !== null && first.bytes > CONVERSATION_BYTES_MAX) return fail({ code: 'conversation_full' });
  const begun = await insertConversation(storage.database, claims, {
    ...{ id, first },
    title_ciphertext: await sealer.seal({ conversation_id: id, column: 'title' }, title ?? titleOf(message)),
    settings_ciphertext: await sealer.seal(
      { conversation_id: id, column: 'settings' },
      JSON.stringify(settings),
    ),
  });
  return begun.ok ? ok(await openWhole(sealer, begun.value)) : begun;
}

/** Changes the title, the settings or the shown branch of one of the caller's conversations. */
export async function changeConversation(
  storage: Storage,
  claims: SessionClaims,
  id: string,
  { title, settings, shown_message_id }: ConversationPatch,
): Promise<Result<Conversation, { code: EnterRefusal | 'not_found' | 'message_not_found' }>> {
  const sealer = await ownSealer(storage, claims);
  const changed = await updateConversation(storage.database, claims, id, {
    ...(title === undefined
      ? {}
      : { title_ciphertext: await sealer.seal({ conversation_id: id, column: 'title' }, title) }),
    ...(settings === undefined
      ? {}
      : {
          settings_ciphertext: await sealer.seal(
            { conversation_id: id, column: 'settings' },
            JSON.stringify(settings),
          ),
        }),
    ...(shown_message_id === undefined ? {} : { shown_message_id }),
  });
  return changed.ok ? ok(await openConversation(sealer, changed.value)) : changed;
}
