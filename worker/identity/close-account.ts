import type { CloseAccountRequest } from '../../contracts/api/account/account.ts';
import type { SessionClaims } from '../../contracts/api/account/auth.ts';
import { fail, ok, type Result } from '../../contracts/result.ts';
import type { EnterRefusal } from '../db/context.ts';
import { getOwnLogin, saveOwnClosing } from '../db/users/own-account.ts';
import { queueMail } from '../mail/queue-mail.ts';
import { deleteUnder } from '../objects/delete-objects.ts';
import { objectKey } from '../objects/object-keys.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import { passOnUser } from './pass-on-user.ts';
import { NO_PASSWORD, verifyPassword } from './password.ts';

type Refusal = { code: EnterRefusal | 'wrong_password' | 'wrong_email' | 'last_admin' | 'unavailable' };

/** Pages of a thousand objects that are deleted of an account, which has no more files than one. */
const OBJECT_PAGES_MAX = 10;

/** Deletes the bytes of the files of a closed account. What stays after a failure cannot be read, and is deleted by the bucket's lifecycle rule. */
async function forgetObjects(
  { objects, log }: Pick<Dependencies, 'objects' | 'log'>,
  { tenantId, userId }: SessionClaims,
): Promise<void> {
  const prefix = objectKey('files', { tenant_id: tenantId, owner: userId, name: '' });
  await deleteUnder(objects, prefix, OBJECT_PAGES_MAX).catch((error) =>
    log.warn('file_objects_not_deleted', { user_id: userId, error }),
  );
}

/**
 * Closes the caller's account: ends sessions and keys, here and in the wallet, and removes what is personal. Asks for the password, or for
 * the typed address if the account has none. The ledger stays, by the id of the user. Tells the address.
 */
export async function closeAccount(
  deps: Dependencies,
  claims: SessionClaims,
  { password, email }: CloseAccountRequest,
  origin: string,
): Promise<Result<null, Refusal>> {
  const login = await getOwnLogin(deps.database, claims);
  if (!login.ok) return login;
  const { user, password_hash } = login.value;
  if (password_hash !== NO_PASSWORD) {
    const matches = await verifyPassword(deps.settings.PASSWORD_PEPPER, password ?? '', password_hash);
    if (!matches) return fail({ code: 'wrong_password' });
  } else if (email !== user.email) return fail({ code: 'wrong_email' });
  const nowS = Math.floor(Date.now() / 1_000);
  const closed = await saveOwnClosing(deps.database, claims, nowS, deps.requestId);
  if (!closed.ok) return closed;
  deps.waitUntil(forgetObjects(deps, claims));
  queueMail(deps, { tenant_id: claims.tenantId, origin }, { template: 'account_closed', email: user.email });
  const told = await passOnUser(deps, { tenant_id: claims.tenantId, user_id: claims.userId });
  return told.ok ? ok(null) : told;
}
