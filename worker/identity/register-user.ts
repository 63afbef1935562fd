import { v7 as uuidv7 } from 'uuid';
import type { AuthResponse, RegisterRequest } from '../../contracts/api/auth.ts';
import { fail, ok, type Result } from '../../contracts/result.ts';
import type { TenantSnapshot } from '../db/snapshots.ts';
import { createUser } from '../db/users.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import { hashPassword } from './password.ts';
import { startSession } from './start-session.ts';

/** Makes an account on the tenant's default level and signs it in. The wallet opens, with its allocation, on first use. */
export async function registerUser(
  deps: Dependencies,
  tenant: TenantSnapshot,
  request: RegisterRequest,
): Promise<Result<AuthResponse, { code: 'registration_closed' | 'email_taken' }>> {
  if (!tenant.registration_open) return fail({ code: 'registration_closed' });
  const created = await createUser(deps.database, {
    id: uuidv7(),
    tenant_id: tenant.id,
    email: request.email,
    name: request.name ?? null,
    password_hash: await hashPassword(deps.settings.PASSWORD_PEPPER, request.password),
    request_id: deps.requestId,
  });
  if (!created.ok) return created;
  return ok(await startSession(deps, created.value, null));
}
