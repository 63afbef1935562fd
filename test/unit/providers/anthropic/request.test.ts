import { describe, expect, it } from 'vitest';
import { messageParams } from '../../../../worker/providers/anthropic/request.ts';
import type { NeutralRequest } from '../../../../worker/providers/provider.ts';
import {
  conversation,
  image,
  imageAt,
  PIXEL,
  recipeFormat,
  say,
  timeTool,
  weatherTool,
} from '../wire-cases.ts';

const paramsOf = (changes: Partial<NeutralRequest>) => messageParams({ ...conversation, ...changes });
const text = (content: string) => ({ type: 'text', text: content });

describe('a request in Anthropic’s form', () => {
  it('has instructions apart, and turns that alternate', () => {
    expect(paramsOf({})).toEqual({
      model: 'm',
      max_tokens: 64,
      system: [text('S1'), text('S2')],
      messages: [
        { role: 'user', content: [text('U1'), text('U2')] },
        { role: 'assistant', content: [text('A1')] },
        { role: 'user', content: [text('U3')] },
      ],
    });
  });

  it('leaves out text without anything to read, which is refused', () => {
    const messages = say(['system', ' '], ['user', 'a', '', '\n'], ['assistant', ''], ['user', 'b']);
    expect(paramsOf({ messages })).toEqual({
      model: 'm',
      max_tokens: 64,
      messages: [
        { role: 'user', content: [text('a')] },
        { role: 'user', content: [text('b')] },
      ],
    });
  });

  it('carries images as bytes or by URL', () => {
    const content = [image('low'), imageAt('https://a.test/b.png')];
    expect(paramsOf({ messages: [{ role: 'user', content }] }).messages[0]?.content).toEqual([
      { type: 'image', source: { type: 'base64', media_type: 'image/png', data: PIXEL } },
      { type: 'image', source: { type: 'url', url: 'https://a.test/b.png' } },
    ]);
  });

  it('carries calls of tools, and what they answered in the turn after', () => {
    const messages: NeutralRequest['messages'] = [
      ...say(['user', 'U']),
      {
        role: 'assistant',
        content: [{ type: 'text', text: 'A' }],
        tool_calls: [
          { id: 'fn.a:0', name: 'get_weather', arguments: '{"place":"Oslo"}' },
          { id: 'b', name: 'get_time', arguments: '' },
        ],
      },
      { role: 'tool', tool_call_id: 'fn.a:0', content: [{ type: 'text', text: 'cold' }] },
      { role: 'tool', tool_call_id: 'b', content: [{ type: 'text', text: '' }], is_error: true },
      ...say(['user', 'And?']),
    ];
    expect(paramsOf({ messages }).messages.slice(1)).toEqual([
      {
        role: 'assistant',
        content: [
          text('A'),
          { type: 'tool_use', id: 'fn_a_0', name: 'get_weather', input: { place: 'Oslo' } },
          { type: 'tool_use', id: 'b', name: 'get_time', input: {} },
        ],
      },
      {
        role: 'user',
        content: [
          { type: 'tool_result', tool_use_id: 'fn_a_0', content: 'cold' },
          { type: 'tool_result', tool_use_id: 'b', is_error: true },
          text('And?'),
        ],
      },
    ]);
  });

  it.each([
    ['{"place": "Os', { unparsed_arguments: '{"place": "Os' }],
    ['[1]', { unparsed_arguments: '[1]' }],
    ['7', { unparsed_arguments: '7' }],
    [' ', {}],
  ])('keeps the arguments %j, which must be an object here', (json, input) => {
    const call = { id: 'a', name: 'f', arguments: json };
    const messages: NeutralRequest['messages'] = [{ role: 'assistant', content: [], tool_calls: [call] }];
    expect(paramsOf({ messages }).messages[0]?.content).toMatchObject([{ input }]);
  });

  it('offers tools', () => {
    const { name, description, parameters } = weatherTool;
    expect(
      paramsOf({
        tools: [
          { ...weatherTool, strict: true },
          { ...timeTool, strict: false },
        ],
      }),
    ).toMatchObject({
      tools: [
        { name, description, input_schema: parameters, strict: true },
        { name: 'get_time', input_schema: timeTool.parameters },
      ],
    });
    expect(paramsOf({ tools: [{ name: 'bare', parameters: {} }] }).tools).toEqual([
      { name: 'bare', input_schema: { type: 'object' } },
    ]);
  });

  it.each([
    [{}, undefined],
    [{ tool_choice: 'auto' as const }, { type: 'auto' }],
    [{ tool_choice: 'none' as const, parallel_tool_calls: false }, { type: 'none' }],
    [{ tool_choice: 'required' as const }, { type: 'any' }],
    [{ tool_choice: { name: 'get_time' } }, { type: 'tool', name: 'get_time' }],
    [{ parallel_tool_calls: false }, { type: 'auto', disable_parallel_tool_use: true }],
    [
      { tool_choice: 'required' as const, parallel_tool_calls: false },
      { type: 'any', disable_parallel_tool_use: true },
    ],
    [{ parallel_tool_calls: true }, undefined],
  ])('says %j as %j', (choice, expected) => {
    expect(paramsOf({ tools: [timeTool], ...choice }).tool_choice).toEqual(expected);
    expect(paramsOf(choice).tool_choice).toBeUndefined();
  });

  it('asks for JSON of a schema by its own means, in the subset it takes', () => {
    const schema = {
      type: 'object',
      properties: { name: { type: 'string', minLength: 3 }, born: { type: 'string', format: 'date' } },
      required: ['name'],
    };
    expect(paramsOf({ response_format: { ...recipeFormat, schema } }).output_config).toEqual({
      format: {
        type: 'json_schema',
        schema: {
          type: 'object',
          properties: {
            name: { type: 'string', description: '{minLength: 3}' },
            born: { type: 'string', format: 'date' },
          },
          required: ['name'],
          additionalProperties: false,
        },
      },
    });
    expect(paramsOf({ response_format: { type: 'text' } })).not.toHaveProperty('output_config');
  });

  it('sends a schema as it is when it makes no sense of it, so that the provider says what is wrong', () => {
    const schema = { properties: {} };
    expect(paramsOf({ response_format: { ...recipeFormat, schema } })).toMatchObject({
      output_config: { format: { schema } },
    });
  });

  it('carries stops, and sampling but for its default, which current models refuse like any other', () => {
    expect(paramsOf({ stop: ['a'], temperature: 0.5 })).toMatchObject({
      stop_sequences: ['a'],
      temperature: 0.5,
    });
    const params = paramsOf({ temperature: 1, top_p: 1 });
    expect(params).not.toHaveProperty('temperature');
    expect(params).not.toHaveProperty('top_p');
  });

  it('does not carry what is OpenAI’s alone', () => {
    expect(paramsOf({ extra: { seed: 7 } })).toEqual(paramsOf({}));
  });

  it('says in the schema what a form of answer is for', () => {
    const format = { ...recipeFormat, description: 'For the cook', schema: { type: 'object' } };
    expect(paramsOf({ response_format: format })).toMatchObject({
      output_config: { format: { schema: { description: 'For the cook' } } },
    });
  });

  it('tells who is behind the request, and nothing else that belongs to the caller', () => {
    expect(paramsOf({ metadata: { user_id: 'ann', job: '7' } })).toEqual({
      ...paramsOf({}),
      metadata: { user_id: 'ann' },
    });
    expect(paramsOf({ metadata: { job: '7' } })).toEqual(paramsOf({}));
  });
});
