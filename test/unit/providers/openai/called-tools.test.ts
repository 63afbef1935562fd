import { describe, expect, it } from 'vitest';
import type { ToolCall } from '../../../../contracts/chat/chat.ts';
import { appendEvent, emptyCompletion } from '../../../../worker/providers/chat/collect.ts';
import { readChatCompletion } from '../../../../worker/providers/openai/answer.ts';
import { readChatStream } from '../../../../worker/providers/openai/stream.ts';

type Piece = { index?: number | string | null; id?: string | null; name?: string | null; args?: unknown };

const wireOf = ({ index, id, name, args }: Piece) => ({
  ...(index !== undefined && { index }),
  ...(id !== undefined && { id }),
  type: 'function',
  function: { ...(name !== undefined && { name }), ...(args !== undefined && { arguments: args }) },
});

/** The calls of a stream with these deltas, or the kind of its failure. */
function streamed(deltas: string[]): ToolCall[] | string {
  const reader = readChatStream();
  const frames = [...deltas, '{"choices":[{"delta":{},"finish_reason":"stop"}]}', '[DONE]'];
  let completion = emptyCompletion;
  for (const data of frames)
    for (const event of reader.read({ event: null, data })) {
      if (event.type === 'failed') return event.failure.kind;
      completion = appendEvent(completion, event);
    }
  return completion.tool_calls;
}
const chunk = (delta: object) => JSON.stringify({ choices: [{ index: 0, delta }] });
const calls = (...pieces: (Piece | Piece[])[]) =>
  streamed(pieces.map((piece) => chunk({ tool_calls: [piece].flat().map(wireOf) })));
const shown = (heard: ToolCall[] | string) =>
  typeof heard === 'string' ? heard : heard.map(({ name, arguments: json }) => `${name} ${json}`);

describe('tool calls in a stream', () => {
  it.each<[string, (Piece | Piece[])[], string[]]>([
    [
      'as documented',
      [
        { index: 0, id: 'a', name: 'one', args: '' },
        { index: 0, args: '{"x"' },
        { index: 0, args: ':1}' },
        { index: 1, id: 'b', name: 'two', args: '{}' },
      ],
      ['one {"x":1}', 'two {}'],
    ],
    [
      'all of number 0, without ids',
      [
        { index: 0, id: '', name: 'one', args: '{"x":1}' },
        { index: 0, id: '', name: 'two', args: '{"y":2}' },
      ],
      ['one {"x":1}', 'two {"y":2}'],
    ],
    [
      'of one tool, all of number 0, without ids',
      [
        { index: 0, name: 'one', args: '{"x":1}' },
        { index: 0, name: 'one', args: '{"x":2}' },
      ],
      ['one {"x":1}', 'one {"x":2}'],
    ],
    [
      'all of number 0, with ids, in pieces',
      [
        { index: 0, id: 'a', name: 'one', args: '{"x"' },
        { index: 0, args: ':1}' },
        { index: 0, id: 'b', name: 'one', args: '{"x"' },
        { index: 0, args: ':2}' },
      ],
      ['one {"x":1}', 'one {"x":2}'],
    ],
    [
      'whose name comes late',
      [
        { index: 0, id: 'a', name: '', args: '' },
        { index: 0, name: 'one', args: '{"x":' },
        { index: 0, args: '1}' },
      ],
      ['one {"x":1}'],
    ],
    [
      'whose name comes after the arguments',
      [
        { index: 0, id: 'a', args: '{"x":1}' },
        { index: 0, name: 'one' },
      ],
      ['one {"x":1}'],
    ],
    [
      'with name and id in each piece',
      [
        { index: 0, id: 'a', name: 'one', args: '{"x"' },
        { index: 0, id: 'a', name: 'one', args: ':1}' },
      ],
      ['one {"x":1}'],
    ],
    [
      'with a new id in each piece',
      [
        { index: 0, id: 'a', name: 'one', args: '' },
        { index: 0, id: 'b', args: '{"x":' },
        { index: 0, id: 'c', args: '1}' },
      ],
      ['one {"x":1}'],
    ],
    [
      'with a new id and the name in each piece',
      [
        { index: 0, id: 'a', name: 'one', args: '{"x"' },
        { index: 0, id: 'b', name: 'one', args: ':{' },
        { index: 0, id: 'c', name: 'one', args: '}}' },
      ],
      ['one {"x":{}}'],
    ],
    [
      'with the second arguments on the first number',
      [
        { index: 0, id: 'a', name: 'one', args: '' },
        { index: 0, name: '', args: '{"x":1}' },
        { index: 0, name: '', args: '{"x":2}' },
      ],
      ['one {"x":1}', 'one {"x":2}'],
    ],
    [
      'without numbers',
      [
        [
          { id: 'a', name: 'one', args: '{"x":1}' },
          { id: 'b', name: 'one', args: '{"x":2}' },
        ],
      ],
      ['one {"x":1}', 'one {"x":2}'],
    ],
    [
      'without numbers, in pieces by their ids',
      [
        [
          { id: 'a', name: 'one', args: '' },
          { id: 'b', name: 'two', args: '' },
        ],
        { id: 'a', args: '{"x":1}' },
        { id: 'b', args: '{"x":2}' },
      ],
      ['one {"x":1}', 'two {"x":2}'],
    ],
    [
      'with numbers from one',
      [
        { index: 1, id: 'a', name: 'one', args: '{}' },
        { index: 2, id: 'b', name: 'two', args: '{}' },
      ],
      ['one {}', 'two {}'],
    ],
    [
      'with one id',
      [
        { index: 0, id: 'a', name: 'one', args: '{}' },
        { index: 1, id: 'a', name: 'two', args: '{}' },
      ],
      ['one {}', 'two {}'],
    ],
    [
      'with empty pieces at the end',
      [
        { index: 0, id: 'a', name: 'one', args: '{"x":1}' },
        { index: 0, id: '', name: '', args: '' },
        { index: 1, id: '', name: '' },
      ],
      ['one {"x":1}'],
    ],
    [
      'with the whole call again',
      [
        { index: 0, id: 'a', name: 'one', args: '{"x":1}' },
        { index: 0, id: 'a', name: 'one', args: '{"x":1}' },
      ],
      ['one {"x":1}'],
    ],
    [
      'with an empty object before the arguments',
      [
        { index: 0, id: 'a', name: 'one', args: '{}' },
        { index: 0, args: '{"x"' },
        { index: 0, args: ':1}' },
      ],
      ['one {"x":1}'],
    ],
    [
      'with arguments as an object',
      [{ index: 0, id: 'a', name: 'one', args: { x: { y: 1 } } }],
      ['one {"x":{"y":1}}'],
    ],
    [
      'with an object inside of the arguments',
      [
        { index: 0, id: 'a', name: 'one', args: '{"x":' },
        { index: 0, args: '{"y":"}\\"{"' },
        { index: 0, args: '}}' },
      ],
      ['one {"x":{"y":"}\\"{"}}'],
    ],
    [
      'without arguments',
      [
        { index: 0, id: 'a', name: 'one', args: null },
        { index: 0, id: 'b', name: 'one' },
      ],
      ['one {}', 'one {}'],
    ],
    [
      'with the arguments again at their end',
      [
        { index: 0, id: 'a', name: 'one', args: '{"x":' },
        { index: 0, args: '1}' },
        { index: 0, args: '{"x":1}' },
      ],
      ['one {"x":1}'],
    ],
    [
      'with all arguments so far in each piece',
      [
        { index: 0, id: 'a', name: 'one', args: '{' },
        { index: 0, id: 'a', name: 'one', args: '{"x":{' },
        { index: 0, id: 'a', name: 'one', args: '{"x":{"y":1' },
        { index: 0, id: 'a', name: 'one', args: '{"x":{"y":1}}' },
      ],
      ['one {"x":{"y":1}}'],
    ],
    ['with an empty list for arguments', [{ index: 0, id: 'a', name: 'one', args: [] }], ['one {}']],
    ['with null for arguments', [{ index: 0, id: 'a', name: 'one', args: 'null' }], ['one {}']],
    [
      'with null within arguments',
      [
        { index: 0, id: 'a', name: 'one', args: '{"x":' },
        { index: 0, args: 'null' },
        { index: 0, args: '}' },
      ],
      ['one {"x":null}'],
    ],
    [
      'with numbers as texts',
      [
        { index: '0', id: 'a', name: 'one', args: '{"x":' },
        { index: '1', id: 'b', name: 'two', args: '{"y":' },
        { index: '0', args: '1}' },
        { index: '1', args: '2}' },
      ],
      ['one {"x":1}', 'two {"y":2}'],
    ],
  ])('%s are told', (_, pieces, expected) => expect(shown(calls(...pieces))).toEqual(expected));

  it('are told with their arguments in another field', () => {
    const call = (more: object) => chunk({ tool_calls: [{ index: 0, id: 'a', ...more }] });
    for (const more of [
      { name: 'one', input: { x: 1 } },
      { function: { name: 'one', parameters: { x: 1 } } },
    ])
      expect(shown(streamed([call(more)]))).toEqual(['one {"x":1}']);
  });

  it('have a reason for their end in each chunk', () => {
    const call = (more: object) =>
      JSON.stringify({
        choices: [{ delta: { tool_calls: [{ index: 0, ...more }] }, finish_reason: 'tool_calls' }],
      });
    const pieces = [
      { id: 'a', function: { name: 'one', arguments: '' } },
      { function: { arguments: '{"x":1}' } },
    ];
    expect(shown(streamed(pieces.map(call)))).toEqual(['one {"x":1}']);
  });

  it('of the older kind are told', () => {
    const older = [{ name: 'one', arguments: '' }, { arguments: '{"x"' }, { arguments: ':1}' }];
    expect(shown(streamed(older.map((function_call) => chunk({ function_call }))))).toEqual(['one {"x":1}']);
  });

  it('have ids of their own', () => {
    const heard = calls(
      { index: 0, id: 'a', name: 'one', args: '{}' },
      { index: 1, id: 'a', name: 'two' },
      { index: 2, name: 'three' },
    );
    if (typeof heard === 'string') throw new Error(heard);
    expect(heard[0]?.id).toBe('a');
    expect(new Set(heard.map(({ id }) => id)).size).toBe(3);
  });

  it('are a failure with arguments and no name', () => {
    expect(calls({ index: 0, args: '{"x":1}' })).toBe('invalid_response');
  });

  it('keep integers beyond 2^53 in arguments that come as an object', () => {
    const text = '{"id":9007199254740993}';
    const delta = `{"choices":[{"delta":{"tool_calls":[{"index":0,"function":{"name":"one","arguments":${text}}}]}}]}`;
    expect(shown(streamed([delta]))).toEqual([`one ${text}`]);
  });

  it('carry the fields of a server', () => {
    const extra_content = { google: { thought_signature: 's' } };
    const heard = streamed([
      chunk({ tool_calls: [{ ...wireOf({ index: 0, name: 'one', args: '{}' }), extra_content }] }),
    ]);
    expect(heard).toMatchObject([{ name: 'one', extra_content }]);
  });
});

describe('tool calls in one piece', () => {
  const whole = (message: object) => {
    const read = readChatCompletion({ choices: [{ message, finish_reason: 'stop' }] });
    return read.ok ? { ...read.completion, calls: shown(read.completion.tool_calls) } : read.failure;
  };

  it.each<[string, object, string[]]>([
    [
      'with arguments as an object',
      { tool_calls: [wireOf({ id: 'a', name: 'one', args: { x: 1 } })] },
      ['one {"x":1}'],
    ],
    [
      'without ids and numbers',
      { tool_calls: [wireOf({ name: 'one', args: '' }), wireOf({ name: 'one', args: '' })] },
      ['one {}', 'one {}'],
    ],
    [
      'of one number',
      {
        tool_calls: [
          wireOf({ index: 0, name: 'one', args: '{}' }),
          wireOf({ index: 0, name: 'one', args: '{}' }),
        ],
      },
      ['one {}', 'one {}'],
    ],
    ['of the older kind', { function_call: { name: 'one', arguments: '{}' } }, ['one {}']],
    [
      'of both kinds',
      { tool_calls: [wireOf({ name: 'one', args: '{}' })], function_call: { name: 'one', arguments: '{}' } },
      ['one {}'],
    ],
    [
      'with a long name',
      { content: 'I try.', tool_calls: [wireOf({ name: 'x'.repeat(200), args: '{}' })] },
      [`${'x'.repeat(200)} {}`],
    ],
    ['with an empty one', { content: 'Hi', tool_calls: [wireOf({ id: '', name: '', args: '' })] }, []],
  ])('%s are told', (_, message, expected) => expect(whole(message)).toMatchObject({ calls: expected }));

  it('are a failure with arguments and no name', () => {
    expect(whole({ tool_calls: [wireOf({ id: 'a', args: '{}' })] })).toMatchObject({
      kind: 'invalid_response',
    });
  });
});
