import { runDurableObjectAlarm } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { type SQL, sql } from 'drizzle-orm';
import { PLATFORM_TENANT_ID } from '../../contracts/tenants/platform.ts';
import { isTenantWallet, type JournalMessage, type WalletIdentity } from '../../contracts/wallet/journal.ts';
import type { Segment } from '../../durable-objects/wallet/segment.ts';
import { connect } from '../../worker/db/client.ts';
import { userReport } from '../../worker/reconciliation/reconcile-on-demand.ts';
import { type ReadingLimits, reconcileWallet } from '../../worker/reconciliation/reconcile-wallet.ts';
import type { Dependencies } from '../../worker/runtime/dependencies.ts';
import { createLog } from '../../worker/runtime/log.ts';
import { settingsOf } from '../../worker/runtime/settings.ts';
import { database } from './own-database.ts';
import { deliver } from './unreliable-queue.ts';
import { changeSegments } from './wallet/stored-wallet.ts';
import { objectName, outcomeOf, policy, reserveCommandOf } from './wallet/wallet-commands.ts';

/** Helpers for tests of reconciliation: wallets in workerd, their rows in Postgres, and ways to damage both. */

const { owner_url, worker_url, gateway_origin, spares } = database;

const databaseAs = (databaseUrl: string) =>
  connect({ databaseUrl, fetchEndpoint: `${gateway_origin}/sql`, applicationName: 'vanilla-request' });
const owner = databaseAs(owner_url);

/** Runs statements as the owner in the operator role. Returns the rows of each. */
export async function asOwner(...statements: SQL[]): Promise<Record<string, unknown>[][]> {
  const [, ...answers] = await owner.batch([
    owner.execute(sql`select set_config('app.role', 'operator', true)`),
    ...statements.map((statement) => owner.execute<Record<string, unknown>>(statement)),
  ]);
  return answers.map(({ rows }) => rows);
}

/** Changes the ledger with its triggers disabled. */
export const tamperLedger = (statement: SQL) =>
  asOwner(
    sql`alter table user_token_ledger disable trigger user`,
    statement,
    sql`alter table user_token_ledger enable trigger user`,
  );

const sent: JournalMessage[] = [];
/** Replaces the queue by a list, whose messages arrive when the test delivers them. */
export function holdTheQueue(): void {
  const sendBatch = async (messages: Iterable<{ body: JournalMessage }>) => {
    for (const { body } of messages) sent.push(body);
  };
  Object.defineProperty(env, 'JOURNAL_QUEUE', { value: { sendBatch } });
}

export const [home, , abroad] = spares as [WalletIdentity, WalletIdentity, WalletIdentity];

export const claimsOf = ({ tenant_id, user_id }: WalletIdentity) => ({
  ...{ tenantId: tenant_id, userId: user_id },
  ...{ iat: 1_000_000, exp: 2_000_000 },
});

/** Creates a user in a tenant, on a level with the usual test policy. */
export async function newcomer(
  { tenant_id }: Pick<WalletIdentity, 'tenant_id'> = home,
  role = 'user',
): Promise<WalletIdentity> {
  const level_id = crypto.randomUUID();
  const user_id = crypto.randomUUID();
  await asOwner(
    sql`insert into levels (tenant_id, id, slug, name) values (${tenant_id}, ${level_id}, ${level_id}, 'A level')`,
    sql`insert into level_token_policies (tenant_id, level_id, mode, allocation_tokens, rollover_cap_tokens, enforcement,
        warning_thresholds_percent, reservation_lifetime_ms, in_flight_max)
      values (${tenant_id}, ${level_id}, 'lifetime', 1000, 0, 'hard', '{80}', 60000, 1000)`,
    sql`insert into users (tenant_id, id, email, password_hash, role, level_id)
      values (${tenant_id}, ${user_id}, ${`${user_id}@example.test`}, '-', ${role}, ${level_id})`,
  );
  return { tenant_id, user_id };
}

export const dependencies = (changes: Partial<Dependencies> = {}): Dependencies => ({
  settings: settingsOf(env),
  log: createLog('error', {}),
  database: databaseAs(worker_url),
  wallets: env.WALLET,
  tenantWallets: env.TENANT_WALLET,
  policyUpdates: env.POLICY_UPDATES_QUEUE,
  executionJobs: env.EXECUTIONS_QUEUE,
  mailQueue: env.MAIL_QUEUE,
  webhooksQueue: env.WEBHOOKS_QUEUE,
  guards: env.GUESS_GUARD,
  objects: env.OBJECTS,
  waitUntil: () => undefined,
  requestId: crypto.randomUUID(),
  ...changes,
});

/** Returns bindings that use the real Postgres. */
export function environment(changes: Partial<Env> = {}): Env {
  const database = { DATABASE_URL: worker_url, NEON_FETCH_ENDPOINT: `${gateway_origin}/sql` };
  return { ...env, ...database, ...changes };
}

export const stubOf = (wallet: WalletIdentity) => env.WALLET.getByName(objectName(wallet));
export const tenantStubOf = (wallet: WalletIdentity) => env.TENANT_WALLET.getByName(objectName(wallet));

/** The object of a user's or a tenant's wallet, for what both have in common. */
const anyStubOf = (wallet: WalletIdentity) =>
  (isTenantWallet(wallet) ? tenantStubOf(wallet) : stubOf(wallet)) as ReturnType<typeof stubOf>;

export const PLATFORM = { tenant_id: PLATFORM_TENANT_ID };

/** Returns the figures of a used wallet and the number of its last entry. */
export async function auditedFigures(wallet: WalletIdentity) {
  const answer = await stubOf(wallet).audit({ wallet });
  if (!answer.ok || answer.audit === null) throw new Error('The wallet was never used');
  const { consumed, reserved, in_flight } = answer.audit.figures;
  return { consumed, reserved, in_flight, seq: answer.audit.seq };
}

/** Runs one execution that costs 100, and begins one that holds 50. Writes entries 1 to 4. */
export async function use(wallet: WalletIdentity): Promise<{ done: string; open: string }> {
  const done = crypto.randomUUID();
  const open = crypto.randomUUID();
  await stubOf(wallet).reserve(reserveCommandOf(wallet, 300, done));
  await stubOf(wallet).settle({ wallet, amount: 100, outcome: outcomeOf(done) });
  await stubOf(wallet).reserve(reserveCommandOf(wallet, 50, open));
  return { done, open };
}

export const credit = (wallet: WalletIdentity, amount: number) =>
  stubOf(wallet).credit({
    ...{ wallet, policy, amount, operation_id: crypto.randomUUID() },
    ...{ actor: { kind: 'admin', id: null }, reason: 'a test', reference: null },
  });

const ARRIVALS_MAX = 10;

/** Delivers every unconfirmed entry of the wallet to Postgres. The wallet's own alarm may be sending at the same moment. */
export async function arrive(wallet: WalletIdentity): Promise<void> {
  for (let arrivals = 0; arrivals < ARRIVALS_MAX; arrivals += 1) {
    await new Promise((resolve) => setTimeout(resolve, 250));
    await runDurableObjectAlarm(anyStubOf(wallet));
    const again = await deliver(sent.splice(0));
    if (again.length > 0) throw new Error('The journal did not arrive');
    const audited = await anyStubOf(wallet).audit({ wallet });
    if (!audited.ok || audited.audit === null || audited.audit.unconfirmed.count === 0) return;
  }
}

/** Returns a used wallet whose entries are all in Postgres. */
export async function usedWallet(): Promise<{ wallet: WalletIdentity; done: string; open: string }> {
  const wallet = await newcomer();
  const executions = await use(wallet);
  await arrive(wallet);
  return { wallet, ...executions };
}

/** Changes the wallet's own storage. */
export const tamperWallet = (wallet: WalletIdentity, change: (segment: Segment) => void): Promise<void> =>
  changeSegments(anyStubOf(wallet), change);

/** Limits by which a check reads two entries at a time: at most four, or forty after a fault. */
export const SMALL_LIMITS: ReadingLimits = { page: 2, pages: 2, pages_full: 20 };

export async function check(wallet: WalletIdentity, full = false, limits?: ReadingLimits) {
  const reconciled = await reconcileWallet(dependencies(), wallet, { full, ...(limits && { limits }) });
  if (!reconciled.ok) throw new Error(reconciled.failure.code);
  return userReport(reconciled.value);
}

export const seqOf = async (wallet: WalletIdentity) => {
  const answer = await stubOf(wallet).audit({ wallet });
  return answer.ok ? (answer.audit?.seq ?? 0) : null;
};
