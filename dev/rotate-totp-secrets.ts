import type { Pool } from '@neondatabase/serverless';
import { sql } from 'drizzle-orm';
import { drizzle, type NeonDatabase } from 'drizzle-orm/neon-serverless';
import { resealTotpSecret } from '../worker/identity/factors/totp.ts';
import { type KeyRing, ringVersionOf } from '../worker/runtime/key-ring.ts';

/** Encrypts the secrets of authenticator apps anew under the newest key of the ring. */

/** Rows read at a time. A lock is held for one row only. */
const PAGE = 100;

type Row = { tenant_id: string; id: string; user_id: string; sealed: string };

export type TotpRotation = {
  rotated: number;
  current: number;
  /** Apps whose secret no key of this ring decrypts. Their users set them up again. */
  undecryptable: { tenant_id: string; factor_id: string; reason: string }[];
};

/** Runs a statement as the owner in the operator role. */
const asOperator = <Result extends Record<string, unknown>>(
  database: NeonDatabase,
  statement: ReturnType<typeof sql>,
) =>
  database.transaction(async (tx) => {
    await tx.execute(sql`select set_config('app.role', 'operator', true)`);
    return (await tx.execute<Result>(statement)).rows;
  });

const readPage = (database: NeonDatabase, after: Row | undefined): Promise<Row[]> =>
  asOperator<Row>(
    database,
    sql`select tenant_id, id, user_id, secret_ciphertext as sealed from user_factors
      where kind = 'totp' and (${after?.tenant_id ?? null}::uuid is null
        or (tenant_id, id) > (${after?.tenant_id ?? null}::uuid, ${after?.id ?? null}::uuid))
      order by tenant_id, id limit ${PAGE}`,
  );

async function rotateRow(
  database: NeonDatabase,
  ring: KeyRing,
  { tenant_id, id, user_id, sealed }: Row,
  dryRun: boolean,
  rotation: TotpRotation,
): Promise<void> {
  if (ringVersionOf(sealed) === ring[0].version) {
    rotation.current++;
    return;
  }
  const resealed = await resealTotpSecret(ring, { tenant_id, user_id }, sealed);
  if (!resealed.ok) {
    rotation.undecryptable.push({ tenant_id, factor_id: id, reason: resealed.failure.code });
    return;
  }
  // The secret of an app never changes. One that was removed meanwhile has no row.
  if (!dryRun)
    await asOperator(
      database,
      sql`update user_factors set secret_ciphertext = ${resealed.value} where tenant_id = ${tenant_id} and id = ${id}`,
    );
  rotation.rotated++;
}

/** Encrypts every secret anew. Safe to repeat, and to run while the Worker serves. */
export async function rotateTotpSecrets(pool: Pool, ring: KeyRing, dryRun: boolean): Promise<TotpRotation> {
  const database = drizzle(pool);
  const rotation: TotpRotation = { rotated: 0, current: 0, undecryptable: [] };
  let last: Row | undefined;
  for (;;) {
    const page = await readPage(database, last);
    for (const row of page) await rotateRow(database, ring, row, dryRun, rotation);
    last = page.at(-1);
    if (page.length < PAGE) return rotation;
  }
}
