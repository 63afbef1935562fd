import type { Reconciliation } from '../../contracts/api/reconciliation.ts';
import type { WalletView } from '../../contracts/api/wallet.ts';
import { faultsOf, type LedgerRow } from '../support/demo.ts';

/**
 * Compares the answers that clients got with the wallet and Postgres at rest. Pure. Every call has a mark of its own, the
 * `max_output_tokens` that it asked for, so that its execution is found even if no answer came.
 */
export type Call = { mark: number } & Outcome;

/** ok: acknowledged. fail: refused, and nothing was charged. unknown: cut off, or an answer that allows either. */
export type Outcome =
  | { outcome: 'ok'; execution_id: string; tokens_charged: number }
  | { outcome: 'fail'; status: number; code: string }
  | { outcome: 'unknown'; why: string };

/** The parts of an answer of `POST /api/ai/executions` that are checked. */
export type Answer = {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: { id?: string; tokens_charged?: number; error?: { code?: string } } | null;
};

/**
 * Returns the outcome that an answer promises to its client. A 503 `unavailable` that names an execution is unknown: it comes
 * after the providers were called, so the execution may be settled. A 500 is unknown too.
 */
export function outcomeOf({ status, headers, body }: Answer): Outcome {
  if (status === 201 && body?.id !== undefined && body.tokens_charged !== undefined)
    return { outcome: 'ok', execution_id: body.id, tokens_charged: body.tokens_charged };
  const code = body?.error?.code;
  const isOpen = code === 'unavailable' && headers['x-execution-id'] !== undefined;
  if (code === undefined || status < 400 || status === 500 || isOpen)
    return { outcome: 'unknown', why: `${status} ${code ?? 'without a code'}` };
  return { outcome: 'fail', status, code };
}

/** The state of one wallet after the test. */
export type Evidence = {
  identity: { tenantId: string; userId: string };
  reservation_lifetime_ms: number;
  ledger: LedgerRow[];
  /** The wallet itself. */
  wallet: WalletView;
  /** Its row in user_token_wallets. */
  projected: Record<'seq' | 'monthly' | 'lifetime' | 'reserved' | 'overage', number> | null;
  executions: { id: string; status: string; tokens_charged: number }[];
  /** The result of a full reconciliation of this wallet. */
  reconciled: Pick<Reconciliation, 'status' | 'verified_seq' | 'differences'>;
};

/**
 * lost: an acknowledged call that is not in the ledger. doubled: more than one debit for a call. misbilled: a debit that differs
 * from the answer. charged_failure: a debit for a refused call. stranger: an execution of no known call. unended: a reservation
 * that never ended, or ended more than a minute late. chain: a ledger that breaks its own rules. differs: wallet, ledger,
 * projection and executions disagree.
 */
export type Violation = {
  kind: 'lost' | 'doubled' | 'misbilled' | 'charged_failure' | 'stranger' | 'unended' | 'chain' | 'differs';
  what: string;
};

/** One execution according to the ledger. */
type Execution = { id: string; mark: number; reserved_at_ms: number; ends: LedgerRow[] };

/** Longest delay of an end after its deadline. I13 allows the alarm a minute. */
const LATE_MAX_MS = 60_000;

const endStatus: Partial<Record<LedgerRow['kind'], string>> = {
  debit: 'succeeded',
  release: 'failed',
  expiry: 'expired',
};

function executionsOf(ledger: LedgerRow[]): Execution[] {
  const executions = new Map<string, Execution>();
  for (const { kind, operation_id, execution_start, at_ms } of ledger) {
    if (kind !== 'reserve' || execution_start === null) continue;
    const mark = execution_start.max_output_tokens;
    executions.set(operation_id, { id: operation_id, mark, reserved_at_ms: at_ms, ends: [] });
  }
  for (const row of ledger)
    if (endStatus[row.kind] !== undefined) executions.get(row.operation_id)?.ends.push(row);
  return [...executions.values()];
}

const debitsOf = ({ ends }: Execution) => ends.filter(({ kind }) => kind === 'debit');

/** Compares the outcome of one call with the debits of its executions. */
function violationsOfCall(call: Call, executions: Execution[]): Violation[] {
  const debits = executions.flatMap(debitsOf);
  const name = `call ${call.mark} (${call.outcome})`;
  const found: Violation[] = [];
  if (debits.length > 1) found.push({ kind: 'doubled', what: `${name} has ${debits.length} debits` });
  if (executions.length > 1)
    found.push({ kind: 'doubled', what: `${name} has ${executions.length} reservations` });
  if (call.outcome === 'fail' && debits.length > 0)
    found.push({ kind: 'charged_failure', what: `${name}: ${call.status} ${call.code}, and a debit` });
  if (call.outcome !== 'ok') return found;
  const debit = debits.find(({ operation_id }) => operation_id === call.execution_id);
  if (debit === undefined) found.push({ kind: 'lost', what: `${name}: no debit of ${call.execution_id}` });
  else if (debit.amount !== call.tokens_charged)
    found.push({
      kind: 'misbilled',
      what: `${name}: answered ${call.tokens_charged}, debited ${debit.amount}`,
    });
  return found;
}

/** Checks that the reservation ended once and in time, and that the execution's row agrees. */
function violationsOfExecution(
  { id, reserved_at_ms, ends }: Execution,
  { reservation_lifetime_ms, executions }: Evidence,
): Violation[] {
  const [end, ...more] = ends;
  if (end === undefined) return [{ kind: 'unended', what: `reservation ${id} never ended` }];
  const found: Violation[] = more.map(({ kind }) => ({
    kind: 'doubled',
    what: `reservation ${id} ended again: ${kind}`,
  }));
  const lateMs = end.at_ms - reserved_at_ms - reservation_lifetime_ms;
  if (lateMs > LATE_MAX_MS)
    found.push({ kind: 'unended', what: `reservation ${id} ended ${lateMs} ms after its deadline` });
  const row = executions.find((execution) => execution.id === id);
  const charged = end.kind === 'debit' ? end.amount : 0;
  if (row?.status !== endStatus[end.kind] || row?.tokens_charged !== charged)
    found.push({ kind: 'differs', what: `execution ${id} is ${JSON.stringify(row)} after a ${end.kind}` });
  return found;
}

/** Compares the figures of the wallet, of its projection, and of the ledger's sum. */
function violationsOfFigures({ ledger, wallet, projected, executions }: Evidence): Violation[] {
  const sum = (pick: (row: LedgerRow) => number) => ledger.reduce((total, row) => total + pick(row), 0);
  const overage = sum((row) => row.overage);
  const summed = {
    seq: ledger.length,
    monthly: sum((row) => row.monthly_delta),
    lifetime: sum((row) => row.lifetime_delta),
    reserved: sum((row) => row.reserved_delta),
    overage,
  };
  const consumed = sum((row) => (row.kind === 'debit' ? row.amount : 0)) - overage;
  const charged = executions.reduce((total, { tokens_charged }) => total + tokens_charged, 0);
  const compared: [string, number, number | undefined][] = [
    ...Object.entries(summed).flatMap(([name, value]): [string, number, number | undefined][] => [
      [`the wallet's ${name}`, value, wallet[name as keyof typeof summed]],
      [`the projected ${name}`, value, projected?.[name as keyof typeof summed]],
    ]),
    ["the wallet's consumed", consumed, wallet.consumed],
    ["the executions' charges", consumed + overage, charged],
    [
      "the wallet's granted",
      wallet.available + wallet.reserved + wallet.consumed + wallet.expired,
      wallet.granted,
    ],
  ];
  return compared
    .filter(([, expected, found]) => expected !== found)
    .map(([name, expected, found]) => ({
      kind: 'differs',
      what: `${name}: ${found}, by the ledger ${expected}`,
    }));
}

/** Checks that the product's own reconciliation is `ok` up to the newest entry. It also compares the wallet's newest hash and holds. */
function violationsOfCheck({ ledger, reconciled }: Evidence): Violation[] {
  const { status, verified_seq, differences } = reconciled;
  if (status === 'ok' && verified_seq === ledger.length && differences.length === 0) return [];
  return [
    {
      kind: 'differs',
      what: `reconciliation: ${status} up to ${verified_seq}: ${JSON.stringify(differences)}`,
    },
  ];
}

/** Returns all violations; an empty list if there are none. */
export function violationsOf(calls: Call[], evidence: Evidence): Violation[] {
  const executions = executionsOf(evidence.ledger);
  const byMark = Map.groupBy(executions, ({ mark }) => mark);
  const marks = new Set(calls.map(({ mark }) => mark));
  return [
    ...faultsOf(evidence.ledger, evidence.identity).map((what): Violation => ({ kind: 'chain', what })),
    ...calls.flatMap((call) => violationsOfCall(call, byMark.get(call.mark) ?? [])),
    ...executions
      .filter(({ mark }) => !marks.has(mark))
      .map(({ id, mark }): Violation => ({ kind: 'stranger', what: `execution ${id} has the mark ${mark}` })),
    ...executions.flatMap((execution) => violationsOfExecution(execution, evidence)),
    ...violationsOfFigures(evidence),
    ...violationsOfCheck(evidence),
  ];
}
