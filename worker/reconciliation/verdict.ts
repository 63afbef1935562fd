import type { WalletFigures } from '../../contracts/wallet/journal.ts';
import type { Checkpoint, Difference, ReconciliationStatus } from '../../contracts/wallet/reconciliation.ts';
import type { WalletAudit } from '../../durable-objects/wallet/commands.ts';
import { canonicalJson } from '../../journal/hash.ts';
import type { Proof } from '../../journal/verify.ts';
import type { Gap } from '../db/ledger/ledger.ts';
import type { Findings, Projection } from '../db/ledger/wallet-records.ts';

/** Compares wallet, ledger and projections of one wallet with each other. Pure. */

/** An entry reaches Postgres in about a second. After this time the wallet is asked to send it again. */
const ON_THE_WAY_MS = 60_000;
/** Entries that have not arrived this long after the wallet was asked to send them again are lost or refused. */
const HEALING_MAX_MS = 600_000;

export type Evidence = {
  audit: WalletAudit;
  proof: Proof;
  /** True when the ledger was read to its end; a long ledger takes several checks. */
  complete: boolean;
  /** Entries up to the wallet's newest that Postgres lacks. */
  gaps: Gap[];
  /** True when the ledger has entries that the wallet lacks; `audit` is then newer than the ledger. */
  ledger_is_ahead: boolean;
  projection: Projection;
  previous: Findings | null;
  /** True when reading started with the first entry instead of the last checkpoint. */
  full: boolean;
  now_ms: number;
};

export type Verdict = {
  status: ReconciliationStatus;
  /** Unexplained differences. */
  differences: Difference[];
  /** Entries the wallet should send again. */
  resend: Gap[];
  /** The entry after which the next check starts. */
  checkpoint: Checkpoint;
};

/** Gaps that reading met and that were filled before they were looked up. The entries read before them are incomplete. */
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

/** Sorts gaps into entries on their way, entries the wallet can send again, and lost entries. */
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

/** Returns the fields in which `found` differs from `expected`, by name, because values from Postgres have no fixed order. */
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

/** Compares the wallet's figures with its own reservations and with the sum of its entries. */
function compareWallet({ audit, proof, ledger_is_ahead, projection }: Evidence, gapless: boolean) {
  const { seq, figures, held, last_hash } = audit;
  const differences = compare(
    'wallet_holds_differ',
    null,
    { reserved: held.monthly + held.lifetime - (held.raised ?? 0), in_flight: held.reservations },
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

/** Compares the charges of a user's executions with the ledger. */
function compareExecutions({ ledger, executions }: Projection): Difference[] {
  if (executions === null) return [];
  return [
    ...compare('executions_differ', null, { charged: ledger.charged }, { charged: executions.charged }),
    // An execution with a missing start or end may be open or not, so open executions are compared only in a complete ledger.
    ...(ledger.entries === ledger.newest_seq
      ? compare('executions_differ', null, { open: ledger.open }, { open: executions.open })
      : []),
  ];
}

/**
 * Compares what a tenant's executions cost it with what its leases were charged. Leases that are open have spent something that they are
 * charged later, and executions arrive on their own, so each sum bounds the other.
 */
function compareWholesale({ ledger, wholesale }: Projection, { held }: WalletAudit): Difference[] {
  if (wholesale === null) return [];
  const { settled, settled_debits } = wholesale;
  const field = 'wholesale';
  const most = ledger.charged + held.monthly + held.lifetime;
  if (settled > most)
    return [{ kind: 'executions_differ', seq: null, field, expected: most, found: settled }];
  if (settled < settled_debits)
    return [{ kind: 'executions_differ', seq: null, field, expected: settled_debits, found: settled }];
  return [];
}

/** Compares the daily usage of a tenant with the sum of its executions, row by row. */
const compareUsage = ({ usage }: Projection): Difference[] =>
  usage === null
    ? []
    : compare('projection_differs', null, { daily_usage: usage.rows }, { daily_usage: usage.agreeing });

/** Compares the projections with the ledger. */
function compareProjections({ projection, audit }: Evidence): Difference[] {
  const { ledger, wallet } = projection;
  const { newest_seq, monthly, lifetime, reserved, overage } = ledger;
  const shown = wallet ?? { seq: 0, monthly: 0, lifetime: 0, reserved: 0, overage: 0 };
  return [
    ...compare('projection_differs', null, { seq: newest_seq, monthly, lifetime, reserved, overage }, shown),
    ...compareExecutions(projection),
    ...compareWholesale(projection, audit),
    ...compareUsage(projection),
  ];
}

/**
 * Differences that an earlier check found before its checkpoint, which this check did not read again. Gaps are looked up every
 * time.
 */
const metBefore = ({ full, previous }: Evidence): Difference[] =>
  full || previous === null
    ? []
    : previous.differences.filter(
        ({ kind, seq }) => kind !== 'entry_missing' && seq !== null && seq <= previous.checkpoint.seq,
      );

/**
 * Returns the checkpoint of the next check. It moves past differences, which are stored, but not past missing entries, which
 * may still arrive and must be added up. It never moves back.
 */
function nextCheckpoint({ proof, previous }: Evidence, isMissingEntries: boolean): Checkpoint {
  const reached = isMissingEntries ? proof.proved : proof.head;
  return previous !== null && previous.checkpoint.seq > reached.seq ? previous.checkpoint : reached;
}

/**
 * Returns the status of one wallet, its unexplained differences, the entries to send again, and the next checkpoint.
 * Acknowledged differences are left out.
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
  // While entries are missing, everything after them looks different.
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
