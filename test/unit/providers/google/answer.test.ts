import { describe, expect, it } from 'vitest';
import * as google from '../../../../worker/providers/google/answer.ts';
import { mergeGoogleUsage, readGoogleUsage } from '../../../../worker/providers/google/usage.ts';
import { jsonOf } from '../../../../worker/providers/transport/stream-reader.ts';
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
    ['FINISH_REASON_UNSPECIFIED', 'stop'],
    [null, 'stop'],
  ])('reads the finish reason %s as %s', (finishReason, expected) => {
    expect(finishOf(answer(undefined, { finishReason }))).toBe(expected);
  });

  it.each(['MALFORMED_FUNCTION_CALL', 'UNEXPECTED_TOOL_CALL', 'OTHER', 'SOMETHING_NEW'])(
    'takes the finish reason %s for a failure',
    (finishReason) => {
      expect(answer(undefined, { finishReason })).toMatchObject({
        ok: false,
        failure: { kind: 'invalid_response', retryable: true },
      });
    },
  );

  it.each([
    [
      { promptTokenCount: 10, totalTokenCount: 30 },
      { output_tokens: 20, reasoning_tokens: 0 },
    ],
    [
      { promptTokenCount: 10, candidatesTokenCount: 5, totalTokenCount: 30 },
      { output_tokens: 20, reasoning_tokens: 15 },
    ],
    [
      { promptTokenCount: 10, candidatesTokenCount: 5, cachedContentTokenCount: 40 },
      { input_tokens: 10, cache_read_tokens: 40 },
    ],
  ])('reads %j by its total, and a cache beyond the prompt as beside it', (usage, expected) => {
    expect(usageOf(answer(usage))).toMatchObject(expected);
  });

  it.each([
    { promptTokenCount: 10, candidatesTokenCount: 0, totalTokenCount: 10 },
    { promptTokenCount: 0, candidatesTokenCount: 0 },
  ])('takes the report %j beside text as missing', (usage) => {
    expect(usageOf(answer(usage))).toBeNull();
  });

  it('keeps signatures, and numbers that JavaScript cannot hold', () => {
    const call = '{"functionCall":{"name":"f","args":{"id":12345678901234567890}},"thoughtSignature":"s"}';
    const parts = `[{"text":"Hi","thoughtSignature":"t"},${call}]`;
    const body = jsonOf(`{"candidates":[{"content":{"parts":${parts}},"finishReason":"STOP"}]}`);
    expect(google.readContent(body)).toMatchObject({
      completion: {
        extra_content: { google: { thought_signature: 't' } },
        tool_calls: [
          {
            arguments: '{"id":12345678901234567890}',
            extra_content: { google: { thought_signature: 's' } },
          },
        ],
      },
    });
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

  it('has thoughts apart from its text', () => {
    const content = { parts: [{ text: 'Hm', thought: true }, { text: 'Yes' }] };
    expect(answer(undefined, { content })).toMatchObject({
      completion: { text: 'Yes', reasoning: [{ text: 'Hm' }] },
    });
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

describe('usage by modality', () => {
  const of = (modality: string, tokenCount?: number) => ({ modality, tokenCount });
  const read = (usage: object) => readGoogleUsage(usage, true);
  const base = {
    promptTokenCount: 1_000,
    candidatesTokenCount: 100,
    totalTokenCount: 1_120,
    thoughtsTokenCount: 20,
  };

  it('has classes of images and audio on both sides', () => {
    const usage = {
      ...base,
      promptTokensDetails: [of('TEXT', 100), of('IMAGE', 258), of('AUDIO', 42), of('DOCUMENT', 600)],
      candidatesTokensDetails: [of('TEXT', 30), of('IMAGE', 70)],
    };
    expect(read(usage)).toEqual({
      ...{ input_tokens: 700, input_image_tokens: 258, input_audio_tokens: 42 },
      ...{ cache_read_tokens: 0, cache_write_tokens: 0 },
      ...{ output_tokens: 50, output_image_tokens: 70, reasoning_tokens: 20 },
    });
  });

  it('counts what the cache holds in the cache alone', () => {
    const usage = {
      ...{ ...base, cachedContentTokenCount: 500 },
      promptTokensDetails: [of('IMAGE', 600), of('TEXT', 400)],
      cacheTokensDetails: [of('IMAGE', 500)],
    };
    expect(read(usage)).toMatchObject({
      ...{ input_tokens: 400, input_image_tokens: 100, cache_read_tokens: 500 },
    });
    expect(read({ ...usage, cacheTokensDetails: undefined })).toMatchObject({
      ...{ input_tokens: 0, input_image_tokens: 500, cache_read_tokens: 500 },
    });
  });

  it('takes the modalities of an answer without a count, cuts those beyond it, and keeps them at a partial end', () => {
    const candidatesTokensDetails = [of('IMAGE', 1_290)];
    const uncounted = { promptTokenCount: 10, candidatesTokensDetails };
    expect(readGoogleUsage(uncounted, false)).toMatchObject({ output_tokens: 0, output_image_tokens: 1_290 });
    expect(read({ ...base, candidatesTokensDetails })).toMatchObject({
      ...{ output_tokens: 20, output_image_tokens: 100 },
    });
    expect(mergeGoogleUsage(uncounted, { candidatesTokensDetails: [] })).toEqual(uncounted);
  });

  it.each(unusableCounts)('is unusable by a count of %j', (count) => {
    const details = [{ modality: 'IMAGE', tokenCount: count }];
    expect(read({ ...base, promptTokensDetails: details })).toBeNull();
    expect(read({ ...base, candidatesTokensDetails: details })).toBeNull();
  });
});
