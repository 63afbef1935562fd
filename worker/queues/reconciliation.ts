import type { WalletIdentity } from '../../contracts/wallet/journal.ts';
import { type ReconciliationMessage, reconciliationMessage } from '../../contracts/wallet/reconciliation.ts';
import { checkTenantAlerts } from '../alerts/check-tenant.ts';
import { listTenantsWithWallets, listUncheckedWallets } from '../db/ledger/reconciliation.ts';
import {
  type ReadingLimits,
  type ReconcilingDependencies,
  reconcileWallet,
} from '../reconciliation/reconcile-wallet.ts';
import type { Log } from '../runtime/log.ts';
import { settingsOf } from '../runtime/settings.ts';
import { connectAsQueue, retryDelayS } from './queue.ts';

/** Wallets of one message, and how many are checked at once. */
const PAGE = 25;
const AT_ONCE = 5;
/** Messages of one `sendBatch` (platform limit). */
const BATCH_MAX = 100;
/** Time after which the next run starts (wrangler.toml: crons). */
const RUN_MAX_MS = 3_600_000;
/** Failed attempts after which the failure is logged as an error. */
const ATTEMPTS_BEFORE_ALERT = 5;

type CheckingDependencies = ReconcilingDependencies & { limits: ReadingLimits | undefined };

/**
 * Starts a check of every wallet: queues one message per tenant. `beforeMs` is when the run was due; wallets checked since
 * then are skipped.
 */
export async function beginReconciliation(env: Env, beforeMs: number, log: Log): Promise<void> {
  const tenantIds = await listTenantsWithWallets(connectAsQueue(env));
  const messages = tenantIds.map((tenant_id) => ({
    body: { version: 1, tenant_id, before_ms: beforeMs } as const,
  }));
  for (let from = 0; from < messages.length; from += BATCH_MAX)
    await env.RECONCILIATION_QUEUE.sendBatch(messages.slice(from, from + BATCH_MAX));
  log.info('reconciliation_begun', { tenants: tenantIds.length });
}

/**
 * Checks a page of a tenant's wallets and queues the next page. Messages may be repeated or late: wallets checked since the
 * run started are skipped. A failure of one wallet or tenant is retried and does not block others.
 */
export async function consumeReconciliation(
  batch: MessageBatch,
  env: Env,
  log: Log,
  limits?: ReadingLimits,
): Promise<void> {
  const deps = {
    database: connectAsQueue(env),
    wallets: env.WALLET,
    tenantWallets: env.TENANT_WALLET,
    policyUpdates: env.POLICY_UPDATES_QUEUE,
    mailQueue: env.MAIL_QUEUE,
    webhooksQueue: env.WEBHOOKS_QUEUE,
    settings: settingsOf(env),
    log,
  };
  for (const message of batch.messages) {
    const parsed = reconciliationMessage.safeParse(message.body);
    if (!parsed.success) {
      log.error('reconciliation_message_malformed', { message_id: message.id });
      message.ack();
      continue;
    }
    try {
      await checkMessage({ ...deps, limits }, parsed.data, env.RECONCILIATION_QUEUE);
      message.ack();
    } catch (error) {
      const { tenant_id, user_id } = parsed.data;
      const isForPeople = message.attempts === ATTEMPTS_BEFORE_ALERT;
      log[isForPeople ? 'error' : 'warn']('reconciliation_failed', { error, tenant_id, user_id });
      message.retry({ delaySeconds: retryDelayS(message.attempts) });
    }
  }
}

/** Checks the wallets of a message, and queues messages for the unfinished ones and for the next page. */
async function checkMessage(
  deps: CheckingDependencies,
  message: ReconciliationMessage,
  queue: Queue<ReconciliationMessage>,
): Promise<void> {
  const { after_user_id: _, ...run } = message;
  const { tenant_id, user_id } = message;
  if (user_id !== undefined) {
    if (await isDone(deps, { tenant_id, user_id }, message)) return;
    await queue.send(message);
    return;
  }
  if (message.after_user_id === undefined)
    await checkTenantAlerts(deps, tenant_id).catch((error) =>
      deps.log.warn('alerts_not_checked', { tenant_id, error }),
    );
  const wallets = await listUncheckedWallets(deps.database, message, PAGE);
  const next: ReconciliationMessage[] = [];
  for (let from = 0; from < wallets.length; from += AT_ONCE) {
    const some = wallets.slice(from, from + AT_ONCE);
    const answers = await Promise.allSettled(some.map((wallet) => isDone(deps, wallet, message)));
    for (const [index, answer] of answers.entries()) {
      if (answer.status === 'rejected') deps.log.warn('wallet_not_checked', { error: answer.reason });
      const unfinished = answer.status === 'rejected' || !answer.value;
      if (unfinished) next.push({ ...run, user_id: some[index]?.user_id });
    }
  }
  if (wallets.length === PAGE) next.push({ ...run, after_user_id: wallets.at(-1)?.user_id });
  if (next.length > 0) await queue.sendBatch(next.map((body) => ({ body })));
}

/**
 * Checks one wallet. Returns true when its ledger was read to the end. The rest of a longer ledger is left to another message,
 * as long as reading advances and the next run has not started. Throws when the wallet cannot be checked.
 */
async function isDone(
  { limits, ...deps }: CheckingDependencies,
  wallet: WalletIdentity,
  { before_ms }: ReconciliationMessage,
): Promise<boolean> {
  const reconciled = await reconcileWallet(deps, wallet, { full: false, ...(limits && { limits }) });
  if (!reconciled.ok) {
    if (reconciled.failure.code === 'not_found') return true;
    throw new Error(`The wallet could not be checked: ${reconciled.failure.code}`);
  }
  const { complete, proof, findings } = reconciled.value;
  const leadsOn = findings.checkpoint.seq === proof.head.seq;
  return complete || !leadsOn || Date.now() - before_ms > RUN_MAX_MS;
}
