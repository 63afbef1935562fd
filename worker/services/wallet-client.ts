import type { WalletIdentity } from '../../contracts/journal.ts';
import { fail, ok, type Result } from '../../contracts/result.ts';
import type { WalletRpc } from '../../durable-objects/wallet/commands.ts';
import type { Dependencies } from './dependencies.ts';

const TRIES_MAX = 4;
const BACKOFF_BASE_MS = 50;

/**
 * One wallet's name: its tenant is part of it, so no two tenants can share an object. The object checks every command's
 * identity against the one it was made for.
 */
const objectName = (wallet: WalletIdentity) => `${wallet.tenant_id}/${wallet.user_id}`;

const isRetryable = (error: unknown) => {
  const { retryable, overloaded } = error as { retryable?: boolean; overloaded?: boolean };
  return retryable === true && overloaded !== true;
};

/**
 * Calls a wallet, again when the platform says that may help, each time on a new stub since an error breaks the old one.
 * Safe because every wallet command is idempotent by its id: a try whose outcome is unknown becomes known by repeating
 * it. Fails as `unavailable` when the wallet cannot be reached at all.
 */
export async function callWallet<Answer>(
  deps: Pick<Dependencies, 'wallets' | 'log'>,
  wallet: WalletIdentity,
  call: (wallet: WalletRpc) => Promise<Answer>,
): Promise<Result<Answer, { code: 'unavailable' }>> {
  for (let attempt = 1; ; attempt++) {
    const stub = deps.wallets.getByName(objectName(wallet));
    try {
      return ok(await call(stub));
    } catch (error) {
      deps.log.warn('wallet_call_failed', { attempt, error, wallet });
      if (!isRetryable(error) || attempt >= TRIES_MAX) return fail({ code: 'unavailable' });
      // Full jitter, so that callers that failed together do not come back together.
      await new Promise((resolve) => setTimeout(resolve, Math.random() * BACKOFF_BASE_MS * 2 ** attempt));
    }
  }
}
