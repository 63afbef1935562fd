import { createHash } from 'node:crypto';

/**
 * The cache of prompts of a simulated Anthropic (platform.claude.com/docs/en/build-with-claude/prompt-caching): prefixes that end at a mark
 * are kept per key and model for the time of the mark. A later request reads the longest kept prefix that ends at one of its marks, or
 * up to twenty blocks before it, and writes the rest up to its last mark.
 */

/** The fewest tokens of a prefix that is kept. The real one differs by model, from 1,024. */
const PREFIX_TOKENS_MIN = 1_024;
/** Blocks before a mark at which a kept prefix is looked for. */
const LOOKBACK = 20;
/** The most marks of a request. */
export const MARKS_MAX = 4;

const lifetimes = { '5m': 300_000, '1h': 3_600_000 } as const;
type Lifetime = keyof typeof lifetimes;

/** A block of a prompt in the order in which it is cached: tools, system, messages. */
export type CachedBlock = { text: string; tokens: number; mark: Lifetime | null };

/**
 * The tokens of a prompt that were read from the cache and written to it, and those of the written ones that are kept for an hour. They are
 * no part of the input beside them.
 */
export type CacheUse = { read_tokens: number; written_tokens: number; hour_tokens: number };

type Prefix = { hash: string; tokens: number; mark: Lifetime | null };

/** Returns every prefix of a prompt, the shortest first. */
function prefixesOf(blocks: readonly CachedBlock[]): Prefix[] {
  let hash = '';
  let tokens = 0;
  return blocks.map((block) => {
    hash = createHash('sha256').update(`${hash}\n${block.text}`).digest('hex');
    tokens += block.tokens;
    return { hash, tokens, mark: block.mark };
  });
}

export class PromptCache {
  /** The ends of lifetimes, in epoch milliseconds, by owner and hash. */
  readonly #kept = new Map<string, number>();

  /** Reads and writes the prefixes of one request. `owner`: the key and the model. */
  use(owner: string, blocks: readonly CachedBlock[], now_ms: number): CacheUse {
    const prefixes = prefixesOf(blocks);
    const marked = prefixes.filter(({ mark, tokens }) => mark !== null && tokens >= PREFIX_TOKENS_MIN);
    const read = this.#longestKept(owner, prefixes, now_ms);
    for (const { hash, mark } of marked) this.#kept.set(`${owner} ${hash}`, now_ms + lifetimes[mark ?? '5m']);
    const read_tokens = read?.tokens ?? 0;
    const writtenUpTo = (last: Prefix | undefined) => Math.max(0, (last?.tokens ?? 0) - read_tokens);
    return {
      read_tokens,
      written_tokens: writtenUpTo(marked.at(-1)),
      hour_tokens: writtenUpTo(marked.findLast(({ mark }) => mark === '1h')),
    };
  }

  #longestKept(owner: string, prefixes: readonly Prefix[], now_ms: number): Prefix | undefined {
    const isNear = (at: number) => prefixes.slice(at, at + LOOKBACK + 1).some(({ mark }) => mark !== null);
    return prefixes.findLast(
      ({ hash }, at) => isNear(at) && (this.#kept.get(`${owner} ${hash}`) ?? 0) > now_ms,
    );
  }
}
