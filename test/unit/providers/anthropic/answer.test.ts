import { describe, expect, it } from 'vitest';
import * as anthropic from '../../../../worker/providers/anthropic/answer.ts';
import { finishOf, unusableCounts, usageOf } from '../wire-cases.ts';

describe('an answer of Anthropic', () => {
  const answer = (usage: unknown, more: object = {}) =>
    anthropic.readMessage({
      content: [{ type: 'text', text: 'Hi' }],
      stop_reason: 'end_turn',
      usage,
      ...more,
    });

  it('reports cache tokens beside the input, as it is told', () => {
    const usage = {
      input_tokens: 10,
      cache_creation_input_tokens: 20,
      cache_read_input_tokens: 30,
      output_tokens: 40,
      output_tokens_details: { thinking_tokens: 15 },
    };
    expect(usageOf(answer(usage))).toEqual({
      input_tokens: 10,
      cache_read_tokens: 30,
      cache_write_tokens: 20,
      output_tokens: 40,
      reasoning_tokens: 15,
    });
  });

  it('keeps an explicit zero, and reads a null class as zero', () => {
    const usage = { input_tokens: 0, output_tokens: 0, cache_read_input_tokens: null };
    expect(usageOf(answer(usage))).toMatchObject({ input_tokens: 0, output_tokens: 0, cache_read_tokens: 0 });
  });

  it.each(unusableCounts)('takes a report that counts %j as missing', (count) => {
    const sound = { input_tokens: 10, output_tokens: 10 };
    expect(usageOf(answer({ ...sound, input_tokens: count }))).toBeNull();
    expect(usageOf(answer({ ...sound, output_tokens: count }))).toBeNull();
    expect(usageOf(answer({ ...sound, cache_creation_input_tokens: count }))).toBeNull();
  });

  it.each([
    ['end_turn', 'stop'],
    ['stop_sequence', 'stop'],
    ['max_tokens', 'length'],
    ['model_context_window_exceeded', 'length'],
    ['refusal', 'content_filter'],
    ['tool_use', 'tool_calls'],
  ])('reads the stop reason %s as %s', (stop_reason, expected) => {
    expect(finishOf(answer(undefined, { stop_reason }))).toBe(expected);
  });

  it('leaves thinking out of the answer', () => {
    const content = [
      { type: 'thinking', thinking: 'Hm' },
      { type: 'text', text: 'Yes' },
    ];
    expect(answer(undefined, { content })).toMatchObject({ completion: { text: 'Yes' } });
  });

  const error = (status: number, type: string, message = 'm') => ({
    status,
    type,
    message,
    headers: new Headers(),
  });
  it.each([
    [error(401, 'authentication_error'), 'authentication', true],
    [error(402, 'billing_error'), 'authentication', true],
    [
      error(400, 'invalid_request_error', 'Your credit balance is too low to access the API'),
      'authentication',
      true,
    ],
    [error(400, 'invalid_request_error'), 'invalid_request', false],
    [error(400, 'invalid_request_error', 'prompt is too long: 2 tokens > 1 maximum'), 'context_length', true],
    [
      error(400, 'invalid_request_error', 'input length and `max_tokens` exceed context limit: 1 + 2 > 2'),
      'context_length',
      true,
    ],
    [error(404, 'not_found_error'), 'invalid_request', true],
    [error(413, 'request_too_large'), 'invalid_request', false],
    [error(429, 'rate_limit_error'), 'rate_limited', true],
    [error(529, 'overloaded_error'), 'overloaded', true],
  ])('reads %j as %s, retryable: %s', (thrown, kind, retryable) => {
    expect(anthropic.readMessageError(thrown, 0)).toMatchObject({ kind, retryable });
  });
});
