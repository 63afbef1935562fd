import type { Wallet } from '../../contracts/api/wallet.ts';
import { fail, ok, type Result } from '../../contracts/result.ts';
import type { EnterRefusal, Principal } from '../db/context.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import { refreshCaller, resolveCaller } from '../tenants/tenant-lookup.ts';
import { callWallet } from './wallet-client.ts';

/**
 * The caller's wallet, from the object that owns it: exact, and no database round trip when warm. A session is the wallet's to
 * refuse; a key is asked of the database, since reading reserves nothing.
 */
export async function readWallet(
  deps: Dependencies,
  principal: Principal,
): Promise<Result<Wallet, { code: EnterRefusal | 'unavailable' }>> {
  const session = 'hash' in principal ? null : principal;
  const caller = await (session === null ? refreshCaller : resolveCaller)(deps, principal);
  if (!caller.ok) return caller;
  const wallet = { tenant_id: principal.tenantId, user_id: principal.userId };
  const answer = await callWallet(deps, wallet, (stub) =>
    stub.read({ wallet, policy: caller.value.policy, session_issued_at_s: session?.iat ?? null }),
  );
  if (!answer.ok) return answer;
  if (answer.value.ok) return ok(answer.value.view);
  const { code } = answer.value;
  if (code === 'session_revoked' || code === 'user_disabled') return fail({ code });
  throw new Error(`The wallet refused to be read: ${code}`);
}
