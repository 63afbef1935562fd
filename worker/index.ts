import { sweepExpiredFiles } from './files/sweep-files.ts';
import { app } from './http/app.ts';
import { eraseDueTenants } from './platform/erase-tenants.ts';
import { consumeDeadExecutions, consumeExecutions, deleteExpiredContents } from './queues/executions.ts';
import { consumeDeadJournal, consumeJournal } from './queues/journal.ts';
import { consumeDeadMail, consumeMail } from './queues/mail.ts';
import { consumeDeadPolicyUpdates, consumePolicyUpdates } from './queues/policy-updates.ts';
import { connectAsQueue } from './queues/queue.ts';
import { beginReconciliation, consumeReconciliation } from './queues/reconciliation.ts';
import { consumeDeadWebhooks, consumeWebhooks } from './queues/webhooks.ts';
import { createLog } from './runtime/log.ts';
import { settingsOf } from './runtime/settings.ts';

export { GuessGuard } from '../durable-objects/guess-guard/guess-guard.ts';
export { TenantWallet } from '../durable-objects/tenant-wallet/tenant-wallet.ts';
export { Wallet } from '../durable-objects/wallet/wallet.ts';
export { ExecutionRunner } from './queues/execution-runner.ts';

export default {
  fetch: app.fetch,

  async queue(batch, env, ctx) {
    const log = createLog(settingsOf(env).LOG_LEVEL, { queue: batch.queue });
    if (batch.queue === 'journal') return consumeJournal(batch, env, log);
    if (batch.queue === 'journal-dead') return consumeDeadJournal(batch, log);
    if (batch.queue === 'policy-updates') return consumePolicyUpdates(batch, env, log);
    if (batch.queue === 'policy-updates-dead') return consumeDeadPolicyUpdates(batch, log);
    if (batch.queue === 'executions') return consumeExecutions(batch, env, log);
    if (batch.queue === 'executions-dead') return consumeDeadExecutions(batch, env, ctx, log);
    if (batch.queue === 'reconciliation') return consumeReconciliation(batch, env, log);
    if (batch.queue === 'mail') return consumeMail(batch, env, log);
    if (batch.queue === 'mail-dead') return consumeDeadMail(batch, log);
    if (batch.queue === 'webhooks') return consumeWebhooks(batch, env, log);
    if (batch.queue === 'webhooks-dead') return consumeDeadWebhooks(batch, log);
    throw new Error(`No consumer for queue ${batch.queue}`);
  },

  async scheduled({ cron, scheduledTime }, env) {
    const settings = settingsOf(env);
    const log = createLog(settings.LOG_LEVEL, { cron });
    await beginReconciliation(env, scheduledTime, log);
    await deleteExpiredContents(env, log);
    const database = connectAsQueue(env);
    const stored = { database, objects: env.OBJECTS };
    await sweepExpiredFiles(stored, log);
    await eraseDueTenants(stored, log);
    const { checkDueDomains } = await import('./domains/check-due-domains.ts');
    await checkDueDomains({ database, settings, log });
  },
} satisfies ExportedHandler<Env>;
