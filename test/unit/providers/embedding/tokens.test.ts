import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  countEmbeddingTokens,
  embeddingTokensBound,
  estimateEmbeddingTokens,
} from '../../../../worker/providers/embedding/tokens.ts';

const PROSE = 'The quick brown fox jumps over the lazy dog. '.repeat(20);
const texts = (...items: string[]) => ({ of: 'texts' as const, items });
const tokens = (...items: number[][]) => ({ of: 'tokens' as const, items });

describe('the input tokens of an embedding', () => {
  it('are never more than its bytes and the marks around each text', () => {
    expect(embeddingTokensBound(texts('abc', 'ü'))).toBe(3 + 2 + 2 * 8);
  });

  it('are those that the client sends as tokens, whose bound is exact but for the marks', async () => {
    const input = tokens([1, 2, 3], [4]);
    expect(embeddingTokensBound(input)).toBe(4 + 2 * 8);
    expect(estimateEmbeddingTokens(input)).toBe(4);
    expect(await countEmbeddingTokens(input)).toBeNull();
  });

  it('are counted far below their bound, and estimated below the count', async () => {
    const input = texts(PROSE, PROSE);
    const counted = (await countEmbeddingTokens(input)) ?? 0;
    expect(counted).toBeLessThan(embeddingTokensBound(input) / 3);
    expect(estimateEmbeddingTokens(input)).toBeLessThan(counted);
    expect(estimateEmbeddingTokens(input)).toBeGreaterThan(counted / 2);
  });

  it('have a bound that no estimate exceeds', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary', minLength: 1 }), { minLength: 1 }), (items) => {
        const input = texts(...items);
        expect(estimateEmbeddingTokens(input)).toBeLessThanOrEqual(embeddingTokensBound(input));
      }),
    );
  });
});
