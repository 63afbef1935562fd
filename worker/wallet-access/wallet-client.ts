import type { WalletIdentity } from '../../contracts/journal.ts';
import { fail, ok, type Result } from '../../contracts/result.ts';
import type { WalletRpc } from '../../durable-objects/wallet/commands.ts';
import type { Dependencies } from '../runtime/dependencies.ts';

/** How long a caller keeps trying, and whether also a wallet that is overloaded or does not answer in time. */
type Patience = { tries_max: number; total_max_ms: number; even_when_slow: boolean };

/** Before anything was spent, a quick refusal serves best. */
const PROMPT: Patience = { tries_max: 4, total_max_ms: 10_000, even_when_slow: false };
/** An answer that a provider has given is worth waiting for: about five seconds of failures, or two tries that hang. */
export const PATIENT: Patience = { tries_max: 9, total_max_ms: 25_000, even_when_slow: true };

const BACKOFF_BASE_MS = 50;
const BACKOFF_MAX_MS = 1_000;
/** A wallet that does not answer in this time is treated as unreachable: the caller gets a 503 instead of a hang. */
const TRY_TIMEOUT_MS = 10_000;

/**
 * One wallet's name: its tenant is part of it, so no two tenants can share an object. The object checks every command's
 * identity against the one it was made for.
 */
const objectName = (wallet: WalletIdentity) => `${wallet.tenant_id}/${wallet.user_id}`;

/** The wallet did not answer in time. What it did is unknown, and becomes known by saying the same again. */
class WalletTimeout extends Error {
  override readonly name = 'WalletTimeout';
}

/** What the platform says of a call that failed (Cloudflare, Durable Objects: error handling). */
type PlatformFault = { retryable?: boolean; overloaded?: boolean; durableObjectReset?: boolean };

function isRetryable(error: unknown, patience: Patience): boolean {
  const { retryable, overloaded, durableObjectReset } = error as PlatformFault;
  if (overloaded === true || error instanceof WalletTimeout) return patience.even_when_slow;
  // A reset object was not reached, or answers nothing more; another takes its place, and repeating is harmless.
  return retryable === true || durableObjectReset === true;
}

/** Rejects when `call` takes too long; what it does later goes unheard, and repeating it is harmless. */
async function withinTime<Answer>(call: Promise<Answer>): Promise<Answer> {
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
 * Calls a wallet, again when the platform says that may help, each time on a new stub since an error breaks the old one.
 * Safe because every wallet command is idempotent by its id: a try whose outcome is unknown becomes known by repeating
 * it. Fails as `unavailable` when the wallet cannot be reached at all.
 */
export async function callWallet<Answer>(
  deps: Pick<Dependencies, 'wallets' | 'log'>,
  wallet: WalletIdentity,
  call: (wallet: WalletRpc & Pick<Fetcher, 'fetch'>) => Promise<Answer>,
  patience: Patience = PROMPT,
): Promise<Result<Answer, { code: 'unavailable' }>> {
  const giveUpMs = Date.now() + patience.total_max_ms;
  for (let attempt = 1; ; attempt++) {
    const stub = deps.wallets.getByName(objectName(wallet));
    try {
      return ok(await withinTime(call(stub)));
    } catch (error) {
      deps.log.warn('wallet_call_failed', { attempt, error, wallet });
      const mayHelp = isRetryable(error, patience) && attempt < patience.tries_max && Date.now() < giveUpMs;
      if (!mayHelp) return fail({ code: 'unavailable' });
      // Full jitter, so that callers that failed together do not come back together.
      const backoffMs = Math.random() * Math.min(BACKOFF_MAX_MS, BACKOFF_BASE_MS * 2 ** attempt);
      await new Promise((resolve) => setTimeout(resolve, backoffMs));
    }
  }
}
