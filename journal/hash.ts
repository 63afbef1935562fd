import { createHash } from 'node:crypto';
import type { JournalEntry, WalletIdentity } from '../contracts/journal.ts';

/** What stands before the first entry of a wallet. */
export const GENESIS_HASH = '0'.repeat(64);

/** One spelling per value: object keys in order, nothing optional. Two equal entries have equal bytes. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  const fields = Object.entries(value)
    .filter(([, field]) => field !== undefined)
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([name, field]) => `${JSON.stringify(name)}:${canonicalJson(field)}`);
  return `{${fields.join(',')}}`;
}

/** SHA-256 of a text's UTF-8, in lower-case hex. */
export const sha256Hex = (text: string): string => createHash('sha256').update(text).digest('hex');

/**
 * The hash of an entry: over everything in it, whose wallet it is, and the hash before it. Changing, dropping or moving
 * any entry breaks every hash after it.
 */
export const hashEntry = (
  wallet: WalletIdentity,
  { hash: _, ...entry }: Omit<JournalEntry, 'hash'> & { hash?: string },
): string => sha256Hex(canonicalJson({ ...entry, wallet }));
