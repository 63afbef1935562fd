import { describe, expect, it } from 'vitest';
import { readMessageStream } from '../../../../worker/providers/anthropic/stream.ts';
import { type Frame, plainUsage, readAll } from '../stream-cases.ts';

describe('a stream of Anthropic’s', () => {
  const read = (...frames: Frame[]) => readAll(readMessageStream(), frames);
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
  const told = { type: 'input_told', usage: plainUsage(9, 0) };
  const text = (words: string) => [
    block(0, { type: 'text', text: '' }),
    delta(0, { type: 'text_delta', text: words }),
    stop(0),
  ];

  it('says text and how it ended, by the types in the data, named or not', () => {
    const frames = [start, { type: 'ping' }, ...text('Hi'), end('end_turn', { output_tokens: 4 }), last];
    const expected = [
      told,
      { type: 'text', text: 'Hi' },
      { type: 'done', finish_reason: 'stop', usage: plainUsage(9, 4) },
    ];
    expect(read(...frames)).toEqual(expected);
    expect(read(...frames.map(({ type, ...data }): [string, object] => [type, data]))).toEqual(expected);
  });

  it('takes what the end reports for right, and a null there for nothing said', () => {
    const counts = { input_tokens: 12, cache_read_input_tokens: null, output_tokens: 4 };
    expect(read(start, ...text('Hi'), end('max_tokens', counts), last).at(-1)).toEqual({
      type: 'done',
      finish_reason: 'length',
      usage: plainUsage(12, 4),
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
      told,
      { type: 'text', text: 'Let me see.' },
      { type: 'tool_call', index: 0, id: 'a', name: 'one' },
      { type: 'tool_arguments', index: 0, json: '{"x":1}' },
      { type: 'tool_call', index: 1, id: 'b', name: 'two' },
      { type: 'tool_arguments', index: 1, json: '{}' },
      { type: 'done', finish_reason: 'tool_calls', usage: plainUsage(9, 4) },
    ]);
  });

  it.each([
    [{ input_tokens: 0, output_tokens: 5 }, plainUsage(9, 5)],
    [{ input_tokens: 0, cache_read_input_tokens: 0, output_tokens: 5 }, plainUsage(9, 5)],
    [
      { input_tokens: 2, cache_read_input_tokens: 7, output_tokens: 5 },
      { ...plainUsage(2, 5), cache_read_tokens: 7 },
    ],
    [{ output_tokens: 0 }, null],
  ])('merges the report %j of its end', (counts, expected) => {
    expect(read(start, ...text('Hi'), end('end_turn', counts), last).at(-1)).toMatchObject({
      usage: expected,
    });
  });

  it('tells no prompt of no tokens', () => {
    const silent = { type: 'message_start', message: { usage: { input_tokens: 0, output_tokens: 1 } } };
    expect(read(silent, ...text('Hi'))).toEqual([{ type: 'text', text: 'Hi' }]);
  });

  it('reads input that stands in the start of a call, unless pieces follow', () => {
    const call = (index: number) =>
      block(index, { type: 'tool_use', id: `c${index}`, name: 'f', input: { x: index } });
    const events = read(
      call(0),
      stop(0),
      call(1),
      delta(1, { type: 'input_json_delta', partial_json: '{"y":2}' }),
      stop(1),
      call(2),
      end('tool_use'),
      last,
    );
    expect(events.filter(({ type }) => type === 'tool_arguments')).toEqual([
      { type: 'tool_arguments', index: 0, json: '{"x":0}' },
      { type: 'tool_arguments', index: 1, json: '{"y":2}' },
      { type: 'tool_arguments', index: 2, json: '{"x":2}' },
    ]);
  });

  it('tells which sequence stopped it', () => {
    const stopped = { type: 'message_delta', delta: { stop_reason: 'stop_sequence', stop_sequence: '###' } };
    expect(read(...text('Hi'), stopped, last).at(-1)).toMatchObject({
      finish_reason: 'stop',
      stop_sequence: '###',
    });
  });

  it('calls a tool whose start has no input with an empty one', () => {
    const block = { type: 'tool_use', id: 'a', name: 'now' };
    const begun = { type: 'content_block_start', index: 0, content_block: block };
    expect(
      read(start, begun, { type: 'content_block_stop', index: 0 }, end('tool_use'), last),
    ).toContainEqual({
      ...{ type: 'tool_arguments', index: 0, json: '{}' },
    });
  });

  it('counts what was written to the cache by its parts where their sum is not told', () => {
    const parts = { ephemeral_5m_input_tokens: 100, ephemeral_1h_input_tokens: 50 };
    const usage = { input_tokens: 3, cache_creation: parts };
    const begun = (more: object) => ({ type: 'message_start', message: { usage: { ...usage, ...more } } });
    const ended = { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 5 } };
    for (const more of [{}, { cache_creation_input_tokens: 150 }])
      expect(read(begun(more), ...text('Hi'), ended, last).at(-1)).toMatchObject({
        usage: { input_tokens: 3, cache_write_tokens: 100, cache_write_1h_tokens: 50, output_tokens: 5 },
      });
  });

  it('keeps what was written for an hour when the end repeats the prompt as zeros, or counts the writes alone', () => {
    const cache_creation = { ephemeral_5m_input_tokens: 0, ephemeral_1h_input_tokens: 90 };
    const usage = { input_tokens: 3, cache_creation_input_tokens: 90, cache_creation };
    const begun = { type: 'message_start', message: { usage } };
    const zeros = { ephemeral_5m_input_tokens: 0, ephemeral_1h_input_tokens: 0 };
    for (const told of [
      { input_tokens: 0, cache_creation_input_tokens: 0, cache_creation: zeros },
      { input_tokens: 3, cache_creation_input_tokens: 90 },
      {},
    ]) {
      const ended = { type: 'message_delta', delta: { stop_reason: 'end_turn' } };
      expect(
        read(begun, ...text('Hi'), { ...ended, usage: { ...told, output_tokens: 5 } }, last).at(-1),
      ).toMatchObject({ usage: { input_tokens: 3, cache_write_tokens: 0, cache_write_1h_tokens: 90 } });
    }
  });

  it('tells why it was refused, or paused', () => {
    const stop_details = { type: 'refusal', category: 'cyber', explanation: 'x'.repeat(9_000) };
    const refused = { type: 'message_delta', delta: { stop_reason: 'refusal', stop_details } };
    expect(read(start, refused, last).at(-1)).toMatchObject({
      finish_reason: 'content_filter',
      refusal: { category: 'cyber', explanation: 'x'.repeat(4_000) },
    });
    expect(read(start, ...text('Hi'), end('pause_turn'), last).at(-1)).toMatchObject({
      finish_reason: 'stop',
      stop_cause: 'pause',
    });
  });

  it.each([
    ['error', 'overloaded'],
    ['something_new', 'invalid_response'],
  ])('has failed when it stops for %s', (reason, kind) => {
    const failure = { type: 'failed', failure: { kind } };
    expect(read(start, ...text('Hi'), end(reason), last).at(-1)).toMatchObject(failure);
    expect(read(start, ...text('Hi'), end(reason)).at(-1)).toMatchObject(failure);
  });

  it('is no answer when it stops without a reason or a word', () => {
    expect(read(start, last).at(-1)).toMatchObject({ type: 'failed', failure: { kind: 'invalid_response' } });
    expect(read(start, ...text('Hi'), last).at(-1)).toMatchObject({ type: 'done', finish_reason: 'stop' });
  });

  it('keeps thinking apart from the answer, with its signature, and passes over what it does not know', () => {
    const events = read(
      block(0, { type: 'thinking', thinking: '', signature: '' }),
      delta(0, { type: 'thinking_delta', thinking: 'Hm' }),
      delta(0, { type: 'signature_delta', signature: 'x' }),
      stop(0),
      block(1, { type: 'redacted_thinking', data: 'y' }),
      { type: 'something_new' },
    );
    expect(events).toEqual([
      { type: 'reasoning', text: 'Hm' },
      { type: 'reasoning', text: '', signature: 'x' },
      { type: 'reasoning', text: '', encrypted: 'y' },
    ]);
  });

  it('passes over what keeps a connection alive, and fields that are null', () => {
    const nothing = [
      '',
      '[DONE]',
      'null',
      '{}',
      { type: 'message_start', message: null },
      delta(0, { type: 'text_delta', text: null }),
      { type: 'message_delta', delta: null, usage: null, error: null },
    ];
    expect(read(...nothing)).toEqual([]);
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
    ['authentication_error', 'authentication', 401, true],
    ['invalid_request_error', 'invalid_request', 400, false],
  ])('fails at an %s as %s', (type, kind, status, retryable) => {
    const frame = { type: 'error', error: { type, message: 'm' } };
    const failed = { type: 'failed', failure: { kind, status, retryable, message: 'm' } };
    expect(read(start, frame)).toMatchObject([told, failed]);
    expect(read(start, ['error', frame])).toMatchObject([told, failed]);
  });

  it.each([
    '{"type":',
    '{"type":"content_block_delta","index":0}',
    '{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":7}}',
    '{"type":"content_block_start","index":0,"content_block":{"type":"tool_use"}}',
  ])('cannot be read with the event %s', (data) => {
    expect(read(data)).toMatchObject([{ type: 'failed', failure: { kind: 'invalid_response' } }]);
  });

  it.each<[string, Frame[]]>([
    [
      'without numbers',
      [
        { type: 'content_block_start', content_block: { type: 'text', text: '' } },
        { type: 'content_block_delta', delta: { type: 'text_delta', text: 'Hi' } },
        { type: 'content_block_stop' },
      ],
    ],
    ['without the start of its block', [delta(0, { type: 'text_delta', text: 'Hi' })]],
    ['with a start of nothing', [block(0, null as never), delta(0, { type: 'text_delta', text: 'Hi' })]],
    ['with half an event', [...text('H'), '{"type":"content_block_delta","index":0,"del', ...text('i')]],
  ])('is told %s', (_, frames) => {
    const events = read(start, ...frames, end('end_turn', { output_tokens: 4 }), last);
    expect(events.map((event) => (event.type === 'text' ? event.text : '')).join('')).toBe('Hi');
    expect(events.at(-1)).toMatchObject({ type: 'done', finish_reason: 'stop', usage: { output_tokens: 4 } });
  });

  it('is told from one event that holds the whole message', () => {
    const content = [{ type: 'text', text: 'Hi' }];
    const usage = { input_tokens: 9, output_tokens: 4 };
    const message = { type: 'message', role: 'assistant', content, stop_reason: 'end_turn', usage };
    expect(read(message, '[DONE]')).toMatchObject([
      { text: 'Hi' },
      { type: 'done', usage: plainUsage(9, 4) },
    ]);
  });

  const called = (input: unknown, ...pieces: unknown[]) =>
    read(
      block(0, { type: 'tool_use', id: 'a', name: 'one', input }),
      ...pieces.map((partial_json) => delta(0, { type: 'input_json_delta', partial_json })),
      end('tool_use'),
      last,
    )
      .map((event) => (event.type === 'tool_arguments' ? event.json : ''))
      .join('');
  it.each([
    ['a text', '{"x":1}', [], '{"x":1}'],
    ['an empty list', [], [], '{}'],
    ['all so far in each piece', {}, ['{"x"', '{"x":1', '{"x":1}'], '{"x":1}'],
    ['an object in a piece', {}, [{ x: 1 }], '{"x":1}'],
  ])('reads the input of a call that comes as %s', (_, input, pieces, json) => {
    expect(called(input, ...pieces)).toBe(json);
  });

  it('tells calls of one number, none of which is stopped', () => {
    const call = (id: string) => block(0, { type: 'tool_use', id, name: 'one', input: {} });
    const piece = delta(0, { type: 'input_json_delta', partial_json: '{"x":1}' });
    const events = read(call('a'), call('b'), piece, end('end_turn'), last);
    expect(events).toMatchObject([
      { type: 'tool_call', id: 'a' },
      { index: 0, json: '{}' },
      { type: 'tool_call', id: 'b' },
      { index: 1, json: '{"x":1}' },
      { type: 'done', finish_reason: 'tool_calls' },
    ]);
  });

  it.each<[string, Frame[]]>([
    ['says nothing and has no output', [end('end_turn', { output_tokens: 0 }), last]],
    ['ends with a call that it has not', [end('tool_use', { output_tokens: 4 }), last]],
    [
      'has lost the start of a call',
      [
        ...text('Hi'),
        '{"type":"content_block_start","index":1,"content_bl',
        delta(1, { type: 'input_json_delta', partial_json: '{}' }),
        end('tool_use', { output_tokens: 4 }),
        last,
      ],
    ],
    ['breaks off after half an event', [...text('Hi'), '{"type":"mess']],
  ])('is a failure when it %s', (_, frames) => {
    expect(read(start, ...frames).at(-1)).toMatchObject({
      type: 'failed',
      failure: { kind: 'invalid_response' },
    });
  });

  it.each<[Frame, string]>([
    ['error: engine died', 'overloaded'],
    [['error', 'boom' as never] as [string, object], 'overloaded'],
    [{ type: 'error', error: 'boom' }, 'overloaded'],
    [{ type: 'error', error: { type: 'rate_limit', message: 'm' } }, 'rate_limited'],
    [{ error: { code: '429', message: 'm' } }, 'rate_limited'],
    [{ object: 'error', code: 400, message: 'm' }, 'invalid_request'],
  ])('fails at an error in the form %j', (frame, kind) => {
    expect(read(start, ...text('Hi'), frame, last).at(-1)).toMatchObject({
      type: 'failed',
      failure: { kind },
    });
  });

  it.each<[string, Frame[]]>([
    [
      'in the delta',
      [{ type: 'message_delta', delta: { stop_reason: 'end_turn', usage: { output_tokens: 4 } } }, last],
    ],
    ['in the last event', [end('end_turn'), { ...last, usage: { output_tokens: 4 } }]],
    [
      'by Bedrock',
      [
        end('end_turn'),
        { ...last, 'amazon-bedrock-invocationMetrics': { inputTokenCount: 9, outputTokenCount: 4 } },
      ],
    ],
    ['by OpenAI’s names', [end('end_turn', { prompt_tokens: 9, completion_tokens: 4 }), last]],
  ])('has its usage %s', (_, frames) => {
    expect(read(start, ...text('Hi'), ...frames).at(-1)).toMatchObject({ usage: plainUsage(9, 4) });
  });

  it('has no usage of one token for a long answer', () => {
    const long = text('words '.repeat(300));
    expect(read(start, ...long, end('end_turn', { output_tokens: 1 }), last).at(-1)).toMatchObject({
      usage: null,
    });
  });
});
