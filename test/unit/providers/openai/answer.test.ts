import { describe, expect, it } from 'vitest';
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

  it('does not believe zeros beside text', () => {
    expect(usageOf(answer({ prompt_tokens: 0, completion_tokens: 0 }))).toBeNull();
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

  it('marks usage that contradicts itself', () => {
    const contradicted = { prompt_tokens: 10, completion_tokens: 10, cached_tokens: 11 };
    expect(answer(contradicted)).toMatchObject({ completion: { usage_corrected: true } });
    const sound = answer({ prompt_tokens: 10, completion_tokens: 10, cached_tokens: 9 });
    expect(sound.ok && sound.completion).not.toHaveProperty('usage_corrected');
  });

  it('counts a part beside its whole that is larger than it', () => {
    const sound = { prompt_tokens: 10, completion_tokens: 10 };
    expect(usageOf(answer({ ...sound, prompt_tokens_details: { cached_tokens: 11 } }))).toMatchObject({
      input_tokens: 10,
      cache_read_tokens: 11,
    });
    expect(usageOf(answer({ ...sound, completion_tokens_details: { reasoning_tokens: 11 } }))).toMatchObject({
      output_tokens: 21,
      reasoning_tokens: 11,
    });
  });

  it.each([
    ['stop', 'stop'],
    ['length', 'length'],
    ['content_filter', 'content_filter'],
    ['STOP', 'stop'],
    ['eos_token', 'stop'],
    ['end_turn', 'stop'],
    ['MAX_TOKENS', 'length'],
    ['model_length', 'length'],
    ['sensitive', 'content_filter'],
    ['', 'stop'],
    [null, 'stop'],
    [undefined, 'stop'],
  ])('reads the finish reason %s as %s', (finish_reason, expected) => {
    expect(finishOf(answer(undefined, { finish_reason }))).toBe(expected);
  });

  it.each(['tool_calls', 'function_call', 'tool_calls\u0000', 'stop'])(
    'with calls ends with them by %s, and without any it has stopped',
    (finish_reason) => {
      const tool_calls = [{ id: 'a', type: 'function', function: { name: 'now', arguments: '{}' } }];
      expect(finishOf(answer(undefined, { finish_reason, message: { content: null, tool_calls } }))).toBe(
        'tool_calls',
      );
      expect(finishOf(answer(undefined, { finish_reason }))).toBe('stop');
      const nothing = { finish_reason, message: { content: null } };
      expect(answer({ prompt_tokens: 5, completion_tokens: 5 }, nothing).ok).toBe(finish_reason === 'stop');
    },
  );

  it.each([
    ['error', 'overloaded'],
    ['abort', 'overloaded'],
    ['network_error', 'overloaded'],
    ['insufficient_system_resource', 'overloaded'],
    ['something_new', 'invalid_response'],
    ['constructor', 'invalid_response'],
  ])('takes the finish reason %s for a failure: %s', (finish_reason, kind) => {
    expect(answer({ prompt_tokens: 5, completion_tokens: 5 }, { finish_reason })).toMatchObject({
      ok: false,
      failure: { kind, retryable: true },
    });
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
});
