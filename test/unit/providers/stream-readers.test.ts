import { describe, expect, it } from 'vitest';
import { readMessageStream } from '../../../worker/providers/anthropic/stream.ts';
import { readContentStream } from '../../../worker/providers/google/stream.ts';
import { readChatStream } from '../../../worker/providers/openai/stream.ts';
import type { StreamEvent } from '../../../worker/providers/provider.ts';
import type { ServerSentEvent } from '../../../worker/providers/transport/server-sent-events.ts';
import type { StreamReader } from '../../../worker/providers/transport/stream-reader.ts';

/** All that a reader makes of these events: each is its data, or its name and its data; then the body ends. */
function readAll(
  reader: StreamReader<ServerSentEvent>,
  frames: (object | string | [string, object])[],
): StreamEvent[] {
  const events: StreamEvent[] = [];
  for (const frame of frames) {
    const [event, data] = Array.isArray(frame) ? frame : [null, frame];
    events.push(...reader.read({ event, data: typeof data === 'string' ? data : JSON.stringify(data) }));
    if (events.at(-1)?.type === 'done' || events.at(-1)?.type === 'failed') return events;
  }
  const end = reader.end();
  return end === null ? events : [...events, end];
}

const usage = (input_tokens: number, output_tokens: number) => ({
  input_tokens,
  cache_read_tokens: 0,
  cache_write_tokens: 0,
  output_tokens,
  reasoning_tokens: 0,
});
const anyId = expect.stringMatching(/^call_[0-9a-f]{24}$/);

describe('a stream of OpenAI’s', () => {
  const read = (...frames: (object | string | [string, object])[]) => readAll(readChatStream(), frames);
  const chunk = (delta: object, finish_reason: string | null = null) => ({
    choices: [{ index: 0, delta, finish_reason }],
  });
  const counts = (prompt_tokens: number, completion_tokens: number) => ({
    choices: [],
    usage: { prompt_tokens, completion_tokens },
  });
  const call = (index: number | null, more: object) => chunk({ tool_calls: [{ index, ...more }] });

  it('says text and how it ended', () => {
    expect(
      read(
        chunk({ role: 'assistant', content: '' }),
        chunk({ content: 'Hi' }),
        chunk({}, 'stop'),
        counts(5, 1),
        '[DONE]',
      ),
    ).toEqual([
      { type: 'text', text: 'Hi' },
      { type: 'done', finish_reason: 'stop', usage: usage(5, 1) },
    ]);
  });

  it('is whole without [DONE] when a reason for its end came, and without a reason when [DONE] came', () => {
    const whole = [
      { type: 'text', text: 'Hi' },
      { type: 'done', finish_reason: 'length', usage: null },
    ];
    expect(read(chunk({ content: 'Hi' }, 'length'))).toEqual(whole);
    expect(read(chunk({ content: 'Hi' }), '[DONE]')).toMatchObject([
      {},
      { type: 'done', finish_reason: 'stop' },
    ]);
    expect(read(chunk({ content: 'Hi' }))).toEqual([{ type: 'text', text: 'Hi' }]);
  });

  it('believes the last usage report alone', () => {
    const end = (...reports: object[]) => read(chunk({ content: 'Hi' }, 'stop'), ...reports, '[DONE]').at(-1);
    expect(end(counts(1, 1), counts(2, 2))).toMatchObject({ usage: usage(2, 2) });
    expect(end(counts(1, 1), counts(-2, 2))).toMatchObject({ usage: null });
    expect(end({ ...chunk({}), usage: null })).toMatchObject({ usage: null });
  });

  it('says calls in pieces', () => {
    const events = read(
      call(0, { id: 'a', function: { name: 'one', arguments: '' } }),
      call(0, { function: { arguments: '{"x"' } }),
      call(0, { function: { arguments: ':1}' } }),
      call(1, { id: 'b', function: { name: 'two', arguments: '{}' } }),
      chunk({}, 'tool_calls'),
      '[DONE]',
    );
    expect(events).toEqual([
      { type: 'tool_call', index: 0, id: 'a', name: 'one' },
      { type: 'tool_arguments', index: 0, json: '{"x"' },
      { type: 'tool_arguments', index: 0, json: ':1}' },
      { type: 'tool_call', index: 1, id: 'b', name: 'two' },
      { type: 'tool_arguments', index: 1, json: '{}' },
      { type: 'done', finish_reason: 'tool_calls', usage: null },
    ]);
  });

  it('tells calls apart that a server gives one number, and names those it does not name', () => {
    const events = read(
      call(0, { id: 'a', function: { name: 'one', arguments: '{}' } }),
      call(0, { id: 'b', function: { name: 'two', arguments: '{}' } }),
      call(null, { id: 'b', function: { arguments: ' ' } }),
      chunk({}, 'stop'),
    );
    expect(events).toMatchObject([
      { type: 'tool_call', index: 0, name: 'one' },
      { type: 'tool_arguments', index: 0 },
      { type: 'tool_call', index: 1, name: 'two' },
      { type: 'tool_arguments', index: 1 },
      { type: 'tool_arguments', index: 1, json: ' ' },
      { type: 'done', finish_reason: 'tool_calls' },
    ]);
    expect(read(call(0, { function: { name: 'one' } }))).toEqual([
      { type: 'tool_call', index: 0, id: anyId, name: 'one' },
    ]);
  });

  it('keeps reasoning apart from the answer', () => {
    expect(read(chunk({ reasoning_content: 'Hm' }), chunk({ reasoning: 'Hm', content: 'Yes' }))).toEqual([
      { type: 'reasoning', text: 'Hm' },
      { type: 'reasoning', text: 'Hm' },
      { type: 'text', text: 'Yes' },
    ]);
  });

  it('passes a refusal on as filtered text', () => {
    expect(read(chunk({ refusal: 'I cannot.' }, 'stop'))).toMatchObject([
      { type: 'text', text: 'I cannot.' },
      { type: 'done', finish_reason: 'content_filter' },
    ]);
  });

  it.each([
    [{ error: { message: 'm', type: 'server_error', code: null } }, 'overloaded', 500],
    [{ error: { message: 'm', code: 'rate_limit_exceeded' } }, 'rate_limited', 429],
    [{ error: { message: 'm', code: 'insufficient_quota' } }, 'authentication', 429],
    [{ error: { message: 'm', code: 'context_length_exceeded' } }, 'context_length', 400],
    [{ error: { message: 'm', code: 502 } }, 'overloaded', 502],
    [{ error: { message: 'm', code: 429 } }, 'rate_limited', 429],
    [{ error: { message: 'm', type: 'invalid_request_error', code: null } }, 'invalid_request', 400],
    [{ error: 'it broke' }, 'overloaded', 500],
    [['error', { message: 'm', type: 'overloaded_error' }] as [string, object], 'overloaded', 503],
    [
      ['error', { error: { message: 'm', code: 'content_filter' } }] as [string, object],
      'content_filter',
      400,
    ],
  ])('fails at %j as %s', (frame, kind, status) => {
    expect(read(chunk({ content: 'Hi' }), frame).at(-1)).toMatchObject({
      type: 'failed',
      failure: { kind, status },
    });
  });

  it.each([
    '{"choices":',
    'null',
    '[]',
    '7',
    '{"choices":[{"delta":{"content":7}}]}',
    '{"choices":7}',
    '{"choices":[{"delta":{"tool_calls":[{"index":0,"function":{"arguments":"{}"}}]}}]}',
  ])('cannot be read with the event %s', (data) =>
    expect(read(data)).toMatchObject([{ type: 'failed', failure: { kind: 'invalid_response' } }]),
  );

  it('is no answer when it ends before it begins', () => {
    expect(read('[DONE]')).toMatchObject([{ type: 'failed', failure: { kind: 'invalid_response' } }]);
  });

  it('heeds the one choice that was asked for', () => {
    const both = {
      choices: [
        { index: 1, delta: { content: 'no' } },
        { index: 0, delta: { content: 'yes' } },
      ],
    };
    expect(read(both)).toEqual([{ type: 'text', text: 'yes' }]);
  });
});

describe('a stream of Anthropic’s', () => {
  const read = (...frames: (object | string | [string, object])[]) => readAll(readMessageStream(), frames);
  const start = { type: 'message_start', message: { usage: { input_tokens: 9, output_tokens: 1 } } };
  const block = (index: number, content_block: object) => ({
    type: 'content_block_start',
    index,
    content_block,
  });
  const delta = (index: number, changes: object) => ({ type: 'content_block_delta', index, delta: changes });
  const stop = (index: number) => ({ type: 'content_block_stop', index });
  const end = (stop_reason: string, counts?: object) => ({
    type: 'message_delta',
    delta: { stop_reason },
    ...(counts && { usage: counts }),
  });
  const last = { type: 'message_stop' };
  const text = (words: string) => [
    block(0, { type: 'text', text: '' }),
    delta(0, { type: 'text_delta', text: words }),
    stop(0),
  ];

  it('says text and how it ended, by the types in the data, named or not', () => {
    const frames = [start, { type: 'ping' }, ...text('Hi'), end('end_turn', { output_tokens: 4 }), last];
    const expected = [
      { type: 'text', text: 'Hi' },
      { type: 'done', finish_reason: 'stop', usage: usage(9, 4) },
    ];
    expect(read(...frames)).toEqual(expected);
    expect(read(...frames.map(({ type, ...data }): [string, object] => [type, data]))).toEqual(expected);
  });

  it('takes what the end reports for right, and a null there for nothing said', () => {
    const counts = { input_tokens: 12, cache_read_input_tokens: null, output_tokens: 4 };
    expect(read(start, ...text('Hi'), end('max_tokens', counts), last).at(-1)).toEqual({
      type: 'done',
      finish_reason: 'length',
      usage: usage(12, 4),
    });
  });

  it('does not take the start’s count of output for a report', () => {
    expect(read(start, ...text('Hi'), end('end_turn'), last).at(-1)).toMatchObject({ usage: null });
  });

  it('says calls in pieces, and the empty arguments of one that has none', () => {
    const events = read(
      start,
      ...text('Let me see.'),
      block(1, { type: 'tool_use', id: 'a', name: 'one', input: {} }),
      delta(1, { type: 'input_json_delta', partial_json: '' }),
      delta(1, { type: 'input_json_delta', partial_json: '{"x":1}' }),
      stop(1),
      block(2, { type: 'tool_use', id: 'b', name: 'two', input: {} }),
      stop(2),
      end('tool_use', { output_tokens: 4 }),
      last,
    );
    expect(events).toEqual([
      { type: 'text', text: 'Let me see.' },
      { type: 'tool_call', index: 0, id: 'a', name: 'one' },
      { type: 'tool_arguments', index: 0, json: '{"x":1}' },
      { type: 'tool_call', index: 1, id: 'b', name: 'two' },
      { type: 'tool_arguments', index: 1, json: '{}' },
      { type: 'done', finish_reason: 'tool_calls', usage: usage(9, 4) },
    ]);
  });

  it('keeps thinking apart from the answer, and passes over what it does not know', () => {
    const events = read(
      start,
      block(0, { type: 'thinking', thinking: '' }),
      delta(0, { type: 'thinking_delta', thinking: 'Hm' }),
      delta(0, { type: 'signature_delta', signature: 'x' }),
      { type: 'something_new' },
    );
    expect(events).toEqual([{ type: 'reasoning', text: 'Hm' }]);
  });

  it('is whole when the reason for its end came, and not before', () => {
    expect(read(start, ...text('Hi'), end('end_turn')).at(-1)).toMatchObject({ type: 'done' });
    expect(read(start, ...text('Hi')).at(-1)).toEqual({ type: 'text', text: 'Hi' });
  });

  it.each([
    ['overloaded_error', 'overloaded', 529, true],
    ['rate_limit_error', 'rate_limited', 429, true],
    ['timeout_error', 'timeout', 504, true],
    ['api_error', 'overloaded', 500, true],
    ['authentication_error', 'authentication', 500, true],
    ['invalid_request_error', 'invalid_request', 400, false],
  ])('fails at an %s as %s', (type, kind, status, retryable) => {
    const frame = { type: 'error', error: { type, message: 'm' } };
    const failed = [{ type: 'failed', failure: { kind, status, retryable, message: 'm' } }];
    expect(read(start, frame)).toMatchObject(failed);
    expect(read(start, ['error', frame])).toMatchObject(failed);
  });

  it.each([
    '{"type":',
    '{}',
    'null',
    '{"type":"message_start"}',
    '{"type":"content_block_delta","index":0}',
    '{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":7}}',
    '{"type":"content_block_start","index":0,"content_block":{"type":"tool_use"}}',
    '{"type":"message_delta"}',
  ])('cannot be read with the event %s', (data) => {
    expect(read(data)).toMatchObject([{ type: 'failed', failure: { kind: 'invalid_response' } }]);
  });
});

describe('a stream of Google’s', () => {
  const read = (...frames: (object | string)[]) => readAll(readContentStream(), frames);
  const chunk = (parts: object[], more: object = {}, finishReason?: string) => ({
    candidates: [{ content: { parts, role: 'model' }, ...(finishReason && { finishReason }) }],
    ...more,
  });
  const counts = (promptTokenCount: number, candidatesTokenCount?: number) => ({
    usageMetadata: { promptTokenCount, ...(candidatesTokenCount !== undefined && { candidatesTokenCount }) },
  });

  it('says text and, at its end, how it ended, with the last usage', () => {
    expect(read(chunk([{ text: 'H' }], counts(3, 1)), chunk([{ text: 'i' }], counts(3, 2), 'STOP'))).toEqual([
      { type: 'text', text: 'H' },
      { type: 'text', text: 'i' },
      { type: 'done', finish_reason: 'stop', usage: usage(3, 2) },
    ]);
  });

  it('is not whole without a reason for its end', () => {
    expect(read(chunk([{ text: 'Hi' }], counts(3, 1)))).toEqual([{ type: 'text', text: 'Hi' }]);
  });

  it('takes a missing count of output for zero only when there is none', () => {
    expect(read(chunk([{ text: 'Hi' }], counts(3), 'STOP')).at(-1)).toMatchObject({ usage: null });
    expect(read(chunk([], counts(3), 'MAX_TOKENS')).at(-1)).toMatchObject({
      finish_reason: 'length',
      usage: usage(3, 0),
    });
  });

  it('says calls whole, and gives them ids', () => {
    const functionCall = { name: 'one', args: { x: 1 } };
    const events = read(
      chunk([{ functionCall, thoughtSignature: 's' }]),
      chunk([{ functionCall: { name: 'two', id: 'b' } }], counts(3, 5), 'STOP'),
    );
    expect(events).toEqual([
      { type: 'tool_call', index: 0, id: anyId, name: 'one' },
      { type: 'tool_arguments', index: 0, json: '{"x":1}' },
      { type: 'tool_call', index: 1, id: 'b', name: 'two' },
      { type: 'tool_arguments', index: 1, json: '{}' },
      { type: 'done', finish_reason: 'tool_calls', usage: usage(3, 5) },
    ]);
  });

  it('keeps thoughts apart from the answer', () => {
    expect(read(chunk([{ text: 'Hm', thought: true }, { text: 'Yes' }]))).toEqual([
      { type: 'reasoning', text: 'Hm' },
      { type: 'text', text: 'Yes' },
    ]);
  });

  it('is a filtered answer when the prompt was blocked', () => {
    expect(read({ promptFeedback: { blockReason: 'SAFETY' }, ...counts(3) })).toEqual([
      { type: 'done', finish_reason: 'content_filter', usage: usage(3, 0) },
    ]);
  });

  it.each([
    [{ code: 503, status: 'UNAVAILABLE' }, 'overloaded', 503, null],
    [{ code: 429, details: [{ retryDelay: '7s' }] }, 'rate_limited', 429, 7_000],
    [{ code: 400, details: [{ reason: 'API_KEY_INVALID' }] }, 'authentication', 400, null],
    [{ status: 'INTERNAL' }, 'overloaded', 500, null],
  ])('fails at the error %j as %s', (error, kind, status, retry_after_ms) => {
    expect(read({ error: { message: 'm', ...error } })).toMatchObject([
      { type: 'failed', failure: { kind, status, retry_after_ms, message: 'm' } },
    ]);
  });

  it.each([
    '{"candidates":',
    'null',
    '[]',
    '{"candidates":7}',
    '{"candidates":[{"content":{"parts":[{"text":7}]}}]}',
  ])('cannot be read with the event %s', (data) =>
    expect(read(data)).toMatchObject([{ type: 'failed', failure: { kind: 'invalid_response' } }]),
  );
});
