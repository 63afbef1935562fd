import { parseArgs } from 'node:util';
import type { Pool } from '@neondatabase/serverless';
import { and, asc, eq, gt, isNotNull, or, sql } from 'drizzle-orm';
import { drizzle, type NeonDatabase } from 'drizzle-orm/neon-serverless';
import { bindingOf } from '../worker/catalog/provider-key.ts';
import { aiProviders } from '../worker/db/schema/catalog.ts';
import {
  decryptProviderKey,
  encryptProviderKey,
  type KeyRing,
  keyRing,
  ringVersionOf,
} from '../worker/runtime/key-ring.ts';
import { ownerPool } from './migrate.ts';

const HELP = `Encrypts every provider key under the newest key of the ring, without downtime.

  DATABASE_OWNER_URL=postgresql://owner:...@host/db KEY_RING='2:<base64> 1:<base64>' npm run rotate:provider-keys -- [options]

  --dry-run           report what would change, and change nothing
  --gateway HOST:PORT connect to the local stack's gateway instead of Neon
  --help              show this

To rotate: 1. create a key: node -p "crypto.randomBytes(32).toString('base64')"; 2. deploy the Worker with the new key before the
old one (wrangler secret put KEY_RING); 3. run this command until it exits with 0; 4. deploy without the old key. The command is
safe to repeat.`;

/** Rows read at a time. A lock is held for one row only. */
const PAGE = 100;

export type Rotation = {
  /** Keys encrypted anew; in a dry run, keys that would be. */
  rotated: number;
  /** Keys already encrypted under the newest key. */
  current: number;
  /** Keys changed by a user during the rotation. Run it again to rotate them. */
  changed_meanwhile: number;
  /** Keys that no key of this ring decrypts. They must be entered again. */
  undecryptable: { tenant_id: string; provider_id: string; reason: string }[];
};

type Row = Pick<typeof aiProviders.$inferSelect, 'tenant_id' | 'id' | 'kind' | 'base_url'> & {
  sealed: string;
};

/** Runs statements as the owner in the operator role. Row security applies to the owner too, and admits this role. */
const asOperator = <Value>(
  database: NeonDatabase,
  work: (tx: Pick<NeonDatabase, 'select' | 'update'>) => Promise<Value>,
) =>
  database.transaction(async (tx) => {
    await tx.execute(sql`select set_config('app.role', 'operator', true)`);
    return work(tx);
  });

const readPage = (database: NeonDatabase, after: Row | undefined): Promise<Row[]> =>
  asOperator(database, (tx) =>
    tx
      .select({
        tenant_id: aiProviders.tenant_id,
        id: aiProviders.id,
        kind: aiProviders.kind,
        base_url: aiProviders.base_url,
        sealed: sql<string>`${aiProviders.api_key_ciphertext}`,
      })
      .from(aiProviders)
      .where(
        and(
          isNotNull(aiProviders.api_key_ciphertext),
          after === undefined
            ? undefined
            : or(
                gt(aiProviders.tenant_id, after.tenant_id),
                and(eq(aiProviders.tenant_id, after.tenant_id), gt(aiProviders.id, after.id)),
              ),
        ),
      )
      .orderBy(asc(aiProviders.tenant_id), asc(aiProviders.id))
      .limit(PAGE),
  );

/** Replaces a ciphertext, unless the key was changed meanwhile. Returns true if it was replaced. */
const replace = (database: NeonDatabase, row: Row, sealed: string): Promise<boolean> =>
  asOperator(database, async (tx) => {
    const replaced = await tx
      .update(aiProviders)
      .set({ api_key_ciphertext: sealed })
      .where(
        and(
          eq(aiProviders.tenant_id, row.tenant_id),
          eq(aiProviders.id, row.id),
          eq(aiProviders.api_key_ciphertext, row.sealed),
        ),
      )
      .returning({ id: aiProviders.id });
    return replaced.length === 1;
  });

async function rotateRow(
  database: NeonDatabase,
  ring: KeyRing,
  row: Row,
  dryRun: boolean,
  rotation: Rotation,
): Promise<void> {
  if (ringVersionOf(row.sealed) === ring[0].version) {
    rotation.current++;
    return;
  }
  const binding = bindingOf(row);
  const opened = await decryptProviderKey(ring, binding, row.sealed);
  if (!opened.ok) {
    const { tenant_id, id: provider_id } = row;
    rotation.undecryptable.push({ tenant_id, provider_id, reason: opened.failure.code });
    return;
  }
  const done =
    dryRun || (await replace(database, row, await encryptProviderKey(ring, binding, opened.value)));
  rotation[done ? 'rotated' : 'changed_meanwhile']++;
}

/** Encrypts every provider key under the newest key of the ring. Safe to repeat, and to run while the Worker serves. */
export async function rotateProviderKeys(pool: Pool, ring: KeyRing, dryRun: boolean): Promise<Rotation> {
  const database = drizzle(pool);
  const rotation: Rotation = { rotated: 0, current: 0, changed_meanwhile: 0, undecryptable: [] };
  let last: Row | undefined;
  for (;;) {
    const page = await readPage(database, last);
    for (const row of page) await rotateRow(database, ring, row, dryRun, rotation);
    last = page.at(-1);
    if (page.length < PAGE) return rotation;
  }
}

function report({ rotated, current, changed_meanwhile, undecryptable }: Rotation, dryRun: boolean): void {
  console.log(
    `${rotated} ${dryRun ? 'would be' : 'were'} encrypted anew, ${current} already used the newest key.`,
  );
  if (changed_meanwhile > 0) console.log(`${changed_meanwhile} changed during the rotation: run this again.`);
  for (const { tenant_id, provider_id, reason } of undecryptable)
    console.error(`Provider ${provider_id} of tenant ${tenant_id} cannot be decrypted: ${reason}`);
}

/** Returns the exit code: 1 while some keys are not encrypted under the newest key of the ring. */
async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      'dry-run': { type: 'boolean', default: false },
      gateway: { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  const ownerUrl = process.env.DATABASE_OWNER_URL;
  const ring = keyRing.safeParse(process.env.KEY_RING ?? '');
  if (values.help || ownerUrl === undefined || !ring.success) {
    console.log(HELP);
    if (!values.help) console.error('\nDATABASE_OWNER_URL and a well-formed KEY_RING must be set.');
    return values.help ? 0 : 2;
  }
  const pool = ownerPool(ownerUrl, values.gateway ?? null);
  try {
    const rotation = await rotateProviderKeys(pool, ring.data, values['dry-run']);
    report(rotation, values['dry-run']);
    return rotation.changed_meanwhile + rotation.undecryptable.length === 0 ? 0 : 1;
  } finally {
    await pool.end();
  }
}

if (import.meta.main) process.exitCode = await main();
