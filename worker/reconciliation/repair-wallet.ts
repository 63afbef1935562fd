import type { SessionClaims } from '../../contracts/api/account/auth.ts';
import { fail, ok, type Result } from '../../contracts/result.ts';
import type { WalletFigures, WalletIdentity } from '../../contracts/wallet/journal.ts';
import type { Checkpoint, Difference } from '../../contracts/wallet/reconciliation.ts';
import type { WalletPolicy } from '../../contracts/wallet/wallet-policy.ts';
import type { CompensateAnswer } from '../../durable-objects/wallet/commands.ts';
import type { EnterRefusal } from '../db/context.ts';
import { recordRepair } from '../db/ledger/reconciliation.ts';
import { rewriteProjections } from '../db/ledger/rewrite-projections.ts';
import { saveFindings } from '../db/ledger/wallet-records.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import { callAnyWallet } from '../wallet-access/wallet-client.ts';
import { type Reconciled, reconcileWhenSettled } from './reconcile-wallet.ts';

export type WalletRepair = {
  reason: string;
  /** Repeating an ID repairs the same thing once. */
  operation_id: string;
};

export type RepairRefusal =
  | EnterRefusal
  | 'forbidden'
  | 'not_found'
  | 'unavailable'
  | 'ledger_outdated'
  | 'nothing_to_repair'
  | 'idempotency_mismatch'
  | 'amount_out_of_range';

/** The order of a superadmin to repair a wallet. */
export type Order = {
  wallet: WalletIdentity;
  policy: WalletPolicy;
  claims: SessionClaims;
  repair: WalletRepair;
};

/** Attempts at a wallet that advances while its ledger is read. */
const TRIES_MAX = 3;

/**
 * Returns the figures to send as the sum of the entries. A negative number of executions cannot be sent and is not needed: the
 * wallet counts its reservations itself.
 */
const sumOf = (figures: WalletFigures): WalletFigures => ({
  ...figures,
  in_flight: Math.max(0, figures.in_flight),
});

async function compensate(
  deps: Dependencies,
  { wallet, policy, claims, repair }: Order,
  { proof }: Reconciled,
): Promise<Result<CompensateAnswer, { code: 'unavailable' }>> {
  const { seq, figures } = proof.head;
  return callAnyWallet(deps, wallet, (stub) =>
    stub.compensate({
      wallet,
      policy,
      operation_id: `repair/${repair.operation_id}`,
      actor: { kind: 'superadmin', id: claims.userId },
      reason: repair.reason,
      reference: null,
      ledger: { seq, figures: sumOf(figures) },
    }),
  );
}

type Bridge = { repaired_through_seq: number; checkpoint: Checkpoint | null };

/**
 * Stores that a repair covers the ledger up to an entry; differences up to it are acknowledged from now on. Reading continues
 * from the wallet as the repair left it, when that is known, and never from a later state of the wallet.
 */
async function acknowledge(
  { database }: Dependencies,
  { wallet }: Order,
  { findings }: Reconciled,
  { repaired_through_seq, checkpoint }: Bridge,
): Promise<void> {
  // A repeated order. Later differences were not part of it.
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

/** Repairs what one check found. Returns null when the wallet has advanced since. */
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
    // The wallet accepts a repair only when it covers every entry before it.
    await acknowledge(deps, order, found, { repaired_through_seq: seq - 1, checkpoint: bridged });
    return ok({ seq });
  }
  const { code } = compensated;
  if (code === 'ledger_outdated') return ok(null);
  if (code === 'wrong_wallet') throw new Error('The wallet did not take the repair');
  // A negative sum: the ledger was changed beyond what one entry can correct.
  if (code === 'invalid_command') return fail({ code: 'amount_out_of_range' });
  if (code !== 'nothing_to_repair') return fail({ code });
  if (differences.length === 0) return fail({ code });
  // Wallet and entries agree in every figure, so the remaining difference is a fault in the ledger that changed none.
  if (differences.some(({ seq, kind }) => seq !== null || kind === 'wallet_figures_differ')) {
    const { seq, last_hash: hash, figures } = found.audit;
    await acknowledge(deps, order, found, { repaired_through_seq: seq, checkpoint: { seq, hash, figures } });
  }
  return ok({ seq: null });
}

/** The compensating entry of a repair, null without one, and the check after it. */
type Repaired = { seq: number | null; after: Reconciled };

/** Records the repair, and checks the wallet again. */
async function finish(
  deps: Dependencies,
  { wallet, claims, repair }: Order,
  { verdict }: Reconciled,
  seq: number | null,
): Promise<Result<Repaired, { code: RepairRefusal }>> {
  const recorded = await recordRepair(deps.database, claims, {
    ...{ action: 'wallet.repaired', wallet, seq, reason: repair.reason },
    ...{ differences: verdict.differences, request_id: deps.requestId },
  });
  if (!recorded.ok) return recorded;
  const after = await reconcileWhenSettled(deps, wallet);
  return after.ok ? ok({ seq, after: after.value }) : after;
}

/**
 * Repairs a wallet that a check found different, for a superadmin: rewrites projections from the ledger, and corrects a
 * difference between the wallet and the sum of its entries by one compensating entry. The ledger and the audit log record the
 * superadmin and the reason. The wallet is then checked again. Fails with `ledger_outdated` while entries are on their way,
 * and when the ledger holds another chain than the wallet's.
 */
export async function repairWallet(
  deps: Dependencies,
  order: Order,
): Promise<Result<Repaired, { code: RepairRefusal }>> {
  const { wallet, claims, repair } = order;
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
