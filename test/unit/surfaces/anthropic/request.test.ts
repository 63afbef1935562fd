import { describe, expect, it } from 'vitest';
import { messagesRequest } from '../../../../contracts/v1/messages-request.ts';
import { issuesWithin } from '../../../../worker/http/issues.ts';
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
    expect(chatOf({ system }).messages).toEqual([{ role: 'system', content: said('Be brief.') }, hi]);
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

  it('leaves out thinking blocks, and a turn that has nothing else', () => {
    const thought = { type: 'thinking', thinking: 'Hm.', signature: 's' };
    const assistant = (content: object[]) => ({ role: 'assistant', content });
    expect(
      chatOf({ messages: [assistant([thought]), { role: 'user', content: 'Go on.' }] }).messages,
    ).toEqual([{ role: 'user', content: said('Go on.') }]);
  });
});

describe('an unsupported feature is refused by name', () => {
  it.each([
    ['no limit', { max_tokens: undefined }, 'max_tokens'],
    ['more stops than providers take', { stop_sequences: ['a', 'b', 'c', 'd', 'e'] }, 'stop_sequences'],
    ['thinking', { thinking: { type: 'adaptive' } }, 'thinking.type'],
    [
      'an image as a tool result',
      {
        messages: [
          {
            role: 'user',
            content: [{ type: 'tool_result', tool_use_id: 'a', content: [{ type: 'image', source: {} }] }],
          },
        ],
      },
      'messages.0.content.0.content.0.type',
    ],
    [
      'a document',
      { messages: [{ role: 'user', content: [{ type: 'document', source: {} }] }] },
      'messages.0.content.0.type',
    ],
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
          { role: 'user', content: [{ type: 'image', source: { type: 'url', url: 'http://x.com/a' } }] },
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
    const parsed = messagesRequest.safeParse(request({ top_k: 5 }));
    expect(parsed.error?.issues[0]).toMatchObject({ code: 'unrecognized_keys', keys: ['top_k'] });
  });
});
