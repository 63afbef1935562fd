import { fail, ok, type Result } from '../../contracts/result.ts';
import { isTenantWallet, tenantWallet, type WalletIdentity } from '../../contracts/wallet/journal.ts';
import type { TenantWalletRpc } from '../../durable-objects/tenant-wallet/commands.ts';
import type { CancellationRpc } from '../../durable-objects/wallet/cancellations.ts';
import type { WalletMaintenanceRpc, WalletRpc } from '../../durable-objects/wallet/commands.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import { inTime } from '../runtime/in-time.ts';
import type { Log } from '../runtime/log.ts';

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
const withDeadline = <Answer>(call: Promise<Answer>): Promise<Answer> =>
  inTime(call, TRY_TIMEOUT_MS, () => new WalletTimeout(`No answer within ${TRY_TIMEOUT_MS} ms`));

/**
 * Calls an object and retries when the platform reports that this may help, each time on a new stub because an error breaks the
 * old one. Safe because every command is idempotent by its ID. Fails with `unavailable` when the wallet cannot be reached.
 */
async function callObject<Stub, Answer>(
  { objects, log }: { objects: { getByName(name: string): Stub }; log: Log },
  wallet: WalletIdentity,
  call: (stub: Stub) => Promise<Answer>,
  patience: Patience,
): Promise<Result<Answer, { code: 'unavailable' }>> {
  const giveUpMs = Date.now() + patience.total_max_ms;
  for (let attempt = 1; ; attempt++) {
    const stub = objects.getByName(objectName(wallet));
    try {
      return ok(await withDeadline(call(stub)));
    } catch (error) {
      log.warn('wallet_call_failed', { attempt, error, wallet });
      const mayHelp = isRetryable(error, patience) && attempt < patience.tries_max && Date.now() < giveUpMs;
      if (!mayHelp) return fail({ code: 'unavailable' });
      // Full jitter spreads out callers that failed together.
      const backoffMs = Math.random() * Math.min(BACKOFF_MAX_MS, BACKOFF_BASE_MS * 2 ** attempt);
      await new Promise((resolve) => setTimeout(resolve, backoffMs));
    }
  }
}

/** An answer of a wallet, or its failure to answer. */
type Called<Answer> = Promise<Result<Answer, { code: 'unavailable' }>>;

/** Calls the wallet of a user: see {@link callObject}. */
export const callWallet = <Answer>(
  { wallets: objects, log }: Pick<Dependencies, 'wallets' | 'log'>,
  wallet: WalletIdentity,
  call: (stub: WalletRpc & CancellationRpc & Pick<Fetcher, 'fetch'>) => Promise<Answer>,
  patience = BRIEF,
): Called<Answer> => callObject({ objects, log }, wallet, call, patience);

/** Calls the wallet of a tenant: see {@link callObject}. */
export const callTenantWallet = <Answer>(
  { tenantWallets: objects, log }: Pick<Dependencies, 'tenantWallets' | 'log'>,
  tenantId: string,
  call: (stub: TenantWalletRpc) => Promise<Answer>,
  patience = BRIEF,
): Called<Answer> => callObject({ objects, log }, tenantWallet(tenantId), call, patience);

/** Calls the wallet of a user or of a tenant by what both have in common. */
export const callAnyWallet = <Answer>(
  deps: Pick<Dependencies, 'wallets' | 'tenantWallets' | 'log'>,
  wallet: WalletIdentity,
  call: (stub: WalletMaintenanceRpc) => Promise<Answer>,
): Called<Answer> =>
  isTenantWallet(wallet) ? callTenantWallet(deps, wallet.tenant_id, call) : callWallet(deps, wallet, call);
