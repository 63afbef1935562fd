import type { z } from 'zod';
import type { SessionClaims } from '../../contracts/api/auth.ts';
import type { repairResponse } from '../../contracts/api/reconciliation.ts';
import type { Wallet } from '../../contracts/api/wallet.ts';
import type { WalletFigures, WalletIdentity } from '../../contracts/journal.ts';
import type { Checkpoint, Difference } from '../../contracts/reconciliation.ts';
import { fail, ok, type Result } from '../../contracts/result.ts';
import type { CompensateAnswer } from '../../durable-objects/wallet/commands.ts';
import type { EnterRefusal } from '../db/context.ts';
import { recordRepair, saveFindings } from '../db/reconciliation.ts';
import { rewriteProjections } from '../db/rewrite-projections.ts';
import { getWalletOwner, type WalletOwner } from '../db/users.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import { callWallet } from '../wallet-access/wallet-client.ts';
import { type Reconciled, reconcileWhenSettled } from './reconcile-wallet.ts';

export type WalletRepair = {
  user_id: string;
  reason: string;
  /** The same id repairs the same thing once, however often it is sent. */
  operation_id: string;
};

type Repaired = z.infer<typeof repairResponse>;

export type RepairRefusal =
  | EnterRefusal
  | 'forbidden'
  | 'not_found'
  | 'unavailable'
  | 'ledger_outdated'
  | 'nothing_to_repair'
  | 'idempotency_mismatch'
  | 'amount_out_of_range';

type Order = {
  wallet: WalletIdentity;
  owner: WalletOwner;
  claims: SessionClaims;
  repair: WalletRepair;
};

/** A wallet that moves on while its ledger is read is read again this often. */
const TRIES_MAX = 3;

/**
 * What is sent as the sum of the entries. More ends than beginnings cannot be said to the wallet, and need not be: it counts
 * its holds itself.
 */
const sumOf = (figures: WalletFigures): WalletFigures => ({
  ...figures,
  in_flight: Math.max(0, figures.in_flight),
});

async function compensate(
  deps: Dependencies,
  { wallet, owner, claims, repair }: Order,
  { proof }: Reconciled,
): Promise<Result<CompensateAnswer, { code: 'unavailable' }>> {
  const { seq, figures } = proof.head;
  return callWallet(deps, wallet, (stub) =>
    stub.compensate({
      wallet,
      policy: owner.policy,
      operation_id: `repair/${repair.operation_id}`,
      actor: { kind: 'superadmin', id: claims.userId },
      reason: repair.reason,
      reference: null,
      ledger: { seq, figures: sumOf(figures) },
    }),
  );
}

/** The wallet as its owner sees it. */
async function viewOf(
  deps: Dependencies,
  { wallet, owner }: Order,
): Promise<Result<Wallet, { code: 'unavailable' }>> {
  const answer = await callWallet(deps, wallet, (stub) =>
    stub.read({ wallet, policy: owner.policy, session_issued_at_s: null }),
  );
  if (!answer.ok) return answer;
  if (!answer.value.ok) throw new Error(`The wallet refused to be read: ${answer.value.code}`);
  return ok(answer.value.view);
}

type Bridge = { repaired_through_seq: number; checkpoint: Checkpoint | null };

/**
 * Takes note of a repair: what stands wrong in the ledger up to there stands there for good, and is from now on known. Reading
 * goes on from the wallet as the repair left it, where that is known; never from what the wallet says later.
 */
async function acknowledge(
  { database }: Dependencies,
  { wallet }: Order,
  { findings }: Reconciled,
  { repaired_through_seq, checkpoint }: Bridge,
): Promise<void> {
  // Ordered again: what has gone wrong since was not what the order was about.
  if (repaired_through_seq <= findings.repaired_through_seq) return;
  const isRepaired = ({ seq }: Difference) => seq !== null && seq <= repaired_through_seq;
  await saveFindings(database, wallet, {
    ...findings,
    status: 'behind',
    checkpoint: checkpoint ?? findings.checkpoint,
    differences: findings.differences.filter((one) => one.seq !== null && !isRepaired(one)),
    acknowledged: [...findings.acknowledged, ...findings.differences.filter(isRepaired)],
    repaired_through_seq,
    repaired_checkpoint: checkpoint ?? findings.repaired_checkpoint,
    checked_at: new Date().toISOString(),
  });
}

/** Repairs what one check has found. Null when the wallet has moved on since. */
async function repairWhatWasFound(
  deps: Dependencies,
  order: Order,
  found: Reconciled,
): Promise<Result<{ seq: number | null } | null, { code: RepairRefusal }>> {
  const { differences } = found.verdict;
  const projectionsDiffer = differences.some(
    ({ kind }) => kind === 'projection_differs' || kind === 'executions_differ',
  );
  if (projectionsDiffer) await rewriteProjections(deps.database, order.wallet, Date.now());
  const answer = await compensate(deps, order, found);
  if (!answer.ok) return answer;
  const compensated = answer.value;
  if (compensated.ok) {
    const { seq, bridged } = compensated;
    // The wallet takes a repair only of everything before it.
    await acknowledge(deps, order, found, { repaired_through_seq: seq - 1, checkpoint: bridged });
    return ok({ seq });
  }
  const { code } = compensated;
  if (code === 'ledger_outdated') return ok(null);
  if (code === 'wrong_wallet') throw new Error('The wallet did not take the repair');
  // A sum below zero: the ledger was changed beyond what one entry can bridge.
  if (code === 'invalid_command') return fail({ code: 'amount_out_of_range' });
  if (code !== 'nothing_to_repair') return fail({ code });
  if (differences.length === 0) return fail({ code });
  // Wallet and entries agree in every figure: what is left is a fault in the ledger that changed none.
  if (differences.some(({ seq, kind }) => seq !== null || kind === 'wallet_figures_differ')) {
    const { seq, last_hash: hash, figures } = found.audit;
    await acknowledge(deps, order, found, { repaired_through_seq: seq, checkpoint: { seq, hash, figures } });
  }
  return ok({ seq: null });
}

/**
 * A superadmin repairs a wallet that reconciliation found different: projections are written again from the ledger, and what is
 * between the wallet and the sum of its entries is bridged by one compensating entry. Who did it and why stands in the
 * ledger and in the audit log. Then the wallet is checked again. While entries are still on their way, and when another
 * chain than the wallet's stands in the ledger, it is refused as `ledger_outdated`.
 */
export async function repairWallet(
  deps: Dependencies,
  claims: SessionClaims,
  repair: WalletRepair,
): Promise<Result<Repaired, { code: RepairRefusal }>> {
  const owner = await getWalletOwner(deps.database, claims, repair.user_id);
  if (!owner.ok) return owner;
  if (owner.value.actor_role !== 'superadmin') return fail({ code: 'forbidden' });
  const wallet = { tenant_id: owner.value.user.tenant_id, user_id: owner.value.user.id };
  const order: Order = { wallet, owner: owner.value, claims, repair };
  for (let tries = 1; tries <= TRIES_MAX; tries++) {
    const found = await reconcileWhenSettled(deps, wallet);
    if (!found.ok) return found;
    const { verdict } = found.value;
    const settled = verdict.status === 'ok' || verdict.status === 'different';
    const forked = verdict.differences.some(({ kind }) => kind === 'wallet_head_differs');
    if (!settled || forked) return fail({ code: 'ledger_outdated' });
    if (tries === 1) {
      const ordered = await recordRepair(deps.database, claims, {
        ...{ action: 'wallet.repair_ordered', wallet, reason: repair.reason },
        ...{ differences: verdict.differences, request_id: deps.requestId },
      });
      if (!ordered.ok) return ordered;
    }
    const repaired = await repairWhatWasFound(deps, order, found.value);
    if (!repaired.ok) return repaired;
    if (repaired.value !== null) return finish(deps, order, found.value, repaired.value.seq);
  }
  return fail({ code: 'ledger_outdated' });
}

/** Writes the repair down, checks again, and answers how it stands now. */
async function finish(
  deps: Dependencies,
  order: Order,
  { verdict }: Reconciled,
  seq: number | null,
): Promise<Result<Repaired, { code: RepairRefusal }>> {
  const { wallet, claims, repair } = order;
  const recorded = await recordRepair(deps.database, claims, {
    ...{ action: 'wallet.repaired', wallet, seq, reason: repair.reason },
    ...{ differences: verdict.differences, request_id: deps.requestId },
  });
  if (!recorded.ok) return recorded;
  const view = await viewOf(deps, order);
  if (!view.ok) return view;
  const after = await reconcileWhenSettled(deps, wallet);
  return after.ok ? ok({ seq, wallet: view.value, report: after.value.report }) : after;
}
