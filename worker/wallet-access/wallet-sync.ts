import type { WalletIdentity } from '../../contracts/journal.ts';
import type { PolicyUpdate } from '../../contracts/policy-update.ts';
import { fail, ok, type Result } from '../../contracts/result.ts';
import type { Acknowledgement, WalletRpc } from '../../durable-objects/wallet/commands.ts';
import type { StoredApiKey } from '../db/api-keys.ts';
import type { AdministeredUser } from '../db/user-admin.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import { callWallet, PATIENT } from './wallet-client.ts';

/**
 * Wallets are told what the database has decided, so that their next reserve obeys, whatever is cached elsewhere. Each thing
 * they are told carries its version or its time: it may be said late, twice or out of order.
 */

export type WalletSyncDependencies = Pick<Dependencies, 'wallets' | 'policyUpdates' | 'log'>;

/** Whether the wallet knows. */
type Told = Promise<Result<null, { code: 'unavailable' }>>;

/** The wallet of a user. */
export const walletOf = ({ user }: AdministeredUser): WalletIdentity => ({
  tenant_id: user.tenant_id,
  user_id: user.id,
});

async function tell(
  deps: WalletSyncDependencies,
  wallet: WalletIdentity,
  say: (stub: WalletRpc) => Promise<Acknowledgement>,
): Told {
  const answer = await callWallet(deps, wallet, say, PATIENT);
  if (!answer.ok) return answer;
  if (!answer.value.ok) throw new Error(`The wallet did not listen: ${answer.value.code}`);
  return ok(null);
}

/** Tells a wallet its policy. */
export const syncPolicy = (deps: WalletSyncDependencies, person: AdministeredUser): Told => {
  const wallet = walletOf(person);
  return tell(deps, wallet, (stub) => stub.adoptPolicy({ wallet, policy: person.policy }));
};

/** Tells a wallet that sessions issued up to a second are revoked. */
export const syncSignOut = (
  deps: WalletSyncDependencies,
  wallet: WalletIdentity,
  issued_before_s: number,
): Told => tell(deps, wallet, (stub) => stub.revokeSessions({ wallet, issued_before_s }));

/** Tells a wallet that what an execution answered is not to be kept any longer. */
export const syncAnswerDeletion = (
  deps: WalletSyncDependencies,
  wallet: WalletIdentity,
  execution_id: string,
): Told => tell(deps, wallet, (stub) => stub.forgetAnswer({ wallet, execution_id }));

/** Tells a wallet what one of its keys may spend, or that it may no longer. */
export function syncApiKey(
  deps: WalletSyncDependencies,
  { tenant_id, limits_version, key }: StoredApiKey,
): Told {
  const wallet = { tenant_id, user_id: key.user_id };
  const { id, requests_per_minute, tokens_per_minute, monthly_budget_tokens } = key;
  const limits = {
    id,
    version: limits_version,
    ...{ requests_per_minute, tokens_per_minute, monthly_budget_tokens },
  };
  return tell(deps, wallet, (stub) =>
    key.revoked_at === null
      ? stub.setKeyLimits({ wallet, limits })
      : stub.revokeKey({ wallet, api_key_id: id }),
  );
}

/** Tells a wallet all there is to tell of its user: whether its user may spend, which sessions may, and by which policy. */
export async function syncUser(deps: WalletSyncDependencies, person: AdministeredUser): Told {
  const wallet = walletOf(person);
  const { user, standing_version, signed_out_at_s } = person;
  const answers = await Promise.all([
    tell(deps, wallet, (stub) =>
      stub.setStanding({ wallet, status: user.status, version: standing_version }),
    ),
    signed_out_at_s === null ? ok(null) : syncSignOut(deps, wallet, signed_out_at_s),
    syncPolicy(deps, person),
  ]);
  return answers.find(({ ok }) => !ok) ?? ok(null);
}

/** Leaves it to the queue to tell: it tries for hours. Fails when the queue cannot be reached either. */
async function enqueue(deps: WalletSyncDependencies, updates: PolicyUpdate[]): Told {
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
 * Sees to it that wallets are told which could not be reached. Where that fails, a wallet hears of it when its user's snapshot
 * is loaded again, within a minute.
 */
export const syncLater = (deps: WalletSyncDependencies, wallets: WalletIdentity[]): Told =>
  enqueue(
    deps,
    wallets.map((wallet) => ({ version: 1, kind: 'user', ...wallet })),
  );

/** Tells a wallet about a key now, or leaves it to the queue. Fails when neither can be reached: then it is to be repeated. */
export async function applyApiKeyChange(deps: WalletSyncDependencies, stored: StoredApiKey): Told {
  const told = await syncApiKey(deps, stored);
  if (told.ok) return told;
  const { tenant_id, key } = stored;
  return enqueue(deps, [{ version: 1, kind: 'api_key', tenant_id, api_key_id: key.id }]);
}
