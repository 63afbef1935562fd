import { describe, expect, it } from 'vitest';
import { thinkingBlocksOf } from '../../../../worker/providers/chat/reasoning-details.ts';
import { readChatCompletion } from '../../../../worker/providers/openai/answer.ts';
import { readChatStream } from '../../../../worker/providers/openai/stream.ts';
import { anyCallId, type Frame, plainUsage, readAll } from '../stream-cases.ts';

/** Forms of chat completions that servers send against the documentation, as their users report them. */

const read = (...frames: Frame[]) => readAll(readChatStream(), frames);
const chunk = (delta: object, finish_reason: string | null = null) => ({
  choices: [{ index: 0, delta, finish_reason }],
});
const message = (content: unknown, finish_reason: string | null = null) => ({
  choices: [{ index: 0, message: { role: 'assistant', content }, finish_reason }],
});
const usage = { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 };
const counted = { choices: [], usage };
const textOf = (...frames: Frame[]) =>
  read(...frames)
    .map((event) => (event.type === 'text' ? event.text : ''))
    .join('');

describe('a text', () => {
  it.each([
    [[42, ' is it'], '42 is it'],
    [['It is ', true], 'It is true'],
    [['The answer: ', 0], 'The answer: 0'],
  ])('of the pieces %j, read as JSON by a proxy, keeps all of them', (pieces, text) => {
    const chunks = pieces.map((content) => chunk({ content }));
    expect(textOf(...chunks, chunk({}, 'stop'), counted, '[DONE]')).toBe(text);
  });

  it('in one piece may be a number', () => {
    expect(readChatCompletion({ ...message(7, 'stop'), usage })).toMatchObject({
      completion: { text: '7' },
    });
  });

  it('that grows from message to message is told once and whole', () => {
    expect(textOf(message('Hel'), message('Hello'), message('Hello, you', 'stop'), counted, '[DONE]')).toBe(
      'Hello, you',
    );
  });

  it('that a message repeats after its pieces is told once', () => {
    const pieces = [chunk({ content: 'Hel' }), chunk({ content: 'lo' })];
    expect(textOf(...pieces, message('Hello', 'stop'), '[DONE]')).toBe('Hello');
    expect(textOf(message('Hel'), chunk({ content: 'lo' }), message('Hello', 'stop'), '[DONE]')).toBe(
      'Hello',
    );
  });

  it('is expected after an end and counts at the head of the answer', () => {
    const reader = readChatStream();
    const tell = (data: object) => reader.read({ event: null, data: JSON.stringify(data) });
    tell({
      ...chunk({ role: 'assistant', content: '' }, 'stop'),
      usage: { prompt_tokens: 10, completion_tokens: 0, total_tokens: 10 },
    });
    tell({ choices: [], usage: { prompt_tokens: 10, completion_tokens: 0, total_tokens: 10 } });
    expect(reader.expects?.()).toBe('usage');
    tell(chunk({ content: 'Hi' }));
    tell(chunk({}, 'stop'));
    tell(counted);
    expect(reader.expects?.()).toBe('nothing');
  });
});

describe('a call', () => {
  it.each(['null', 'None', 'undefined'])('with the word %s for its id gets one', (id) => {
    const call = { index: 0, id, function: { name: 'f', arguments: '{"x":1}' } };
    expect(read(chunk({ tool_calls: [call] }, 'tool_calls'), '[DONE]')[0]).toEqual({
      ...{ type: 'tool_call', index: 0, id: anyCallId, name: 'f' },
    });
  });

  it('in an object whose fields are the numbers of the calls is told', () => {
    const calls = {
      0: { id: 'a', function: { name: 'f', arguments: '{"x":' } },
      2: { id: 'b', function: { name: 'g', arguments: '{"y":2}' } },
    };
    const rest = { 0: { function: { arguments: '1}' } } };
    const events = read(chunk({ tool_calls: calls }), chunk({ tool_calls: rest }, 'tool_calls'), '[DONE]');
    expect(events).toEqual([
      { type: 'tool_call', index: 0, id: 'a', name: 'f' },
      { type: 'tool_arguments', index: 0, json: '{"x":' },
      { type: 'tool_call', index: 1, id: 'b', name: 'g' },
      { type: 'tool_arguments', index: 1, json: '{"y":2}' },
      { type: 'tool_arguments', index: 0, json: '1}' },
      { type: 'done', finish_reason: 'tool_calls', usage: null },
    ]);
  });
});

it('tells reasoning that is an object with its text', () => {
  expect(read(chunk({ reasoning: { text: 'Hm' } }), chunk({ content: 'Hi' }, 'stop'), '[DONE]')[0]).toEqual({
    ...{ type: 'reasoning', text: 'Hm' },
  });
});

describe('reasoning that LiteLLM has from Anthropic', () => {
  const block = (thinking: string, signature: string | null = null) => ({
    ...{ type: 'thinking', thinking, signature },
  });
  const signed = { type: 'reasoning', text: '', signature: 'c2ln' };

  it('keeps its signature in a stream, which tells it last', () => {
    const events = read(
      chunk({ reasoning_content: 'Hm', thinking_blocks: [block('Hm')] }),
      chunk({ reasoning_content: '', thinking_blocks: [block('', 'c2ln')] }),
      chunk({ content: 'Hi' }, 'stop'),
      '[DONE]',
    );
    expect(events.slice(0, 3)).toEqual([
      { type: 'reasoning', text: 'Hm' },
      signed,
      { type: 'text', text: 'Hi' },
    ]);
  });

  it('is read from its blocks in a message, and is sent back in them', () => {
    const thinking_blocks = [
      ...[block('One.', 'MQ=='), { type: 'redacted_thinking', data: 'eA==' }],
      block('Two.', 'Mg=='),
    ];
    const message = { role: 'assistant', content: 'Hi', reasoning_content: 'One.Two.', thinking_blocks };
    const read = readChatCompletion({ choices: [{ index: 0, message, finish_reason: 'stop' }], usage });
    const reasoning = [
      ...[
        { text: 'One.', signature: 'MQ==' },
        { text: '', encrypted: 'eA==' },
      ],
      { text: 'Two.', signature: 'Mg==' },
    ];
    expect(read).toMatchObject({ completion: { text: 'Hi', reasoning } });
    expect(thinkingBlocksOf(reasoning)).toEqual(thinking_blocks);
    expect(thinkingBlocksOf([{ text: 'Hm' }])).toBeUndefined();
  });
});

describe('usage as LiteLLM reports that of Anthropic', () => {
  const said = chunk({ content: 'Hi' }, 'stop');
  it.each([
    [
      'cached tokens beside a zero of OpenAI’s name',
      [
        {
          ...{ prompt_tokens: 2_459, completion_tokens: 23, total_tokens: 2_482 },
          ...{ prompt_tokens_details: { cached_tokens: 0 }, cache_read_input_tokens: 2_455 },
        },
      ],
      { ...plainUsage(4, 23), cache_read_tokens: 2_455 },
    ],
    [
      'what was written, once by each name',
      [
        {
          ...{ prompt_tokens: 4_818, completion_tokens: 47, total_tokens: 4_865 },
          prompt_tokens_details: { cached_tokens: 0, text_tokens: 15, cache_creation_tokens: 4_803 },
          ...{ cache_creation_input_tokens: 4_803, cache_read_input_tokens: 0 },
        },
      ],
      { ...plainUsage(15, 47), cache_write_tokens: 4_803 },
    ],
    [
      'what was written for an hour, by LiteLLM and in the words of Anthropic',
      [
        {
          ...{ prompt_tokens: 210, completion_tokens: 47, total_tokens: 257 },
          prompt_tokens_details: {
            cache_creation_tokens: 30,
            cache_creation_token_details: { ephemeral_5m_input_tokens: 10, ephemeral_1h_input_tokens: 20 },
          },
        },
        {
          ...{ prompt_tokens: 210, completion_tokens: 47, total_tokens: 257 },
          ...{ cache_creation_input_tokens: 30, cache_creation: { ephemeral_1h_input_tokens: 20 } },
        },
      ],
      { ...plainUsage(180, 47), cache_write_tokens: 10, cache_write_1h_tokens: 20 },
    ],
    [
      'the prompt at first and zeros at the end',
      [
        {
          ...{ prompt_tokens: 4, completion_tokens: 1, total_tokens: 5 },
          ...{ cache_creation_input_tokens: 11_822, cache_read_input_tokens: 0 },
        },
        {
          ...{ prompt_tokens: 0, completion_tokens: 205, total_tokens: 205 },
          ...{ cache_creation_input_tokens: 0, cache_read_input_tokens: 0 },
        },
      ],
      { ...plainUsage(4, 205), cache_write_tokens: 11_822 },
    ],
  ])('has %s', (_, reports, expected) => {
    const frames = reports.map((usage) => ({ choices: [], usage }));
    expect(read(said, ...frames, '[DONE]').at(-1)).toMatchObject({ usage: expected });
  });
});
