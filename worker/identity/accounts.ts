import { v7 as uuidv7 } from 'uuid';
import type {
  AuthResponse,
  CheckYourMail,
  LoginRequest,
  RegisterRequest,
  SessionClaims,
} from '../../contracts/api/account/auth.ts';
import { fail, ok, type Result } from '../../contracts/result.ts';
import { requiresVerification } from '../../contracts/tenants/registration.ts';
import type { ClientPlace } from '../db/audit.ts';
import type { EnterRefusal } from '../db/context.ts';
import type { TenantSnapshot } from '../db/snapshots.ts';
import { endActingSession, isActing } from '../db/users/acting-sessions.ts';
import { createUserUnlessKnown } from '../db/users/hidden-registrations.ts';
import {
  createUser,
  findLogin,
  type Login,
  recordFailedLogin,
  recordLogin,
  renewPasswordHash,
  saveSignOut,
} from '../db/users/users.ts';
import { isMailOn } from '../mail/mail.ts';
import { queueMail } from '../mail/queue-mail.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import { invalidateUser } from '../tenants/tenant-lookup.ts';
import { syncLater, syncSignOut } from '../wallet-access/wallet-sync.ts';
import { refuseDisposableEmail } from './disposable-email.ts';
import type { PasskeyPlace } from './factors/passkeys.ts';
import { checkSecondStep, type SecondStepNeeded } from './factors/second-step.ts';
import type { FieldRefusal } from './field-refusal.ts';
import { ofRegistration } from './guessing/sign-up-limits.ts';
import { type TryRefusal, takeTries } from './guessing/take-tries.ts';
import { hashPassword, isUnderOldPepper, verifyPassword } from './password.ts';
import { checkPassword } from './passwords/check-password.ts';
import { checkRegistration, type RegistrationRefusal } from './registration.ts';
import { startSession } from './sessions.ts';
import { checkTurnstile, type TurnstileDown } from './turnstile.ts';

type RegisterFailure =
  | RegistrationRefusal
  | FieldRefusal
  | TurnstileDown
  | TryRefusal
  | SecondStepNeeded
  | { code: 'email_taken' | 'invalid_credentials' };

/** Checks that an address can register here with a password. */
async function checkRequest(
  tenant: TenantSnapshot,
  request: RegisterRequest,
): Promise<Result<null, RegistrationRefusal | FieldRefusal>> {
  const allowed = checkRegistration(tenant, request.email);
  if (!allowed.ok) return allowed;
  const lasting = await refuseDisposableEmail(request.email);
  if (!lasting.ok) return lasting;
  return checkPassword(request.password, { ...request, tenant_name: tenant.branding.name });
}

/**
 * Creates an account on the tenant's default level, if the tenant lets this address register. Its wallet opens on first use. The address
 * gets a link to verify it. If accounts wait for that, the answer is the same for an address that has one, which gets a mail that says so;
 * else the account is signed in.
 */
export async function registerUser(
  deps: Dependencies,
  tenant: TenantSnapshot,
  request: RegisterRequest,
  {
    origin,
    hostname,
    client,
    place,
  }: { origin: string; hostname: string; client: ClientPlace; place: PasskeyPlace },
): Promise<Result<AuthResponse | CheckYourMail, RegisterFailure>> {
  const good = await checkRequest(tenant, request);
  if (!good.ok) return good;
  const { email, name = null, password, turnstile_token } = request;
  const page = { action: 'register', hostname, address: client.address } as const;
  const person = await checkTurnstile(deps, turnstile_token, page);
  if (!person.ok) return person;
  const taken = await takeTries(deps, ofRegistration(tenant.id, client.address));
  if (!taken.ok) return taken;
  const password_hash = await hashPassword(deps.settings.PASSWORD_PEPPER, password).catch((error) => {
    taken.value.giveBack();
    throw error;
  });
  const { requestId: request_id, database } = deps;
  const newUser = { id: uuidv7(), tenant_id: tenant.id, email, name, password_hash, request_id, client };
  const from = { tenant_id: tenant.id, origin };
  if (requiresVerification(tenant.allocation_after, isMailOn(deps.settings))) {
    const { is_new } = await createUserUnlessKnown(database, newUser);
    queueMail(deps, from, { template: is_new ? 'verify_email' : 'account_exists', email });
    return ok({ status: 'check_your_mail' });
  }
  const created = await createUser(database, newUser);
  if (!created.ok) return created;
  queueMail(deps, from, { template: 'verify_email', email });
  const { id: user_id, tenant_id } = created.value;
  const second = await checkSecondStep(deps, { tenant_id, user_id }, place);
  if (!second.ok) return second;
  const started = await startSession(deps, created.value, null, client);
  return started.ok ? started : fail({ code: 'invalid_credentials' });
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

/** True if an account cannot be used before its address is verified. Where no mail is sent, none would ever be. */
const awaitsVerification = ({ allocation_awaits }: Login, { settings }: Dependencies): boolean =>
  allocation_awaits === 'verification' && isMailOn(settings);

/**
 * Signs a user in, or asks for the second step. An unknown email, a wrong password and an account that waits for the verification of its
 * address take the same time and return the same error. `user_disabled` is returned only with the correct password.
 */
export async function logIn(
  deps: Dependencies,
  tenant: TenantSnapshot,
  request: LoginRequest,
  client: ClientPlace,
  place: PasskeyPlace,
): Promise<Result<AuthResponse, SecondStepNeeded | { code: 'invalid_credentials' | 'user_disabled' }>> {
  const login = await findLogin(deps.database, tenant.id, request.email);
  const matches = await verifyPassword(
    deps.settings.PASSWORD_PEPPER,
    request.password,
    login?.password_hash ?? null,
  );
  if (login === null) return fail({ code: 'invalid_credentials' });
  const attempt = { tenant_id: tenant.id, user_id: login.user_id, request_id: deps.requestId, client };
  if (!matches || awaitsVerification(login, deps)) {
    // After the answer, which then takes as long as for an unknown email.
    const recorded = recordFailedLogin(deps.database, attempt).catch((error) =>
      deps.log.warn('failed_login_not_recorded', { tenant_id: tenant.id, user_id: login.user_id, error }),
    );
    deps.waitUntil(recorded);
    return fail({ code: 'invalid_credentials' });
  }
  if (login.status === 'disabled') return fail({ code: 'user_disabled' });
  if (isUnderOldPepper(deps.settings.PASSWORD_PEPPER, login.password_hash))
    deps.waitUntil(renewHash(deps, attempt, login.password_hash, request.password));
  const second = await checkSecondStep(deps, attempt, place);
  if (!second.ok) return second;
  const user = await recordLogin(deps.database, attempt);
  const started = await startSession(deps, user, login.signed_out_at_s, client);
  return started.ok ? started : fail({ code: 'invalid_credentials' });
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
