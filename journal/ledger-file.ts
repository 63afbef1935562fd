import type { LedgerExportHeader } from '../contracts/api/reconciliation.ts';
import type { JournalEntry, WithheldEntry } from '../contracts/wallet/journal.ts';
import type { Difference } from '../contracts/wallet/reconciliation.ts';
import { GENESIS, type Proof, proofFrom, readEntries, readWithheldEntry } from './verify.ts';

/**
 * Verifies an exported ledger: a header line, then one entry per line, exactly as hashed. Needs nothing but Node, so that an
 * auditor can run it anywhere.
 */

export const LEDGER_FORMAT = 'vanilla-ledger/1';

/**
 * The result of verifying a file. `difference` is the first fault, null when there is none; not `ok` when the file cannot be read.
 * `withheld` counts the entries whose hash is taken as stated, since fields of their outcome were left out.
 */
export type LedgerVerdict =
  | { ok: true; header: LedgerExportHeader; proof: Proof; withheld: number; difference: Difference | null }
  | { ok: false; line: number; problem: string };

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function isHeader(value: unknown): value is LedgerExportHeader {
  if (!isRecord(value) || value.format !== LEDGER_FORMAT || !isRecord(value.wallet)) return false;
  const { tenant_id, user_id } = value.wallet;
  return (
    typeof tenant_id === 'string' &&
    typeof user_id === 'string' &&
    Number.isSafeInteger(value.seq) &&
    typeof value.hash === 'string'
  );
}

const countedFields = [
  'seq',
  'amount',
  'monthly_delta',
  'lifetime_delta',
  'reserved_delta',
  'overage',
  'monthly_after',
  'lifetime_after',
  'reserved_after',
  'overage_after',
] as const;

const kinds: ReadonlySet<unknown> = new Set<JournalEntry['kind']>([
  'allocation',
  'credit',
  'reserve',
  'debit',
  'release',
  'expiry',
  'adjustment',
  'rollover',
]);

/** Checks the fields that verification reads. The hash covers the others. */
const isEntry = (value: unknown): value is JournalEntry | WithheldEntry =>
  isRecord(value) &&
  countedFields.every((name) => Number.isSafeInteger(value[name])) &&
  kinds.has(value.kind) &&
  typeof value.prev_hash === 'string' &&
  typeof value.hash === 'string';

/** True if an outcome has no value at a path such as `execution_outcome.price.cost_list`. */
function lacks({ execution_outcome }: WithheldEntry, path: unknown): boolean {
  const [root, ...names] = String(path).split('.');
  let value: unknown = execution_outcome;
  for (const name of names) value = isRecord(value) ? value[name] : undefined;
  return root === 'execution_outcome' && names.length > 0 && value === undefined;
}

/** Tells an entry without costs from a whole one. Only the outcome of an execution can lack fields, and it lacks those that are named. */
const isWithheld = (entry: JournalEntry | WithheldEntry): entry is WithheldEntry =>
  'withheld' in entry &&
  Array.isArray(entry.withheld) &&
  entry.withheld.length > 0 &&
  isRecord(entry.execution_outcome) &&
  entry.withheld.every((path) => lacks(entry, path));

function parseLine(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The difference between the file's last entry and the newest entry named in its header; null when they agree. */
function checkEnd({ seq, hash }: LedgerExportHeader, { head }: Proof): Difference | null {
  if (head.seq < seq)
    return {
      kind: 'entry_missing',
      seq: head.seq + 1,
      field: 'seq',
      expected: head.seq + 1,
      found: null,
    };
  if (head.seq > seq)
    return { kind: 'wallet_head_differs', seq, field: 'seq', expected: head.seq, found: seq };
  return head.hash === hash
    ? null
    : { kind: 'wallet_head_differs', seq, field: 'hash', expected: head.hash, found: hash };
}

/** Verifies an exported ledger line by line. Skips empty lines. */
export async function readLedgerFile(lines: AsyncIterable<string>): Promise<LedgerVerdict> {
  let header: LedgerExportHeader | undefined;
  let proof = proofFrom(GENESIS);
  let line = 0;
  let withheld = 0;
  for await (const text of lines) {
    line++;
    if (text.trim() === '') continue;
    const value = parseLine(text);
    if (header === undefined) {
      if (!isHeader(value)) return { ok: false, line, problem: `not the header of a ${LEDGER_FORMAT} file` };
      header = value;
    } else if (!isEntry(value)) return { ok: false, line, problem: 'not a journal entry' };
    else if (isWithheld(value)) {
      withheld++;
      proof = readWithheldEntry(proof, value);
    } else proof = readEntries(header.wallet, proof, [value]);
  }
  if (header === undefined) return { ok: false, line, problem: 'the file is empty' };
  const difference = proof.differences[0] ?? checkEnd(header, proof);
  return { ok: true, header, proof, withheld, difference };
}
