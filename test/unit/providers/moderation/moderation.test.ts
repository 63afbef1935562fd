import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { resultsOf } from '../../../../worker/providers/moderation/moderation.ts';
import {
  estimateModerationTokens,
  moderationTokensBound,
} from '../../../../worker/providers/moderation/tokens.ts';
import { readModerations } from '../../../../worker/providers/openai/endpoints/moderations.ts';

const image = { type: 'image_url' as const, image_url: { url: 'https://images.example.com/cat.png' } };
const result = { flagged: false, categories: { hate: false }, category_scores: { hate: 0.1 } };
const read = (body: unknown, input: string | string[] = 'a') => readModerations(body, { model: 'm', input });

describe('a moderation', () => {
  it('has a bound that no estimate exceeds, images included', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary' }), { minLength: 1 }), fc.boolean(), (texts, parts) => {
        const input = parts ? [image, ...texts.map((text) => ({ type: 'text' as const, text }))] : texts;
        expect(estimateModerationTokens(input)).toBeLessThanOrEqual(moderationTokensBound(input));
      }),
    );
  });

  it('judges texts one by one, and parts together', () => {
    expect([resultsOf('a'), resultsOf(['a', 'b']), resultsOf([image, image])]).toEqual([1, 2, 1]);
  });

  it('is read with the categories of its provider, known or not', () => {
    const more = { ...result, category_applied_input_types: { hate: ['text'] } };
    expect(read({ results: [more] })).toEqual({ ok: true, value: { type: 'judged', results: [more] } });
  });

  it.each([
    ['an error with a status of success', { error: { message: 'busy', code: 503 } }, 'overloaded'],
    ['no list', {}, 'invalid_response'],
    ['no body', undefined, 'invalid_response'],
    ['another number of judgements', { results: [result, result] }, 'invalid_response'],
    [
      'a judgement without its verdict',
      { results: [{ categories: {}, category_scores: {} }] },
      'invalid_response',
    ],
  ])('is not read from %s', (_name, body, kind) => {
    expect(read(body)).toMatchObject({ ok: false, failure: { kind, retryable: true } });
  });
});
