import { fail, ok, type Result } from '../../contracts/result.ts';
import type { WalletIdentity } from '../../contracts/wallet/journal.ts';
import type { WalletAudit } from '../../durable-objects/wallet/commands.ts';
import { GENESIS, type Proof, proofFrom, readEntries, resumeAt } from '../../journal/verify.ts';
import { announce } from '../alerts/announce.ts';
import { type Gap, listGaps, readEntriesOfWallet } from '../db/ledger/ledger.ts';
import {
  type Findings,
  type Projection,
  readWalletRecords,
  saveFindings,
  type WalletOwnerRecord,
  type WalletRecords,
} from '../db/ledger/wallet-records.ts';
import { budgetPolicy } from '../db/tenants/budget-rows.ts';
import type { UserWithPolicy } from '../db/users/user-rows.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import { callAnyWallet, callTenantWallet } from '../wallet-access/wallet-client.ts';
import { syncUser } from '../wallet-access/wallet-sync.ts';
import { judge, type Verdict } from './verdict.ts';

export type ReconcilingDependencies = Pick<
  Dependencies,
  | 'database'
  | 'wallets'
  | 'tenantWallets'
  | 'policyUpdates'
  | 'log'
  | 'settings'
  | 'mailQueue'
  | 'webhooksQueue'
>;

/** Extent of the ledger that one check reads. */
export type ReadingLimits = {
  /** Entries per page. */
  page: number;
  /** Pages of a check that continues from the previous one. The next check reads the rest. */
  pages: number;
  /** Pages of a full check, and of any check that has found a difference, so that later entries are checked too. */
  pages_full: number;
};
const LIMITS: ReadingLimits = { page: 500, pages: 20, pages_full: 400 };

/** The audit of an unused wallet. */
const UNUSED: WalletAudit = {
  seq: 0,
  last_hash: GENESIS.hash,
  figures: GENESIS.figures,
  policy_version: 0,
  standing: { status: 'active', version: 0 },
  sessions_revoked_until_s: 0,
  held: { reservations: 0, monthly: 0, lifetime: 0 },
  unconfirmed: { count: 0, oldest_at_ms: null },
  first_kept_seq: null,
};

/** Returns the wallet's audit, or null when it was never used. */
export async function auditWallet(
  deps: Pick<Dependencies, 'wallets' | 'tenantWallets' | 'log'>,
  wallet: WalletIdentity,
): Promise<Result<WalletAudit | null, { code: 'unavailable' }>> {
  const answer = await callAnyWallet(deps, wallet, (stub) => stub.audit({ wallet }));
  if (!answer.ok) return answer;
  if (!answer.value.ok) throw new Error(`The wallet refused the audit: ${answer.value.code}`);
  return ok(answer.value.audit);
}

type Reading = { proof: Proof; complete: boolean };

/**
 * Reads the ledger page by page; the first page came with the records. A full check of a repaired wallet continues with the
 * repair's figures when it reaches the repair.
 */
async function readLedger(
  { database }: ReconcilingDependencies,
  wallet: WalletIdentity,
  { previous, entries }: WalletRecords,
  { full, last_seq, limits }: { full: boolean; last_seq: number; limits: ReadingLimits },
): Promise<Reading> {
  const bridge = full ? (previous?.repaired_checkpoint ?? null) : null;
  let proof = proofFrom(full ? GENESIS : (previous?.checkpoint ?? GENESIS));
  let resumed = bridge === null;
  let page = entries;
  for (let pages = 1; ; pages++) {
    const isLast = page.length < limits.page;
    const before = resumed ? page : page.filter(({ seq }) => seq <= (bridge?.seq ?? 0));
    proof = readEntries(wallet, proof, before);
    if (bridge !== null && !resumed && (before.length < page.length || isLast)) {
      proof = readEntries(wallet, resumeAt(proof, bridge), page.slice(before.length));
      resumed = true;
    }
    const pagesMax = full || proof.differences_found > 0 ? limits.pages_full : limits.pages;
    if (isLast || pages >= pagesMax) return { proof, complete: isLast };
    const after_seq = page.at(-1)?.seq ?? 0;
    page = await readEntriesOfWallet(database, wallet, { after_seq, last_seq, limit: limits.page });
  }
}

/** Returns the entries up to the wallet's newest that Postgres lacks. */
async function findGaps(
  { database }: ReconcilingDependencies,
  wallet: WalletIdentity,
  { ledger }: Projection,
  walletSeq: number,
): Promise<Gap[]> {
  const within = ledger.entries < ledger.newest_seq ? await listGaps(database, wallet) : [];
  const gaps = within.filter(({ first_seq }) => first_seq <= Math.min(walletSeq, ledger.newest_seq));
  return ledger.newest_seq < walletSeq
    ? [...gaps, { first_seq: ledger.newest_seq + 1, last_seq: walletSeq }]
    : gaps;
}

/** True when the database has a newer policy, status or sign-out than the wallet. */
const isOutdated = (
  audit: WalletAudit,
  { user, policy, user_status_version, signed_out_at_s }: UserWithPolicy,
) =>
  audit.policy_version < policy.version ||
  (audit.standing.status !== user.status && audit.standing.version < user_status_version) ||
  audit.sessions_revoked_until_s < (signed_out_at_s ?? 0);

/** Sends a wallet what the database knows and it does not. A tenant's wallet adopts its budget with any reading. */
async function tellAgain(
  deps: ReconcilingDependencies,
  wallet: WalletIdentity,
  audit: WalletAudit,
  owner: WalletOwnerRecord,
): Promise<void> {
  if (owner.kind === 'user') {
    if (!isOutdated(audit, owner.user)) return;
    deps.log.info('wallet_told_again', { wallet });
    await syncUser(deps, owner.user);
    return;
  }
  const policy = budgetPolicy(owner.tenant.budget);
  if (audit.policy_version >= policy.version) return;
  deps.log.info('wallet_told_again', { wallet });
  await callTenantWallet(deps, wallet.tenant_id, (stub) =>
    stub.readBudget({ wallet, policy, asks_wallets: false }),
  );
}

/** Repairs what needs no decision: has missing entries sent again, and sends an outdated wallet its owner's changes. */
async function heal(
  deps: ReconcilingDependencies,
  wallet: WalletIdentity,
  audit: WalletAudit | null,
  owner: WalletOwnerRecord,
  { resend }: Verdict,
): Promise<void> {
  for (const gap of resend) {
    deps.log.warn('wallet_entries_missing', { wallet, ...gap });
    await callAnyWallet(deps, wallet, (stub) => stub.resend({ wallet, ...gap }));
  }
  if (audit !== null) await tellAgain(deps, wallet, audit, owner);
}

/** Logs an alert with the kinds and entries of the differences, without personal data. */
function alert({ log }: ReconcilingDependencies, wallet: WalletIdentity, { differences }: Verdict): void {
  log.error('wallet_different', {
    wallet,
    codes: [...new Set(differences.map(({ kind }) => kind))],
    entries: differences.flatMap(({ seq }) => seq ?? []).slice(0, 20),
  });
}

/** A check and everything a repair needs to act on it. */
export type Reconciled = {
  wallet: WalletIdentity;
  owner: WalletOwnerRecord;
  projection: Projection;
  audit: WalletAudit;
  proof: Proof;
  /** True when the ledger was read to its end. */
  complete: boolean;
  verdict: Verdict;
  findings: Findings;
};

export type ReconcileRefusal = 'not_found' | 'unavailable';

/**
 * Checks one wallet against its ledger and projections, from the last checkpoint or, with `full`, from the first entry.
 * Repairs what needs no decision, stores the findings, and logs an alert when something differs.
 */
export async function reconcileWallet(
  deps: ReconcilingDependencies,
  wallet: WalletIdentity,
  { full, limits = LIMITS }: { full: boolean; limits?: ReadingLimits },
): Promise<Result<Reconciled, { code: ReconcileRefusal }>> {
  const asked = await auditWallet(deps, wallet);
  if (!asked.ok) return asked;
  let audit = asked.value ?? UNUSED;
  const last_seq = audit.seq;
  const evidence = await readWalletRecords(deps.database, wallet, { full, last_seq, limit: limits.page });
  if (evidence === null) return fail({ code: 'not_found' });
  const { owner, previous, projection } = evidence;
  const reading = await readLedger(deps, wallet, evidence, { full, last_seq, limits });
  const gaps = await findGaps(deps, wallet, projection, audit.seq);
  const newestSeq = Math.max(projection.ledger.newest_seq, reading.proof.head.seq);
  let ledger_is_ahead = false;
  if (newestSeq > audit.seq) {
    // The wallet may have advanced since its audit. It must know every entry that the ledger has.
    const again = await auditWallet(deps, wallet);
    if (!again.ok) return again;
    ledger_is_ahead = (again.value?.seq ?? 0) < newestSeq;
    if (ledger_is_ahead) audit = again.value ?? UNUSED;
  }
  const now_ms = Date.now();
  const verdict = judge({ audit, ...reading, gaps, ledger_is_ahead, projection, previous, full, now_ms });
  await heal(deps, wallet, asked.value, owner, verdict);
  const findings: Findings = {
    status: verdict.status,
    checkpoint: verdict.checkpoint,
    wallet_seq: audit.seq,
    differences: verdict.differences,
    acknowledged: previous?.acknowledged ?? [],
    repaired_through_seq: previous?.repaired_through_seq ?? 0,
    repaired_checkpoint: previous?.repaired_checkpoint ?? null,
    checked_at: new Date(now_ms).toISOString(),
  };
  const told = await saveFindings(deps.database, wallet, findings, previous?.status);
  await announce(deps, told).catch((error) => deps.log.warn('difference_not_announced', { wallet, error }));
  if (verdict.status === 'different') alert(deps, wallet, verdict);
  return ok({ wallet, owner, projection, audit, ...reading, verdict, findings });
}

const SETTLE_TRIES_MAX = 12;
const SETTLE_WAIT_MS = 500;

/** Checks a wallet repeatedly until its newest entries have arrived, for at most about six seconds. */
export async function reconcileWhenSettled(
  deps: ReconcilingDependencies,
  wallet: WalletIdentity,
): Promise<Result<Reconciled, { code: ReconcileRefusal }>> {
  for (let tries = 1; ; tries++) {
    const reconciled = await reconcileWallet(deps, wallet, { full: false });
    if (!reconciled.ok || tries >= SETTLE_TRIES_MAX) return reconciled;
    const { complete, verdict } = reconciled.value;
    if (complete && (verdict.status === 'ok' || verdict.status === 'different')) return reconciled;
    await new Promise((resolve) => setTimeout(resolve, SETTLE_WAIT_MS));
  }
}
