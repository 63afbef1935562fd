import { describe, expect, it } from 'vitest';
import * as anthropic from '../../../../worker/providers/anthropic/answer.ts';
import { appendEvent, emptyCompletion } from '../../../../worker/providers/chat/collect.ts';
import { eventsOfCompletion, jsonOf } from '../../../../worker/providers/transport/stream-reader.ts';
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

  it('tells tokens that the cache keeps for an hour apart, never more than were written', () => {
    const usage = { input_tokens: 10, cache_creation_input_tokens: 20, output_tokens: 40 };
    const of = (ephemeral_1h_input_tokens: unknown) =>
      usageOf(answer({ ...usage, cache_creation: { ephemeral_1h_input_tokens } }));
    expect(of(15)).toMatchObject({ cache_write_tokens: 5, cache_write_1h_tokens: 15 });
    expect(of(25)).toMatchObject({ cache_write_tokens: 0, cache_write_1h_tokens: 20 });
    expect(of(0)).not.toHaveProperty('cache_write_1h_tokens');
    expect(of(-1)).toBeNull();
  });

  it('keeps an explicit zero, and reads a null class as zero', () => {
    const usage = { input_tokens: 5, output_tokens: 0, cache_read_input_tokens: null };
    expect(usageOf(answer(usage, { content: [], stop_reason: 'max_tokens' }))).toMatchObject({
      ...{ input_tokens: 5, output_tokens: 0, cache_read_tokens: 0 },
    });
  });

  it.each(unusableCounts)('takes a report that counts %j as missing', (count) => {
    const sound = { input_tokens: 10, output_tokens: 10 };
    expect(usageOf(answer({ ...sound, input_tokens: count }))).toBeNull();
    expect(usageOf(answer({ ...sound, output_tokens: count }))).toBeNull();
    expect(usageOf(answer({ ...sound, cache_creation_input_tokens: count }))).toBeNull();
  });

  it.each([
    ['no tokens beside text', { input_tokens: 5, output_tokens: 0 }],
    ['no prompt', { input_tokens: 0, output_tokens: 5 }],
    ['nothing', { input_tokens: 0, output_tokens: 0 }],
  ])('takes a report of %s as missing', (_, usage) => {
    expect(usageOf(answer(usage))).toBeNull();
  });

  it.each([
    ['error', 'overloaded'],
    ['something_new', 'invalid_response'],
  ])('takes the stop reason %s for a failure', (stop_reason, kind) => {
    expect(answer(undefined, { stop_reason })).toMatchObject({
      ok: false,
      failure: { kind, retryable: true },
    });
  });

  it.each([{ stop_reason: null }, { stop_reason: '' }, {}])('reads text that ends by %j', (end) => {
    const content = [{ type: 'text', text: 'Hi' }];
    expect(finishOf(anthropic.readMessage({ content, ...end }))).toBe('stop');
    expect(anthropic.readMessage({ content: [], ...end })).toMatchObject({ ok: false });
  });

  it('tells which sequence stopped it', () => {
    const end = { stop_reason: 'stop_sequence', stop_sequence: '###' };
    expect(answer(undefined, end)).toMatchObject({ completion: { stop_sequence: '###' } });
  });

  it.each([
    [{ stop_reason: 'pause_turn' }, { finish_reason: 'stop', stop_cause: 'pause' }],
    [
      { stop_reason: 'model_context_window_exceeded' },
      { finish_reason: 'length', stop_cause: 'context_window' },
    ],
    [
      {
        stop_reason: 'refusal',
        stop_details: { type: 'refusal', category: 'cyber', explanation: 'No malware.' },
      },
      { finish_reason: 'content_filter', refusal: { category: 'cyber', explanation: 'No malware.' } },
    ],
    [
      { stop_reason: 'refusal', stop_details: { type: 'refusal', category: 'bio', explanation: null } },
      { finish_reason: 'content_filter', refusal: { category: 'bio', explanation: null } },
    ],
  ])('tells why it stopped: %j', (end, told) => {
    expect(answer(undefined, end)).toMatchObject({ completion: told });
  });

  it.each([null, {}, 'refusal', { type: 'refusal', category: null, explanation: '' }])(
    'was refused without a reason by the details %j',
    (stop_details) => {
      const read = answer(undefined, { stop_reason: 'refusal', stop_details });
      expect(finishOf(read)).toBe('content_filter');
      expect(read).not.toHaveProperty('completion.refusal');
    },
  );

  it('keeps numbers in a call that JavaScript cannot hold', () => {
    const input = '{"id":2512292042121000001,"ratio":1}';
    const content = `[{"type":"tool_use","id":"a","name":"f","input":${input}}]`;
    expect(anthropic.readMessage(jsonOf(`{"content":${content},"stop_reason":"tool_use"}`))).toMatchObject({
      completion: { tool_calls: [{ arguments: input }] },
    });
  });

  it.each([
    ['end_turn', 'stop'],
    ['pause_turn', 'stop'],
    ['stop_sequence', 'stop'],
    ['max_tokens', 'length'],
    ['model_context_window_exceeded', 'length'],
    ['refusal', 'content_filter'],
    ['END_TURN', 'stop'],
    ['length', 'length'],
  ])('reads the stop reason %s as %s', (stop_reason, expected) => {
    expect(finishOf(answer(undefined, { stop_reason }))).toBe(expected);
  });

  it.each(['tool_use', 'end_turn', 'tool_calls'])(
    'with calls ends with them by %s, and without any it has stopped',
    (stop_reason) => {
      const content = [{ type: 'tool_use', id: 'a', name: 'now', input: {} }];
      expect(finishOf(answer(undefined, { stop_reason, content }))).toBe('tool_calls');
      expect(finishOf(answer(undefined, { stop_reason }))).toBe('stop');
    },
  );

  it.each([
    ['its text alone', 'Hi', 'Hi'],
    ['null for a block', [null, { type: 'text', text: 'Hi' }], 'Hi'],
  ])('may have %s', (_, content, text) => {
    expect(answer(undefined, { content })).toMatchObject({ completion: { text } });
  });

  it.each([
    ['{"x":1}', '{"x":1}'],
    ['', '{}'],
    [[], '{}'],
    [null, '{}'],
  ])('has the input %j of a call', (input, json) => {
    const content = [{ type: 'tool_use', id: 'a', name: 'now', input }];
    expect(answer(undefined, { content })).toMatchObject({
      completion: { tool_calls: [{ arguments: json }] },
    });
  });

  it.each([
    [{ input_tokens: 5, output_tokens: 0 }, false],
    [undefined, false],
    [{ input_tokens: 5, output_tokens: 2 }, true],
  ])('that says nothing with the usage %j is told: %s', (usage, ok) => {
    expect(answer(usage, { content: [] })).toMatchObject({ ok });
    expect(answer(usage, { content: [], stop_reason: 'refusal' })).toMatchObject({ ok: true });
  });

  it.each([
    [{ type: 'error', error: { type: 'overloaded_error', message: 'm' } }, 'overloaded'],
    [{ error: { code: 429, message: 'm' } }, 'rate_limited'],
    [{ code: 500, msg: 'm', success: false }, 'overloaded'],
  ])('is a failure if it is an error with a status of success: %j', (body, kind) => {
    expect(anthropic.readMessage(body)).toMatchObject({ ok: false, failure: { kind, message: 'm' } });
  });

  it('keeps the order of its blocks, in one piece and when it is told as a stream', () => {
    const result = answer(
      {},
      {
        content: [
          { type: 'thinking', thinking: 'a', signature: 's' },
          { type: 'text', text: 'So.' },
          { type: 'tool_use', id: 'x', name: 'now', input: {} },
          { type: 'thinking', thinking: 'b', signature: 't' },
          { type: 'tool_use', id: 'y', name: 'now', input: {} },
        ],
      },
    );
    if (!result.ok) throw new Error(result.failure.message);
    const { completion } = result;
    expect(completion.order?.map(({ type }) => type)).toEqual([
      ...['reasoning', 'text', 'tool_call', 'reasoning', 'tool_call'],
    ]);
    expect(eventsOfCompletion(completion).reduce(appendEvent, emptyCompletion)).toEqual(completion);
  });

  it('has thinking apart from its text, with what proves it', () => {
    const content = [
      { type: 'thinking', thinking: 'Hm', signature: 's' },
      { type: 'thinking', thinking: '', signature: 't' },
      { type: 'redacted_thinking', data: 'x' },
      { type: 'server_tool_use', id: 'a', name: 'b', input: {} },
      { type: 'text', text: 'Yes' },
    ];
    expect(answer(undefined, { content })).toMatchObject({
      completion: {
        text: 'Yes',
        tool_calls: [],
        reasoning: [
          { text: 'Hm', signature: 's' },
          { text: '', signature: 't' },
          { text: '', encrypted: 'x' },
        ],
      },
    });
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
