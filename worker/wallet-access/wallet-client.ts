import type { WalletIdentity } from '../../contracts/journal.ts';
import { fail, ok, type Result } from '../../contracts/result.ts';
import type { WalletRpc } from '../../durable-objects/wallet/commands.ts';
import type { Dependencies } from '../runtime/dependencies.ts';

/** Time for which a caller retries, and a flag for retrying a wallet that is overloaded or slow. */
type Patience = { tries_max: number; total_max_ms: number; even_when_slow: boolean };

/** Before a provider was called, a quick refusal is best. */
const BRIEF: Patience = { tries_max: 4, total_max_ms: 10_000, even_when_slow: false };
/** For settlements after a provider has answered: about five seconds of failures, or two timeouts. */
export const PATIENT: Patience = { tries_max: 9, total_max_ms: 25_000, even_when_slow: true };

const BACKOFF_BASE_MS = 50;
const BACKOFF_MAX_MS = 1_000;
/** A wallet that does not answer within this time is treated as unreachable. */
const TRY_TIMEOUT_MS = 10_000;

/**
 * Returns the name of a wallet's Durable Object. It contains the tenant, so tenants cannot share an object. The object
 * compares every command's identity with its own.
 */
const objectName = (wallet: WalletIdentity) => `${wallet.tenant_id}/${wallet.user_id}`;

/** The wallet did not answer in time. Repeating the command reveals its outcome. */
class WalletTimeout extends Error {
  override readonly name = 'WalletTimeout';
}

/** The platform's description of a failed call (Cloudflare, Durable Objects: error handling). */
type PlatformFault = { retryable?: boolean; overloaded?: boolean; durableObjectReset?: boolean };

function isRetryable(error: unknown, patience: Patience): boolean {
  const { retryable, overloaded, durableObjectReset } = error as PlatformFault;
  if (overloaded === true || error instanceof WalletTimeout) return patience.even_when_slow;
  // A reset object was not reached or will not answer; its replacement accepts a repeated command.
  return retryable === true || durableObjectReset === true;
}

/** Rejects when `call` takes too long. Its late result is ignored; the caller repeats the command. */
async function withDeadline<Answer>(call: Promise<Answer>): Promise<Answer> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => reject(new WalletTimeout(`No answer within ${TRY_TIMEOUT_MS} ms`)),
    TRY_TIMEOUT_MS,
  );
  try {
    return await Promise.race([call, promise]);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Calls a wallet and retries when the platform reports that this may help, each time on a new stub because an error breaks the
 * old one. Safe because every command is idempotent by its ID. Fails with `unavailable` when the wallet cannot be reached.
 */
export async function callWallet<Answer>(
  deps: Pick<Dependencies, 'wallets' | 'log'>,
  wallet: WalletIdentity,
  call: (wallet: WalletRpc & Pick<Fetcher, 'fetch'>) => Promise<Answer>,
  patience: Patience = BRIEF,
): Promise<Result<Answer, { code: 'unavailable' }>> {
  const giveUpMs = Date.now() + patience.total_max_ms;
  for (let attempt = 1; ; attempt++) {
    const stub = deps.wallets.getByName(objectName(wallet));
    try {
      return ok(await withDeadline(call(stub)));
    } catch (error) {
      deps.log.warn('wallet_call_failed', { attempt, error, wallet });
      const mayHelp = isRetryable(error, patience) && attempt < patience.tries_max && Date.now() < giveUpMs;
      if (!mayHelp) return fail({ code: 'unavailable' });
      // Full jitter spreads out callers that failed together.
      const backoffMs = Math.random() * Math.min(BACKOFF_MAX_MS, BACKOFF_BASE_MS * 2 ** attempt);
      await new Promise((resolve) => setTimeout(resolve, backoffMs));
    }
  }
}
