import { type PolicyUpdate, policyUpdate } from '../../contracts/policy-update.ts';
import { getApiKeyOfTenant } from '../db/api-keys.ts';
import { connect, type Database } from '../db/client.ts';
import { listUsersInheriting } from '../db/levels.ts';
import { getUserOfTenant } from '../db/user-admin.ts';
import { syncLevelPage } from '../levels/level-policy.ts';
import type { Log } from '../runtime/log.ts';
import { settingsOf } from '../runtime/settings.ts';
import { syncApiKey, syncUser, type WalletSyncDependencies } from '../wallet-access/wallet-sync.ts';
import { retryDelayS } from './retry-delay.ts';

/**
 * Tells wallets what they have yet to be told: one wallet, or a page of a level's wallets and then the next page by another
 * message. What they are told is read from the database now, so a message may come late, twice or out of order.
 */
export async function consumePolicyUpdates(batch: MessageBatch, env: Env, log: Log): Promise<void> {
  const settings = settingsOf(env);
  const database = connect({
    databaseUrl: settings.DATABASE_URL,
    fetchEndpoint: settings.NEON_FETCH_ENDPOINT,
    applicationName: 'vanilla-queue',
  });
  const deps = { wallets: env.WALLET, policyUpdates: env.POLICY_UPDATES_QUEUE, log };
  for (const message of batch.messages) {
    const parsed = policyUpdate.safeParse(message.body);
    if (!parsed.success) {
      log.error('policy_update_malformed', {
        message_id: message.id,
        issues: parsed.error.issues.slice(0, 5),
      });
      // Repeating cannot mend it, and it names nobody.
      message.ack();
    } else if (await passOn(deps, database, parsed.data)) message.ack();
    else message.retry({ delaySeconds: retryDelayS(message.attempts) });
  }
}

/** Whether everybody the message names has been told, or is in a message of their own. */
async function passOn(
  deps: WalletSyncDependencies,
  database: Database,
  update: PolicyUpdate,
): Promise<boolean> {
  try {
    if (update.kind === 'level')
      return (await syncLevelPage(deps, update, await listUsersInheriting(database, update))).queued;
    if (update.kind === 'api_key') {
      const key = await getApiKeyOfTenant(database, update.tenant_id, update.api_key_id);
      return key === null || (await syncApiKey(deps, key)).ok;
    }
    const person = await getUserOfTenant(database, update.tenant_id, update.user_id);
    return person === null || (await syncUser(deps, person)).ok;
  } catch (error) {
    deps.log.warn('policy_update_failed', { error, update });
    return false;
  }
}
