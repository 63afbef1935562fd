import { describe, expect, it } from 'vitest';
import { chatCompletionParams } from '../../../../worker/providers/openai/request.ts';
import type { NeutralRequest } from '../../../../worker/providers/provider.ts';
import {
  conversation,
  image,
  imageAt,
  PIXEL,
  pdf,
  recipeFormat,
  recording,
  say,
  timeTool,
  weatherTool,
} from '../wire-cases.ts';

const paramsOf = (changes: Partial<NeutralRequest>, base_url = 'https://api.openai.com/v1') =>
  chatCompletionParams({ ...conversation, ...changes }, base_url);

describe('a request in OpenAI’s form', () => {
  it.each([
    ['https://api.openai.com/v1', 'max_completion_tokens'],
    ['https://eu.api.openai.com/v1', 'max_completion_tokens'],
    ['https://acme.openai.azure.com/openai/v1', 'max_completion_tokens'],
    ['https://api.mistral.ai/v1', 'max_tokens'],
    ['http://localhost:11434/v1', 'max_tokens'],
    ['https://api.openai.com.example.test/v1', 'max_tokens'],
    ['https://notopenai.com/v1', 'max_tokens'],
  ])('at %s calls the output limit %s', (base_url, name) => {
    expect(paramsOf({}, base_url)).toEqual({
      model: 'm',
      messages: [
        { role: 'system', content: 'S1' },
        { role: 'user', content: 'U1' },
        { role: 'user', content: 'U2' },
        { role: 'assistant', content: 'A1' },
        { role: 'system', content: 'S2' },
        { role: 'user', content: 'U3' },
      ],
      [name]: 64,
    });
  });

  it('keeps the parts of a message apart', () => {
    const text = (content: string) => ({ type: 'text', text: content });
    const messages = say(['system', 'a', 'b'], ['user', 'c', 'd'], ['assistant', 'e', 'f']);
    expect(paramsOf({ messages }).messages.map(({ content }) => content)).toEqual([
      [text('a'), text('b')],
      [text('c'), text('d')],
      [text('e'), text('f')],
    ]);
  });

  it('carries images as URLs, and always says how closely to look', () => {
    const content = [image(), image('low'), { ...imageAt('https://a.test/b.png'), detail: 'auto' as const }];
    const url = `data:image/png;base64,${PIXEL}`;
    expect(paramsOf({ messages: [{ role: 'user', content }] }).messages).toEqual([
      {
        role: 'user',
        content: [
          { type: 'image_url', image_url: { url, detail: 'high' } },
          { type: 'image_url', image_url: { url, detail: 'low' } },
          { type: 'image_url', image_url: { url: 'https://a.test/b.png', detail: 'high' } },
        ],
      },
    ]);
  });

  it('carries calls of tools and what they answered', () => {
    const call = { id: 'c1', name: 'get_time', arguments: '{}' };
    const messages: NeutralRequest['messages'] = [
      { role: 'assistant', content: [], tool_calls: [call] },
      { role: 'tool', tool_call_id: 'c1', content: [{ type: 'text', text: 'noon' }], is_error: true },
    ];
    expect(paramsOf({ messages }).messages).toEqual([
      {
        role: 'assistant',
        content: null,
        tool_calls: [{ id: 'c1', type: 'function', function: { name: 'get_time', arguments: '{}' } }],
      },
      { role: 'tool', tool_call_id: 'c1', content: 'noon' },
    ]);
  });

  it('offers tools', () => {
    const { name, description, parameters } = weatherTool;
    expect(
      paramsOf({
        tools: [{ ...weatherTool, strict: true }, timeTool],
        tool_choice: { name: 'get_time' },
        parallel_tool_calls: false,
      }),
    ).toMatchObject({
      tools: [
        { type: 'function', function: { name, description, parameters, strict: true } },
        { type: 'function', function: { name: 'get_time', parameters: timeTool.parameters } },
      ],
      tool_choice: { type: 'function', function: { name: 'get_time' } },
      parallel_tool_calls: false,
    });
    expect(paramsOf({ tools: [timeTool], tool_choice: 'required' })).toMatchObject({
      tool_choice: 'required',
    });
  });

  it('says nothing about tools when there are none', () => {
    const params = paramsOf({ tool_choice: 'auto', parallel_tool_calls: false });
    expect(Object.keys(params).toSorted()).toEqual(['max_completion_tokens', 'messages', 'model']);
  });

  it.each([
    [{ type: 'text' as const }, { type: 'text' }],
    [{ type: 'json_object' as const }, { type: 'json_object' }],
    [
      { ...recipeFormat, strict: true },
      { type: 'json_schema', json_schema: { name: 'recipe', schema: recipeFormat.schema, strict: true } },
    ],
  ])('asks for the form %j', (response_format, expected) => {
    expect(paramsOf({ response_format }).response_format).toEqual(expected);
  });

  it('carries sampling and stops', () => {
    expect(paramsOf({ temperature: 0, top_p: 0.5, stop: ['a', 'b'] })).toMatchObject({
      temperature: 0,
      top_p: 0.5,
      stop: ['a', 'b'],
    });
  });

  it('passes on what we do not know, and nothing that would change what we do', () => {
    const extra = {
      seed: 7,
      reasoning_effort: 'low',
      logit_bias: { 50: -100 },
      model: 'dearer',
      messages: [],
      max_tokens: 1e9,
      max_completion_tokens: 1e9,
      stream: true,
      stream_options: { include_usage: false },
      n: 1,
      store: false,
      service_tier: 'default',
      temperature: 2,
      tools: [],
    };
    const params = paramsOf({ extra });
    expect(params).toEqual({
      ...paramsOf({}),
      seed: 7,
      reasoning_effort: 'low',
      logit_bias: { 50: -100 },
    });
  });

  it('says who speaks, and what a form of answer is for', () => {
    const content = [{ type: 'text' as const, text: 'Hi' }];
    const { messages, response_format } = paramsOf({
      messages: [
        { role: 'system', content, name: 'desk' },
        { role: 'user', content, name: 'ann' },
        { role: 'assistant', content, name: 'bot' },
      ],
      response_format: { ...recipeFormat, description: 'For the cook' },
    });
    expect(messages.map((message) => 'name' in message && message.name)).toEqual(['desk', 'ann', 'bot']);
    expect(response_format).toMatchObject({ json_schema: { description: 'For the cook' } });
  });

  const lenient = 'https://gateway.test/v1';
  const ephemeral = { type: 'ephemeral' as const, ttl: '1h' as const };
  const signed = { text: 'I should look.', signature: 's' };
  const assistant: NeutralRequest['messages'][number] = {
    role: 'assistant',
    content: [],
    tool_calls: [
      { id: 'c1', name: 'get_time', arguments: '{}', extra_content: { google: { thought_signature: 't' } } },
    ],
    reasoning: [{ text: 'I should ' }, { text: 'look.' }],
    reasoning_details: [{ type: 'reasoning.summary', summary: 'Looks' }],
    extra_content: { google: { thought_signature: 'u' } },
  };

  it('carries what a server gave with its answer, and marks for the cache', () => {
    const system = {
      role: 'system' as const,
      content: [{ type: 'text' as const, text: 'S', cache_control: ephemeral }],
    };
    const { messages, tools } = paramsOf(
      { messages: [system, assistant], tools: [{ ...timeTool, cache_control: ephemeral }] },
      lenient,
    );
    expect(messages).toEqual([
      { role: 'system', content: [{ type: 'text', text: 'S', cache_control: ephemeral }] },
      {
        role: 'assistant',
        content: null,
        tool_calls: [
          {
            id: 'c1',
            type: 'function',
            function: { name: 'get_time', arguments: '{}' },
            extra_content: { google: { thought_signature: 't' } },
          },
        ],
        reasoning_content: 'I should look.',
        reasoning_details: [{ type: 'reasoning.summary', summary: 'Looks' }],
        extra_content: { google: { thought_signature: 'u' } },
      },
    ]);
    expect(tools).toMatchObject([{ cache_control: ephemeral }]);
  });

  it('carries signed reasoning of another kind as details', () => {
    const reasoning = [signed, { text: '', encrypted: 'x' }];
    expect(
      paramsOf({ messages: [{ ...assistant, reasoning, reasoning_details: undefined }] }, lenient).messages,
    ).toMatchObject([
      {
        reasoning_details: [
          { type: 'reasoning.text', text: 'I should look.', signature: 's', index: 0 },
          { type: 'reasoning.encrypted', data: 'x', index: 1 },
        ],
      },
    ]);
  });

  it.each([
    'https://api.openai.com/v1',
    'https://acme.openai.azure.com/openai/v1',
    'https://api.mistral.ai/v1',
    'https://api.groq.com/openai/v1',
  ])('leaves out at %s what is refused there', (base_url) => {
    const text = JSON.stringify(
      paramsOf({ messages: [assistant], tools: [{ ...timeTool, cache_control: ephemeral }] }, base_url),
    );
    expect(text).not.toMatch(/reasoning_content|reasoning_details|extra_content|cache_control/);
  });

  it('shows images of tools in a message after the last result', () => {
    const texts = (text: string) => [{ type: 'text' as const, text }];
    const { messages } = paramsOf({
      messages: [
        { role: 'tool', tool_call_id: 'a', content: [...texts('A'), image()] },
        { role: 'tool', tool_call_id: 'b', content: [image('low')] },
        { role: 'user', content: texts('Well?') },
      ],
    });
    const url = `data:image/png;base64,${PIXEL}`;
    expect(messages).toEqual([
      { role: 'tool', tool_call_id: 'a', content: 'A' },
      { role: 'tool', tool_call_id: 'b', content: 'An image.' },
      {
        role: 'user',
        content: [
          { type: 'text', text: 'Images of the tool results:' },
          { type: 'image_url', image_url: { url, detail: 'high' } },
          { type: 'image_url', image_url: { url, detail: 'low' } },
        ],
      },
      { role: 'user', content: 'Well?' },
    ]);
  });

  it('carries recordings with the name of their format', () => {
    const content = [recording('audio/mpeg'), recording('audio/wav')];
    expect(paramsOf({ messages: [{ role: 'user', content }] }).messages).toEqual([
      {
        role: 'user',
        content: ['mp3', 'wav'].map((format) => ({
          type: 'input_audio',
          input_audio: { data: 'aGk=', format },
        })),
      },
    ]);
  });

  it('carries documents as files, and those of tools after their results', () => {
    const { messages } = paramsOf({
      messages: [
        {
          role: 'user',
          content: [pdf({ title: 'Report', context: 'Of 2026' }), pdf({ title: 'a.PDF' }), pdf()],
        },
        { role: 'tool', tool_call_id: 'a', content: [pdf(), image('low')] },
      ],
    });
    const file_data = 'data:application/pdf;base64,JVBERi0xLjQK';
    const file = (filename: string) => ({ type: 'file', file: { filename, file_data } });
    expect(messages).toMatchObject([
      {
        role: 'user',
        content: [{ text: 'Of 2026' }, file('Report.pdf'), file('a.PDF'), file('document.pdf')],
      },
      { role: 'tool', content: 'A file.' },
      {
        role: 'user',
        content: [{ text: 'Files of the tool results:' }, file('document.pdf'), { type: 'image_url' }],
      },
    ]);
  });

  it.each<[Partial<NeutralRequest>, string | undefined]>([
    [{ reasoning: { effort: 'xhigh' } }, 'xhigh'],
    [{ reasoning: { effort: 'low', budget_tokens: 9_000 } }, 'low'],
    [{ model: 'gpt-5.1', reasoning: { budget_tokens: 1_024 } }, 'low'],
    [{ model: 'gpt-5.1', reasoning: { budget_tokens: 5_000 } }, 'medium'],
    [{ model: 'openai/gpt-5', reasoning: { mode: 'enabled', budget_tokens: 20_000 } }, 'high'],
    [{ model: 'gpt-5.1', reasoning: { mode: 'adaptive' } }, undefined],
    [{ model: 'gpt-4o', reasoning: { budget_tokens: 20_000 } }, undefined],
    [{}, undefined],
  ])('asks for reasoning as %j with the effort %s', (changes, effort) => {
    expect(paramsOf(changes).reasoning_effort).toBe(effort);
  });

  it('has as many stops as OpenAI takes', () => {
    expect(paramsOf({ stop: ['a', 'b', 'c', 'd', 'e'] }).stop).toEqual(['a', 'b', 'c', 'd']);
  });

  it('leaves out a turn that says nothing and calls nothing, and what belongs to the caller', () => {
    const turns = [...conversation.messages, { role: 'assistant' as const, content: [] }];
    expect(paramsOf({ messages: turns, metadata: { job: '7' } })).toEqual(paramsOf({}));
  });
});
