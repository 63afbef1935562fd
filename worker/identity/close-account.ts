import type { CloseAccountRequest } from '../../contracts/api/account/account.ts';
import type { SessionClaims } from '../../contracts/api/account/auth.ts';
import { fail, ok, type Result } from '../../contracts/result.ts';
import type { WalletIdentity } from '../../contracts/wallet/journal.ts';
import type { EnterRefusal } from '../db/context.ts';
import { getOwnLogin, saveOwnClosing } from '../db/users/own-account.ts';
import { queueMail } from '../mail/queue-mail.ts';
import { deleteUnder } from '../objects/delete-objects.ts';
import { deleteUserAnswers } from '../objects/kept-answers.ts';
import { userPrefix } from '../objects/object-keys.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import { passOnUser } from './pass-on-user.ts';
import { NO_PASSWORD, verifyPassword } from './password.ts';

type Refusal = { code: EnterRefusal | 'wrong_password' | 'wrong_email' | 'last_admin' | 'unavailable' };

/** Pages of objects that are deleted of an account, which has no more files than one or two. */
const OBJECT_PAGES_MAX = 10;

/**
 * Deletes the files and the kept answers of a closed account. What stays after a failure cannot be read, and is deleted by the bucket's
 * lifecycle rules.
 */
async function forgetObjects(
  { objects, log }: Pick<Dependencies, 'objects' | 'log'>,
  wallet: WalletIdentity,
): Promise<void> {
  const deleted = await Promise.allSettled([
    deleteUnder(objects, userPrefix('files', wallet.tenant_id, wallet.user_id), OBJECT_PAGES_MAX),
    deleteUserAnswers(objects, wallet),
  ]);
  for (const one of deleted)
    if (one.status === 'rejected')
      log.warn('objects_not_deleted', { user_id: wallet.user_id, error: one.reason });
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
  queueMail(deps, { tenant_id: claims.tenantId, origin }, { template: 'account_closed', email: user.email });
  const wallet = { tenant_id: claims.tenantId, user_id: claims.userId };
  deps.waitUntil(forgetObjects(deps, wallet));
  const told = await passOnUser(deps, wallet);
  return told.ok ? ok(null) : told;
}
