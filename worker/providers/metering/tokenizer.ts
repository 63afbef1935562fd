import { byteLength } from './token-bound.ts';

/** Counts tokens of o200k_base, the tokenizer of OpenAI's models since GPT-4o. */

/** A token's bytes as a string of one character each, which is a smaller and faster key than its text. */
type Bytes = string;

const utf8 = new TextEncoder();
const buffer = new Uint8Array(1_024);
const notAscii = /[^\0-\x7f]/;

function bytesOf(text: string): Bytes {
  // ASCII is its own bytes.
  if (!notAscii.test(text)) return text;
  const { read, written } = utf8.encodeInto(text, buffer);
  let bytes = String.fromCharCode(...buffer.subarray(0, written));
  if (read < text.length) bytes += bytesOf(text.slice(read));
  return bytes;
}

/** Ranks of tokens, which are merged in this order, and the pattern that cuts a text into pieces. */
type Vocabulary = { ranks: ReadonlyMap<Bytes, number>; pieces: RegExp };

/** The vocabulary of this isolate. A promise is not kept, since it belongs to the request that made it. */
let loaded: Vocabulary | undefined;

/** Loads the ranks at the first use: they are half of the Worker's code, and take about 100 ms to read. */
async function load(): Promise<Vocabulary> {
  if (loaded !== undefined) return loaded;
  const [{ O200K_TOKEN_SPLIT_REGEX: pieces }, { default: tokens }] = await Promise.all([
    import('gpt-tokenizer/encodingParams/constants'),
    import('gpt-tokenizer/bpeRanks/o200k_base'),
  ]);
  const ranks = new Map<Bytes, number>();
  tokens.forEach((token, rank) => {
    ranks.set(typeof token === 'string' ? bytesOf(token) : String.fromCharCode(...token), rank);
  });
  loaded = { ranks, pieces };
  return loaded;
}

/**
 * Returns the tokens of a piece: pairs are merged in the order of their ranks, as long as there is one. Takes a time that grows with the
 * square of its length.
 */
function mergedTokens(piece: Bytes, ranks: Vocabulary['ranks']): number {
  const rankOf = (start: number, end: number | undefined) =>
    end === undefined
      ? Number.POSITIVE_INFINITY
      : (ranks.get(piece.slice(start, end)) ?? Number.POSITIVE_INFINITY);
  /** Where each part begins, with the end of the piece as the last; and the rank of each part joined with the next one. */
  const starts = Array.from({ length: piece.length + 1 }, (_, at) => at);
  const joined = starts.map((start) => rankOf(start, starts[start + 2]));
  while (true) {
    let lowest = Number.POSITIVE_INFINITY;
    let first = -1;
    for (let part = 0; part < joined.length; part += 1) {
      const rank = joined[part] as number;
      if (rank >= lowest) continue;
      lowest = rank;
      first = part;
    }
    if (first === -1) return starts.length - 1;
    starts.splice(first + 1, 1);
    joined.splice(first + 1, 1);
    for (const part of [first - 1, first])
      if (part >= 0) joined[part] = rankOf(starts[part] as number, starts[part + 2]);
  }
}

/** The bytes of one request that are cut into pieces: about 200 ms. */
const BYTES_MAX = 4_000_000;
/** The time to merge a piece grows with the square of its length, and each of its bytes costs as much as this many squares. */
const WORK_PER_BYTE = 200;
/** The work of one request: about half a second. It is enough for 100,000 Chinese characters, and any prose of Latin letters. */
const WORK_MAX = 100_000_000;

/**
 * Counts the texts of one request. What would take too long is counted by its bytes, which are never fewer than its tokens: the rest of a
 * very long text, and long pieces without a border, such as a megabyte of one letter.
 */
export class TokenCounter {
  readonly #vocabulary: Vocabulary;
  #bytesLeft = BYTES_MAX;
  #workLeft = WORK_MAX;

  private constructor(vocabulary: Vocabulary) {
    this.#vocabulary = vocabulary;
  }

  static async load(): Promise<TokenCounter> {
    return new TokenCounter(await load());
  }

  count(text: string): number {
    const { ranks, pieces } = this.#vocabulary;
    let tokens = 0;
    for (const { 0: found, index } of text.matchAll(pieces)) {
      if (this.#bytesLeft <= 0) return tokens + byteLength(text.slice(index));
      const piece = bytesOf(found);
      this.#bytesLeft -= piece.length;
      if (ranks.has(piece)) tokens += 1;
      else tokens += this.#isAffordable(piece) ? mergedTokens(piece, ranks) : piece.length;
    }
    return tokens;
  }

  /** Spends the work of merging a piece, if enough is left. */
  #isAffordable(piece: Bytes): boolean {
    const work = piece.length * (piece.length + WORK_PER_BYTE);
    if (work > this.#workLeft) return false;
    this.#workLeft -= work;
    return true;
  }
}
