import type { LedgerExportHeader } from '../contracts/api/reconciliation.ts';
import type { JournalEntry } from '../contracts/journal.ts';
import type { Difference } from '../contracts/reconciliation.ts';
import { GENESIS, type Proof, proofFrom, readEntries } from './verify.ts';

/**
 * Verifies an exported ledger: a header line, then one entry per line, exactly as hashed. Needs nothing but Node, so that an
 * auditor can run it anywhere.
 */

export const LEDGER_FORMAT = 'vanilla-ledger/1';

/** The result of verifying a file. `difference` is the first fault, null when there is none; not `ok` when the file cannot be read. */
export type LedgerVerdict =
  | { ok: true; header: LedgerExportHeader; proof: Proof; difference: Difference | null }
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
const isEntry = (value: unknown): value is JournalEntry =>
  isRecord(value) &&
  countedFields.every((name) => Number.isSafeInteger(value[name])) &&
  kinds.has(value.kind) &&
  typeof value.prev_hash === 'string' &&
  typeof value.hash === 'string';

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
  for await (const text of lines) {
    line++;
    if (text.trim() === '') continue;
    const value = parseLine(text);
    if (header === undefined) {
      if (!isHeader(value)) return { ok: false, line, problem: `not the header of a ${LEDGER_FORMAT} file` };
      header = value;
    } else if (isEntry(value)) proof = readEntries(header.wallet, proof, [value]);
    else return { ok: false, line, problem: 'not a journal entry' };
  }
  if (header === undefined) return { ok: false, line, problem: 'the file is empty' };
  const difference = proof.differences[0] ?? checkEnd(header, proof);
  return { ok: true, header, proof, difference };
}
