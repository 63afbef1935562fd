import type { UserDetail } from '../../contracts/api/policies.ts';
import type { Wallet } from '../../contracts/api/wallet.ts';
import { ok, type Result } from '../../contracts/result.ts';
import type { AdministeredUser } from '../db/user-admin.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import { callWallet } from '../wallet-access/wallet-client.ts';
import { syncLater, syncUser, walletOf } from '../wallet-access/wallet-sync.ts';

/** The wallet at this moment, or null while it cannot be reached. */
async function readNow(deps: Dependencies, person: AdministeredUser): Promise<Wallet | null> {
  const wallet = walletOf(person);
  const answer = await callWallet(deps, wallet, (stub) =>
    stub.read({ wallet, policy: person.policy, session_issued_at_s: null }),
  );
  if (!answer.ok) return null;
  if (!answer.value.ok) throw new Error(`The wallet refused to be read: ${answer.value.code}`);
  return answer.value.view;
}

function present(person: AdministeredUser, wallet: Wallet | null): UserDetail {
  const { user, level_policy, override, policy } = person;
  const { version: _, ...effective_policy } = policy;
  return { user, level_policy, override, effective_policy, wallet };
}

/** A user as an administrator sees them, with the exact wallet. */
export const detailOf = async (deps: Dependencies, person: AdministeredUser): Promise<UserDetail> =>
  present(person, await readNow(deps, person));

/**
 * After a decision about a user, which the database has: tells the wallet before the answer, or leaves it to the queue when
 * the wallet cannot be reached. Answers the user as they are now. Repeating the decision tells the wallet again.
 */
export async function applyUserChange(
  deps: Dependencies,
  person: AdministeredUser,
): Promise<Result<UserDetail, { code: 'unavailable' }>> {
  const told = await syncUser(deps, person);
  if (told.ok) return ok(await detailOf(deps, person));
  const later = await syncLater(deps, [walletOf(person)]);
  return later.ok ? ok(present(person, null)) : later;
}
