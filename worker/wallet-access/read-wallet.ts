import type { SessionClaims } from '../../contracts/api/account/auth.ts';
import type { WalletView } from '../../contracts/api/wallet.ts';
import { fail, ok, type Result } from '../../contracts/result.ts';
import { SUBSCRIPTION_HEADER, type WalletSubscription } from '../../contracts/wallet/wallet-subscription.ts';
import type { EnterRefusal, Principal } from '../db/context.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import { refreshCaller, resolveCaller } from '../tenants/tenant-lookup.ts';
import { callWallet } from './wallet-client.ts';

/**
 * Reads the caller's wallet from its Durable Object: exact, and without a database round trip when the caller is cached. The
 * wallet refuses revoked sessions. API keys are checked in the database, because reading reserves nothing and does not check
 * them.
 */
export async function readWallet(
  deps: Dependencies,
  principal: Principal,
): Promise<Result<WalletView, { code: EnterRefusal | 'unavailable' }>> {
  const session = 'hash' in principal ? null : principal;
  const caller = await (session === null ? refreshCaller : resolveCaller)(deps, principal);
  if (!caller.ok) return caller;
  const wallet = { tenant_id: principal.tenantId, user_id: principal.userId };
  const answer = await callWallet(deps, wallet, (stub) =>
    stub.read({
      ...{ wallet, policy: caller.value.policy },
      ...{ session_issued_at_s: session?.iat ?? null, session_id: session?.sessionId ?? null },
    }),
  );
  if (!answer.ok) return answer;
  if (answer.value.ok) return ok(answer.value.view);
  const { code } = answer.value;
  if (code === 'session_revoked' || code === 'user_disabled') return fail({ code });
  throw new Error(`The wallet refused to be read: ${code}`);
}

/**
 * Connects a WebSocket to the caller's wallet, which sends the balance at once and after every commit. Returns the handshake's
 * response. The wallet reports a revoked session and a used ticket over the socket, after the handshake.
 */
export async function openLiveWallet(
  deps: Dependencies,
  claims: SessionClaims,
  ticket: WalletSubscription['ticket'],
): Promise<Result<Response, { code: EnterRefusal | 'unavailable' }>> {
  const caller = await resolveCaller(deps, claims);
  if (!caller.ok) return caller;
  const wallet = { tenant_id: claims.tenantId, user_id: claims.userId };
  const subscription: WalletSubscription = {
    wallet,
    policy: caller.value.policy,
    session: { id: claims.sessionId ?? null, issued_at_s: claims.iat, expires_at_s: claims.exp },
    ticket,
  };
  return callWallet(deps, wallet, (stub) =>
    stub.fetch('https://wallet.invalid/live', {
      headers: { upgrade: 'websocket', [SUBSCRIPTION_HEADER]: JSON.stringify(subscription) },
    }),
  );
}
