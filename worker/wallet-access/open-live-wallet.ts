import type { SessionClaims } from '../../contracts/api/auth.ts';
import type { Result } from '../../contracts/result.ts';
import { SUBSCRIPTION_HEADER, type WalletSubscription } from '../../contracts/wallet-subscription.ts';
import type { EnterRefusal } from '../db/context.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import { resolveCaller } from '../tenants/tenant-lookup.ts';
import { callWallet } from './wallet-client.ts';

/**
 * Connects a WebSocket to the caller's wallet, which tells the balance at once and after every commit. Answers the handshake's
 * response. Whether the session still may is the wallet's to say, over the socket: by then the handshake is done.
 */
export async function openLiveWallet(
  deps: Dependencies,
  claims: SessionClaims,
): Promise<Result<Response, { code: EnterRefusal | 'unavailable' }>> {
  const caller = await resolveCaller(deps, claims);
  if (!caller.ok) return caller;
  const wallet = { tenant_id: claims.tenantId, user_id: claims.userId };
  const subscription: WalletSubscription = {
    wallet,
    policy: caller.value.policy,
    session: { issued_at_s: claims.iat, expires_at_s: claims.exp },
  };
  return callWallet(deps, wallet, (stub) =>
    stub.fetch('https://wallet.invalid/live', {
      headers: { upgrade: 'websocket', [SUBSCRIPTION_HEADER]: JSON.stringify(subscription) },
    }),
  );
}
