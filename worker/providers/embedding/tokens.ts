import { OTHER_VOCABULARY } from '../metering/input-count.ts';
import { textBound } from '../metering/token-bound.ts';
import { estimateTokens } from '../metering/token-estimate.ts';
import { TokenCounter } from '../metering/tokenizer.ts';
import type { EmbeddingInput } from './embedding.ts';

/** The input tokens of an embedding: bounded, counted and estimated. Only the input is paid for. */

/** Marks of the beginning and the end that models put around each text, and a short instruction before it. */
const ADDED_PER_ITEM = 8;

const sumOf = (input: EmbeddingInput, tokensOfText: (text: string) => number): number =>
  input.of === 'texts'
    ? input.items.reduce((sum, text) => sum + ADDED_PER_ITEM + tokensOfText(text), 0)
    : input.items.reduce((sum, tokens) => sum + ADDED_PER_ITEM + tokens.length, 0);

/** Returns the most input tokens that a model can count: a text never has more than bytes. Tokens count as they are. Pure. */
export const embeddingTokensBound = (input: EmbeddingInput): number => sumOf(input, textBound);

/** Returns the input tokens by o200k_base and a quarter more, since models that embed have other vocabularies. Null for tokens, whose bound is exact. */
export async function countEmbeddingTokens(input: EmbeddingInput): Promise<number | null> {
  if (input.of === 'tokens') return null;
  const counter = await TokenCounter.load();
  return sumOf(input, (text) => Math.ceil(OTHER_VOCABULARY * counter.count(text)));
}

/** Returns the input tokens that a provider that did not report them has probably counted. Pure. */
export const estimateEmbeddingTokens = (input: EmbeddingInput): number =>
  input.of === 'texts'
    ? input.items.reduce((sum, text) => sum + estimateTokens(text), 0)
    : input.items.reduce((sum, tokens) => sum + tokens.length, 0);
