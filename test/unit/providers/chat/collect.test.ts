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

it('pieces of text make a text, and reasoning stands beside it', () => {
  expect(
    heard(
      { type: 'reasoning', text: 'hmm' },
      { type: 'text', text: 'Hel' },
      { type: 'text', text: 'lo' },
      { type: 'done', finish_reason: 'length', usage },
    ),
  ).toEqual({ text: 'Hello', reasoning: [{ text: 'hmm' }], tool_calls: [], finish_reason: 'length', usage });
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

it('a signature ends a piece of reasoning, and encrypted reasoning is a piece of its own', () => {
  const events: StreamEvent[] = [
    { type: 'reasoning', text: 'first' },
    { type: 'reasoning', text: '', signature: 'one' },
    { type: 'reasoning', text: 'second' },
    { type: 'reasoning', text: '', encrypted: 'secret' },
  ];
  expect(events.reduce(appendEvent, emptyCompletion).reasoning).toEqual([
    { text: 'first', signature: 'one' },
    { text: 'second' },
    { text: '', encrypted: 'secret' },
  ]);
});

it('what a server wants back is collected from all its pieces', () => {
  const events: StreamEvent[] = [
    { type: 'carried', reasoning_details: [{ index: 0 }] },
    {
      type: 'carried',
      reasoning_details: [{ index: 1 }],
      extra_content: { google: { thought_signature: 's' } },
    },
  ];
  expect(events.reduce(appendEvent, emptyCompletion)).toMatchObject({
    reasoning_details: [{ index: 0 }, { index: 1 }],
    extra_content: { google: { thought_signature: 's' } },
  });
});

it('blocks keep their order where it is not reasoning, text and calls', () => {
  const { order, reasoning, text } = heard(
    { type: 'reasoning', text: 'a' },
    { type: 'text', text: 'Hel' },
    { type: 'text', text: 'lo' },
    { type: 'reasoning', text: 'b' },
    { type: 'reasoning', text: 'c', signature: 's' },
    { type: 'tool_call', index: 0, id: 'x', name: 'now' },
    { type: 'text', text: '!' },
    { type: 'text', text: '!' },
  );
  expect({ reasoning, text }).toEqual({
    reasoning: [{ text: 'a' }, { text: 'bc', signature: 's' }],
    text: 'Hello!!',
  });
  expect(order).toEqual([
    { type: 'reasoning' },
    { type: 'text', length: 5 },
    { type: 'reasoning' },
    { type: 'tool_call' },
    { type: 'text', length: 2 },
  ]);
});
