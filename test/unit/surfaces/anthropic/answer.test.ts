import Anthropic from '@anthropic-ai/sdk';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type AnthropicError,
  anthropicMessage,
  messageStreamEvent,
} from '../../../../contracts/v1/messages-answer.ts';
import type { ChatLiveEvent } from '../../../../worker/executions/chat-task.ts';
import { anthropicUsageOf, MessageEncoder, messageOf } from '../../../../worker/surfaces/anthropic/answer.ts';
import { finished, finishedExecution } from '../finished-execution.ts';
import { randomStream } from '../random-streams.ts';

const execution = finishedExecution();
const errorEvent = ({ failure }: Extract<ChatLiveEvent, { type: 'error' }>): AnthropicError => ({
  type: 'error',
  error: { type: 'api_error', message: failure.code, details: { error_code: failure.code } },
  request_id: 'request',
});
const promptUsage = () => ({
  ...{ input_tokens: 321, cache_read_tokens: 0, cache_write_tokens: 0 },
  ...{ output_tokens: 0, reasoning_tokens: 0 },
});
const head = { execution_id: execution.id, model: 'auto', asks_thinking: false, promptUsage };
const textOf = (events: ChatLiveEvent[]) => {
  const encoder = new MessageEncoder(head, errorEvent);
  return events.map((event) => encoder.encode(event)).join('');
};

/** Parses a body with Anthropic's SDK. */
const heard = (body: string) =>
  new Anthropic({
    apiKey: 'key',
    fetch: async () => new Response(body, { headers: { 'content-type': 'text/event-stream' } }),
  }).messages
    .stream({ model: 'auto', max_tokens: 1, messages: [{ role: 'user', content: 'Hi' }] })
    .finalMessage();

/** Up to four calls, with their pieces interleaved in any order. The pieces of each call keep their order. */
const mixedCalls = fc
  .record({
    calls: fc.array(
      fc.record({
        name: fc.stringMatching(/^[a-z]{1,8}$/),
        value: fc.dictionary(fc.string(), fc.jsonValue()),
      }),
      { minLength: 1, maxLength: 4 },
    ),
    turns: fc.array(fc.nat(), { maxLength: 60 }),
  })
  .map(({ calls: asked, turns }) => {
    const calls = asked.map(({ name, value }) => ({ name, json: JSON.stringify(value) }));
    const waiting = calls.map(({ name, json }, index): ChatLiveEvent[] => [
      { type: 'tool_call', index, id: `call_${index}`, name },
      ...[...json].map((piece): ChatLiveEvent => ({ type: 'tool_arguments', index, json: piece })),
    ]);
    const events: ChatLiveEvent[] = waiting.flatMap((pieces) => pieces.splice(0, 1));
    for (const turn of turns) events.push(...(waiting[turn % waiting.length]?.splice(0, 3) ?? []));
    return { events: [...events, ...waiting.flat()], calls };
  });

/** Reads a body like a strict client, which parses a block's JSON when the block stops and refuses later pieces. */
function readStrictly(body: string): { name: string; input: unknown }[] {
  const blocks: { name: string; json: string; input?: unknown }[] = [];
  for (const [, data = ''] of body.matchAll(/^data: (.*)$/gm)) {
    const { type, index, content_block, delta } = JSON.parse(data);
    if (type === 'content_block_start') {
      expect(index).toBe(blocks.length);
      blocks.push({ name: content_block.name, json: '' });
    }
    const block = blocks[index];
    if (block === undefined || type === 'content_block_start') continue;
    // An assertion for each of many thousand pieces would take longer than the test may.
    if ('input' in block) throw new Error(`A piece of block ${index} follows its stop`);
    if (type === 'content_block_delta') block.json += delta.partial_json;
    if (type === 'content_block_stop') block.input = JSON.parse(block.json);
  }
  return blocks.map(({ name, input }) => ({ name, input }));
}

const typesIn = (body: string) => [...body.matchAll(/^event: (.*)$/gm)].map(([, type]) => type);

describe('a finished execution as a message', () => {
  it('has the text and the usage of each class', () => {
    const message = messageOf(execution, head);
    expect(anthropicMessage.parse(message)).toEqual(message);
    expect(message).toEqual({
      id: `msg_${execution.id}`,
      type: 'message',
      role: 'assistant',
      model: 'auto',
      content: [{ type: 'text', text: 'Hello', citations: null }],
      stop_reason: 'end_turn',
      stop_sequence: null,
      stop_details: null,
      usage: {
        input_tokens: 10,
        cache_creation_input_tokens: 2,
        cache_creation: { ephemeral_5m_input_tokens: 2, ephemeral_1h_input_tokens: 0 },
        cache_read_input_tokens: 3,
        output_tokens: 7,
        output_tokens_details: { thinking_tokens: 4 },
      },
    });
  });

  it.each([
    ['stop', 'end_turn'],
    ['length', 'max_tokens'],
    ['content_filter', 'refusal'],
    ['tool_calls', 'tool_use'],
  ] as const)('that ended by %s stopped by %s', (finish_reason, stop_reason) => {
    expect(messageOf(finishedExecution({ finish_reason }), head).stop_reason).toBe(stop_reason);
  });

  it('counts images and audio as input and output', () => {
    const usage = {
      ...{ input_tokens: 1, input_image_tokens: 20, cache_read_tokens: 300, cache_write_tokens: 0 },
      ...{ output_tokens: 4, output_audio_tokens: 50, reasoning_tokens: 0 },
    };
    expect(anthropicUsageOf(usage)).toMatchObject({ input_tokens: 21, output_tokens: 54 });
    const written = { ...usage, cache_write_tokens: 7, cache_write_1h_tokens: 9 };
    expect(anthropicUsageOf(written)).toMatchObject({
      cache_creation_input_tokens: 16,
      cache_creation: { ephemeral_5m_input_tokens: 7, ephemeral_1h_input_tokens: 9 },
    });
  });

  it('has calls as blocks, and keeps arguments that are not JSON', () => {
    const tool_calls = [
      { id: 'a', name: 'now', arguments: '' },
      { id: 'b', name: 'weather', arguments: '{"city":"Os' },
    ];
    expect(messageOf(finishedExecution({ output_text: '', tool_calls }), head).content).toEqual([
      { type: 'tool_use', id: 'a', name: 'now', input: {} },
      { type: 'tool_use', id: 'b', name: 'weather', input: { unparsed_arguments: '{"city":"Os' } },
    ]);
  });
});

const asking = { ...head, asks_thinking: true };

describe('reasoning in a message', () => {
  const reasoning = [{ text: 'Hm', signature: 's' }, { text: 'unsigned' }, { text: '', encrypted: 'x' }];

  it('comes first; what nobody signed is shown to whoever asked for it', () => {
    const signed = [
      { type: 'thinking', thinking: 'Hm', signature: 's' },
      { type: 'redacted_thinking', data: 'x' },
      { type: 'text', text: 'Hello', citations: null },
    ];
    const whole = messageOf(finishedExecution({ reasoning }), asking);
    expect(anthropicMessage.parse(whole)).toEqual(whole);
    expect(whole.content).toEqual([
      signed[0],
      { type: 'thinking', thinking: 'unsigned', signature: '' },
      ...signed.slice(1),
    ]);
    expect(messageOf(finishedExecution({ reasoning }), head).content).toEqual(signed);
  });

  it('stands in its place among texts and calls', () => {
    const call = { id: 'x', name: 'now', arguments: '{}' };
    const order = [
      { type: 'text' as const, length: 2 },
      { type: 'reasoning' as const },
      { type: 'tool_call' as const },
      { type: 'text' as const, length: 3 },
    ];
    const one = { reasoning: [{ text: 'Hm', signature: 's' }], tool_calls: [call] };
    const typesOf = (fields: object) =>
      messageOf(finishedExecution({ ...one, ...fields }), head).content.map(({ type }) => type);
    expect(typesOf({ order })).toEqual(['text', 'thinking', 'tool_use', 'text']);
    expect(typesOf({ order: order.slice(1) }), 'an order that does not fit').toEqual([
      ...['thinking', 'text', 'tool_use'],
    ]);
    const { content } = messageOf(finishedExecution({ ...one, order }), head);
    expect(content).toMatchObject([{ text: 'He' }, {}, {}, { text: 'llo' }]);
  });

  it.each([asking, head])('is the same in a stream for %j', async (client) => {
    const encoder = new MessageEncoder(client, errorEvent);
    const events: ChatLiveEvent[] = [
      { type: 'reasoning', text: 'H' },
      { type: 'reasoning', text: 'm' },
      { type: 'reasoning', text: '', signature: 's' },
      { type: 'reasoning', text: 'unsigned' },
      { type: 'reasoning', text: '', encrypted: 'x' },
      { type: 'text', text: 'Hello' },
      finished({ reasoning }),
    ];
    const body = events.map((event) => encoder.encode(event)).join('');
    for (const [, data = ''] of body.matchAll(/^data: (.*)$/gm))
      expect(messageStreamEvent.parse(JSON.parse(data))).toEqual(JSON.parse(data));
    const { content } = messageOf(finishedExecution({ reasoning }), client);
    expect((await heard(body)).content).toMatchObject(
      content.map((block) => (block.type === 'text' ? { type: 'text', text: 'Hello' } : block)),
    );
  });
});

it('tells the sequence that stopped an answer', () => {
  const stopped = { stop_reason: 'stop_sequence', stop_sequence: '###', stop_details: null };
  expect(messageOf(finishedExecution({ stop_sequence: '###' }), head)).toMatchObject(stopped);
  expect(textOf([finished({ stop_sequence: '###' })])).toContain(JSON.stringify(stopped));
});

const refusal = { category: 'cyber', explanation: 'No malware.' };
it.each<[Parameters<typeof finishedExecution>[0], Anthropic.StopReason]>([
  [{ finish_reason: 'stop', stop_cause: 'pause' }, 'pause_turn'],
  [{ finish_reason: 'length', stop_cause: 'context_window' }, 'model_context_window_exceeded'],
  [{ finish_reason: 'content_filter', refusal }, 'refusal'],
  [{ finish_reason: 'content_filter' }, 'refusal'],
  [{ finish_reason: 'tool_calls', stop_cause: 'pause' }, 'tool_use'],
])('tells the end %j as %s, in the form of the SDK', async (end, stop_reason) => {
  const stop_details = end?.refusal ? { type: 'refusal', ...refusal } : null;
  const stopped = { stop_reason, stop_sequence: null, stop_details };
  const message = messageOf(finishedExecution(end), head);
  const told: Pick<Anthropic.Message, 'stop_reason' | 'stop_sequence'> = message;
  expect(told).toMatchObject(stopped);
  expect(anthropicMessage.parse(message)).toEqual(message);
  expect(await heard(textOf([finished(end)]))).toMatchObject(stopped);
});

it('tells the prompt in the start of a stream, if the provider has', () => {
  const usage = {
    ...{ input_tokens: 1_234, cache_read_tokens: 5, cache_write_tokens: 6 },
    ...{ output_tokens: 9, reasoning_tokens: 9 },
  };
  const [, data = ''] = /^data: (.*)$/m.exec(textOf([{ type: 'input_told', usage }, finished()])) ?? [];
  expect(JSON.parse(data).message.usage).toMatchObject({
    ...{ input_tokens: 1_234, cache_read_input_tokens: 5, cache_creation_input_tokens: 6, output_tokens: 0 },
  });
});

it('keeps numbers in arguments that JavaScript cannot hold', () => {
  const tool_calls = [{ id: 'a', name: 'f', arguments: '{"id":12345678901234567890}' }];
  expect(JSON.stringify(messageOf(finishedExecution({ tool_calls }), head))).toContain(
    '"input":{"id":12345678901234567890}',
  );
});

describe('a stream as Anthropic’s events', () => {
  it('begins with the message, then sends one block after the other', () => {
    const body = textOf([
      { type: 'text', text: 'Hel' },
      { type: 'text', text: 'lo' },
      { type: 'tool_call', index: 0, id: 'a', name: 'now' },
      { type: 'tool_arguments', index: 0, json: '{}' },
      finished(),
    ]);
    expect(typesIn(body)).toEqual([
      'message_start',
      'ping',
      'content_block_start',
      'content_block_delta',
      'content_block_delta',
      'content_block_stop',
      'content_block_start',
      'content_block_delta',
      'content_block_stop',
      'message_delta',
      'message_stop',
    ]);
  });

  it('tells the prompt as its provider told it before the answer, else an estimate', () => {
    const startOf = (events: ChatLiveEvent[]) => {
      const [, data = ''] = /^event: message_start\ndata: (.*)$/m.exec(textOf(events)) ?? [];
      return JSON.parse(data).message.usage;
    };
    const text: ChatLiveEvent = { type: 'text', text: 'Hello' };
    expect(startOf([text, finished()])).toMatchObject({ input_tokens: 321, output_tokens: 0 });
    const usage = { ...promptUsage(), input_tokens: 5, cache_read_tokens: 700, cache_write_tokens: 30 };
    expect(startOf([{ type: 'input_told', usage }, text, finished()])).toMatchObject({
      ...{ input_tokens: 5, cache_read_input_tokens: 700, cache_creation_input_tokens: 30 },
      output_tokens: 0,
    });
  });

  it('that fails ends with an error event, without message_stop', () => {
    const body = textOf([
      { type: 'text', text: 'Hel' },
      { type: 'error', failure: { code: 'provider_failed' } },
    ]);
    expect(typesIn(body).at(-1)).toBe('error');
    expect(body).not.toContain('message_stop');
  });

  it('that was cut off ends with an error event too', () => {
    const body = textOf([
      { type: 'text', text: 'Hel' },
      finished({ status: 'cancelled', finish_reason: null }),
    ]);
    expect(body).toContain('execution_over');
    expect(body).not.toContain('message_stop');
  });

  it('without content is an empty message', async () => {
    const message = await heard(textOf([finished({ output_text: '' })]));
    expect(message).toMatchObject({ content: [], stop_reason: 'end_turn' });
  });

  it('gives late arguments to the call they belong to', async () => {
    const message = await heard(
      textOf([
        { type: 'tool_call', index: 0, id: 'a', name: 'weather' },
        { type: 'tool_arguments', index: 0, json: '{"city":' },
        { type: 'tool_call', index: 1, id: 'b', name: 'now' },
        { type: 'tool_arguments', index: 1, json: '{"zone":"UTC"}' },
        { type: 'tool_arguments', index: 0, json: '"Oslo"}' },
        finished({ finish_reason: 'tool_calls' }),
      ]),
    );
    expect(message.content).toMatchObject([{ input: { city: 'Oslo' } }, { input: { zone: 'UTC' } }]);
  });

  it('sends no delta for a stopped block, however a provider interleaves the pieces of its calls', () => {
    fc.assert(
      fc.property(mixedCalls, ({ events, calls }) => {
        const blocks = readStrictly(textOf([...events, finished({ finish_reason: 'tool_calls' })]));
        expect(blocks).toEqual(calls.map(({ name, json }) => ({ name, input: JSON.parse(json) })));
      }),
    );
  });

  it('does not delay calls that come one after the other, nor the first call', () => {
    const encoder = new MessageEncoder(head, errorEvent);
    const typesOf = (event: ChatLiveEvent) => typesIn(encoder.encode(event));
    typesOf({ type: 'tool_call', index: 0, id: 'a', name: 'now' });
    expect(typesOf({ type: 'tool_arguments', index: 0, json: '{"a":' })).toEqual(['content_block_delta']);
    expect(typesOf({ type: 'tool_arguments', index: 0, json: '1}' })).toEqual(['content_block_delta']);
    expect(typesOf({ type: 'tool_call', index: 1, id: 'b', name: 'now' })).toEqual([
      'content_block_stop',
      'content_block_start',
    ]);
    expect(typesOf({ type: 'tool_arguments', index: 1, json: '{' })).toEqual(['content_block_delta']);
  });

  it('sends text that comes between the pieces of a call after the call', async () => {
    const message = await heard(
      textOf([
        { type: 'tool_call', index: 0, id: 'a', name: 'weather' },
        { type: 'text', text: 'I look ' },
        { type: 'tool_arguments', index: 0, json: '{"city":"Oslo"}' },
        { type: 'text', text: 'it up.' },
        finished({ finish_reason: 'tool_calls' }),
      ]),
    );
    expect(message.content).toMatchObject([
      { type: 'tool_use', input: { city: 'Oslo' } },
      { type: 'text', text: 'I look it up.' },
    ]);
  });

  it('whatever it is, each event is of the contract’s form, and the SDK puts together to the answer in one piece', async () => {
    await fc.assert(
      fc.asyncProperty(randomStream, async ({ events, execution: whole }) => {
        const body = textOf(events);
        for (const [, data = ''] of body.matchAll(/^data: (.*)$/gm))
          expect(messageStreamEvent.parse(JSON.parse(data))).toEqual(JSON.parse(data));
        const streamed = await heard(body);
        const expected = messageOf(whole, head);
        const texts = ({ content }: { content: readonly { type: string; text?: string }[] }) =>
          content.flatMap((block) => (block.type === 'text' ? [block.text] : [])).join('');
        const calls = ({ content }: { content: readonly { type: string }[] }) =>
          content.filter(({ type }) => type === 'tool_use').map((block) => JSON.parse(JSON.stringify(block)));
        expect(texts(streamed)).toBe(texts(expected));
        expect(calls(streamed)).toEqual(calls(expected));
        // As at Anthropic, only the start of a stream tells the lifetime of what was written to the cache.
        const withoutLifetime = ({ cache_creation: _, ...counts }: object & { cache_creation?: unknown }) =>
          counts;
        const { id, model, stop_reason } = streamed;
        const usage = withoutLifetime(streamed.usage);
        expect({ id, model, stop_reason, usage }).toEqual({
          id: expected.id,
          model: expected.model,
          stop_reason: expected.stop_reason,
          usage: withoutLifetime(expected.usage),
        });
      }),
    );
  });
});
