import { parseArgs } from 'node:util';
import type { Pool } from '@neondatabase/serverless';
import { type SQL, sql } from 'drizzle-orm';
import { drizzle, type NeonDatabase } from 'drizzle-orm/neon-serverless';
import { signInProviderKind } from '../contracts/api/account/sign-in.ts';
import { providerKind } from '../contracts/usage.ts';
import { bindingOf as providerBindingOf } from '../worker/catalog/provider-key.ts';
import {
  decryptProviderKey,
  encryptProviderKey,
  type KeyBinding,
  type KeyRing,
  keyRing,
  ringVersionOf,
} from '../worker/runtime/key-ring.ts';
import { bindingOf as signInBindingOf } from '../worker/sign-in/provider-secret.ts';
import { openWebhookSecret, sealWebhookSecret } from '../worker/webhooks/secret.ts';
import { ownerPool } from './migrate.ts';
import { type ConversationRotation, rotateConversations } from './rotate-conversations.ts';
import { rotateTotpSecrets, type TotpRotation } from './rotate-totp-secrets.ts';

const HELP = `Encrypts every provider key, client secret, secret of a webhook or an authenticator app, and conversation under the newest key of the ring, without downtime.

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

/** A stored key and where it belongs. `place` is the address that it is bound to: null for the official one. */
type Row = { tenant_id: string; id: string; kind: string; place: string | null; sealed: string };

type Opened = Awaited<ReturnType<typeof decryptProviderKey>>;

/** A table with encrypted keys. */
type Vault = {
  table: SQL;
  sealed: SQL;
  kind: SQL;
  place: SQL;
  open: (ring: KeyRing, row: Row) => Promise<Opened | Awaited<ReturnType<typeof openWebhookSecret>>>;
  seal: (ring: KeyRing, row: Row, secret: string) => Promise<string>;
};

/** A table with keys for providers, which are bound to an address. */
const providerVault = (
  columns: Pick<Vault, 'table' | 'sealed' | 'place'>,
  bindingOf: (row: Row) => KeyBinding,
): Vault => ({
  ...{ ...columns, kind: sql`kind` },
  open: (ring, row) => decryptProviderKey(ring, bindingOf(row), row.sealed),
  seal: (ring, row, secret) => encryptProviderKey(ring, bindingOf(row), secret),
});

/** A column with secrets of webhook endpoints. */
const webhookVault = (sealed: SQL): Vault => ({
  ...{ table: sql`webhook_endpoints`, sealed, kind: sql`'webhook'`, place: sql`null` },
  open: (ring, row) => openWebhookSecret(ring, row, row.sealed),
  seal: sealWebhookSecret,
});

const vaults: Vault[] = [
  providerVault(
    { table: sql`ai_providers`, sealed: sql`api_key_ciphertext`, place: sql`base_url` },
    ({ kind, place, ...row }) =>
      providerBindingOf({ ...row, kind: providerKind.parse(kind), base_url: place }),
  ),
  providerVault(
    { table: sql`sign_in_providers`, sealed: sql`client_secret_ciphertext`, place: sql`issuer` },
    ({ kind, place, ...row }) =>
      signInBindingOf({ ...row, kind: signInProviderKind.parse(kind), issuer: place ?? '' }),
  ),
  webhookVault(sql`secret_ciphertext`),
  webhookVault(sql`previous_secret_ciphertext`),
];

/** Runs statements as the owner in the operator role. Row security applies to the owner too, and admits this role. */
const asOperator = <Value>(
  database: NeonDatabase,
  work: (tx: Pick<NeonDatabase, 'execute'>) => Promise<Value>,
) =>
  database.transaction(async (tx) => {
    await tx.execute(sql`select set_config('app.role', 'operator', true)`);
    return work(tx);
  });

const readPage = (
  database: NeonDatabase,
  { table, sealed, kind, place }: Vault,
  after: Row | undefined,
): Promise<Row[]> =>
  asOperator(database, async (tx) => {
    const isAfter =
      after === undefined ? sql`true` : sql`(tenant_id, id) > (${after.tenant_id}::uuid, ${after.id}::uuid)`;
    const { rows } = await tx.execute<Row>(
      sql`select tenant_id, id, ${kind} as kind, ${place} as place, ${sealed} as sealed from ${table}
        where ${sealed} is not null and ${isAfter} order by tenant_id, id limit ${PAGE}`,
    );
    return rows;
  });

/** Replaces a ciphertext, unless the key was changed meanwhile. Returns true if it was replaced. */
const replace = (
  database: NeonDatabase,
  { table, sealed }: Vault,
  row: Row,
  newlySealed: string,
): Promise<boolean> =>
  asOperator(database, async (tx) => {
    const { rows } = await tx.execute(sql`update ${table} set ${sealed} = ${newlySealed}
      where tenant_id = ${row.tenant_id} and id = ${row.id} and ${sealed} = ${row.sealed} returning id`);
    return rows.length === 1;
  });

async function rotateRow(
  database: NeonDatabase,
  ring: KeyRing,
  vault: Vault,
  row: Row,
  dryRun: boolean,
  rotation: Rotation,
): Promise<void> {
  if (ringVersionOf(row.sealed) === ring[0].version) {
    rotation.current++;
    return;
  }
  const opened = await vault.open(ring, row);
  if (!opened.ok) {
    const { tenant_id, id: provider_id } = row;
    rotation.undecryptable.push({ tenant_id, provider_id, reason: opened.failure.code });
    return;
  }
  const done = dryRun || (await replace(database, vault, row, await vault.seal(ring, row, opened.value)));
  rotation[done ? 'rotated' : 'changed_meanwhile']++;
}

/** Encrypts every key of AI providers and secret of identity providers under the newest key of the ring. Safe to repeat, and to run while the Worker serves. */
export async function rotateProviderKeys(pool: Pool, ring: KeyRing, dryRun: boolean): Promise<Rotation> {
  const database = drizzle(pool);
  const rotation: Rotation = { rotated: 0, current: 0, changed_meanwhile: 0, undecryptable: [] };
  for (const vault of vaults) {
    let page: Row[] = [];
    do {
      page = await readPage(database, vault, page.at(-1));
      for (const row of page) await rotateRow(database, ring, vault, row, dryRun, rotation);
    } while (page.length === PAGE);
  }
  return rotation;
}

function report({ rotated, current, changed_meanwhile, undecryptable }: Rotation, dryRun: boolean): void {
  console.log(
    `${rotated} ${dryRun ? 'would be' : 'were'} encrypted anew, ${current} already used the newest key.`,
  );
  if (changed_meanwhile > 0) console.log(`${changed_meanwhile} changed during the rotation: run this again.`);
  for (const { tenant_id, provider_id, reason } of undecryptable)
    console.error(`Provider ${provider_id} of tenant ${tenant_id} cannot be decrypted: ${reason}`);
}

function reportTotp({ rotated, current, undecryptable }: TotpRotation, dryRun: boolean): void {
  const verb = dryRun ? 'would be' : 'were';
  console.log(
    `Of authenticator apps, ${rotated} ${verb} encrypted anew, ${current} already used the newest key.`,
  );
  for (const { tenant_id, factor_id, reason } of undecryptable)
    console.error(`Factor ${factor_id} of tenant ${tenant_id} cannot be decrypted: ${reason}`);
}

function reportConversations(
  { rotated, current, undecryptable }: ConversationRotation,
  dryRun: boolean,
): void {
  const verb = dryRun ? 'would be' : 'were';
  console.log(
    `Of texts of conversations, ${rotated} ${verb} encrypted anew, ${current} already used the newest key.`,
  );
  for (const { tenant_id, conversation_id } of undecryptable)
    console.error(`Conversation ${conversation_id} of tenant ${tenant_id} cannot be decrypted`);
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
    const totp = await rotateTotpSecrets(pool, ring.data, values['dry-run']);
    reportTotp(totp, values['dry-run']);
    const conversations = await rotateConversations(pool, ring.data, values['dry-run']);
    reportConversations(conversations, values['dry-run']);
    const lost = [rotation, totp, conversations].map(({ undecryptable }) => undecryptable.length);
    const failed = lost.reduce((sum, count) => sum + count, 0);
    return rotation.changed_meanwhile + failed === 0 ? 0 : 1;
  } finally {
    await pool.end();
  }
}

if (import.meta.main) process.exitCode = await main();
