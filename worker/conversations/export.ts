import type { SessionClaims } from '../../contracts/api/account/auth.ts';
import type { PageQuery } from '../../contracts/api/paging.ts';
import { ok, type Result } from '../../contracts/result.ts';
import type { EnterRefusal } from '../db/context.ts';
import { positionOf, selectConversations } from '../db/conversations/conversations.ts';
import { selectAllMessages } from '../db/conversations/export.ts';
import { type InvalidCursor, type Page, pageOfRows } from '../db/paging.ts';
import { openConversation } from './conversations.ts';
import { openMessage } from './messages.ts';
import { ownSealer, type Storage } from './seal.ts';

/** Pages of the caller's conversations for the export of their account. */

type Answer = Promise<Result<Page<unknown>, { code: EnterRefusal | InvalidCursor }>>;

/** Returns a page of the caller's conversations without messages. */
export async function exportConversations(storage: Storage, claims: SessionClaims, page: PageQuery): Answer {
  const rows = await selectConversations(storage.database, claims, page, page.limit + 1);
  if (!rows.ok) return rows;
  const sealer = await ownSealer(storage, claims);
  const { items, next_cursor } = pageOfRows(rows.value, page.limit, positionOf);
  return ok({ items: await Promise.all(items.map((row) => openConversation(sealer, row))), next_cursor });
}

/** Returns a page of the messages of all of the caller's conversations, by conversation. */
export async function exportMessages(storage: Storage, claims: SessionClaims, page: PageQuery): Answer {
  const rows = await selectAllMessages(storage.database, claims, page);
  if (!rows.ok) return rows;
  const sealer = await ownSealer(storage, claims);
  const items = await Promise.all(
    rows.value.items.map(async ({ conversation_id, ...row }) => ({
      conversation_id,
      ...(await openMessage(sealer, conversation_id, row)),
    })),
  );
  return ok({ items, next_cursor: rows.value.next_cursor });
}
