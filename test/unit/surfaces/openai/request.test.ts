import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chatOptions } from '../../../../contracts/chat/chat.ts';
import { chatCompletionRequest } from '../../../../contracts/v1/chat-completions-request.ts';
import { issuesWithin } from '../../../../worker/http/issues.ts';
import { translateRequest } from '../../../../worker/surfaces/openai/request.ts';

const text = fc.string({ maxLength: 20 });
const textPart = fc.record({ type: fc.constant('text'), text });
const imagePart = fc.record({
  type: fc.constant('image_url'),
  image_url: fc.record({ url: fc.constantFrom('https://example.com/a.png', 'data:image/png;base64,aGk=') }),
});
const parts = (part: fc.Arbitrary<object>) => fc.oneof(text, fc.array(part, { minLength: 1, maxLength: 3 }));
const call = fc.record({
  ...{ id: fc.string({ minLength: 1 }), type: fc.constant('function') },
  function: fc.record({ name: fc.string({ minLength: 1 }), arguments: text }),
});

/** Any request that the contract accepts. */
const anyRequest = fc.record(
  {
    model: fc.constant('m'),
    messages: fc.array(
      fc.oneof(
        fc.record({ role: fc.constantFrom('system', 'developer'), content: parts(textPart) }),
        fc.record({ role: fc.constant('user'), content: parts(fc.oneof(textPart, imagePart)) }),
        fc.record({ role: fc.constant('tool'), tool_call_id: fc.constant('c'), content: parts(textPart) }),
        fc.record(
          {
            role: fc.constant('assistant'),
            content: fc.option(parts(textPart)),
            refusal: fc.option(text),
            tool_calls: fc.option(fc.array(call, { maxLength: 2 })),
          },
          { requiredKeys: ['role'] },
        ),
      ),
      { minLength: 1, maxLength: 4 },
    ),
    stop: fc.option(fc.oneof(fc.constant('END'), fc.constant(['a', 'b']), fc.constant([]))),
    temperature: fc.option(fc.double({ min: 0, max: 2, noNaN: true })),
    metadata: fc.option(fc.constant({ user_id: 'ann' })),
  },
  { requiredKeys: ['model', 'messages'] },
);

const translate = (body: object) =>
  translateRequest(
    chatCompletionRequest.parse({ model: 'm', messages: [{ role: 'user', content: 'Hi' }], ...body }),
  );

const chatOf = (body: object) => translate(body).chat;

describe('a request of OpenAI’s API', () => {
  it('with only messages has no other options', () => {
    expect(translate({})).toEqual({
      model: 'm',
      max_output_tokens: undefined,
      chat: { messages: [{ role: 'user', content: [{ type: 'text', text: 'Hi' }] }] },
    });
  });

  it('has its output limit from the newer name, or else from the older', () => {
    const limitOf = (body: object) => translate(body).max_output_tokens;
    expect(limitOf({ max_tokens: 5 })).toBe(5);
    expect(limitOf({ max_tokens: 5, max_completion_tokens: 7 })).toBe(7);
    expect(limitOf({ max_tokens: null })).toBeUndefined();
  });

  it('has a conversation with every role, with tool calls and results', () => {
    const { messages } = chatOf({
      messages: [
        { role: 'developer', content: 'Be brief.' },
        { role: 'user', content: [{ type: 'text', text: 'Weather?' }], name: 'ann' },
        {
          role: 'assistant',
          content: null,
          refusal: null,
          tool_calls: [{ id: 'c1', type: 'function', function: { name: 'weather', arguments: '{}' } }],
        },
        { role: 'tool', tool_call_id: 'c1', content: 'Rain' },
      ],
    });
    expect(messages).toEqual([
      { role: 'system', content: [{ type: 'text', text: 'Be brief.' }] },
      { role: 'user', content: [{ type: 'text', text: 'Weather?' }], name: 'ann' },
      { role: 'assistant', content: [], tool_calls: [{ id: 'c1', name: 'weather', arguments: '{}' }] },
      { role: 'tool', tool_call_id: 'c1', content: [{ type: 'text', text: 'Rain' }] },
    ]);
  });

  it('has images as bytes or URLs', () => {
    const imageOf = (url: string) => {
      const [message] = chatOf({
        messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url, detail: 'low' } }] }],
      }).messages;
      return message?.content[0];
    };
    expect(imageOf('data:image/png;base64,aGk=')).toEqual({
      type: 'image',
      source: { kind: 'base64', media_type: 'image/png', data: 'aGk=' },
      detail: 'low',
    });
    expect(imageOf('https://example.com/a.png')).toMatchObject({
      source: { kind: 'url', url: 'https://example.com/a.png' },
    });
  });

  it('has files as documents, also in results of tools', () => {
    const file = (data: string, filename?: string) => ({ type: 'file', file: { file_data: data, filename } });
    const { messages } = chatOf({
      messages: [
        { role: 'tool', tool_call_id: 'c1', content: [file('https://example.com/a.pdf')] },
        { role: 'user', content: [file('data:application/pdf;base64,JVBERi0xLjQK', 'report.pdf')] },
      ],
    });
    expect(messages.map(({ content }) => content[0])).toEqual([
      { type: 'document', source: { kind: 'url', url: 'https://example.com/a.pdf' } },
      {
        type: 'document',
        source: { kind: 'base64', media_type: 'application/pdf', data: 'JVBERi0xLjQK' },
        title: 'report.pdf',
      },
    ]);
  });

  it('keeps refusals of the model', () => {
    const { messages } = chatOf({
      messages: [
        { role: 'assistant', content: null, refusal: 'I cannot.' },
        { role: 'assistant', content: [{ type: 'refusal', refusal: 'Nor now.' }] },
        { role: 'assistant', content: '' },
      ],
    });
    expect(messages).toEqual([
      { role: 'assistant', content: [{ type: 'text', text: 'I cannot.' }] },
      { role: 'assistant', content: [{ type: 'text', text: 'Nor now.' }] },
      { role: 'assistant', content: [] },
    ]);
  });

  it('has tools and forms of answer in the neutral form', () => {
    expect(
      chatOf({
        tools: [{ type: 'function', function: { name: 'now' } }],
        tool_choice: { type: 'function', function: { name: 'now' } },
        response_format: {
          type: 'json_schema',
          json_schema: { name: 'a', description: 'For a', schema: { type: 'object' }, strict: true },
        },
        stop: 'END',
      }),
    ).toMatchObject({
      tools: [{ name: 'now', parameters: { type: 'object', properties: {} } }],
      tool_choice: { name: 'now' },
      response_format: {
        ...{ type: 'json_schema', name: 'a', description: 'For a' },
        ...{ schema: { type: 'object' }, strict: true },
      },
      stop: ['END'],
    });
  });

  it('takes image/jpg for image/jpeg', () => {
    expect(chatOf(image('data:image/jpg;base64,aGk='))).toMatchObject({
      messages: [{ content: [{ source: { media_type: 'image/jpeg' } }] }],
    });
  });

  it('has the reasoning and the fields of a provider that an answer had', () => {
    const google = { google: { thought_signature: 's' } };
    const call = { id: 'c1', type: 'function', function: { name: 'weather', arguments: '{}' } };
    const assistant = (more: object) =>
      chatOf({ messages: [{ role: 'assistant', content: 'Hi', ...more }] }).messages[0];
    expect(
      assistant({
        reasoning_content: 'Hm',
        reasoning_details: [{ type: 'reasoning.summary', summary: 'Hm' }],
        extra_content: google,
        tool_calls: [{ ...call, extra_content: google }],
      }),
    ).toMatchObject({
      reasoning: [{ text: 'Hm' }],
      reasoning_details: [{ type: 'reasoning.summary', summary: 'Hm' }],
      extra_content: google,
      tool_calls: [{ id: 'c1', extra_content: google }],
    });
    expect(assistant({ reasoning: 'Hm' })).toMatchObject({ reasoning: [{ text: 'Hm' }] });
    const details = [{ type: 'reasoning.text', text: 'Hm', signature: 's' }];
    expect(assistant({ reasoning_content: 'Hm', reasoning_details: details })).toMatchObject({
      reasoning: [{ text: 'Hm', signature: 's' }],
      reasoning_details: details,
    });
    const empty = { reasoning_content: null, reasoning: '', reasoning_details: [], extra_content: null };
    expect(assistant(empty)).toEqual({ role: 'assistant', content: [{ type: 'text', text: 'Hi' }] });
  });

  it('has marks for the cache on parts, messages and tools', () => {
    const cache_control = { type: 'ephemeral' as const };
    const { messages, tools } = chatOf({
      messages: [
        {
          role: 'system',
          content: [{ type: 'text', text: 'S', cache_control: { type: 'ephemeral', ttl: '1h' } }],
        },
        {
          role: 'user',
          content: [
            { type: 'text', text: 'A' },
            { type: 'text', text: 'B' },
          ],
          cache_control,
        },
        { role: 'tool', tool_call_id: 'c1', content: 'Rain', cache_control },
        { role: 'user', content: [{ type: 'text', text: 'C', cache_control: null }] },
      ],
      tools: [{ type: 'function', function: { name: 'now' }, cache_control }],
    });
    expect(messages.map(({ content }) => content)).toEqual([
      [{ type: 'text', text: 'S', cache_control: { type: 'ephemeral', ttl: '1h' } }],
      [
        { type: 'text', text: 'A' },
        { type: 'text', text: 'B', cache_control },
      ],
      [{ type: 'text', text: 'Rain', cache_control }],
      [{ type: 'text', text: 'C' }],
    ]);
    expect(tools).toMatchObject([{ cache_control }]);
  });

  it.each<[unknown, object | undefined, object | undefined]>([
    ['high', { effort: 'high' }, undefined],
    ['none', { effort: 'none' }, undefined],
    ['ultra', undefined, { reasoning_effort: 'ultra' }],
    [null, undefined, undefined],
  ])('asks for the reasoning effort %j', (reasoning_effort, reasoning, extra) => {
    const chat = chatOf({ reasoning_effort });
    expect(chat.reasoning).toEqual(reasoning);
    expect(chat.extra).toEqual(extra);
  });

  it('has files of text as text, with the name of the file', () => {
    const csv = { file_data: `data:text/csv;charset=utf-8;base64,${btoa('a;b')}`, filename: 'a.csv' };
    expect(chatOf({ messages: [{ role: 'user', content: [{ type: 'file', file: csv }] }] }).messages).toEqual(
      [{ role: 'user', content: [{ type: 'text', text: 'a.csv\n\na;b' }] }],
    );
  });

  it('has a PDF without a data URL around it', () => {
    const file = { file_data: 'JVBERi0xLjQK', filename: 'a.pdf' };
    expect(
      chatOf({ messages: [{ role: 'user', content: [{ type: 'file', file }] }] }).messages,
    ).toMatchObject([
      { content: [{ type: 'document', title: 'a.pdf', source: { kind: 'base64', data: 'JVBERi0xLjQK' } }] },
    ]);
  });

  it('has recordings', () => {
    const content = [{ type: 'input_audio', input_audio: { data: 'aGk=', format: 'mp3' } }];
    const source = { kind: 'base64', media_type: 'audio/mpeg', data: 'aGk=' };
    expect(chatOf({ messages: [{ role: 'user', content }] }).messages).toEqual([
      { role: 'user', content: [{ type: 'audio', source }] },
    ]);
  });

  it('has images in results of tools', () => {
    const content = [{ type: 'image_url', image_url: { url: 'https://example.com/a.png' } }];
    expect(chatOf({ messages: [{ role: 'tool', tool_call_id: 'c1', content }] })).toMatchObject({
      messages: [{ role: 'tool', content: [{ type: 'image' }] }],
    });
  });

  it('keeps unknown parameters apart, and drops empty ones', () => {
    const asked = { seed: 7, user: 'ann', logit_bias: null, tools: [], stop: [], metadata: { job: '7' } };
    expect(chatOf(asked)).toEqual({
      messages: [{ role: 'user', content: [{ type: 'text', text: 'Hi' }] }],
      metadata: { job: '7' },
      extra: { seed: 7, user: 'ann' },
    });
  });
});

const asked = (content: unknown) => ({ messages: [{ role: 'user', content }] });
const image = (url: string) => asked([{ type: 'image_url', image_url: { url } }]);
const file = (fields: object) => asked([{ type: 'file', file: fields }]);
const FILE = 'messages.0.content.0.file';
const IMAGE_URL = 'messages.0.content.0.image_url.url';

describe('a request that OpenAI’s API would refuse is refused with OpenAI’s name of the field', () => {
  it.each([
    ['an image by FTP', image('ftp://example.com/a.png'), IMAGE_URL],
    ['an image of a form that not all take', image('data:image/tiff;base64,aGk='), IMAGE_URL],
    ['an image that is not in base64', image('data:image/png,raw'), IMAGE_URL],
    ['a file of ours', image('file:///etc/passwd'), IMAGE_URL],
    ['a file of another type', file({ file_data: 'data:image/png;base64,aGk=' }), `${FILE}.file_data`],
    ['a text that is no UTF-8', file({ file_data: 'data:text/csv;base64,/w==' }), `${FILE}.file_data`],
    ['a file that is not in base64', file({ file_data: 'data:application/pdf,raw' }), `${FILE}.file_data`],
    ['a file without its data and its id', file({ filename: 'a.pdf' }), `${FILE}.file_data`],
    [
      'an uploaded file beside the data',
      file({ file_id: 'file-1', file_data: 'data:application/pdf;base64,aGk=' }),
      `${FILE}.file_data`,
    ],
    ['a part without its text', asked(['Hi']), 'messages.0.content.0'],
    ['a part that is empty', asked([{ type: 'text' }]), 'messages.0.content.0.text'],
    ['a part we do not know', asked([{ type: 'video_url' }]), 'messages.0.content.0.type'],
    ['audio without its bytes', asked([{ type: 'input_audio' }]), 'messages.0.content.0.input_audio'],
    ['content that is none', asked(7), 'messages.0.content'],
    ['a role we do not know', { messages: [{ role: 'critic', content: 'No' }] }, 'messages.0.role'],
    [
      'a tool with a name that some providers refuse',
      { tools: [{ type: 'function', function: { name: 'a b' } }] },
      'tools.0.function.name',
    ],
    [
      'the choice of a tool without a name',
      { tool_choice: { type: 'function', function: {} } },
      'tool_choice.function.name',
    ],
    [
      'a form of answer with an invalid name',
      { response_format: { type: 'json_schema', json_schema: { name: '' } } },
      'response_format.json_schema.name',
    ],
    [
      'a mark for another cache',
      asked([{ type: 'text', text: 'Hi', cache_control: { type: 'forever' } }]),
      'messages.0.content.0.cache_control.type',
    ],
    [
      'fields of a provider that are none',
      { messages: [{ role: 'assistant', content: 'Hi', extra_content: 'x' }] },
      'messages.0.extra_content',
    ],
    [
      'reasoning that is no text',
      { messages: [{ role: 'assistant', reasoning_content: 7 }] },
      'messages.0.reasoning_content',
    ],
    ['an effort that is no text', { reasoning_effort: 7 }, 'reasoning_effort'],
    ['an empty stop', { stop: ['a', ''] }, 'stop.1'],
    [
      'too many pairs',
      { metadata: Object.fromEntries([...Array(17).keys()].map((n) => [n, ''])) },
      'metadata',
    ],
  ])('%s', (_, body, field) => {
    const parsed = chatCompletionRequest.safeParse({ model: 'm', messages: [], ...body });
    const fields = issuesWithin(parsed.error?.issues ?? []).map(({ path }) => path.join('.'));
    expect(fields).toContain(field);
  });

  it('and a valid request is accepted unchanged', () => {
    fc.assert(
      fc.property(anyRequest, (body) => {
        const { chat } = translateRequest(chatCompletionRequest.parse(body));
        expect(chatOptions.parse(chat)).toEqual(chat);
      }),
    );
  });
});
