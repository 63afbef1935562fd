import { type PolicyUpdate, policyUpdate } from '../../contracts/wallet/policy-update.ts';
import type { Database } from '../db/client.ts';
import { listUsersInheriting } from '../db/levels/levels.ts';
import { listSignedOut } from '../db/tenants/second-factor-rule.ts';
import { getTenantStanding } from '../db/tenants/tenants.ts';
import { getApiKeyOfTenant } from '../db/users/api-keys.ts';
import { getUserOfTenant } from '../db/users/user-admin.ts';
import { syncLevelPage } from '../levels/level-policy.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import type { Log } from '../runtime/log.ts';
import { syncTenantStanding } from '../tenants/tenant-standing.ts';
import {
  syncApiKey,
  syncSessionEnd,
  syncSignOutPage,
  syncUser,
  type WalletSyncDependencies,
} from '../wallet-access/wallet-sync.ts';
import { connectAsQueue, retryDelayS } from './queue.ts';

/**
 * Sends changes to wallets: to one wallet, or to a page of a level's wallets, followed by a message for the next page. The
 * change is read from the database now, so a message may be late, repeated or out of order.
 */
export async function consumePolicyUpdates(batch: MessageBatch, env: Env, log: Log): Promise<void> {
  const database = connectAsQueue(env);
  const deps = {
    wallets: env.WALLET,
    tenantWallets: env.TENANT_WALLET,
    policyUpdates: env.POLICY_UPDATES_QUEUE,
    log,
  };
  for (const message of batch.messages) {
    const parsed = policyUpdate.safeParse(message.body);
    if (!parsed.success) {
      log.error('policy_update_malformed', {
        message_id: message.id,
        issues: parsed.error.issues.slice(0, 5),
      });
      // Repeating a malformed message cannot fix it.
      message.ack();
    } else if (await applyUpdate(deps, database, parsed.data)) message.ack();
    else message.retry({ delaySeconds: retryDelayS(message.attempts) });
  }
}

/** Applies one update. Returns true when every wallet it names has the change or a queued message. */
async function applyUpdate(
  deps: WalletSyncDependencies & Pick<Dependencies, 'tenantWallets'>,
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
    if (update.kind === 'session') return (await syncSessionEnd(deps, update, update.session)).ok;
    if (update.kind === 'signed_out') {
      const page = await listSignedOut(database, update.tenant_id, update.after_user_id);
      return (await syncSignOutPage(deps, update.tenant_id, page)).ok;
    }
    if (update.kind === 'tenant') {
      const standing = await getTenantStanding(database, update.tenant_id);
      return standing === null || (await syncTenantStanding(deps, standing)).ok;
    }
    const owner = await getUserOfTenant(database, update.tenant_id, update.user_id);
    return owner === null || (await syncUser(deps, owner)).ok;
  } catch (error) {
    deps.log.warn('policy_update_failed', { error, update });
    return false;
  }
}

/**
 * Consumes policy updates that failed for hours. They are only an alert: within a minute, every use of the wallet brings the
 * newest policy, and the database refuses users who are disabled or signed out.
 */
export function consumeDeadPolicyUpdates(batch: MessageBatch, log: Log): void {
  for (const message of batch.messages) {
    log.error('policy_update_dead', {
      message_id: message.id,
      attempts: message.attempts,
      update: message.body,
    });
  }
  batch.ackAll();
}
