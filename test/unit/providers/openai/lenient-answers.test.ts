import { describe, expect, it } from 'vitest';
import { readChatCompletion } from '../../../../worker/providers/openai/answer.ts';
import { readChatStream } from '../../../../worker/providers/openai/stream.ts';
import type { ProviderResult, StreamEvent } from '../../../../worker/providers/provider.ts';

const usage = { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 };
const whole = (message: object, more: object = {}, finish_reason: string | null = 'stop') =>
  readChatCompletion({ choices: [{ index: 0, message, finish_reason }], usage, ...more });
const said = (result: ProviderResult) => (result.ok ? result.completion : result.failure);

const chunk = (delta: object, finish_reason: string | null = null, more: object = {}) =>
  JSON.stringify({ choices: [{ index: 0, delta, finish_reason }], ...more });

/** The events of these data up to the terminal one; then the body ends. */
function read(...frames: (string | { event: string; data: string })[]): StreamEvent[] {
  const reader = readChatStream();
  const events: StreamEvent[] = [];
  for (const frame of frames) {
    events.push(...reader.read(typeof frame === 'string' ? { event: null, data: frame } : frame));
    if (['done', 'failed'].includes(events.at(-1)?.type ?? '')) return events;
  }
  const end = reader.end();
  return end === null ? events : [...events, end];
}
const textOf = (events: StreamEvent[]) =>
  events.map((event) => (event.type === 'text' ? event.text : '')).join('');
const reasoningOf = (events: StreamEvent[]) =>
  events.map((event) => (event.type === 'reasoning' ? event.text : '')).join('');

describe('an answer in one piece', () => {
  it.each<[string, object, string, string]>([
    ['text', { content: 'Hi' }, 'Hi', ''],
    [
      'a list of texts',
      {
        content: [
          { type: 'text', text: 'H' },
          { type: 'output_text', text: 'i' },
        ],
      },
      'Hi',
      '',
    ],
    [
      'a list with thinking',
      {
        content: [
          { type: 'thinking', thinking: [{ type: 'text', text: 'Hm' }] },
          { type: 'text', text: 'Hi' },
        ],
      },
      'Hi',
      'Hm',
    ],
    ['thinking as one text', { content: [{ type: 'thinking', thinking: 'Hm' }, 'Hi'] }, 'Hi', 'Hm'],
    ['one part', { content: { type: 'text', text: 'Hi' } }, 'Hi', ''],
    ['reasoning_content', { content: 'Hi', reasoning_content: 'Hm' }, 'Hi', 'Hm'],
    ['reasoning', { content: 'Hi', reasoning: 'Hm' }, 'Hi', 'Hm'],
    ['reasoning under two names', { content: 'Hi', reasoning: 'Hm', reasoning_content: 'Hm' }, 'Hi', 'Hm'],
    ['reasoning alone', { content: null, reasoning_content: 'Hm' }, '', 'Hm'],
    [
      'nulls',
      { content: 'Hi', refusal: null, tool_calls: null, function_call: null, reasoning: null, audio: null },
      'Hi',
      '',
    ],
  ])('of %s is told', (_, message, text, reasoning) => {
    const result = whole(message);
    if (!result.ok) throw new Error(result.failure.message);
    expect(result.completion.text).toBe(text);
    expect(result.completion.reasoning?.map((part) => part.text).join('') ?? '').toBe(reasoning);
    expect(textOf(read(chunk(message), '[DONE]'))).toBe(text);
    expect(reasoningOf(read(chunk(message), '[DONE]'))).toBe(reasoning);
  });

  it.each<[string, unknown, string]>([
    ['null', { choices: [{ message: { content: null }, finish_reason: 'stop' }] }, 'invalid_response'],
    ['an empty text', { choices: [{ message: { content: '' } }] }, 'invalid_response'],
    [
      'an empty text, cut off',
      { choices: [{ message: { content: '' }, finish_reason: 'length' }] },
      'invalid_response',
    ],
    [
      'an empty text and no output',
      {
        choices: [{ message: { content: '' }, finish_reason: 'stop' }],
        usage: { prompt_tokens: 10, completion_tokens: 0 },
      },
      'invalid_response',
    ],
    ['no choices', { choices: [], usage }, 'invalid_response'],
    ['no message', { choices: [{ finish_reason: 'stop' }] }, 'invalid_response'],
    ['an error', { error: { message: 'm', code: 429 } }, 'rate_limited'],
    [
      'an error beside choices',
      {
        choices: [{ message: { content: 'Hi' }, finish_reason: 'stop' }],
        usage,
        error: { message: 'm', code: 502 },
      },
      'overloaded',
    ],
    [
      'an error in its choice',
      { choices: [{ message: { content: 'Hi' }, error: { message: 'm', code: 502 } }], usage },
      'overloaded',
    ],
    [
      'a flat error',
      { object: 'error', message: 'm', type: 'BadRequestError', code: 400 },
      'invalid_request',
    ],
    ['a flat error without its mark', { message: 'm', code: 500 }, 'overloaded'],
    ['a list', [], 'invalid_response'],
  ])('of %s is a failure', (_, body, kind) => {
    expect(said(readChatCompletion(body))).toMatchObject({ kind });
  });

  it('of nothing is told if its usage shows that the model has worked, or a filter stopped it', () => {
    expect(said(whole({ content: null }))).toMatchObject({ text: '', usage: { output_tokens: 5 } });
    expect(said(whole({ content: '' }, { usage: undefined }, 'content_filter'))).toMatchObject({
      text: '',
      finish_reason: 'content_filter',
    });
  });

  it.each([{ error: null }, { error: '' }, { error: {} }])('with %j beside it is no error', (more) => {
    expect(said(whole({ content: 'Hi' }, more))).toMatchObject({ text: 'Hi' });
  });

  it('carries what the client has to send back', () => {
    const carried = {
      reasoning_details: [{ type: 'reasoning.encrypted', data: 'x' }],
      extra_content: { google: { thought_signature: 's' } },
    };
    expect(said(whole({ content: 'Hi', ...carried }))).toMatchObject({ ...carried, text: 'Hi' });
  });
});

describe('a stream', () => {
  const done = { type: 'done', finish_reason: 'stop' };

  it.each<[string, Parameters<typeof read>]>([
    ['with empty events', ['', chunk({ content: 'Hi' }), ' ', chunk({}, 'stop'), '[DONE]']],
    ['with spaces around its mark of the end', [chunk({ content: 'Hi' }), ' [DONE] ']],
    ['with events of another kind', ['{"type":"ping"}', chunk({ content: 'Hi' }), '{}', '[DONE]']],
    ['with a note', [chunk({ content: 'Hi' }), '{"type":"status","message":"queued"}', '[DONE]']],
    [
      'with names of events',
      [
        { event: 'message', data: chunk({ content: 'Hi' }) },
        { event: 'done', data: '[DONE]' },
      ],
    ],
    [
      'with an event that is not JSON',
      [chunk({ content: 'H' }), '{"choices":', chunk({ content: 'i' }), '[DONE]'],
    ],
    ['with an event that is no chunk', [chunk({ content: 'H' }), '7', chunk({ content: 'i' }, 'stop')]],
    [
      'with a whole message at its end',
      [chunk({ content: 'Hi' }), '{"choices":[{"message":{"content":"Hi"},"finish_reason":"stop"}]}'],
    ],
    ['of one whole message', ['{"choices":[{"message":{"content":"Hi"},"finish_reason":"stop"}]}', '[DONE]']],
    ['with empty reasons', [chunk({ content: 'H' }, ''), chunk({ content: 'i' }, ''), chunk({}, 'stop')]],
    ['with a reason in each chunk', [chunk({ content: 'H' }, 'stop'), chunk({ content: 'i' }, 'stop')]],
    ['with text after its reason', [chunk({ content: 'H' }, 'stop'), chunk({ content: 'i' }), '[DONE]']],
    ['with a line separator', [chunk({ content: 'Hi' }).replace('Hi', 'H\u2028i'), '[DONE]']],
  ])('%s is told', (_, frames) => {
    const events = read(...frames);
    expect(textOf(events).replace('\u2028', '')).toBe('Hi');
    expect(events.at(-1)).toMatchObject(done);
  });

  it.each<[string, Parameters<typeof read>, string]>([
    ['ends with the reason error', [chunk({ content: 'Hi' }), chunk({}, 'error'), '[DONE]'], 'overloaded'],
    [
      'ends with an unknown reason',
      [chunk({ content: 'Hi' }), chunk({}, 'new'), '[DONE]'],
      'invalid_response',
    ],
    [
      'says nothing',
      [chunk({ role: 'assistant', content: '' }), chunk({}, 'stop'), '[DONE]'],
      'invalid_response',
    ],
    ['has no chunk', ['[DONE]'], 'invalid_response'],
    ['is a flat error', ['{"object":"error","message":"m","code":400}', '[DONE]'], 'invalid_request'],
    [
      'has an error beside choices',
      [chunk({ content: 'Hi' }), chunk({}, 'error', { error: { message: 'm', code: 429 } })],
      'rate_limited',
    ],
    [
      'has its only content in an unreadable event',
      ['{"choices":[{"delta":{"content"', chunk({}, 'stop'), '[DONE]'],
      'invalid_response',
    ],
    ['breaks off after an unreadable event', [chunk({ content: 'Hi' }), '{"choices":'], 'invalid_response'],
    [
      'lacks a piece of a call',
      [
        chunk({ tool_calls: [{ index: 0, id: 'a', function: { name: 'one', arguments: '{"x":' } }] }),
        '{"choices":[{"delta":{"tool_calls":[',
        chunk({}, 'tool_calls'),
        '[DONE]',
      ],
      'invalid_response',
    ],
  ])('that %s is a failure', (_, frames, kind) => {
    expect(read(...frames).at(-1)).toMatchObject({
      type: 'failed',
      failure: { kind, retryable: kind !== 'invalid_request' },
    });
  });

  it.each<[string, string[], object]>([
    [
      'in a chunk of its own',
      [chunk({}, 'stop'), JSON.stringify({ choices: [], usage })],
      { input_tokens: 10 },
    ],
    ['beside the reason', [chunk({}, 'stop', { usage })], { input_tokens: 10 }],
    ['for Groq', [chunk({}, 'stop', { x_groq: { usage } })], { input_tokens: 10 }],
    [
      'in the choice',
      [JSON.stringify({ choices: [{ delta: {}, finish_reason: 'stop', usage }] })],
      { input_tokens: 10 },
    ],
    ['beside text', [chunk({ content: '!' }, null, { usage }), chunk({}, 'stop')], { input_tokens: 10 }],
    [
      'before zeros',
      [
        chunk({}, 'stop', { usage }),
        JSON.stringify({ choices: [], usage: { prompt_tokens: 0, completion_tokens: 0 } }),
      ],
      { output_tokens: 5 },
    ],
  ])('has its usage %s', (_, frames, expected) => {
    expect(read(chunk({ content: 'Hi' }), ...frames, '[DONE]').at(-1)).toMatchObject({ usage: expected });
  });

  it('expects more until its end was told, then its usage, then nothing', () => {
    const reader = readChatStream();
    const expectedAfter = (data: string) => {
      reader.read({ event: null, data });
      return reader.expects?.();
    };
    const counted = JSON.stringify({ choices: [], usage });
    expect(expectedAfter(chunk({ content: 'Hi' }, ''))).toBe('answer');
    expect(expectedAfter(chunk({ content: '!' }, null, { usage }))).toBe('answer');
    expect(
      expectedAfter(chunk({ content: '!' }, 'stop', { usage })),
      'a reason beside text may be repeated',
    ).toBe('usage');
    expect(expectedAfter(chunk({ content: '!' })), 'text after a reason').toBe('answer');
    expect(expectedAfter(chunk({}, 'stop'))).toBe('usage');
    expect(expectedAfter(counted)).toBe('nothing');
    expect(expectedAfter(chunk({ content: '!' }))).toBe('answer');
  });

  it('does not carry more than it can hold', () => {
    const events = read(chunk({ reasoning_details: [{ data: 'x'.repeat(5_000_000) }] }));
    expect(events).toMatchObject([{ type: 'failed', failure: { kind: 'invalid_response' } }]);
  });
});
