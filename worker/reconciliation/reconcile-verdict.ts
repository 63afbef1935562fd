import type { WalletFigures } from '../../contracts/journal.ts';
import type { Checkpoint, Difference, ReconciliationStatus } from '../../contracts/reconciliation.ts';
import type { WalletAudit } from '../../durable-objects/wallet/commands.ts';
import { canonicalJson } from '../../journal/hash.ts';
import type { Proof } from '../../journal/verify.ts';
import type { Gap } from '../db/ledger.ts';
import type { Findings, Projection } from '../db/reconciliation.ts';

/** Pure: what the evidence about one wallet comes to. Wallet, ledger and projections are each held against the others. */

/** An entry takes about a second to Postgres; after this the wallet is told to send it again. */
const ON_THE_WAY_MS = 60_000;
/** Entries that the wallet was told to send again and that have still not arrived after this are lost, or refused. */
const HEALING_MAX_MS = 600_000;

export type Evidence = {
  audit: WalletAudit;
  proof: Proof;
  /** Whether the reading came to the end of what there is; a long ledger takes several checks. */
  complete: boolean;
  /** Entries up to the wallet's newest that Postgres does not have. */
  gaps: Gap[];
  /** Whether the ledger has entries that the wallet knows nothing of; then `audit` is younger than the ledger. */
  ledger_is_ahead: boolean;
  projection: Projection;
  previous: Findings | null;
  /** Whether the reading began with the first entry, and not where the previous one ended. */
  full: boolean;
  now_ms: number;
};

export type Verdict = {
  status: ReconciliationStatus;
  /** Nothing explains them. */
  differences: Difference[];
  /** What the wallet is to send again. */
  resend: Gap[];
  /** Where the next check goes on from. */
  checkpoint: Checkpoint;
};

/** Gaps that the reading met and that were filled before they could be looked up: what was read before them is incomplete. */
const filledMeanwhile = ({ proof, gaps }: Evidence): Gap[] =>
  proof.differences.flatMap(({ kind, seq, found }) =>
    kind !== 'entry_missing' ||
    seq === null ||
    typeof found !== 'number' ||
    gaps.some(({ first_seq, last_seq }) => first_seq <= seq && seq <= last_seq)
      ? []
      : [{ first_seq: seq, last_seq: found - 1 }],
  );

type Sorted = { onTheWay: Gap[]; resend: Gap[]; lost: Gap[] };

/** Tells entries that are still on their way from those the wallet can send again, and those from what is lost. */
function sortGaps(evidence: Evidence): Sorted {
  const { audit, gaps, previous, now_ms } = evidence;
  const sorted: Sorted = { onTheWay: filledMeanwhile(evidence), resend: [], lost: [] };
  const { unconfirmed, first_kept_seq } = audit;
  const young = unconfirmed.oldest_at_ms !== null && now_ms - unconfirmed.oldest_at_ms < ON_THE_WAY_MS;
  const stuckThroughSeq =
    previous?.status === 'healing' && now_ms - Date.parse(previous.checked_at) > HEALING_MAX_MS
      ? previous.wallet_seq
      : 0;
  for (const gap of gaps) {
    if (young && gap.first_seq > audit.seq - unconfirmed.count) sorted.onTheWay.push(gap);
    else {
      const kept = first_kept_seq !== null && gap.last_seq >= first_kept_seq;
      if (kept) sorted.resend.push({ ...gap, first_seq: Math.max(gap.first_seq, first_kept_seq) });
      if (first_kept_seq === null || gap.first_seq < first_kept_seq || gap.first_seq <= stuckThroughSeq)
        sorted.lost.push(gap);
    }
  }
  return sorted;
}

/** Fields in which `found` is not what was expected, by name: what comes from Postgres has no order of its own. */
function compare<Figures extends Record<string, number>>(
  kind: Difference['kind'],
  seq: number | null,
  expected: Figures,
  found: Figures,
): Difference[] {
  return Object.keys(expected)
    .sort()
    .filter((field) => expected[field] !== found[field])
    .map((field) => ({ kind, seq, field, expected: expected[field] ?? null, found: found[field] ?? null }));
}

/** What the wallet says of itself, against its own reservations and the sum of its entries. */
function compareWallet({ audit, proof, ledger_is_ahead, projection }: Evidence, gapless: boolean) {
  const { seq, figures, held, last_hash } = audit;
  const differences = compare(
    'wallet_holds_differ',
    null,
    { reserved: held.monthly + held.lifetime, in_flight: held.reservations },
    { reserved: figures.reserved, in_flight: figures.in_flight },
  );
  const { head } = proof;
  const ledgerSeq = Math.max(projection.ledger.newest_seq, head.seq);
  if (ledger_is_ahead)
    return [...differences, ...compare('wallet_head_differs', null, { seq: ledgerSeq }, { seq })];
  if (head.seq !== seq || !gapless) return differences;
  if (head.hash !== last_hash)
    differences.push({
      kind: 'wallet_head_differs',
      seq: null,
      field: 'hash',
      expected: head.hash,
      found: last_hash,
    });
  return [...differences, ...compare<WalletFigures>('wallet_figures_differ', null, head.figures, figures)];
}

/** What is shown of the wallet, against the ledger it was projected from. */
function compareProjections({ projection }: Evidence): Difference[] {
  const { ledger, executions, wallet } = projection;
  const { entries, charged, open, newest_seq, ...balances } = ledger;
  const shown = wallet ?? { seq: 0, monthly: 0, lifetime: 0, reserved: 0, overage: 0 };
  return [
    ...compare('projection_differs', null, { seq: newest_seq, ...balances }, shown),
    ...compare('executions_differ', null, { charged }, { charged: executions.charged }),
    // Of an execution whose beginning or end is missing nobody can say whether it is open.
    ...(entries === newest_seq
      ? compare('executions_differ', null, { open }, { open: executions.open })
      : []),
  ];
}

/** Faults that an earlier reading met and went on from: this one has not come by them. Gaps are looked for anew every time. */
const metBefore = ({ full, previous }: Evidence): Difference[] =>
  full || previous === null
    ? []
    : previous.differences.filter(
        ({ kind, seq }) => kind !== 'entry_missing' && seq !== null && seq <= previous.checkpoint.seq,
      );

/**
 * Where the next check goes on: past faults, which are remembered, but not past missing entries, which may still come and must
 * then be added up; and never back.
 */
function nextCheckpoint({ proof, previous }: Evidence, isMissingEntries: boolean): Checkpoint {
  const reached = isMissingEntries ? proof.proved : proof.head;
  return previous !== null && previous.checkpoint.seq > reached.seq ? previous.checkpoint : reached;
}

/**
 * What the evidence about one wallet comes to: how it stands, what nothing explains, which entries the wallet is to send
 * again, and where the next check goes on. Differences that were acknowledged before are left out.
 */
export function judge(evidence: Evidence): Verdict {
  const { proof, gaps, previous, projection, complete } = evidence;
  const { onTheWay, resend, lost } = sortGaps(evidence);
  const missing: Difference[] = lost.map(({ first_seq, last_seq }) => ({
    kind: 'entry_missing',
    seq: first_seq,
    field: 'seq',
    expected: first_seq,
    found: last_seq + 1,
  }));
  // A gap that heals makes everything after it look different for as long as it is there.
  const pending = [...onTheWay, ...gaps.filter((gap) => !onTheWay.includes(gap) && !lost.includes(gap))];
  const shownSeq = Math.max(projection.ledger.newest_seq, projection.wallet?.seq ?? 0);
  const found = [
    ...metBefore(evidence),
    ...missing,
    ...proof.differences.filter(({ kind }) => kind !== 'entry_missing'),
    ...compareWallet(evidence, pending.length === 0),
    ...(pending.some(({ first_seq }) => first_seq <= shownSeq) ? [] : compareProjections(evidence)),
  ];
  const acknowledged = previous?.acknowledged ?? [];
  const known = new Set(acknowledged.map(canonicalJson));
  const differences = found.filter((difference) => !known.has(canonicalJson(difference)));
  const behind = onTheWay.length > 0 || !complete;
  const different = differences.length > 0 || proof.differences_found > proof.differences.length;
  const isMissingEntries = pending.length > 0 || differences.some(({ kind }) => kind === 'entry_missing');
  return {
    status: different ? 'different' : resend.length > 0 ? 'healing' : behind ? 'behind' : 'ok',
    differences,
    resend,
    checkpoint: nextCheckpoint(evidence, isMissingEntries),
  };
}
