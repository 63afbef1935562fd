import { createHash } from 'node:crypto';
import type { JournalEntry, WalletIdentity } from '../contracts/journal.ts';

/** `prev_hash` of a wallet's first entry. */
export const GENESIS_HASH = '0'.repeat(64);

/** JSON with sorted object keys, without whitespace and without undefined fields, so that equal values have equal bytes. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  const fields = Object.entries(value)
    .filter(([, field]) => field !== undefined)
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([name, field]) => `${JSON.stringify(name)}:${canonicalJson(field)}`);
  return `{${fields.join(',')}}`;
}

/** SHA-256 of the UTF-8 bytes of a text, in lower-case hex. */
export const sha256Hex = (text: string): string => createHash('sha256').update(text).digest('hex');

/**
 * The hash of an entry, over all its fields including `prev_hash`, and its wallet. Changing, dropping or moving an entry breaks
 * every hash after it.
 */
export const hashEntry = (
  wallet: WalletIdentity,
  { hash: _, ...entry }: Omit<JournalEntry, 'hash'> & { hash?: string },
): string => sha256Hex(canonicalJson({ ...entry, wallet }));
