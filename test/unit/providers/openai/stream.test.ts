import { describe, expect, it } from 'vitest';
import { readChatStream } from '../../../../worker/providers/openai/stream.ts';
import { anyCallId, type Frame, plainUsage, readAll } from '../stream-cases.ts';

describe('a stream of OpenAI’s', () => {
  const read = (...frames: Frame[]) => readAll(readChatStream(), frames);
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
      { type: 'done', finish_reason: 'stop', usage: plainUsage(5, 1) },
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
    expect(end(counts(1, 1), counts(2, 2))).toMatchObject({ usage: plainUsage(2, 2) });
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
      { type: 'tool_call', index: 0, id: anyCallId, name: 'one' },
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

  it.each(['{"choices":', 'null', '[]', '7', '{"choices":7}'])('cannot be read with the event %s', (data) =>
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
