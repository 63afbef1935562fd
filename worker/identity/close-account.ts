import type { CloseAccountRequest } from '../../contracts/api/account/account.ts';
import type { SessionClaims } from '../../contracts/api/account/auth.ts';
import { fail, ok, type Result } from '../../contracts/result.ts';
import type { EnterRefusal } from '../db/context.ts';
import { getOwnLogin, saveOwnClosing } from '../db/users/own-account.ts';
import { queueMail } from '../mail/queue-mail.ts';
import { deleteUserAnswers } from '../objects/kept-answers.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import { passOnUser } from './pass-on-user.ts';
import { NO_PASSWORD, verifyPassword } from './password.ts';

type Refusal = { code: EnterRefusal | 'wrong_password' | 'wrong_email' | 'last_admin' | 'unavailable' };

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
  // What is left after a failure expires within days.
  deps.waitUntil(
    deleteUserAnswers(deps.objects, wallet).catch((error) =>
      deps.log.error('response_cache_not_deleted', { wallet, error }),
    ),
  );
  const told = await passOnUser(deps, wallet);
  return told.ok ? ok(null) : told;
}
