import { describe, expect, it } from 'vitest';
import { countParams, messageParams } from '../../../../worker/providers/anthropic/request.ts';
import type { NeutralRequest } from '../../../../worker/providers/provider.ts';
import {
  conversation,
  image,
  imageAt,
  PIXEL,
  pdf,
  pdfAt,
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
      system: [text('S1')],
      messages: [
        { role: 'user', content: [text('U1'), text('U2')] },
        { role: 'assistant', content: [text('A1')] },
        { role: 'user', content: [text('<system>\nS2\n</system>'), text('U3')] },
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

  it('carries documents with title, context and mark, also in results of tools', () => {
    const cache_control = { type: 'ephemeral' } as const;
    const source = { type: 'base64', media_type: 'application/pdf', data: 'JVBERi0xLjQK' };
    const messages: NeutralRequest['messages'] = [
      { role: 'user', content: [{ ...pdf({ title: 'T', context: 'C' }), cache_control }] },
      { role: 'assistant', content: [], tool_calls: [{ id: 'a', name: 'f', arguments: '{}' }] },
      { role: 'tool', tool_call_id: 'a', content: [pdfAt('https://a.test/b.pdf'), pdf()] },
    ];
    expect(paramsOf({ messages }).messages.map(({ content }) => content)).toMatchObject([
      [{ type: 'document', source, title: 'T', context: 'C', cache_control }],
      [{ type: 'tool_use' }],
      [
        {
          type: 'tool_result',
          content: [
            { type: 'document', source: { type: 'url', url: 'https://a.test/b.pdf' } },
            { type: 'document', source },
          ],
        },
      ],
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

  it.each([
    ['claude-3-5-sonnet-20241022', { temperature: 0.5 }],
    ['claude-sonnet-4-20250514', { temperature: 0.5 }],
    ['claude-haiku-4-5', { temperature: 0.5 }],
    ['claude-opus-4-6', { temperature: 0.5 }],
    ['claude-opus-4-7', {}],
    ['claude-sonnet-5', {}],
    ['claude-haiku-5-5', {}],
    ['claude-mythos-preview', {}],
    ['of-another-maker', { temperature: 0.5 }],
  ])('samples %s by %j, of a temperature and a top_p', (model, expected) => {
    const bare = paramsOf({ model });
    expect(paramsOf({ model, temperature: 0.5, top_p: 0.9 })).toEqual({ ...bare, ...expected });
  });

  it('carries top_p alone, and top_k', () => {
    expect(paramsOf({ temperature: 1, top_p: 0.9, top_k: 40 })).toMatchObject({ top_p: 0.9, top_k: 40 });
  });

  const budget = (budget_tokens: number) => ({ type: 'enabled', budget_tokens });
  it.each([
    ['claude-sonnet-4-5', { effort: 'high' }, budget(24_576), undefined],
    ['claude-sonnet-4-5', { effort: 'minimal' }, budget(1_024), undefined],
    ['claude-sonnet-4-5', { effort: 'none' }, { type: 'disabled' }, undefined],
    ['claude-3-5-sonnet-20241022', { effort: 'high' }, undefined, undefined],
    ['claude-3-7-sonnet-20250219', { mode: 'enabled', budget_tokens: 2_000 }, budget(2_000), undefined],
    ['claude-opus-4-5', { effort: 'max' }, budget(32_768), 'high'],
    ['claude-opus-4-6', { effort: 'xhigh' }, { type: 'adaptive' }, 'high'],
    ['claude-opus-4-6', { mode: 'enabled', budget_tokens: 2_000 }, budget(2_000), undefined],
    ['claude-opus-4-7', { mode: 'enabled', budget_tokens: 2_000 }, { type: 'adaptive' }, 'low'],
    ['claude-opus-4-7', { effort: 'xhigh' }, { type: 'adaptive' }, 'xhigh'],
    ['claude-opus-5', { mode: 'disabled', effort: 'max' }, { type: 'disabled' }, 'high'],
    ['claude-opus-5-5', { effort: 'none' }, undefined, 'low'],
    ['claude-fable-5', { mode: 'disabled' }, undefined, 'low'],
    [
      'claude-sonnet-5',
      { mode: 'adaptive', display: 'summarized' },
      { type: 'adaptive', display: 'summarized' },
      undefined,
    ],
    ['of-another-maker', { mode: 'enabled', budget_tokens: 2_000 }, budget(2_000), undefined],
    ['of-another-maker', { effort: 'high' }, { type: 'adaptive' }, 'high'],
  ] as const)('asks %s for the reasoning %j', (model, reasoning, thinking, effort) => {
    const params = paramsOf({ model, reasoning, max_output_tokens: 64_000, temperature: 0.5 });
    expect(params.thinking).toEqual(thinking);
    expect(params.output_config?.effort).toBe(effort);
    if (thinking !== undefined && thinking.type !== 'disabled')
      expect(params).not.toHaveProperty('temperature');
  });

  it.each([
    [1_024, undefined],
    [2_000, budget(1_500)],
  ])('leaves a quarter of %i output tokens to the answer', (max_output_tokens, thinking) => {
    const request = { model: 'claude-sonnet-4-5', max_output_tokens, reasoning: { effort: 'high' as const } };
    expect(paramsOf(request).thinking).toEqual(thinking);
  });

  it('does not think where a tool is forced, or in the middle of calls without a thought', () => {
    const asked = {
      model: 'claude-sonnet-4-5',
      max_output_tokens: 9_000,
      reasoning: { effort: 'low' as const },
    };
    const calling = (reasoning: { text: string; signature: string }[]): NeutralRequest['messages'] => [
      ...say(['user', 'U']),
      { role: 'assistant', content: [], reasoning, tool_calls: [{ id: 'a', name: 'f', arguments: '{}' }] },
      { role: 'tool', tool_call_id: 'a', content: [{ type: 'text', text: 'x' }] },
    ];
    expect(paramsOf({ ...asked, tools: [timeTool], tool_choice: 'required' }).thinking).toBeUndefined();
    expect(paramsOf({ ...asked, messages: calling([]) }).thinking).toBeUndefined();
    expect(paramsOf({ ...asked, messages: calling([{ text: 'Hm', signature: 's' }]) }).thinking).toEqual(
      budget(1_024),
    );
  });

  it('sends reasoning back first, if Anthropic wrote it', () => {
    const reasoning = [{ text: 'Hm', signature: 's' }, { text: 'unsigned' }, { text: '', encrypted: 'x' }];
    const messages: NeutralRequest['messages'] = [
      { role: 'assistant', content: [{ type: 'text', text: 'A' }], reasoning },
    ];
    expect(paramsOf({ messages }).messages[0]?.content).toEqual([
      { type: 'thinking', thinking: 'Hm', signature: 's' },
      { type: 'redacted_thinking', data: 'x' },
      text('A'),
    ]);
  });

  it('sends reasoning back in its place among texts and calls', () => {
    const { messages } = messageParams({
      ...conversation,
      messages: [
        {
          role: 'assistant',
          content: [{ type: 'text', text: 'So.', cache_control: { type: 'ephemeral' } }],
          reasoning: [
            { text: 'a', signature: 's' },
            { text: '', encrypted: 'x' },
          ],
          tool_calls: [
            { id: 'x', name: 'now', arguments: '{}' },
            { id: 'y', name: 'now', arguments: '{}' },
          ],
          order: [
            { type: 'tool_call' },
            { type: 'reasoning' },
            { type: 'text', length: 2 },
            { type: 'tool_call' },
            { type: 'reasoning' },
            { type: 'text', length: 1 },
          ],
        },
      ],
    });
    expect(messages[0]?.content).toMatchObject([
      { type: 'tool_use', id: 'x' },
      { type: 'thinking', signature: 's' },
      { type: 'text', text: 'So' },
      { type: 'tool_use', id: 'y' },
      { type: 'redacted_thinking', data: 'x' },
      { type: 'text', text: '.', cache_control: { type: 'ephemeral' } },
    ]);
  });

  it('carries marks of the cache', () => {
    const cache_control = { type: 'ephemeral', ttl: '1h' } as const;
    const marked = { type: 'text', text: 'T', cache_control } as const;
    const params = paramsOf({
      messages: [
        { role: 'system', content: [marked] },
        { role: 'user', content: [marked, { ...image(), cache_control }] },
        {
          role: 'assistant',
          content: [],
          tool_calls: [{ id: 'a', name: 'f', arguments: '{}', cache_control }],
        },
        { role: 'tool', tool_call_id: 'a', content: [marked] },
      ],
      tools: [{ ...timeTool, cache_control }],
    });
    expect(params).toMatchObject({
      system: [{ text: 'T', cache_control }],
      messages: [
        {
          content: [
            { text: 'T', cache_control },
            { type: 'image', cache_control },
          ],
        },
        { content: [{ type: 'tool_use', cache_control }] },
        { content: [{ type: 'tool_result', content: 'T', cache_control }] },
      ],
      tools: [{ cache_control }],
    });
  });

  it('carries images in what a tool answered', () => {
    const content = [{ type: 'text' as const, text: 'See' }, image()];
    expect(
      paramsOf({ messages: [{ role: 'tool', tool_call_id: 'a', content }] }).messages[0]?.content,
    ).toMatchObject([{ type: 'tool_result', content: [text('See'), { type: 'image' }] }]);
  });

  it('makes the user’s turn of instructions alone', () => {
    expect(paramsOf({ messages: say(['system', 'Say hello.']) })).toEqual({
      model: 'm',
      max_tokens: 64,
      messages: [{ role: 'user', content: [text('Say hello.')] }],
    });
  });

  it('keeps numbers in arguments that JavaScript cannot hold', () => {
    const call = { id: 'a', name: 'f', arguments: '{"id":12345678901234567890}' };
    const params = paramsOf({ messages: [{ role: 'assistant', content: [], tool_calls: [call] }] });
    expect(JSON.stringify(params)).toContain('"input":{"id":12345678901234567890}');
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

describe('previews', () => {
  const clearThinking = { type: 'clear_thinking_20251015' as const, keep: 'all' as const };
  const clearTools = { type: 'clear_tool_uses_20250919' as const };
  const previewsOf = (changes: Partial<NeutralRequest>) => {
    const { betas, context_management } = paramsOf({ model: 'claude-sonnet-4-6', ...changes });
    return { betas, context_management };
  };

  it('are asked for if they are known not to change a price', () => {
    const betas = ['context-1m-2025-08-07', 'interleaved-thinking-2025-05-14', 'fast-mode-2026-02-01', 'new'];
    expect(previewsOf({ betas }).betas).toEqual(['interleaved-thinking-2025-05-14']);
    expect(previewsOf({ betas: ['new'] }).betas).toBeUndefined();
  });

  it('edit the context at models of Claude, the thinking first and only beside thinking', () => {
    const context_edits = [clearTools, clearThinking];
    const betas = ['context-management-2025-06-27'];
    expect(previewsOf({ context_edits, reasoning: { mode: 'adaptive' } })).toEqual({
      betas,
      context_management: { edits: [clearThinking, clearTools] },
    });
    expect(previewsOf({ context_edits })).toEqual({ betas, context_management: { edits: [clearTools] } });
    const nothing = { betas: undefined, context_management: undefined };
    expect(previewsOf({ context_edits: [clearThinking] })).toEqual(nothing);
    for (const model of ['claude-3-7-sonnet', 'glm-5'])
      expect(previewsOf({ model, context_edits })).toEqual(nothing);
  });
});

it('a request that is only counted has its input and nothing that the endpoint refuses', () => {
  const request = { ...conversation, tools: [weatherTool], temperature: 0.5, stop: ['x'] };
  const input = new Map<string, unknown>(Object.entries(messageParams(request)));
  for (const refused of ['max_tokens', 'temperature', 'stop_sequences'])
    expect(input.delete(refused)).toBe(true);
  expect(countParams(request)).toEqual(Object.fromEntries(input));
});
