import { v7 as uuidv7 } from 'uuid';
import type { AuthResponse, LoginRequest, RegisterRequest, SessionClaims } from '../../contracts/api/auth.ts';
import { fail, ok, type Result } from '../../contracts/result.ts';
import type { ClientPlace } from '../db/audit.ts';
import type { EnterRefusal } from '../db/context.ts';
import type { TenantSnapshot } from '../db/snapshots.ts';
import { endActingSession, isActing } from '../db/users/acting-sessions.ts';
import {
  createUser,
  findLogin,
  recordFailedLogin,
  recordLogin,
  renewPasswordHash,
  saveSignOut,
} from '../db/users/users.ts';
import { queueMail } from '../mail/queue-mail.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import { invalidateUser } from '../tenants/tenant-lookup.ts';
import { syncLater, syncSignOut } from '../wallet-access/wallet-sync.ts';
import { refuseDisposableEmail } from './disposable-email.ts';
import type { FieldRefusal } from './field-refusal.ts';
import { hashPassword, isUnderOldPepper, verifyPassword } from './password.ts';
import { checkPassword } from './passwords/check-password.ts';
import { checkRegistration, type RegistrationRefusal } from './registration.ts';
import { startSession } from './sessions.ts';

/**
 * Creates an account on the tenant's default level and signs it in, if the tenant lets this address register. Its wallet opens on first
 * use. The address gets a link to verify it; the tenant decides whether the allocation waits for that.
 */
export async function registerUser(
  deps: Dependencies,
  tenant: TenantSnapshot,
  request: RegisterRequest,
  { origin, client }: { origin: string; client: ClientPlace },
): Promise<Result<AuthResponse, RegistrationRefusal | FieldRefusal | { code: 'email_taken' }>> {
  const allowed = checkRegistration(tenant, request.email);
  if (!allowed.ok) return allowed;
  const lasting = await refuseDisposableEmail(request.email);
  if (!lasting.ok) return lasting;
  const good = await checkPassword(request.password, { ...request, tenant_name: tenant.branding.name });
  if (!good.ok) return good;
  const created = await createUser(deps.database, {
    id: uuidv7(),
    tenant_id: tenant.id,
    email: request.email,
    name: request.name ?? null,
    password_hash: await hashPassword(deps.settings.PASSWORD_PEPPER, request.password),
    request_id: deps.requestId,
    client,
  });
  if (!created.ok) return created;
  const { id: user_id, tenant_id } = created.value;
  queueMail(deps, { tenant_id, origin }, { template: 'verify_email', user_id });
  return ok(await startSession(deps, created.value, null, client));
}

/** Hashes a password that was just checked under the newest pepper. One that is not renewed now is with the next sign-in. */
async function renewHash(
  { database, settings, log }: Dependencies,
  { tenant_id, user_id }: { tenant_id: string; user_id: string },
  hash_before: string,
  password: string,
): Promise<void> {
  try {
    const password_hash = await hashPassword(settings.PASSWORD_PEPPER, password);
    await renewPasswordHash(database, { tenant_id, user_id, hash_before, password_hash });
  } catch (error) {
    log.warn('password_hash_not_renewed', { tenant_id, user_id, error });
  }
}

/**
 * Signs a user in. An unknown email and a wrong password take the same time and return the same error. `user_disabled` is
 * returned only with the correct password.
 */
export async function logIn(
  deps: Dependencies,
  tenant: TenantSnapshot,
  request: LoginRequest,
  client: ClientPlace,
): Promise<Result<AuthResponse, { code: 'invalid_credentials' | 'user_disabled' }>> {
  const login = await findLogin(deps.database, tenant.id, request.email);
  const matches = await verifyPassword(
    deps.settings.PASSWORD_PEPPER,
    request.password,
    login?.password_hash ?? null,
  );
  if (login === null) return fail({ code: 'invalid_credentials' });
  const attempt = { tenant_id: tenant.id, user_id: login.user_id, request_id: deps.requestId, client };
  if (!matches) {
    // After the answer, which then takes as long as for an unknown email.
    const recorded = recordFailedLogin(deps.database, attempt).catch((error) =>
      deps.log.warn('failed_login_not_recorded', { tenant_id: tenant.id, user_id: login.user_id, error }),
    );
    deps.waitUntil(recorded);
    return fail({ code: 'invalid_credentials' });
  }
  if (login.status === 'disabled') return fail({ code: 'user_disabled' });
  const user = await recordLogin(deps.database, attempt);
  if (isUnderOldPepper(deps.settings.PASSWORD_PEPPER, login.password_hash))
    deps.waitUntil(renewHash(deps, attempt, login.password_hash, request.password));
  return ok(await startSession(deps, user, login.signed_out_at_s, client));
}

/**
 * Ends every session of the caller issued so far; for a superadmin inside a tenant, that session alone. The wallet is updated too,
 * because executions check the wallet and not the database: its next reserve refuses an old token even where the caller is cached.
 */
export async function logOut(
  deps: Dependencies,
  claims: SessionClaims,
): Promise<Result<null, { code: EnterRefusal | 'unavailable' }>> {
  if (isActing(claims)) return endActingSession(deps.database, claims, deps.requestId);
  const signedOut = await saveSignOut(deps.database, claims, deps.requestId);
  // A repeated request finds the session revoked. The wallet may have missed the first one, so it is updated again.
  if (!signedOut.ok && signedOut.failure.code !== 'session_revoked') return signedOut;
  const issued_before_s = signedOut.ok ? signedOut.value.signed_out_at_s : claims.iat;
  const wallet = { tenant_id: claims.tenantId, user_id: claims.userId };
  await invalidateUser(wallet);
  const synced = await syncSignOut(deps, wallet, issued_before_s);
  return synced.ok ? synced : syncLater(deps, [wallet]);
}
