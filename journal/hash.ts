import { hash as digest } from 'node:crypto';
import type { JournalEntry, WalletIdentity } from '../contracts/wallet/journal.ts';

/** `prev_hash` of a wallet's first entry. */
export const GENESIS_HASH = '0'.repeat(64);

/** A key of an object, and its name as JSON with the colon. */
type Field = { key: string; label: string };

/**
 * A list of keys, in the order in which an object had them, and the same keys in ascending order. The lists form a tree, each a
 * branch of the list without its last key. Journals have few lists, and following them is cheaper than sorting.
 */
type KeyList = { longer: Map<string, KeyList>; sorted?: Field[] };

/** Longer lists are sorted each time. */
const LISTED_KEYS_MAX = 64;
/** Requests bring keys of anybody's choice, so the tree is dropped when it has grown this large. */
const TREE_CHARACTERS_MAX = 200_000;
/** The size of a list of keys without its last key, as if it were text. */
const LIST_CHARACTERS = 200;

let tree: KeyList = { longer: new Map() };
let treeCharacters = 0;

function addList(list: KeyList, key: string): KeyList {
  const longer: KeyList = { longer: new Map() };
  list.longer.set(key, longer);
  treeCharacters += key.length + LIST_CHARACTERS;
  return longer;
}

const sortFields = (keys: string[]): Field[] =>
  keys.toSorted().map((key) => ({ key, label: `${JSON.stringify(key)}:` }));

/** The fields of an object with these keys, in ascending order of the keys. */
function sortedFields(keys: string[]): Field[] {
  if (keys.length > LISTED_KEYS_MAX) return sortFields(keys);
  if (treeCharacters > TREE_CHARACTERS_MAX) {
    tree = { longer: new Map() };
    treeCharacters = 0;
  }
  let list = tree;
  for (const key of keys) list = list.longer.get(key) ?? addList(list, key);
  list.sorted ??= sortFields(keys);
  return list.sorted;
}

/** The fields of an object as canonical JSON, without the braces. */
function canonicalFields(value: object, left_out?: string): string {
  let text = '';
  for (const { key, label } of sortedFields(Object.keys(value))) {
    const field = (value as Record<string, unknown>)[key];
    if (field !== undefined && key !== left_out)
      text += (text === '' ? label : `,${label}`) + canonicalJson(field);
  }
  return text;
}

/** JSON with sorted object keys, without whitespace and without undefined fields, so that equal values have equal bytes. */
export function canonicalJson(value: unknown): string {
  if (typeof value === 'number') return Number.isFinite(value) ? String(value) : 'null';
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  return `{${canonicalFields(value)}}`;
}

/** SHA-256 of the UTF-8 bytes of a text, in lower-case hex. */
export const sha256Hex = (text: string): string => digest('sha256', text, 'hex');

/**
 * The hash of an entry: the SHA-256 of the canonical JSON of all its fields, `prev_hash` included, and its wallet as `wallet`.
 * Changing, dropping or moving an entry breaks every hash after it. `wallet` comes last because no field of an entry sorts after it.
 */
export const hashEntry = (
  wallet: WalletIdentity,
  entry: Omit<JournalEntry, 'hash'> & { hash?: string },
): string => sha256Hex(`{${canonicalFields(entry, 'hash')},"wallet":${canonicalJson(wallet)}}`);
