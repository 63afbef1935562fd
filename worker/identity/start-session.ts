import type { AuthResponse, User } from '../../contracts/api/auth.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import { signSessionToken } from './session-token.ts';

/**
 * A fresh session for a user. Signing out revokes every token issued up to that second, so a session started within the
 * very same second is dated one second later: it must outlive the sign-out it followed.
 */
export async function startSession(
  deps: Pick<Dependencies, 'settings'>,
  user: User,
  signedOutAtS: number | null,
): Promise<AuthResponse> {
  const nowS = Math.floor(Date.now() / 1_000);
  const iat = Math.max(nowS, (signedOutAtS ?? 0) + 1);
  const claims = { userId: user.id, tenantId: user.tenant_id, iat, exp: iat + deps.settings.JWT_LIFETIME_S };
  return { token: await signSessionToken(deps.settings.JWT_SECRET, claims), user };
}
