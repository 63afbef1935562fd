import { describe, expect, it } from 'vitest';
import { CLOSED, onFailure } from '../../../../worker/providers/failover/breaker.ts';
import * as openai from '../../../../worker/providers/openai/answer.ts';
import { finishOf, unusableCounts, usageOf } from '../wire-cases.ts';

describe('an answer of OpenAI', () => {
  const answer = (usage: unknown, choice: object = {}) =>
    openai.readChatCompletion({
      choices: [{ message: { content: 'Hi' }, finish_reason: 'stop', ...choice }],
      usage,
    });

  it('takes cached tokens out of the prompt and leaves reasoning in the output', () => {
    const usage = {
      prompt_tokens: 100,
      completion_tokens: 50,
      total_tokens: 150,
      prompt_tokens_details: { cached_tokens: 30, cache_write_tokens: 20 },
      completion_tokens_details: { reasoning_tokens: 40 },
    };
    expect(usageOf(answer(usage))).toEqual({
      input_tokens: 50,
      cache_read_tokens: 30,
      cache_write_tokens: 20,
      output_tokens: 50,
      reasoning_tokens: 40,
    });
  });

  it('adds reasoning that a server counts apart, as its total shows', () => {
    const usage = {
      prompt_tokens: 10,
      completion_tokens: 5,
      total_tokens: 55,
      completion_tokens_details: { reasoning_tokens: 40 },
    };
    expect(usageOf(answer(usage))).toMatchObject({ output_tokens: 45, reasoning_tokens: 40 });
  });

  it('keeps an explicit zero', () => {
    expect(usageOf(answer({ prompt_tokens: 0, completion_tokens: 0 }))).toMatchObject({
      input_tokens: 0,
      output_tokens: 0,
    });
  });

  it.each([undefined, null, 'none', [], {}, { prompt_tokens: 5 }, { completion_tokens: 5 }])(
    'takes the usage %j as missing',
    (usage) => expect(usageOf(answer(usage))).toBeNull(),
  );

  it.each(unusableCounts)('takes a report that counts %j as missing', (count) => {
    const sound = { prompt_tokens: 10, completion_tokens: 10 };
    expect(usageOf(answer({ ...sound, prompt_tokens: count }))).toBeNull();
    expect(usageOf(answer({ ...sound, completion_tokens: count }))).toBeNull();
    expect(usageOf(answer({ ...sound, prompt_tokens_details: { cached_tokens: count } }))).toBeNull();
  });

  it('takes a report as missing whose part is larger than its whole', () => {
    const sound = { prompt_tokens: 10, completion_tokens: 10 };
    expect(usageOf(answer({ ...sound, prompt_tokens_details: { cached_tokens: 11 } }))).toBeNull();
    expect(usageOf(answer({ ...sound, completion_tokens_details: { reasoning_tokens: 11 } }))).toBeNull();
  });

  it.each([
    ['stop', 'stop'],
    ['length', 'length'],
    ['content_filter', 'content_filter'],
    ['tool_calls', 'tool_calls'],
    ['function_call', 'tool_calls'],
    ['constructor', 'stop'],
    [null, 'stop'],
  ])('reads the finish reason %s as %s', (finish_reason, expected) => {
    expect(finishOf(answer(undefined, { finish_reason }))).toBe(expected);
  });

  it('accepts an answer without text, as reasoning that used up the output leaves it', () => {
    const result = answer(
      { prompt_tokens: 1, completion_tokens: 9 },
      { message: { content: null }, finish_reason: 'length' },
    );
    expect(result).toMatchObject({ ok: true, completion: { text: '', finish_reason: 'length' } });
  });

  it('passes a refusal on as filtered text', () => {
    const result = answer(undefined, { message: { content: null, refusal: 'I cannot.' } });
    expect(result).toMatchObject({
      ok: true,
      completion: { text: 'I cannot.', finish_reason: 'content_filter' },
    });
  });

  const error = (status: number, code: string | null) => ({
    status,
    code,
    message: 'm',
    headers: new Headers(),
  });
  it.each([
    [400, "400 This model's maximum context length is 4096 tokens. However, you requested", 'context_length'],
    [400, '400 the request exceeds the available context size', 'context_length'],
    [400, '400 Unknown parameter: maximum', 'invalid_request'],
    [429, '429 Request too large for gpt-5 on tokens per min (TPM): Limit 30000', 'invalid_request'],
    [429, '429 Rate limit reached for gpt-5 on tokens per min (TPM)', 'rate_limited'],
  ])('understands a server that says %i: %s', (status, message, kind) => {
    expect(openai.readChatError({ ...error(status, null), message }, 0)).toMatchObject({ kind });
  });

  it('takes no rest from a request that is larger than its account’s limit', () => {
    const headers = new Headers({ 'retry-after': '60' });
    const thrown = { ...error(429, 'rate_limit_exceeded'), headers, message: '429 Request too large for' };
    const failure = openai.readChatError(thrown, 0);
    expect(onFailure(CLOSED, failure, 0, 0), 'another’s request may be smaller').toEqual(CLOSED);
    expect(failure.retryable, 'another account may have a larger limit').toBe(true);
  });

  it.each([
    [429, 'insufficient_quota', 'authentication', true],
    [429, 'rate_limit_exceeded', 'rate_limited', true],
    [400, 'content_filter', 'content_filter', false],
    [400, 'context_length_exceeded', 'context_length', true],
    [403, 'model_not_found', 'invalid_request', true],
    [401, 'invalid_api_key', 'authentication', true],
  ])('reads %i %s as %s, retryable: %s', (status, code, kind, retryable) => {
    expect(openai.readChatError(error(status, code), 0)).toMatchObject({ kind, retryable, status });
  });
});
