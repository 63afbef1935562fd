import { describe, expect, it } from 'vitest';
import * as google from '../../../../worker/providers/google/answer.ts';
import { finishOf, unusableCounts, usageOf } from '../wire-cases.ts';

describe('an answer of Google', () => {
  const answer = (usageMetadata: unknown, candidate: object = {}) =>
    google.readContent({
      candidates: [
        { content: { parts: [{ text: 'Hi' }], role: 'model' }, finishReason: 'STOP', ...candidate },
      ],
      usageMetadata,
    });

  it('takes cached tokens out of the prompt and adds thoughts to the output', () => {
    const usage = {
      promptTokenCount: 100,
      cachedContentTokenCount: 60,
      toolUsePromptTokenCount: 5,
      candidatesTokenCount: 20,
      thoughtsTokenCount: 30,
    };
    expect(usageOf(answer(usage))).toEqual({
      input_tokens: 45,
      cache_read_tokens: 60,
      cache_write_tokens: 0,
      output_tokens: 50,
      reasoning_tokens: 30,
    });
  });

  it('reads a count that Protobuf left out as zero when there is no text, and as missing when there is', () => {
    const usage = { promptTokenCount: 10, thoughtsTokenCount: 64 };
    expect(usageOf(answer(usage))).toBeNull();
    expect(usageOf(answer(usage, { content: { role: 'model' }, finishReason: 'MAX_TOKENS' }))).toMatchObject({
      output_tokens: 64,
    });
  });

  it.each(unusableCounts)('takes a report that counts %j as missing', (count) => {
    const sound = { promptTokenCount: 10, candidatesTokenCount: 10 };
    expect(usageOf(answer({ ...sound, promptTokenCount: count }))).toBeNull();
    expect(usageOf(answer({ ...sound, candidatesTokenCount: count }))).toBeNull();
    expect(usageOf(answer({ ...sound, thoughtsTokenCount: count }))).toBeNull();
  });

  it.each([
    ['STOP', 'stop'],
    ['MAX_TOKENS', 'length'],
    ['SAFETY', 'content_filter'],
    ['PROHIBITED_CONTENT', 'content_filter'],
    ['OTHER', 'stop'],
  ])('reads the finish reason %s as %s', (finishReason, expected) => {
    expect(finishOf(answer(undefined, { finishReason }))).toBe(expected);
  });

  it('reads a blocked prompt as a filtered answer that still cost its prompt', () => {
    const body = { promptFeedback: { blockReason: 'SAFETY' }, usageMetadata: { promptTokenCount: 12 } };
    expect(google.readContent(body)).toMatchObject({
      ok: true,
      completion: {
        text: '',
        finish_reason: 'content_filter',
        usage: { input_tokens: 12, output_tokens: 0 },
      },
    });
  });

  it('leaves thoughts out of the answer', () => {
    const content = { parts: [{ text: 'Hm', thought: true }, { text: 'Yes' }] };
    expect(answer(undefined, { content })).toMatchObject({ completion: { text: 'Yes' } });
  });

  it.each([undefined, null, {}, { candidates: [] }, { candidates: 'none' }])(
    'calls the body %j an invalid response',
    (body) => expect(google.readContent(body)).toMatchObject({ failure: { kind: 'invalid_response' } }),
  );

  it('reads an account in a country it does not serve as our credential’s fault', () => {
    const message = 'User location is not supported for the API use.';
    expect(google.readGoogleError({ message }, 400)).toMatchObject({ kind: 'authentication' });
  });

  it('reads a prompt longer than the window as one that another model may take', () => {
    const message = 'The input token count (20) exceeds the maximum number of tokens allowed (10).';
    expect(google.readGoogleError({ message }, 400)).toMatchObject({
      kind: 'context_length',
      retryable: true,
    });
  });

  it('finds the wait among details it does not know', () => {
    const details = [
      { '@type': 'x', other: 1 },
      { '@type': 'RetryInfo', retryDelay: '13.5s' },
    ];
    expect(google.readGoogleError({ message: 'm', details }, 429)).toMatchObject({
      kind: 'rate_limited',
      retry_after_ms: 13_500,
    });
  });
});
