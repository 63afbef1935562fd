import type { AuthResponse, LoginRequest } from '../../contracts/api/auth.ts';
import { fail, ok, type Result } from '../../contracts/result.ts';
import type { TenantSnapshot } from '../db/snapshots.ts';
import { findLogin, recordLogin } from '../db/users.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import { verifyPassword } from './password.ts';
import { startSession } from './start-session.ts';

/**
 * Signs a user in. An unknown email takes as long as a wrong password and gets the same answer; that an account is
 * disabled is told only to whoever knows its password.
 */
export async function logIn(
  deps: Dependencies,
  tenant: TenantSnapshot,
  request: LoginRequest,
): Promise<Result<AuthResponse, { code: 'invalid_credentials' | 'user_disabled' }>> {
  const login = await findLogin(deps.database, tenant.id, request.email);
  const matches = await verifyPassword(
    deps.settings.PASSWORD_PEPPER,
    request.password,
    login?.password_hash ?? null,
  );
  if (login === null || !matches) return fail({ code: 'invalid_credentials' });
  if (login.status === 'disabled') return fail({ code: 'user_disabled' });
  const user = await recordLogin(deps.database, {
    tenant_id: tenant.id,
    user_id: login.user_id,
    request_id: deps.requestId,
  });
  return ok(await startSession(deps, user, login.signed_out_at_s));
}
