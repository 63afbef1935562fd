import { fail, ok, type Result } from '../../contracts/result.ts';
import type { EndedSession } from '../../contracts/wallet/ended-session.ts';
import type { WalletIdentity } from '../../contracts/wallet/journal.ts';
import type { PolicyUpdate } from '../../contracts/wallet/policy-update.ts';
import type { Acknowledgement, WalletRpc } from '../../durable-objects/wallet/commands.ts';
import type { StoredApiKey } from '../db/users/api-keys.ts';
import type { UserWithPolicy } from '../db/users/user-rows.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import { callWallet, PATIENT } from './wallet-client.ts';

/**
 * Sends changes of the database to wallets, so that the next reserve obeys them whatever is cached elsewhere. Every change
 * carries a version or a time, so it may arrive late, twice or out of order.
 */

export type WalletSyncDependencies = Pick<Dependencies, 'wallets' | 'policyUpdates' | 'log'>;

/** Succeeds when the wallet has the change or, where noted, when the queue has taken it. */
type Synced = Promise<Result<null, { code: 'unavailable' }>>;

/** Returns the wallet of a user. */
export const walletOf = ({ user }: UserWithPolicy): WalletIdentity => ({
  tenant_id: user.tenant_id,
  user_id: user.id,
});

async function send(
  deps: WalletSyncDependencies,
  wallet: WalletIdentity,
  call: (stub: WalletRpc) => Promise<Acknowledgement>,
): Synced {
  const answer = await callWallet(deps, wallet, call, PATIENT);
  if (!answer.ok) return answer;
  if (!answer.value.ok) throw new Error(`The wallet refused the change: ${answer.value.code}`);
  return ok(null);
}

/** Sends a wallet its policy. */
export const syncPolicy = (deps: WalletSyncDependencies, owner: UserWithPolicy): Synced => {
  const wallet = walletOf(owner);
  return send(deps, wallet, (stub) => stub.adoptPolicy({ wallet, policy: owner.policy }));
};

/** Revokes the sessions issued up to a second in a wallet. */
export const syncSignOut = (
  deps: WalletSyncDependencies,
  wallet: WalletIdentity,
  issued_before_s: number,
): Synced => send(deps, wallet, (stub) => stub.revokeSessions({ wallet, issued_before_s }));

/** Ends one session in a wallet. */
export const syncSessionEnd = (
  deps: WalletSyncDependencies,
  { tenant_id, user_id }: WalletIdentity,
  session: EndedSession,
): Synced => {
  const wallet = { tenant_id, user_id };
  return send(deps, wallet, (stub) => stub.endSession({ wallet, session }));
};

/** Ends one session in a wallet, or queues that. Fails when neither can be reached; the caller should repeat it. */
export async function applySessionEnd(
  deps: WalletSyncDependencies,
  wallet: WalletIdentity,
  session: EndedSession,
): Synced {
  const synced = await syncSessionEnd(deps, wallet, session);
  return synced.ok ? synced : enqueue(deps, [{ version: 1, kind: 'session', ...wallet, session }]);
}

/** Deletes the stored answer of an execution in a wallet. */
export const syncAnswerDeletion = (
  deps: WalletSyncDependencies,
  wallet: WalletIdentity,
  execution_id: string,
): Synced => send(deps, wallet, (stub) => stub.forgetAnswer({ wallet, execution_id }));

/** Sends a wallet the limits of one of its keys, or the key's revocation. */
export function syncApiKey(
  deps: WalletSyncDependencies,
  { tenant_id, limits_version, key }: StoredApiKey,
): Synced {
  const wallet = { tenant_id, user_id: key.user_id };
  const { id, requests_per_minute, tokens_per_minute, monthly_budget_tokens } = key;
  const limits = {
    id,
    version: limits_version,
    ...{ requests_per_minute, tokens_per_minute, monthly_budget_tokens },
  };
  return send(deps, wallet, (stub) =>
    key.revoked_at === null
      ? stub.setKeyLimits({ wallet, limits })
      : stub.revokeKey({ wallet, api_key_id: id }),
  );
}

/** Sends a wallet its user's status, revoked sessions and policy. */
export async function syncUser(deps: WalletSyncDependencies, owner: UserWithPolicy): Synced {
  const wallet = walletOf(owner);
  const { user, user_status_version, signed_out_at_s } = owner;
  const answers = await Promise.all([
    send(deps, wallet, (stub) =>
      stub.setStanding({ wallet, status: user.status, version: user_status_version }),
    ),
    signed_out_at_s === null ? ok(null) : syncSignOut(deps, wallet, signed_out_at_s),
    syncPolicy(deps, owner),
  ]);
  return answers.find(({ ok }) => !ok) ?? ok(null);
}

/** Queues changes; the queue retries for hours. Fails when the queue cannot be reached. */
async function enqueue(deps: WalletSyncDependencies, updates: PolicyUpdate[]): Synced {
  if (updates.length === 0) return ok(null);
  try {
    await deps.policyUpdates.sendBatch(updates.map((body) => ({ body })));
    return ok(null);
  } catch (error) {
    deps.log.error('policy_update_not_queued', { error, updates });
    return fail({ code: 'unavailable' });
  }
}

/**
 * Queues the changes of wallets that could not be reached. If that fails as well, a wallet receives them when its user's
 * snapshot is loaded again, within a minute.
 */
export const syncLater = (deps: WalletSyncDependencies, wallets: WalletIdentity[]): Synced =>
  enqueue(
    deps,
    wallets.map((wallet) => ({ version: 1, kind: 'user', ...wallet })),
  );

/** Queues the sign-outs of a tenant's users: the page after a user. */
export const queueSignOuts = (
  deps: WalletSyncDependencies,
  tenant_id: string,
  after_user_id: string | null,
): Synced => enqueue(deps, [{ version: 1, kind: 'signed_out', tenant_id, after_user_id }]);

/** Sends a page of wallets the sign-out of their users, and queues the wallets that could not be reached and the next page. */
export async function syncSignOutPage(
  deps: WalletSyncDependencies,
  tenant_id: string,
  { wallets, next }: { wallets: (WalletIdentity & { signed_out_at_s: number })[]; next: string | null },
): Synced {
  const told = await Promise.all(
    wallets.map(({ signed_out_at_s, ...wallet }) => syncSignOut(deps, wallet, signed_out_at_s)),
  );
  const later = await syncLater(
    deps,
    wallets.flatMap(({ user_id }, index) => (told[index]?.ok === true ? [] : [{ tenant_id, user_id }])),
  );
  const queued = next === null ? ok(null) : await queueSignOuts(deps, tenant_id, next);
  return later.ok ? queued : later;
}

/** Sends a wallet the change of a key, or queues it. Fails when neither can be reached; the caller should repeat it. */
export async function applyApiKeyChange(deps: WalletSyncDependencies, stored: StoredApiKey): Synced {
  const synced = await syncApiKey(deps, stored);
  if (synced.ok) return synced;
  const { tenant_id, key } = stored;
  return enqueue(deps, [{ version: 1, kind: 'api_key', tenant_id, api_key_id: key.id }]);
}
