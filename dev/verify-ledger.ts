import { createReadStream } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { LedgerExportHeader } from '../contracts/api/reconciliation.ts';
import type { Difference } from '../contracts/wallet/reconciliation.ts';
import { type LedgerVerdict, readLedgerFile } from '../journal/ledger-file.ts';

/** Verifies an exported ledger offline. Needs only Node: no database, network or dependency. */

const HELP = `Verifies an exported ledger: its numbers have no gaps, its hashes form a chain, and its entries add up to its figures.

  npm run verify:ledger -- FILE     a file from GET /api/wallet/export, or of a tenant's budget
  npm run verify:ledger -- -        the same from standard input

Needs only Node 24: \`node dev/verify-ledger.ts FILE\` does the same without npm.
Exit codes: 0 if the ledger is correct, 1 if it is broken or the file is not a ledger, 2 if the file cannot be read.`;

const sentences: Record<Difference['kind'], (difference: Difference) => string> = {
  entry_missing: ({ expected, found }) =>
    found === null
      ? `The file ends before entry ${expected}: entries are missing at the end.`
      : `Entry ${expected} is missing: entry ${found} follows instead.`,
  hash_broken: ({ seq, expected, found }) =>
    `Entry ${seq} was changed after it was written: its content has the hash ${expected}, but it states ${found}.`,
  link_broken: ({ seq, field, expected, found }) =>
    field === 'seq'
      ? `Entry ${seq} is in the place of entry ${expected}.`
      : `Entry ${seq} does not link to the entry before it: its prev_hash is ${found}, but that entry's hash is ${expected}.`,
  figures_broken: ({ seq, field, expected, found }) =>
    `Entry ${seq} does not add up: ${field} should be ${expected} and is ${found}.`,
  wallet_head_differs: ({ seq, field, expected, found }) =>
    `The wallet's newest entry differs (entry ${seq}): ${field} should be ${expected} and is ${found}.`,
  wallet_figures_differ: ({ field, expected, found }) =>
    `The wallet's ${field} should be ${expected} and is ${found}.`,
  wallet_holds_differ: ({ field, expected, found }) =>
    `The wallet's holds (${field}) should be ${expected} and are ${found}.`,
  projection_differs: ({ field, expected, found }) =>
    `The database shows ${field} as ${found}; it should be ${expected}.`,
  executions_differ: ({ field, expected, found }) =>
    `The executions' ${field} is ${found}; it should be ${expected}.`,
};

/** A tenant's wallet has the tenant's id twice, and counts micro-USD. */
const ownerOf = ({ tenant_id, user_id }: LedgerExportHeader['wallet']): string =>
  tenant_id === user_id
    ? `Budget of tenant ${tenant_id} in micro-USD`
    : `Wallet of user ${user_id}, tenant ${tenant_id}`;

/** Names what the hashes do not prove in a file without costs. */
const exceptions = (withheld: number): string =>
  withheld === 0
    ? ''
    : `\nEntries without costs that their reader may not see: ${withheld}. Their hash covers those costs too and is taken as stated. An administrator's export proves it.`;

/** Describes the result in words. */
function explain(verdict: LedgerVerdict): string {
  if (!verdict.ok) return `This file is not a ledger: line ${verdict.line} is ${verdict.problem}.`;
  const { header, proof, withheld, difference } = verdict;
  const { figures, seq } = proof.head;
  const available = figures.monthly + figures.lifetime - figures.reserved;
  return [
    `${ownerOf(header.wallet)}, exported ${header.exported_at}`,
    `${proof.entries_read} entries read, the newest is ${seq}.`,
    ...Object.entries({ available, ...figures }).map(
      ([name, figure]) => `  ${name.padEnd(10)} ${String(figure).padStart(16)}`,
    ),
    difference === null
      ? `Proved: every entry from 1 to ${seq} is there, unchanged, and they add up.${exceptions(withheld)}`
      : `BROKEN: ${sentences[difference.kind](difference)} Proved up to entry ${proof.proved.seq}.`,
  ].join('\n');
}

async function main(args: string[]): Promise<number> {
  const [name, ...rest] = args;
  if (name === undefined || rest.length > 0 || name === '--help' || name === '-h') {
    console.log(HELP);
    return name === '--help' || name === '-h' ? 0 : 2;
  }
  // npm runs this in the project's folder. A relative path is relative to the folder in which it was typed.
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
