import type { SelfMadeChangesOffBy } from '../../contracts/api/tenant/policies.ts';
import type { WalletView } from '../../contracts/api/wallet.ts';
import { fail, ok, type Result } from '../../contracts/result.ts';
import type { Actor } from '../../contracts/wallet/journal.ts';
import type { BalanceRefusal } from '../../durable-objects/wallet/commands.ts';
import type { Administrator, EnterRefusal } from '../db/context.ts';
import { recordCorrection } from '../db/ledger/wallet-corrections.ts';
import { getWalletOwner, type WalletOwner } from '../db/users/users.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import { callWallet } from './wallet-client.ts';

export type WalletCorrection = {
  kind: 'credit' | 'adjustment';
  user_id: string;
  /** Wallet tokens; signed for an adjustment. */
  amount: number;
  reason: string;
  reference: string | null;
  /** Repeating an ID makes the correction once. */
  operation_id: string;
};

type CorrectionFailure =
  | {
      code:
        | EnterRefusal
        | 'forbidden'
        | 'not_found'
        | 'unavailable'
        | 'amount_out_of_range'
        | 'idempotency_mismatch';
    }
  | { code: 'insufficient_balance'; refusal: BalanceRefusal }
  | { code: 'self_made_changes_off'; off_by: SelfMadeChangesOffBy };

/** Returns the actor that the ledger names. */
function actorOf(administrator: Administrator, role: WalletOwner['actor_role']): Actor {
  if ('managementKeyHash' in administrator)
    return { kind: 'management_key', id: administrator.managementKeyId };
  const kind = administrator.actingSessionId === undefined ? role : 'superadmin';
  return { kind, id: administrator.userId };
}

/**
 * Credits or adjusts the wallet of a user, for an admin or a management key of their tenant. The ledger entry and the audit log record who it was and
 * the reason. Admins can do this to their own wallet unless the tenant or the platform turned that off. A user of another tenant
 * is `not_found`.
 */
export async function correctWallet(
  deps: Dependencies,
  administrator: Administrator,
  correction: WalletCorrection,
): Promise<Result<{ seq: number; wallet: WalletView }, CorrectionFailure>> {
  const owner = await getWalletOwner(deps.database, administrator, correction.user_id);
  if (!owner.ok) return owner;
  const { self_made_changes_off_by: off_by } = owner.value;
  if (off_by !== null) return fail({ code: 'self_made_changes_off', off_by });
  const wallet = { tenant_id: owner.value.user.tenant_id, user_id: owner.value.user.id };
  const command = {
    wallet,
    policy: owner.value.policy,
    operation_id: `${correction.kind}/${correction.operation_id}`,
    amount: correction.amount,
    actor: actorOf(administrator, owner.value.actor_role),
    reason: correction.reason,
    reference: correction.reference,
  };
  const answer = await callWallet(deps, wallet, (stub) =>
    correction.kind === 'credit' ? stub.credit(command) : stub.adjust(command),
  );
  if (!answer.ok) return answer;
  if (answer.value.ok) {
    const { seq, view } = answer.value;
    const recorded = await recordCorrection(
      deps.database,
      administrator,
      { ...correction, wallet, seq },
      deps.requestId,
    );
    return recorded.ok ? ok({ seq, wallet: view }) : recorded;
  }
  const refusal = answer.value;
  if (refusal.code === 'insufficient_balance') return fail({ code: refusal.code, refusal });
  if (refusal.code === 'wrong_wallet' || refusal.code === 'invalid_command') {
    throw new Error(`The wallet did not take the command: ${refusal.code}`);
  }
  return fail({ code: refusal.code });
}
