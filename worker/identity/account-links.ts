import type {
  AccountTokenRequest,
  PasswordResetConfirmation,
  PasswordResetRequest,
} from '../../contracts/api/account/account.ts';
import { fail, ok, type Result } from '../../contracts/result.ts';
import type { WalletIdentity } from '../../contracts/wallet/journal.ts';
import type { TenantSnapshot } from '../db/snapshots.ts';
import { type AccountTokenUse, consumeAccountToken } from '../db/users/account-tokens.ts';
import type { UserWithPolicy } from '../db/users/user-rows.ts';
import { isMailOn } from '../mail/mail.ts';
import { queueMail } from '../mail/queue-mail.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import { accountTokenHash } from '../tenants/account-link.ts';
import type { FieldRefusal } from './field-refusal.ts';
import { ofMail } from './guessing/sign-up-limits.ts';
import { type TryRefusal, takeTries } from './guessing/take-tries.ts';
import { passOnRevokedKeys, passOnUser } from './pass-on-user.ts';
import { hashPassword } from './password.ts';
import { checkPassword } from './passwords/check-password.ts';
import { verifySessionToken } from './sessions.ts';
import { checkTurnstile, type TurnstileDown } from './turnstile.ts';

/** Uses of the links in mails. Each link works once, at the tenant's hostname. */

type LinkInvalid = { code: 'link_invalid' };
type Unavailable = { code: 'unavailable' };

/**
 * Asks for a link to reset a password or to verify an address, from somebody at `address`. Whether there is such an account is looked up
 * later, by the consumer of the queue.
 */
export async function requestLink(
  deps: Dependencies,
  tenant: TenantSnapshot,
  mail: { template: 'reset_password' | 'verify_email'; email: string },
  { origin, address }: { origin: string; address: string },
): Promise<Result<null, TryRefusal | { code: 'mail_off' }>> {
  if (!isMailOn(deps.settings)) return fail({ code: 'mail_off' });
  const taken = await takeTries(deps, ofMail(tenant.id, address));
  if (!taken.ok) return taken;
  queueMail(deps, { tenant_id: tenant.id, origin }, mail);
  return ok(null);
}

/** Asks for a link to reset a password, from a page whose widget says that somebody is a person. */
export async function requestPasswordReset(
  deps: Dependencies,
  tenant: TenantSnapshot,
  { email, turnstile_token }: PasswordResetRequest,
  { hostname, ...place }: { origin: string; hostname: string; address: string },
): Promise<Result<null, FieldRefusal | TurnstileDown | TryRefusal | { code: 'mail_off' }>> {
  const page = { action: 'password-reset', hostname, address: place.address } as const;
  const person = await checkTurnstile(deps, turnstile_token, page);
  return person.ok ? requestLink(deps, tenant, { template: 'reset_password', email }, place) : person;
}

type Use = Pick<AccountTokenUse, 'purpose' | 'password_hash'> & { signed_in_user_id?: string | null };

/** Uses a token up, and sends the wallet what changed: ended sessions and keys, and the allocation that waited for the address. */
async function redeemLink(
  deps: Dependencies,
  tenant: TenantSnapshot,
  token: string,
  use: Use,
): Promise<
  Result<{ owner: UserWithPolicy; email_before: string }, { code: 'email_taken' } | LinkInvalid | Unavailable>
> {
  const used = await consumeAccountToken(deps.database, {
    signed_in_user_id: null,
    ...use,
    tenant_id: tenant.id,
    token_hash: accountTokenHash(token),
    nowS: Math.floor(Date.now() / 1_000),
    request_id: deps.requestId,
  });
  if (!used.ok) return used;
  const wallet: WalletIdentity = { tenant_id: tenant.id, user_id: used.value.user_id };
  const told = await passOnUser(deps, wallet);
  if (!told.ok) return told;
  const keys = used.value.keys_ended ? await passOnRevokedKeys(deps, wallet) : ok(null);
  return keys.ok ? ok({ owner: told.value, email_before: used.value.email_before }) : keys;
}

/** Only a link that brings a new address can find it taken. */
function withoutAddress({ code }: { code: 'email_taken' | 'link_invalid' | 'unavailable' }) {
  if (code === 'email_taken') throw new Error('This link brings no address');
  return { code };
}

/**
 * Proves that the user receives mail at their address. An allocation that waits for this is granted. Second factors and API keys from
 * before end, unless `sessionToken` is of the same user: whoever registered may be somebody else.
 */
export async function verifyEmail(
  deps: Dependencies,
  tenant: TenantSnapshot,
  { token }: AccountTokenRequest,
  sessionToken: string | null,
): Promise<Result<{ email: string }, LinkInvalid | Unavailable>> {
  const session =
    sessionToken === null ? null : await verifySessionToken(deps.settings.JWT_SECRET, sessionToken);
  const isHere = session?.ok === true && session.value.tenantId === tenant.id;
  const used = await redeemLink(deps, tenant, token, {
    purpose: 'verify_email',
    password_hash: null,
    signed_in_user_id: isHere ? session.value.userId : null,
  });
  return used.ok ? ok({ email: used.value.owner.user.email }) : fail(withoutAddress(used.failure));
}

/** Sets a new password, ends every session and tells the address. Returns the address. */
export async function resetPassword(
  deps: Dependencies,
  tenant: TenantSnapshot,
  { token, password }: PasswordResetConfirmation,
  origin: string,
): Promise<Result<{ email: string }, LinkInvalid | FieldRefusal | Unavailable>> {
  const good = await checkPassword(password, { email: null, tenant_name: tenant.branding.name });
  if (!good.ok) return good;
  const password_hash = await hashPassword(deps.settings.PASSWORD_PEPPER, password);
  const used = await redeemLink(deps, tenant, token, { purpose: 'reset_password', password_hash });
  if (!used.ok) return fail(withoutAddress(used.failure));
  const { email } = used.value.owner.user;
  queueMail(deps, { tenant_id: tenant.id, origin }, { template: 'password_changed', email });
  return ok({ email });
}

/** Gives the account the address that the link was mailed to, and tells the address before. */
export async function confirmEmailChange(
  deps: Dependencies,
  tenant: TenantSnapshot,
  { token }: AccountTokenRequest,
  origin: string,
): Promise<Result<{ email: string }, { code: 'email_taken' } | LinkInvalid | Unavailable>> {
  const used = await redeemLink(deps, tenant, token, { purpose: 'change_email', password_hash: null });
  if (!used.ok) return used;
  const { owner, email_before } = used.value;
  const { email: new_email } = owner.user;
  const mail = { template: 'email_changed', email: email_before, new_email } as const;
  queueMail(deps, { tenant_id: tenant.id, origin }, mail);
  return ok({ email: new_email });
}
