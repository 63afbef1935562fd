import type { Pool } from '@neondatabase/serverless';
import { type SQL, sql } from 'drizzle-orm';
import { drizzle, type NeonDatabase } from 'drizzle-orm/neon-serverless';
import { type SealedPart, sealerOf } from '../worker/conversations/seal.ts';
import { type KeyRing, ringVersionOf } from '../worker/runtime/key-ring.ts';

/** Encrypts conversations anew under keys that are derived from the newest key of the ring. */

/** Rows read at a time. A lock is held for one row only. */
const PAGE = 20;

export type ConversationRotation = {
  rotated: number;
  current: number;
  /** Texts that no key of this ring decrypts. They are lost. */
  undecryptable: { tenant_id: string; conversation_id: string }[];
};

/** A ciphertext and where it belongs. `message_id` is the id of the conversation for its own columns. */
type Row = {
  tenant_id: string;
  user_id: string;
  conversation_id: string;
  message_id: string;
  sealed: string;
};

/** A column with ciphertexts. */
type Vault = { table: SQL; column: SQL; key: SQL; messageKey: SQL; partOf: (row: Row) => SealedPart };

const ownColumn = (column: 'title' | 'settings'): Vault => ({
  ...{ table: sql`conversations`, key: sql`id`, messageKey: sql`id` },
  column: sql.raw(`${column}_ciphertext`),
  partOf: ({ conversation_id }) => ({ conversation_id, column }),
});

const vaults: Vault[] = [
  ownColumn('title'),
  ownColumn('settings'),
  {
    ...{ table: sql`conversation_messages`, key: sql`conversation_id`, messageKey: sql`id` },
    column: sql`content_ciphertext`,
    partOf: ({ conversation_id, message_id }) => ({ conversation_id, message_id }),
  },
];

/** Runs a statement as the owner in the operator role. */
const asOperator = <Result extends Record<string, unknown>>(database: NeonDatabase, statement: SQL) =>
  database.transaction(async (tx) => {
    await tx.execute(sql`select set_config('app.role', 'operator', true)`);
    return (await tx.execute<Result>(statement)).rows;
  });

const readPage = (database: NeonDatabase, vault: Vault, after: Row | undefined): Promise<Row[]> => {
  const { table, column, key, messageKey } = vault;
  const isAfter =
    after === undefined
      ? sql`true`
      : sql`(tenant_id, user_id, ${key}, ${messageKey}) > (${after.tenant_id}::uuid, ${after.user_id}::uuid,
          ${after.conversation_id}::uuid, ${after.message_id}::uuid)`;
  return asOperator<Row>(
    database,
    sql`select tenant_id, user_id, ${key} as conversation_id, ${messageKey} as message_id, ${column} as sealed
      from ${table} where ${isAfter} order by tenant_id, user_id, ${key}, ${messageKey} limit ${PAGE}`,
  );
};

async function rotateRow(
  database: NeonDatabase,
  ring: KeyRing,
  vault: Vault,
  row: Row,
  dryRun: boolean,
  rotation: ConversationRotation,
): Promise<void> {
  const { tenant_id, user_id, conversation_id, message_id, sealed } = row;
  if (ringVersionOf(sealed) === ring[0].version) {
    rotation.current++;
    return;
  }
  const sealer = await sealerOf(ring, { tenant_id, user_id });
  const text = await sealer.open(vault.partOf(row), sealed).catch(() => null);
  if (text === null) {
    rotation.undecryptable.push({ tenant_id, conversation_id });
    return;
  }
  // One that its user changed meanwhile is encrypted under the newest key already.
  if (!dryRun) {
    const resealed = await sealer.seal(vault.partOf(row), text);
    await asOperator(
      database,
      sql`update ${vault.table} set ${vault.column} = ${resealed} where tenant_id = ${tenant_id} and user_id = ${user_id}
        and ${vault.key} = ${conversation_id} and ${vault.messageKey} = ${message_id} and ${vault.column} = ${sealed}`,
    );
  }
  rotation.rotated++;
}

/** Encrypts every title, every set of settings and every message anew. Safe to repeat, and to run while the Worker serves. */
export async function rotateConversations(
  pool: Pool,
  ring: KeyRing,
  dryRun: boolean,
): Promise<ConversationRotation> {
  const database = drizzle(pool);
  const rotation: ConversationRotation = { rotated: 0, current: 0, undecryptable: [] };
  for (const vault of vaults) {
    let page: Row[] = [];
    do {
      page = await readPage(database, vault, page.at(-1));
      for (const row of page) await rotateRow(database, ring, vault, row, dryRun, rotation);
    } while (page.length === PAGE);
  }
  return rotation;
}
