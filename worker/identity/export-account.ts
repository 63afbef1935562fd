import type { SessionClaims } from '../../contracts/api/account/auth.ts';
import { ok, type Result } from '../../contracts/result.ts';
import { fileIdOf } from '../../contracts/v1/file-id.ts';
import type { StoredFile } from '../../contracts/v1/files.ts';
import { exportConversations, exportMessages } from '../conversations/export.ts';
import type { Database } from '../db/client.ts';
import type { EnterRefusal } from '../db/context.ts';
import { listExecutions } from '../db/executions/executions.ts';
import { listFiles } from '../db/files/user-files.ts';
import { exportEntries } from '../db/ledger/ledger.ts';
import type { Page } from '../db/paging.ts';
import { readOwnAuditEntries, readOwnContents } from '../db/users/account-export.ts';
import { listApiKeys } from '../db/users/api-keys.ts';
import { getWaysToSignIn } from '../db/users/identities.ts';
import { recordOwnAction } from '../db/users/own-account.ts';
import { listSessions } from '../db/users/sessions.ts';
import { getMe } from '../db/users/users.ts';
import type { Dependencies } from '../runtime/dependencies.ts';

/** The export of an account: one JSON document with all that the platform keeps of its user. */

/** Rows read at a time: what lists allow. */
const PAGE = 100;

type Answer = Promise<Result<Page<unknown>, { code: string }>>;
/** Reads a page of one list. */
type List = (cursor: string | null) => Answer;

const whole = (items: unknown[]): Page<unknown> => ({ items, next_cursor: null });
const queryOf = (cursor: string | null) => ({ limit: PAGE, ...(cursor === null ? {} : { cursor }) });

/** Reads a page of the ledger, whose cursor is the number of an entry. */
async function readLedger(database: Database, claims: SessionClaims, cursor: string | null): Answer {
  const wallet = { tenant_id: claims.tenantId, user_id: claims.userId };
  const range = { after_seq: Number(cursor ?? 0), last_seq: Number.MAX_SAFE_INTEGER, limit: PAGE };
  const entries = await exportEntries(database, claims, wallet, range);
  if (!entries.ok) return entries;
  const last = entries.value.length < PAGE ? undefined : entries.value.at(-1);
  return ok({ items: entries.value, next_cursor: last === undefined ? null : String(last.seq) });
}

const fileRecord = ({ id, created_at_ms, expires_at_ms, ...file }: StoredFile) => ({
  ...{ id: fileIdOf(id), ...file },
  created_at: new Date(created_at_ms).toISOString(),
  expires_at: new Date(expires_at_ms).toISOString(),
});

/** Reads a page of the uploaded files, whose cursor is the id of a file. */
async function readFiles(database: Database, claims: SessionClaims, after: string | null): Answer {
  const page = await listFiles(database, claims, { limit: PAGE, order: 'desc', after });
  if (!page.ok) return page;
  const { files, has_more } = page.value;
  return ok({ items: files.map(fileRecord), next_cursor: has_more ? (files.at(-1)?.id ?? null) : null });
}

/** The lists of the document, in its order. */
const listsOf = (
  { database, settings }: Pick<Dependencies, 'database' | 'settings'>,
  claims: SessionClaims,
): [name: string, list: List][] => [
  [
    'identities',
    async () => {
      const ways = await getWaysToSignIn(database, claims);
      return ways.ok ? ok(whole(ways.value.identities)) : ways;
    },
  ],
  ['sessions', (cursor) => listSessions(database, claims, queryOf(cursor))],
  ['api_keys', (cursor) => listApiKeys(database, claims, { ...queryOf(cursor), user_id: claims.userId })],
  ['executions', (cursor) => listExecutions(database, claims, queryOf(cursor), { user_id: claims.userId })],
  ['files', (cursor) => readFiles(database, claims, cursor)],
  ['contents', (cursor) => readOwnContents(database, claims, queryOf(cursor))],
  ['conversations', (cursor) => exportConversations({ database, settings }, claims, queryOf(cursor))],
  ['conversation_messages', (cursor) => exportMessages({ database, settings }, claims, queryOf(cursor))],
  ['ledger', (cursor) => readLedger(database, claims, cursor)],
  ['audit_log', (cursor) => readOwnAuditEntries(database, claims, queryOf(cursor))],
];

/** Yields the items of a list as the inside of a JSON array. An ended session stops the export: the document is cut. */
async function* itemsOf(list: List): AsyncGenerator<string> {
  let cursor: string | null = null;
  let isFirst = true;
  do {
    const page: Awaited<Answer> = await list(cursor);
    if (!page.ok) throw new Error(page.failure.code);
    for (const item of page.value.items) {
      yield `${isFirst ? '' : ','}\n${JSON.stringify(item)}`;
      isFirst = false;
    }
    cursor = page.value.next_cursor;
  } while (cursor !== null);
}

async function* documentOf(head: object, lists: [name: string, list: List][]): AsyncGenerator<string> {
  yield JSON.stringify(head).slice(0, -1);
  for (const [name, list] of lists) {
    yield `,\n${JSON.stringify(name)}:[`;
    yield* itemsOf(list);
    yield ']';
  }
  yield '}\n';
}

/** Exports the caller's account. Pages are read as the client consumes them, each as the caller. */
export async function exportAccount(
  { database, requestId, settings }: Pick<Dependencies, 'database' | 'requestId' | 'settings'>,
  claims: SessionClaims,
): Promise<Result<ReadableStream<Uint8Array>, { code: EnterRefusal }>> {
  const account = await getMe(database, claims);
  if (!account.ok) return account;
  const recorded = await recordOwnAction(database, claims, 'user.exported', requestId);
  if (!recorded.ok) return recorded;
  const head = {
    format: 'vanilla-account/1',
    exported_at: new Date().toISOString(),
    account: account.value,
  };
  const encoder = new TextEncoder();
  const parts = documentOf(head, listsOf({ database, settings }, claims));
  return ok(
    new ReadableStream<Uint8Array>({
      async pull(controller) {
        const part = await parts.next();
        if (part.done) controller.close();
        else controller.enqueue(encoder.encode(part.value));
      },
      async cancel() {
        await parts.return(undefined);
      },
    }),
  );
}
