import { describe, expect, it } from 'vitest';
import { readContentStream } from '../../../../worker/providers/google/stream.ts';
import { anyCallId, type Frame, plainUsage, readAll } from '../stream-cases.ts';

describe('a stream of Google’s', () => {
  const read = (...frames: Frame[]) => readAll(readContentStream(), frames);
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
      { type: 'done', finish_reason: 'stop', usage: plainUsage(3, 2) },
    ]);
  });

  it('is not whole without a reason for its end', () => {
    expect(read(chunk([{ text: 'Hi' }], counts(3, 1)))).toEqual([{ type: 'text', text: 'Hi' }]);
  });

  it('may begin with a reason for its end, before anything is said: then more is expected', () => {
    const reader = readContentStream();
    const tell = (data: object) => reader.read({ event: null, data: JSON.stringify(data) });
    tell({ ...chunk([], counts(3), 'STOP') });
    expect(reader.expects?.()).toBe('usage');
    tell(chunk([{ text: 'Hi' }]));
    tell(chunk([], counts(3, 2), 'STOP'));
    expect(reader.expects?.()).toBe('nothing');
    expect(reader.end()).toMatchObject({ type: 'done', usage: plainUsage(3, 2) });
  });

  it('takes a missing count of output for zero only when there is none', () => {
    expect(read(chunk([{ text: 'Hi' }], counts(3), 'STOP')).at(-1)).toMatchObject({ usage: null });
    expect(read(chunk([], counts(3), 'MAX_TOKENS')).at(-1)).toMatchObject({
      finish_reason: 'length',
      usage: plainUsage(3, 0),
    });
  });

  it('says calls whole, and gives them ids', () => {
    const functionCall = { name: 'one', args: { x: 1 } };
    const events = read(
      chunk([{ functionCall, thoughtSignature: 's' }]),
      chunk([{ functionCall: { name: 'two', id: 'b' } }], counts(3, 5), 'STOP'),
    );
    expect(events).toEqual([
      {
        ...{ type: 'tool_call', index: 0, id: anyCallId, name: 'one' },
        extra_content: { google: { thought_signature: 's' } },
      },
      { type: 'tool_arguments', index: 0, json: '{"x":1}' },
      { type: 'tool_call', index: 1, id: 'b', name: 'two' },
      { type: 'tool_arguments', index: 1, json: '{}' },
      { type: 'done', finish_reason: 'tool_calls', usage: plainUsage(3, 5) },
    ]);
  });

  it('keeps thoughts apart from the answer', () => {
    expect(read(chunk([{ text: 'Hm', thought: true }, { text: 'Yes' }]))).toEqual([
      { type: 'reasoning', text: 'Hm' },
      { type: 'text', text: 'Yes' },
    ]);
  });

  it('tells the signature of a text, which can come after it', () => {
    expect(read(chunk([{ text: 'Hi' }]), chunk([{ text: '', thoughtSignature: 't' }]))).toEqual([
      { type: 'text', text: 'Hi' },
      { type: 'carried', extra_content: { google: { thought_signature: 't' } } },
    ]);
  });

  it('passes over fields that are null, and what keeps a connection alive', () => {
    const nulls = { error: null, promptFeedback: null, candidates: null, usageMetadata: null };
    expect(read('', '[DONE]', nulls, chunk([{ text: 'Hi' }], { error: null }, 'STOP'))).toMatchObject([
      { type: 'text', text: 'Hi' },
      { type: 'done', finish_reason: 'stop' },
    ]);
  });

  it.each(['MALFORMED_FUNCTION_CALL', 'UNEXPECTED_TOOL_CALL', 'OTHER', 'NEW'])(
    'has failed at %s',
    (reason) => {
      expect(
        read(chunk([{ text: 'Hi' }], counts(3, 1)), chunk([], counts(3, 1), reason)).at(-1),
      ).toMatchObject({
        type: 'failed',
        failure: { kind: 'invalid_response' },
      });
    },
  );

  it('believes no last report that counts less', () => {
    const partial = { usageMetadata: { promptTokenCount: 3, candidatesTokenCount: 0 } };
    expect(read(chunk([{ text: 'Hi' }], counts(3, 2)), chunk([], partial, 'STOP')).at(-1)).toMatchObject({
      usage: plainUsage(3, 2),
    });
  });

  it('is a filtered answer when the prompt was blocked', () => {
    expect(read({ promptFeedback: { blockReason: 'SAFETY' }, ...counts(3) })).toEqual([
      { type: 'done', finish_reason: 'content_filter', usage: plainUsage(3, 0) },
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

  it.each<[string, Frame]>([
    ['in a response', { response: chunk([{ text: 'Hi' }], counts(3, 2), 'STOP') }],
    ['as a part without a list', chunk({ text: 'Hi' } as never, counts(3, 2), 'STOP')],
    ['beside null', chunk([null as never, { text: 'Hi' }], counts(3, 2), 'STOP')],
    ['with a reason in small letters', chunk([{ text: 'Hi' }], counts(3, 2), 'stop')],
  ])('is told %s', (_, frame) => {
    expect(read(frame)).toMatchObject([
      { text: 'Hi' },
      { type: 'done', finish_reason: 'stop', usage: plainUsage(3, 2) },
    ]);
  });

  it.each([
    ['{"x":1}', '{"x":1}'],
    [[], '{}'],
    [null, '{}'],
  ])('reads the arguments %j', (args, json) => {
    const functionCall = { name: 'one', args };
    expect(read(chunk([{ text: 'Let me see.', functionCall }], counts(3, 2), 'STOP'))).toMatchObject([
      { text: 'Let me see.' },
      { type: 'tool_call', name: 'one' },
      { json },
      { type: 'done', finish_reason: 'tool_calls' },
    ]);
  });

  it('passes over half an event, and fails if it cannot be told without it', () => {
    const half = '{"candidates":[{"con';
    const [hi, end] = [chunk([{ text: 'Hi' }]), chunk([], counts(3, 2), 'STOP')];
    expect(read(hi, half, end).at(-1)).toMatchObject({ type: 'done' });
    for (const frames of [
      [hi, half],
      [half, end],
    ])
      expect(read(...frames).at(-1)).toMatchObject({ type: 'failed', failure: { kind: 'invalid_response' } });
  });

  it('is whole after a proxy’s [DONE], if it has said something', () => {
    expect(read(chunk([{ text: 'Hi' }]), '[DONE]').at(-1)).toMatchObject({
      type: 'done',
      finish_reason: 'stop',
    });
    expect(read('[DONE]')).toEqual([]);
  });

  it.each([
    [{ error: 'boom' }, 'overloaded'],
    ['error: boom', 'overloaded'],
    [{ error: { code: 429, message: 'Please retry in 6.5s.' } }, 'rate_limited'],
  ])('fails at an error in the form %j', (frame, kind) => {
    expect(read(chunk([{ text: 'Hi' }]), frame).at(-1)).toMatchObject({ type: 'failed', failure: { kind } });
  });

  it('is a failure when it says nothing and has no output, unless it was cut off or filtered', () => {
    const empty = (reason: string) => read(chunk([{ text: '' }], counts(3), reason)).at(-1);
    expect(empty('STOP')).toMatchObject({ type: 'failed', failure: { kind: 'invalid_response' } });
    expect(empty('MAX_TOKENS')).toMatchObject({ finish_reason: 'length' });
    expect(empty('SAFETY')).toMatchObject({ finish_reason: 'content_filter' });
  });

  it('expects more while each event has text and a reason', () => {
    const reader = readContentStream();
    const expectedAfter = (frame: object) => {
      reader.read({ event: null, data: JSON.stringify(frame) });
      return reader.expects?.();
    };
    expect(expectedAfter(chunk([{ text: 'H' }]))).toBe('answer');
    expect(expectedAfter(chunk([{ text: 'i' }], counts(3, 1), 'STOP'))).toBe('usage');
    expect(expectedAfter(chunk([], counts(3, 2), 'STOP'))).toBe('nothing');
  });

  it('has no usage of one token for a long answer', () => {
    const long = chunk([{ text: 'words '.repeat(300) }], counts(3, 1), 'STOP');
    expect(read(long).at(-1)).toMatchObject({ usage: null });
  });
});
