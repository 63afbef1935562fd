import { expect, it } from 'vitest';
import { appendEvent, emptyCompletion } from '../../../../worker/providers/chat/collect.ts';
import type { StreamEvent } from '../../../../worker/providers/provider.ts';

const heard = (...events: StreamEvent[]) => events.reduce(appendEvent, emptyCompletion);
const usage = {
  input_tokens: 1,
  cache_read_tokens: 0,
  cache_write_tokens: 0,
  output_tokens: 2,
  reasoning_tokens: 0,
};

it('pieces of text make a text, which excludes reasoning', () => {
  expect(
    heard(
      { type: 'reasoning', text: 'hmm' },
      { type: 'text', text: 'Hel' },
      { type: 'text', text: 'lo' },
      { type: 'done', finish_reason: 'length', usage },
    ),
  ).toEqual({ text: 'Hello', tool_calls: [], finish_reason: 'length', usage });
});

it('interleaved pieces of arguments go to the call they belong to', () => {
  expect(
    heard(
      { type: 'tool_call', index: 0, id: 'a', name: 'weather' },
      { type: 'tool_arguments', index: 0, json: '{"city":' },
      { type: 'tool_call', index: 1, id: 'b', name: 'time' },
      { type: 'tool_arguments', index: 1, json: '{}' },
      { type: 'tool_arguments', index: 0, json: '"Oslo"}' },
    ).tool_calls,
  ).toEqual([
    { id: 'a', name: 'weather', arguments: '{"city":"Oslo"}' },
    { id: 'b', name: 'time', arguments: '{}' },
  ]);
});
