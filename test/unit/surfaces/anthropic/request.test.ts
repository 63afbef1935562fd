import { describe, expect, it } from 'vitest';
import { messagesRequest } from '../../../../contracts/v1/messages-request.ts';
import { issuesWithin } from '../../../../worker/http/issues.ts';
import { withExactInputs } from '../../../../worker/surfaces/anthropic/exact-inputs.ts';
import { translateMessages } from '../../../../worker/surfaces/anthropic/request.ts';

const request = (body: object) => ({
  model: 'm',
  max_tokens: 9,
  messages: [{ role: 'user', content: 'Hi' }],
  ...body,
});

const chatOf = (body: object) => translateMessages(messagesRequest.parse(request(body))).chat;

const said = (text: string) => [{ type: 'text', text }];
const hi = { role: 'user', content: said('Hi') };

const pdfSource = { type: 'base64', media_type: 'application/pdf', data: 'JVBERi0xLjQK' };

describe('a request of Anthropic’s API', () => {
  it('with only messages has no other options', () => {
    expect(translateMessages(messagesRequest.parse(request({})))).toEqual({
      ...{ model: 'm', max_output_tokens: 9, chat: { messages: [hi] } },
    });
  });

  it.each([
    ['a text', 'Be brief.'],
    ['blocks', [{ type: 'text', text: 'Be brief.', cache_control: { type: 'ephemeral' } }]],
  ])('has instructions as %s', (_, system) => {
    expect(chatOf({ system }).messages).toMatchObject([{ role: 'system', content: said('Be brief.') }, hi]);
  });

  it('has tool calls and results; the results come before the user’s text', () => {
    const { messages } = chatOf({
      messages: [
        { role: 'user', content: 'Weather?' },
        {
          role: 'assistant',
          content: [
            { type: 'thinking', thinking: 'Hm.', signature: 's' },
            { type: 'text', text: 'Let me see.' },
            { type: 'tool_use', id: 'a', name: 'weather', input: { city: 'Oslo' } },
            { type: 'tool_use', id: 'b', name: 'now', input: {} },
          ],
        },
        {
          role: 'user',
          content: [
            { type: 'text', text: 'Quick!' },
            { type: 'tool_result', tool_use_id: 'a', content: [{ type: 'text', text: 'Rain' }] },
            { type: 'tool_result', tool_use_id: 'b', content: 'broken', is_error: true },
          ],
        },
      ],
    });
    expect(messages.slice(1)).toEqual([
      {
        role: 'assistant',
        content: said('Let me see.'),
        reasoning: [{ text: 'Hm.', signature: 's' }],
        tool_calls: [
          { id: 'a', name: 'weather', arguments: '{"city":"Oslo"}' },
          { id: 'b', name: 'now', arguments: '{}' },
        ],
      },
      { role: 'tool', tool_call_id: 'a', content: said('Rain') },
      { role: 'tool', tool_call_id: 'b', content: said('broken'), is_error: true },
      { role: 'user', content: said('Quick!') },
    ]);
  });

  it('keeps numbers in the input of a call that JavaScript cannot hold', () => {
    const input = '{"id":2512292042121000001,"more":[{"n":-9007199254740993}]}';
    const call = `{"type":"tool_use","id":"a","name":"find","input":${input}}`;
    const text = JSON.stringify(
      request({ temperature: 0.5, messages: [{ role: 'assistant', content: ['text', 'call'] }] }),
    ).replace('"text","call"', `{"type":"text","text":"Hm."},${call}`);
    const { messages } = translateMessages(
      withExactInputs(messagesRequest.parse(JSON.parse(text)), text),
    ).chat;
    expect(messages).toMatchObject([{ tool_calls: [{ name: 'find', arguments: input }] }]);
  });

  it('keeps the order of reasoning, texts and calls where it is another than this one', () => {
    const thinking = (text: string) => ({ type: 'thinking', thinking: text, signature: text });
    const call = (id: string) => ({ type: 'tool_use', id, name: 'now', input: {} });
    const content = [thinking('a'), { type: 'text', text: 'So.' }, call('x'), thinking('b'), call('y')];
    const { messages } = chatOf({ messages: [{ role: 'assistant', content }] });
    expect(messages).toMatchObject([
      {
        order: [
          { type: 'reasoning' },
          { type: 'text', length: 3 },
          { type: 'tool_call' },
          { type: 'reasoning' },
          { type: 'tool_call' },
        ],
      },
    ]);
  });

  it('has an empty tool result', () => {
    const content = [{ type: 'tool_result', tool_use_id: 'a' }];
    expect(chatOf({ messages: [{ role: 'user', content }] }).messages).toEqual([
      { role: 'tool', tool_call_id: 'a', content: said('') },
    ]);
  });

  it('has images as bytes or URLs', () => {
    const content = [
      { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'aGk=' } },
      { type: 'image', source: { type: 'url', url: 'https://example.com/a.png' } },
    ];
    expect(chatOf({ messages: [{ role: 'user', content }] }).messages[0]?.content).toEqual([
      { type: 'image', source: { kind: 'base64', media_type: 'image/png', data: 'aGk=' } },
      { type: 'image', source: { kind: 'url', url: 'https://example.com/a.png' } },
    ]);
  });

  it.each([
    [{ type: 'auto' }, { tool_choice: 'auto' }],
    [{ type: 'none' }, { tool_choice: 'none' }],
    [{ type: 'any' }, { tool_choice: 'required' }],
    [
      { type: 'any', disable_parallel_tool_use: true },
      { tool_choice: 'required', parallel_tool_calls: false },
    ],
    [{ type: 'tool', name: 'now' }, { tool_choice: { name: 'now' } }],
  ])('chooses tools by %j', (tool_choice, chosen) => {
    const tools = [{ name: 'now', description: 'The time', input_schema: { type: 'object' } }];
    expect(chatOf({ tools, tool_choice })).toEqual({
      messages: [hi],
      tools: [{ name: 'now', description: 'The time', parameters: { type: 'object' } }],
      ...chosen,
    });
  });

  it('has sampling, stop sequences and the form of the answer', () => {
    const schema = { type: 'object' };
    expect(
      chatOf({
        temperature: 0.5,
        top_p: 0.9,
        stop_sequences: ['END'],
        output_config: { format: { type: 'json_schema', schema } },
        metadata: { user_id: 'ann' },
        service_tier: 'auto',
      }),
    ).toEqual({
      messages: [hi],
      temperature: 0.5,
      top_p: 0.9,
      stop: ['END'],
      response_format: { type: 'json_schema', name: 'answer', schema, strict: true },
      metadata: { user_id: 'ann' },
    });
  });

  it('keeps reasoning with what proves it, and leaves out a turn that says nothing', () => {
    const assistant = (content: object[]) => ({ role: 'assistant', content });
    const thought = { type: 'thinking', thinking: 'Hm.', signature: 's' };
    expect(
      chatOf({
        messages: [
          assistant([{ type: 'thinking', thinking: '', signature: '' }]),
          assistant([thought, { type: 'redacted_thinking', data: 'x' }]),
          assistant([{ type: 'thinking', thinking: 'Hm.' }]),
        ],
      }).messages,
    ).toEqual([
      {
        role: 'assistant',
        content: [],
        reasoning: [
          { text: 'Hm.', signature: 's' },
          { text: '', encrypted: 'x' },
        ],
      },
      { role: 'assistant', content: [], reasoning: [{ text: 'Hm.' }] },
    ]);
  });

  it.each([
    [{ thinking: { type: 'adaptive' } }, { mode: 'adaptive' }],
    [{ thinking: { type: 'disabled' } }, { mode: 'disabled' }],
    [
      { thinking: { type: 'enabled', budget_tokens: 1_024, display: 'omitted' }, max_tokens: 2_000 },
      { mode: 'enabled', budget_tokens: 1_024, display: 'omitted' },
    ],
    [{ output_config: { effort: 'max' } }, { effort: 'max' }],
    [{ thinking: null, output_config: null }, undefined],
  ])('asks for the reasoning %j', (body, reasoning) => {
    expect(chatOf(body).reasoning).toEqual(reasoning);
  });

  it('has marks of the cache in every place, without fields that are not known', () => {
    const cache_control = { type: 'ephemeral', ttl: '1h', scope: 'global' };
    const mark = { cache_control: { type: 'ephemeral', ttl: '1h' } };
    const source = { type: 'base64', media_type: 'image/png', data: 'aGk=' };
    const { messages, tools } = chatOf({
      system: [{ type: 'text', text: 'S', cache_control }],
      messages: [
        {
          role: 'user',
          content: [
            { type: 'text', text: 'T', cache_control },
            { type: 'image', source, cache_control },
          ],
        },
        { role: 'assistant', content: [{ type: 'tool_use', id: 'a', name: 'f', input: {}, cache_control }] },
        { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'a', content: 'R', cache_control }] },
      ],
      tools: [{ name: 'f', input_schema: {}, cache_control }],
    });
    expect(messages).toMatchObject([
      { content: [mark] },
      { content: [mark, mark] },
      { tool_calls: [mark] },
      { content: [mark] },
    ]);
    expect(tools).toMatchObject([mark]);
    expect(JSON.stringify(messages)).not.toContain('scope');
    const whole = { cache_control: { type: 'ephemeral' } };
    expect(chatOf(whole).messages).toEqual([{ role: 'user', content: [{ ...said('Hi')[0], ...whole }] }]);
  });

  it('has images and documents of plain text, also as results of tools', () => {
    const image = { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'aGk=' } };
    const source = { type: 'text', media_type: 'text/plain', data: 'Once' };
    const document = { type: 'document', source, title: 'A tale', context: null };
    const result = { type: 'tool_result', tool_use_id: 'a', content: [image, document] };
    expect(chatOf({ messages: [{ role: 'user', content: [result, document] }] }).messages).toEqual([
      {
        role: 'tool',
        tool_call_id: 'a',
        content: [
          { type: 'image', source: { kind: 'base64', media_type: 'image/png', data: 'aGk=' } },
          ...said('A tale\n\nOnce'),
        ],
      },
      { role: 'user', content: said('A tale\n\nOnce') },
    ]);
  });

  it('has PDFs with their title, context and mark, also as results of tools', () => {
    const cache_control = { type: 'ephemeral' };
    const document = {
      type: 'document',
      source: pdfSource,
      title: 'Report',
      context: 'Of 2026',
      cache_control,
    };
    const linked = { type: 'document', source: { type: 'url', url: 'https://a.test/b.pdf' }, title: '' };
    const result = { type: 'tool_result', tool_use_id: 'a', content: [linked] };
    expect(chatOf({ messages: [{ role: 'user', content: [result, document] }] }).messages).toEqual([
      {
        role: 'tool',
        tool_call_id: 'a',
        content: [{ type: 'document', source: { kind: 'url', url: 'https://a.test/b.pdf' } }],
      },
      {
        role: 'user',
        content: [
          {
            type: 'document',
            source: { kind: 'base64', media_type: 'application/pdf', data: 'JVBERi0xLjQK' },
            title: 'Report',
            context: 'Of 2026',
            cache_control,
          },
        ],
      },
    ]);
  });

  it('is Claude Code’s', () => {
    const chat = chatOf({
      stream: true,
      max_tokens: 32_000,
      thinking: { type: 'adaptive' },
      output_config: { effort: 'medium' },
      context_management: { edits: [{ type: 'clear_thinking_20251015', keep: 'all' }] },
      metadata: { user_id: 'user_x_account__session_y' },
      temperature: 1,
      top_k: 40,
      stop_sequences: ['a', 'b', 'c', 'd', 'e'],
    });
    expect(chat).toMatchObject({
      reasoning: { mode: 'adaptive', effort: 'medium' },
      context_edits: [{ type: 'clear_thinking_20251015', keep: 'all' }],
      top_k: 40,
    });
    expect(chat.stop).toHaveLength(5);
  });

  it('can have null wherever SDKs send it', () => {
    const nothing = Object.fromEntries(
      [
        ...['system', 'stop_sequences', 'stream', 'temperature', 'top_p', 'top_k', 'tools', 'tool_choice'],
        ...['metadata', 'service_tier', 'thinking', 'output_config', 'output_format', 'cache_control'],
        ...['context_management', 'container', 'mcp_servers', 'diagnostics', 'speed', 'inference_geo'],
      ].map((name) => [name, null]),
    );
    expect(chatOf(nothing)).toEqual({ messages: [hi] });
    const tools = [{ name: 'now', description: null, input_schema: {}, strict: null, cache_control: null }];
    expect(chatOf({ tools }).tools).toEqual([{ name: 'now', parameters: {} }]);
  });

  it('names previews in a header, each once', () => {
    const parsed = messagesRequest.parse(request({}));
    expect(translateMessages(parsed, 'a-2026-01-01, b-2026-01-01,,a-2026-01-01').chat.betas).toEqual([
      'a-2026-01-01',
      'b-2026-01-01',
    ]);
    expect(translateMessages(parsed, ' ').chat).not.toHaveProperty('betas');
    expect(translateMessages(parsed, 'x'.repeat(101)).chat).not.toHaveProperty('betas');
  });

  it('that thinks between tools does not think, and a display that few know is left to the model', () => {
    expect(chatOf({ thinking: { type: 'between_tools' } }).reasoning).toEqual({ mode: 'disabled' });
    const thinking = { type: 'adaptive', display: 'updates', block_binding: null };
    expect(chatOf({ thinking }).reasoning).toEqual({ mode: 'adaptive' });
  });

  it('has the older name of its form of answer', () => {
    const schema = { type: 'object', additionalProperties: false };
    expect(chatOf({ output_format: { type: 'json_schema', schema } }).response_format).toMatchObject({
      schema,
    });
  });

  it('has documents of blocks as blocks of the message, the mark on the last', () => {
    const image = { type: 'image', source: { type: 'base64', media_type: 'image/jpg', data: 'aGk=' } };
    const source = { type: 'content', content: [{ type: 'text', text: 'Once' }, image] };
    const cache_control = { type: 'ephemeral' };
    const document = { type: 'document', source, title: 'A tale', cache_control };
    expect(chatOf({ messages: [{ role: 'user', content: [document] }] }).messages).toEqual([
      {
        role: 'user',
        content: [
          ...said('A tale'),
          ...said('Once'),
          {
            type: 'image',
            source: { kind: 'base64', media_type: 'image/jpeg', data: 'aGk=' },
            cache_control,
          },
        ],
      },
    ]);
  });
});

describe('an unsupported feature is refused by name', () => {
  it.each([
    ['no limit', { max_tokens: undefined }, 'max_tokens'],
    ['more stops than are held', { stop_sequences: Array(17).fill('a') }, 'stop_sequences'],
    ['thinking of another kind', { thinking: { type: 'sometimes' } }, 'thinking.type'],
    ['too small a budget', { thinking: { type: 'enabled', budget_tokens: 9 } }, 'thinking.budget_tokens'],
    [
      'a budget that leaves no answer',
      { thinking: { type: 'enabled', budget_tokens: 2_000 }, max_tokens: 2_000 },
      'thinking.budget_tokens',
    ],
    [
      'a document of another type',
      {
        messages: [
          {
            role: 'user',
            content: [
              {
                type: 'document',
                source: { type: 'base64', media_type: 'application/msword', data: 'JVBERi0xLjQK' },
              },
            ],
          },
        ],
      },
      'messages.0.content.0.source.media_type',
    ],
    ...[
      [{ source: { type: 'base64', media_type: 'application/pdf', data: '%PDF' } }, 'source.data'],
      [{ source: { type: 'url', url: 'http://x.com/a.pdf' } }, 'source.url'],
      [{ source: { type: 'file' } }, 'source.file_id'],
      [{ source: { type: 'attachment' } }, 'source.type'],
      [{ source: pdfSource, citations: { enabled: true } }, 'citations.enabled'],
    ].map(([document, field]): [string, object, string] => [
      `a document with an unsupported ${field}`,
      { messages: [{ role: 'user', content: [{ type: 'document', ...(document as object) }] }] },
      `messages.0.content.0.${field}`,
    ]),
    [
      'an invalid block, whatever comes before its message',
      { system: 'Be brief.', messages: [{ role: 'user', content: [{ type: 'text' }] }] },
      'messages.0.content.0.text',
    ],
    ['no content', { messages: [{ role: 'user', content: [] }] }, 'messages.0.content'],
    ['a tool of theirs', { tools: [{ type: 'bash_20250124', name: 'bash' }] }, 'tools.0.type'],
    [
      'an image with an unsafe URL',
      {
        messages: [
          { role: 'user', content: [{ type: 'image', source: { type: 'url', url: 'ftp://x.com/a' } }] },
        ],
      },
      'messages.0.content.0.source.url',
    ],
  ])('%s', (_, body, field) => {
    const parsed = messagesRequest.safeParse(request(body));
    const [first] = issuesWithin(parsed.error?.issues ?? []);
    expect(first?.path.join('.')).toBe(field);
  });

  it('an unknown parameter', () => {
    const parsed = messagesRequest.safeParse(request({ sampler: 'c' }));
    expect(parsed.error?.issues[0]).toMatchObject({ code: 'unrecognized_keys', keys: ['sampler'] });
  });

  it.each([
    ['container', 'container_1'],
    ['mcp_servers', [{ type: 'url', url: 'https://a.test', name: 'a' }]],
    ['compaction', { type: 'summarize' }],
    ['fallbacks', 'default'],
    ['inference_geo', 'us'],
    ['billing_policy', { type: 'billing_policy', bill_to: 'user_profile' }],
    ['speed', 'fast'],
    ['thread', { type: 'create' }],
  ])('%s, but not its null', (field, value) => {
    expect(messagesRequest.safeParse(request({ [field]: value })).error?.issues[0]?.path).toEqual([field]);
    expect(messagesRequest.safeParse(request({ [field]: null })).success).toBe(true);
  });

  it.each([
    ['search_result', 'user', ['messages', 0, 'content', 0]],
    ['container_upload', 'user', ['messages', 0, 'content', 0]],
    ['server_tool_use', 'assistant', ['messages', 0, 'content', 0]],
    ['compaction', 'assistant', ['messages', 0, 'content', 0]],
  ])('a block of type %s', (type, role, path) => {
    const parsed = messagesRequest.safeParse(request({ messages: [{ role, content: [{ type }] }] }));
    const [first] = issuesWithin(parsed.error?.issues ?? []);
    expect(first).toMatchObject({
      path: [...path, 'type'],
      message: `Blocks of type ${type} are not supported`,
    });
  });

  it('an edit of the context whose tokens are billed apart', () => {
    const edits = [{ type: 'compact_20260112' }];
    const parsed = messagesRequest.safeParse(request({ context_management: { edits } }));
    const [first] = issuesWithin(parsed.error?.issues ?? []);
    expect(first).toMatchObject({
      path: ['context_management', 'edits', 0, 'type'],
      message: 'Edits of type compact_20260112 are not supported',
    });
  });
});
