import type { SessionClaims } from '../../contracts/api/auth.ts';
import type { Wallet } from '../../contracts/api/wallet.ts';
import { fail, ok, type Result } from '../../contracts/result.ts';
import type { EnterRefusal } from '../db/context.ts';
import type { Dependencies } from './dependencies.ts';
import { resolveCaller } from './tenant-directory.ts';
import { callWallet } from './wallet-client.ts';

/** The caller's wallet, from the object that owns it: exact, and no database round trip when warm. */
export async function readWallet(
  deps: Dependencies,
  claims: SessionClaims,
): Promise<Result<Wallet, { code: EnterRefusal | 'unavailable' }>> {
  const caller = await resolveCaller(deps, claims);
  if (!caller.ok) return caller;
  const wallet = { tenant_id: claims.tenantId, user_id: claims.userId };
  const answer = await callWallet(deps, wallet, (stub) =>
    stub.read({ wallet, policy: caller.value.policy, session_issued_at_s: claims.iat }),
  );
  if (!answer.ok) return answer;
  if (answer.value.ok) return ok(answer.value.view);
  const { code } = answer.value;
  if (code === 'session_revoked' || code === 'user_disabled') return fail({ code });
  throw new Error(`The wallet refused to be read: ${code}`);
}
