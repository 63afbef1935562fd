import { describe, expect, it } from 'vitest';
import { readChatCompletion } from '../../../../worker/providers/openai/answer.ts';
import { readChatStream } from '../../../../worker/providers/openai/stream.ts';
import { type Frame, readAll } from '../stream-cases.ts';

/** Answers in forms that servers of chat completions have been seen to send. */

const usage = { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 };
const counted = { choices: [], usage };
const chunk = (delta: object, finish_reason: string | null = null, more: object = {}) => ({
  choices: [{ index: 0, delta, finish_reason, ...more }],
});
const half = chunk({ content: 'half' });
const read = (...frames: Frame[]) => readAll(readChatStream(), frames);
const textOf = (...frames: Frame[]) =>
  read(...frames)
    .map((event) => (event.type === 'text' ? event.text : ''))
    .join('');

describe('a failure that is told as if it were an answer', () => {
  it.each<[string, Frame[], string, number?]>([
    [
      'behind a router',
      [chunk({}, 'stop', { native_finish_reason: 'network_error' }), counted],
      'overloaded',
    ],
    [
      'of a call that the model behind a router wrote wrongly',
      [chunk({}, 'stop', { native_finish_reason: 'MALFORMED_FUNCTION_CALL' }), counted],
      'invalid_response',
    ],
    ['in the words of a proxy', ['error: engine died'], 'overloaded', 500],
    ['in brackets', ['[ERROR] upstream gone'], 'overloaded', 500],
    ['as a list', [{ success: false, errors: [{ code: 7009, message: 'no' }] }], 'overloaded', 500],
    ['as a detail', [{ detail: 'it broke' }], 'overloaded', 500],
    ['as a status', [{ status: 'error', message: 'it broke' }], 'overloaded', 500],
    ['with a status as a number', [{ status: 429, message: 'slow down' }], 'rate_limited', 429],
    ['with a code of Baidu', [{ error_code: 336_100, error_msg: 'try again' }], 'overloaded', 500],
    ['with a class of Python', [{ error: { message: 'm', type: 'RateLimitError' } }], 'rate_limited', 429],
    [
      'of MiniMax',
      [{ choices: null, base_resp: { status_code: 1002, status_msg: 'm' } }],
      'rate_limited',
      429,
    ],
  ])('%s is one', (_, frames, kind, status) => {
    for (const before of [[], [half]])
      expect(read(...before, ...frames, '[DONE]').at(-1)).toMatchObject({
        ...{ type: 'failed', failure: { kind, ...(status && { status }) } },
      });
  });

  it.each([
    [1004, 'authentication'],
    [1008, 'authentication'],
    [2013, 'invalid_request'],
    [1013, 'overloaded'],
  ])('with the code %i of MiniMax is %s, unless its code is zero', (status_code, kind) => {
    const body = { choices: null, base_resp: { status_code, status_msg: 'm' } };
    expect(read(body)).toMatchObject([{ type: 'failed', failure: { kind, message: 'm' } }]);
    const fine = { ...chunk({ content: 'Hi' }, 'stop'), base_resp: { status_code: 0, status_msg: '' } };
    expect(read(fine, '[DONE]').at(-1)).toMatchObject({ type: 'done' });
  });

  it('is a filtered answer when the server calls it sensitive', () => {
    expect(read({ ...chunk({}, 'stop'), output_sensitive: true }, '[DONE]')).toMatchObject([
      { type: 'done', finish_reason: 'content_filter' },
    ]);
  });

  it('is none when only a note stands beside the answer', () => {
    const note = { type: 'status', status: 'queued', message: 'Waiting' };
    expect(textOf(note, chunk({ content: 'Hi' }, 'stop', { native_finish_reason: 'STOP' }))).toBe('Hi');
  });
});

describe('the end of an answer', () => {
  it.each(['null', 'None', 'undefined', ' '])('is not told by the reason %j', (reason) => {
    const events = read(
      chunk({ content: 'a' }, reason),
      chunk({ content: 'b' }, reason),
      chunk({}, 'length'),
    );
    expect(events).toMatchObject([{ text: 'a' }, { text: 'b' }, { type: 'done', finish_reason: 'length' }]);
    expect(read(chunk({ content: 'a' }, reason)).at(-1)).toMatchObject({ type: 'text' });
  });

  it('is told by a reason with the name of its type', () => {
    expect(read(chunk({ content: 'a' }, 'FinishReason.MAX_TOKENS')).at(-1)).toMatchObject({
      finish_reason: 'length',
    });
  });

  it('is told by usage after it, though no reason was given', () => {
    expect(read(half, counted).at(-1)).toMatchObject({ type: 'done', usage: { output_tokens: 5 } });
    expect(read(counted, half).at(-1), 'before it').toMatchObject({ type: 'text' });
    expect(read({ ...half, usage }).at(-1), 'beside it').toMatchObject({ type: 'text' });
  });

  it.each([
    [{ stop_reason: '###' }, '###'],
    [{ matched_stop: '\n\n' }, '\n\n'],
    [{ stop_reason: 128_009 }, undefined],
    [{ stop_reason: null, matched_stop: 2 }, undefined],
    [{ stop_reason: 'end_turn' }, undefined],
  ])('with %j names the sequence %j', (more, stop_sequence) => {
    const end = read(chunk({ content: 'Hi' }, 'stop', more), '[DONE]').at(-1);
    expect(end).toEqual({
      ...{ type: 'done', finish_reason: 'stop', usage: null },
      ...(stop_sequence !== undefined && { stop_sequence }),
    });
  });

  it.each([
    ['model_length', {}],
    ['length', { native_finish_reason: 'model_context_window_exceeded' }],
  ])('by %s with %j tells that the context window is full', (reason, more) => {
    expect(read(chunk({ content: 'Hi' }, reason, more), '[DONE]').at(-1)).toMatchObject({
      finish_reason: 'length',
      stop_cause: 'context_window',
    });
  });

  it.each(['"[DONE]"', '[done]', ' [DONE]\r'])('is marked by %j', (mark) => {
    expect(read(half, mark).at(-1)).toMatchObject({ type: 'done' });
  });
});

describe('an answer in an odd form', () => {
  it.each<[string, Frame[]]>([
    ['as the text of older completions', [{ choices: [{ index: 0, text: 'Hi', finish_reason: 'stop' }] }]],
    [
      'as a choice without a list',
      [{ choices: { index: 0, delta: { content: 'Hi' }, finish_reason: 'stop' } }],
    ],
    ['under another number', [{ choices: [{ index: 1, delta: { content: 'Hi' }, finish_reason: 'stop' }] }]],
    ['as a text with a value', [chunk({ content: [{ type: 'text', text: { value: 'Hi' } }] }, 'stop')]],
  ])('%s is told', (_, frames) => {
    expect(textOf(...frames, '[DONE]')).toBe('Hi');
    expect(readChatCompletion(frames[0])).toMatchObject({ ok: true, completion: { text: 'Hi' } });
  });

  it.each([
    { reasoning: { content: 'Hm' } },
    { reasoning_details: [{ type: 'reasoning.text', text: 'Hm', index: 0 }] },
    { reasoning: 'Hm', reasoning_details: [{ type: 'reasoning.text', text: 'Hm', index: 0 }] },
  ])('has reasoning as %j, once', (delta) => {
    expect(read(chunk(delta)).filter(({ type }) => type === 'reasoning')).toEqual([
      { type: 'reasoning', text: 'Hm' },
    ]);
  });

  it('has calls that only its last message tells', () => {
    const call = { id: 'a', type: 'function', function: { name: 'now', arguments: '{}' } };
    const message = { role: 'assistant', content: 'half', tool_calls: [call] };
    expect(
      read(half, { choices: [{ index: 0, message, finish_reason: 'tool_calls' }] }, '[DONE]'),
    ).toMatchObject([
      { text: 'half' },
      { type: 'tool_call', id: 'a' },
      { json: '{}' },
      { type: 'done', finish_reason: 'tool_calls' },
    ]);
  });
});

describe('usage', () => {
  const usageOf = (...reports: object[]) => {
    const end = read(
      chunk({ content: 'Hi' }, 'stop'),
      ...reports.map((one) => ({ choices: [], usage: one })),
    );
    return end.at(-1);
  };

  it('with a cache that is read after it was written counts it once', () => {
    const before = { prompt_tokens: 1_000, completion_tokens: 1, cache_creation_input_tokens: 900 };
    const after = {
      ...before,
      completion_tokens: 5,
      cache_creation_input_tokens: 0,
      cache_read_input_tokens: 900,
    };
    expect(usageOf(before, after)).toMatchObject({
      usage: { input_tokens: 100, cache_read_tokens: 900, cache_write_tokens: 0, output_tokens: 5 },
    });
  });

  it.each([
    { promptTokenCount: 10, candidatesTokenCount: 5, totalTokenCount: 15 },
    { promptTokens: 10, completionTokens: 5, totalTokens: 15 },
    { inputTokens: 10, outputTokens: 5 },
    { prompt_eval_count: 10, eval_count: 5 },
  ])('has the names of other APIs: %j', (report) => {
    expect(usageOf(report)).toMatchObject({ usage: { input_tokens: 10, output_tokens: 5 } });
  });

  it('of one token for each chunk is no usage of a long answer', () => {
    const one = { prompt_tokens: 10, completion_tokens: 1 };
    const words = Array.from({ length: 300 }, () => ({ ...chunk({ content: 'words ' }), usage: one }));
    expect(read(...words, { ...chunk({}, 'stop'), usage: one }, '[DONE]').at(-1)).toMatchObject({
      usage: null,
    });
    expect(read(...words.slice(0, 30), chunk({}, 'stop'), '[DONE]').at(-1)).not.toMatchObject({
      usage: null,
    });
  });
});
