import type { WalletIdentity } from '../../contracts/journal.ts';
import { fail, ok, type Result } from '../../contracts/result.ts';
import type { ToldAnswer, WalletRpc } from '../../durable-objects/wallet/commands.ts';
import type { GovernedUser } from '../db/governed-users.ts';
import type { Dependencies } from './dependencies.ts';
import { callWallet, PATIENT } from './wallet-client.ts';

/**
 * Wallets are told what the database has decided, so that their next reserve obeys, whatever is cached elsewhere. Each thing
 * they are told carries its version or its time: it may be said late, twice or out of order.
 */

export type TellingDependencies = Pick<Dependencies, 'wallets' | 'policyUpdates' | 'log'>;

/** Whether the wallet knows. */
type Told = Promise<Result<null, { code: 'unavailable' }>>;

export const walletOf = ({ user }: GovernedUser): WalletIdentity => ({
  tenant_id: user.tenant_id,
  user_id: user.id,
});

async function tell(
  deps: TellingDependencies,
  wallet: WalletIdentity,
  say: (stub: WalletRpc) => Promise<ToldAnswer>,
): Told {
  const answer = await callWallet(deps, wallet, say, PATIENT);
  if (!answer.ok) return answer;
  if (!answer.value.ok) throw new Error(`The wallet did not listen: ${answer.value.code}`);
  return ok(null);
}

/** Tells a wallet its policy. */
export const tellPolicy = (deps: TellingDependencies, person: GovernedUser): Told => {
  const wallet = walletOf(person);
  return tell(deps, wallet, (stub) => stub.adoptPolicy({ wallet, policy: person.policy }));
};

/** Tells a wallet that sessions issued up to a second are revoked. */
export const tellSignOut = (
  deps: TellingDependencies,
  wallet: WalletIdentity,
  issued_before_s: number,
): Told => tell(deps, wallet, (stub) => stub.revokeSessions({ wallet, issued_before_s }));

/** Tells a wallet all there is to tell: whether its user may spend, which sessions may, and by which policy. */
export async function tellEverything(deps: TellingDependencies, person: GovernedUser): Told {
  const wallet = walletOf(person);
  const { user, standing_version, signed_out_at_s } = person;
  const answers = await Promise.all([
    tell(deps, wallet, (stub) =>
      stub.setStanding({ wallet, status: user.status, version: standing_version }),
    ),
    signed_out_at_s === null ? ok(null) : tellSignOut(deps, wallet, signed_out_at_s),
    tellPolicy(deps, person),
  ]);
  return answers.find(({ ok }) => !ok) ?? ok(null);
}

/**
 * Sees to it that wallets are told which could not be reached: the queue tries for hours. Fails when the queue cannot be
 * reached either; then a wallet hears of it when its user's snapshot is loaded again, within a minute.
 */
export async function tellLater(deps: TellingDependencies, wallets: WalletIdentity[]): Told {
  if (wallets.length === 0) return ok(null);
  const messages = wallets.map((wallet) => ({ body: { version: 1, kind: 'user', ...wallet } as const }));
  try {
    await deps.policyUpdates.sendBatch(messages);
    return ok(null);
  } catch (error) {
    deps.log.error('policy_update_not_queued', { error, wallets });
    return fail({ code: 'unavailable' });
  }
}
