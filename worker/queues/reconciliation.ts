import { type ReconciliationMessage, reconciliationMessage } from '../../contracts/reconciliation.ts';
import { connect, type Database } from '../db/client.ts';
import { listTenantsWithWallets, listUncheckedWallets } from '../db/reconciliation.ts';
import { settingsOf } from '../env.ts';
import type { Log } from '../log.ts';
import { type ReconcilingDependencies, reconcileWallet } from '../services/reconcile-wallet.ts';
import { retryDelayS } from './retry-delay.ts';

/** Wallets of one message, and how many of them are checked at once. */
const PAGE = 25;
const AT_ONCE = 5;
/** Messages of one sending (platform limit). */
const BATCH_MAX = 100;

const connectAsQueue = (env: Env): Database => {
  const settings = settingsOf(env);
  return connect({
    databaseUrl: settings.DATABASE_URL,
    fetchEndpoint: settings.NEON_FETCH_ENDPOINT,
    applicationName: 'vanilla-queue',
  });
};

/** Begins a check of everything: a message per tenant. `beforeMs` is when it was due; wallets checked since are done. */
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
 * Checks a page of a tenant's wallets and asks for the next page by another message. A message may come twice or late: a
 * wallet checked since the run began is not due. What fails for one tenant is tried again and holds up no other.
 */
export async function consumeReconciliation(batch: MessageBatch, env: Env, log: Log): Promise<void> {
  const deps = {
    database: connectAsQueue(env),
    wallets: env.WALLET,
    policyUpdates: env.POLICY_UPDATES_QUEUE,
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
      if (await checkPage(deps, parsed.data, env.RECONCILIATION_QUEUE)) message.ack();
      else message.retry({ delaySeconds: retryDelayS(message.attempts) });
    } catch (error) {
      log.warn('reconciliation_failed', { error, tenant_id: parsed.data.tenant_id });
      message.retry({ delaySeconds: retryDelayS(message.attempts) });
    }
  }
}

/** Whether the page is done, or in a message of its own. Wallets that could not be checked come first the next time. */
async function checkPage(
  deps: ReconcilingDependencies,
  message: ReconciliationMessage,
  queue: Queue<ReconciliationMessage>,
): Promise<boolean> {
  const wallets = await listUncheckedWallets(deps.database, message, PAGE);
  let checked = 0;
  for (let from = 0; from < wallets.length; from += AT_ONCE) {
    const answers = await Promise.allSettled(
      wallets.slice(from, from + AT_ONCE).map((wallet) => reconcileWallet(deps, wallet, { full: false })),
    );
    for (const answer of answers) {
      if (answer.status === 'rejected') deps.log.warn('wallet_not_checked', { error: answer.reason });
      else if (answer.value.ok) checked++;
    }
  }
  if (checked < wallets.length && checked === 0) return false;
  if (wallets.length < PAGE) return checked === wallets.length;
  await queue.send(message);
  return true;
}
