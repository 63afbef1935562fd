import { describe, expect, it } from 'vitest';
import { chatCompletionRequest } from '../../../contracts/v1/chat-completions.ts';
import { translateRequest } from '../../../worker/v1/openai-request.ts';

const translate = (body: object) =>
  translateRequest(
    chatCompletionRequest.parse({ model: 'm', messages: [{ role: 'user', content: 'Hi' }], ...body }),
  );

function chatOf(body: object) {
  const translated = translate(body);
  if (!translated.ok) throw translated.failure.error;
  return translated.value.chat;
}

describe('a request of OpenAI’s API', () => {
  it('with nothing but messages asks for nothing else', () => {
    expect(translate({})).toEqual({
      ok: true,
      value: {
        model: 'm',
        max_output_tokens: undefined,
        chat: { messages: [{ role: 'user', content: [{ type: 'text', text: 'Hi' }] }] },
      },
    });
  });

  it('says its output limit by the newer name, or else by the older', () => {
    const limitOf = (body: object) => {
      const translated = translate(body);
      return translated.ok && translated.value.max_output_tokens;
    };
    expect(limitOf({ max_tokens: 5 })).toBe(5);
    expect(limitOf({ max_tokens: 5, max_completion_tokens: 7 })).toBe(7);
    expect(limitOf({ max_tokens: null })).toBeUndefined();
  });

  it('has a conversation with every role, tools called and answered', () => {
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
      { role: 'user', content: [{ type: 'text', text: 'Weather?' }] },
      { role: 'assistant', content: [], tool_calls: [{ id: 'c1', name: 'weather', arguments: '{}' }] },
      { role: 'tool', tool_call_id: 'c1', content: [{ type: 'text', text: 'Rain' }] },
    ]);
  });

  it('carries images as bytes or where they are', () => {
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

  it.each([
    'http://example.com/a.png',
    'data:image/tiff;base64,aGk=',
    'data:image/png,raw',
    'file:///etc/passwd',
  ])('with the image %s is refused, naming the part', (url) => {
    const translated = translate({
      messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url } }] }],
    });
    expect(translated.ok).toBe(false);
    if (translated.ok) return;
    expect(translated.failure.error.issues[0]?.path.join('.')).toContain('messages.0.content.0.source');
  });

  it('asks for tools and forms of answer in our words', () => {
    expect(
      chatOf({
        tools: [{ type: 'function', function: { name: 'now' } }],
        tool_choice: { type: 'function', function: { name: 'now' } },
        response_format: {
          type: 'json_schema',
          json_schema: { name: 'a', schema: { type: 'object' }, strict: true },
        },
        stop: 'END',
      }),
    ).toMatchObject({
      tools: [{ name: 'now', parameters: { type: 'object', properties: {} } }],
      tool_choice: { name: 'now' },
      response_format: { type: 'json_schema', name: 'a', schema: { type: 'object' }, strict: true },
      stop: ['END'],
    });
  });

  it('keeps what we do not know apart, and drops what says nothing', () => {
    expect(chatOf({ seed: 7, user: 'ann', logit_bias: null, tools: [], stop: [] })).toEqual({
      messages: [{ role: 'user', content: [{ type: 'text', text: 'Hi' }] }],
      extra: { seed: 7, user: 'ann' },
    });
  });
});
