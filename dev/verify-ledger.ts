import { createReadStream } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { Difference } from '../contracts/reconciliation.ts';
import { type LedgerVerdict, readLedgerFile } from '../journal/ledger-file.ts';

/** Verifies an exported ledger offline, with nothing but Node: no database, no network, no dependency. */

const HELP = `Proves an exported ledger: gapless, chained by hash, and adding up to the figures it states.

  npm run verify:ledger -- FILE     the file that GET /api/wallet/export answered
  npm run verify:ledger -- -        the same from standard input

Needs nothing but Node 24: \`node dev/verify-ledger.ts FILE\` does the same without npm.
Exits with 0 when all is well, 1 when the chain is broken or the file is no ledger, 2 when it cannot be read.`;

const sentences: Record<Difference['kind'], (difference: Difference) => string> = {
  entry_missing: ({ expected, found }) =>
    found === null
      ? `The file ends before entry ${expected}: entries are missing at the end.`
      : `Entry ${expected} is missing: entry ${found} follows instead.`,
  hash_broken: ({ seq, expected, found }) =>
    `Entry ${seq} was changed after it was written: its content hashes to ${expected}, it states ${found}.`,
  link_broken: ({ seq, field, expected, found }) =>
    field === 'seq'
      ? `Entry ${seq} stands where entry ${expected} belongs.`
      : `Entry ${seq} does not link to the one before it: that has hash ${expected}, this names ${found}.`,
  figures_broken: ({ seq, field, expected, found }) =>
    `Entry ${seq} does not add up: ${field} should be ${expected} and is ${found}.`,
  wallet_head_differs: ({ seq, field, expected, found }) =>
    `The wallet's newest entry is another: by the entries its ${field} is ${expected}, the wallet said ${found} (entry ${seq}).`,
  wallet_figures_differ: ({ field, expected, found }) =>
    `The wallet's ${field} should be ${expected} and is ${found}.`,
  wallet_holds_differ: ({ field, expected, found }) =>
    `The wallet's holds (${field}) should be ${expected} and are ${found}.`,
  projection_differs: ({ field, expected, found }) =>
    `The database shows ${field} as ${found}; by the ledger it is ${expected}.`,
  executions_differ: ({ field, expected, found }) =>
    `The executions' ${field} is ${found}; by the ledger it is ${expected}.`,
};

/** What a person is told about the file. */
function explain(verdict: LedgerVerdict): string {
  if (!verdict.ok) return `This is no ledger: line ${verdict.line} is ${verdict.problem}.`;
  const { header, proof, difference } = verdict;
  const { tenant_id, user_id } = header.wallet;
  const { figures, seq } = proof.head;
  const available = figures.monthly + figures.lifetime - figures.reserved;
  return [
    `Wallet of user ${user_id}, tenant ${tenant_id}, exported ${header.exported_at}`,
    `${proof.entries_read} entries read, the newest is ${seq}.`,
    ...Object.entries({ available, ...figures }).map(
      ([name, figure]) => `  ${name.padEnd(10)} ${String(figure).padStart(16)}`,
    ),
    difference === null
      ? `Proved: every entry from 1 to ${seq} is there, unchanged, and they add up.`
      : `BROKEN: ${sentences[difference.kind](difference)} Proved up to entry ${proof.proved.seq}.`,
  ].join('\n');
}

async function main(args: string[]): Promise<number> {
  const [name, ...rest] = args;
  if (name === undefined || rest.length > 0 || name === '--help' || name === '-h') {
    console.log(HELP);
    return name === '--help' || name === '-h' ? 0 : 2;
  }
  // npm runs us in the project's folder; a relative path is meant from where it was typed.
  const input =
    name === '-' ? process.stdin : createReadStream(path.resolve(process.env.INIT_CWD ?? '', name));
  try {
    const opened = new Promise<never>((_, reject) => input.once('error', reject));
    const lines = createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY });
    const verdict = await Promise.race([readLedgerFile(lines), opened]);
    console.log(explain(verdict));
    return verdict.ok && verdict.difference === null ? 0 : 1;
  } catch (error) {
    console.error(`Cannot read ${name}: ${error instanceof Error ? error.message : String(error)}`);
    return 2;
  }
}

process.exitCode = await main(process.argv.slice(2));
