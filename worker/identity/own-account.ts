import type { ChangeEmailRequest, ChangePasswordRequest } from '../../contracts/api/account/account.ts';
import type { AuthResponse, SessionClaims, User } from '../../contracts/api/account/auth.ts';
import { fail, ok, type Result } from '../../contracts/result.ts';
import type { ClientPlace } from '../db/audit.ts';
import type { EnterRefusal } from '../db/context.ts';
import { getOwnLogin, recordOwnAction, saveOwnPassword } from '../db/users/own-account.ts';
import { saveSessionEnd } from '../db/users/sessions.ts';
import { getMe } from '../db/users/users.ts';
import { isMailOn } from '../mail/mail.ts';
import { queueMail } from '../mail/queue-mail.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import { invalidateUser } from '../tenants/tenant-lookup.ts';
import { applySessionEnd, syncLater, syncSignOut } from '../wallet-access/wallet-sync.ts';
import { refuseDisposableEmail } from './disposable-email.ts';
import type { FieldRefusal } from './field-refusal.ts';
import { ofMail } from './guessing/sign-up-limits.ts';
import { type TryRefusal, takeTries } from './guessing/take-tries.ts';
import { hashPassword, verifyPassword } from './password.ts';
import { checkPassword } from './passwords/check-password.ts';
import { startSession } from './sessions.ts';

/** Changes that users make of their own account. Those that could take it over ask for the password. */

type WrongPassword = { code: EnterRefusal | 'wrong_password' };

/** Returns the caller's account if the password is theirs. */
async function checkOwnPassword(
  deps: Dependencies,
  claims: SessionClaims,
  password: string,
): Promise<Result<User, WrongPassword>> {
  const login = await getOwnLogin(deps.database, claims);
  if (!login.ok) return login;
  const { user, password_hash } = login.value;
  const matches = await verifyPassword(deps.settings.PASSWORD_PEPPER, password, password_hash);
  return matches ? ok(user) : fail({ code: 'wrong_password' });
}

/** Replaces the caller's password and ends their sessions, with a new one for the caller. Tells the address. */
export async function changePassword(
  deps: Dependencies,
  claims: SessionClaims,
  { current_password, password }: ChangePasswordRequest,
  { origin, tenant_name, client }: { origin: string; tenant_name: string; client: ClientPlace },
): Promise<Result<AuthResponse, WrongPassword | FieldRefusal | { code: 'unavailable' }>> {
  const checked = await checkOwnPassword(deps, claims, current_password);
  if (!checked.ok) return checked;
  const user = checked.value;
  const good = await checkPassword(password, { ...user, tenant_name });
  if (!good.ok) return good;
  const hash = await hashPassword(deps.settings.PASSWORD_PEPPER, password);
  const nowS = Math.floor(Date.now() / 1_000);
  const saved = await saveOwnPassword(deps.database, claims, hash, nowS, deps.requestId);
  if (!saved.ok) return saved;
  const wallet = { tenant_id: claims.tenantId, user_id: claims.userId };
  const { signed_out_at_s } = saved.value;
  await invalidateUser(wallet);
  queueMail(
    deps,
    { tenant_id: wallet.tenant_id, origin },
    { template: 'password_changed', email: user.email },
  );
  const synced = await syncSignOut(deps, wallet, signed_out_at_s);
  const told = synced.ok ? synced : await syncLater(deps, [wallet]);
  return told.ok ? startSession(deps, user, signed_out_at_s, client) : told;
}

/**
 * Mails a link to the new address, which makes it the caller's, and a warning to the present one. Answers the same for an address that
 * another account has: it gets no mail.
 */
export async function requestEmailChange(
  deps: Dependencies,
  claims: SessionClaims,
  { email: new_email, password }: ChangeEmailRequest,
  origin: string,
): Promise<Result<null, WrongPassword | FieldRefusal | { code: 'mail_off' }>> {
  if (!isMailOn(deps.settings)) return fail({ code: 'mail_off' });
  const lasting = await refuseDisposableEmail(new_email);
  if (!lasting.ok) return lasting;
  const checked = await checkOwnPassword(deps, claims, password);
  if (!checked.ok) return checked;
  const { id: user_id, email, tenant_id } = checked.value;
  const recorded = await recordOwnAction(
    deps.database,
    claims,
    'user.email_change_requested',
    deps.requestId,
  );
  if (!recorded.ok) return recorded;
  queueMail(deps, { tenant_id, origin }, { template: 'change_email', user_id, new_email });
  queueMail(deps, { tenant_id, origin }, { template: 'email_change_requested', email, new_email });
  return ok(null);
}

/** Mails the link that verifies the caller's address again, at most once a minute. Does nothing if it is verified. */
export async function resendVerification(
  deps: Dependencies,
  claims: SessionClaims,
  { origin, address }: { origin: string; address: string },
): Promise<Result<null, TryRefusal | { code: EnterRefusal | 'mail_off' }>> {
  if (!isMailOn(deps.settings)) return fail({ code: 'mail_off' });
  const me = await getMe(deps.database, claims);
  if (!me.ok) return me;
  const { tenant_id, email, email_verified } = me.value;
  if (email_verified) return ok(null);
  const taken = await takeTries(deps, ofMail(tenant_id, address));
  if (!taken.ok) return taken;
  queueMail(deps, { tenant_id, origin }, { template: 'verify_email', email });
  return ok(null);
}

/** Ends one session of the caller, in the database and in their wallet. Repeating it does no harm. */
export async function endSession(
  deps: Dependencies,
  claims: SessionClaims,
  sessionId: string,
): Promise<Result<null, { code: EnterRefusal | 'not_found' | 'unavailable' }>> {
  const ended = await saveSessionEnd(deps.database, claims, sessionId, deps.requestId);
  if (!ended.ok) return ended;
  return applySessionEnd(deps, { tenant_id: claims.tenantId, user_id: claims.userId }, ended.value);
}
