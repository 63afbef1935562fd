import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { afterEach, describe, expect, it } from 'vitest';
import { defaultSettings, type ProviderSettings } from '../../../../contracts/catalog/provider-settings.ts';
import type { ProviderKind } from '../../../../contracts/usage.ts';
import { collectStream } from '../../../../worker/providers/chat/collect-stream.ts';
import type { NeutralRequest } from '../../../../worker/providers/provider.ts';
import { providerClient } from '../../../../worker/providers/provider-client.ts';
import { quirkOf } from '../../../../worker/providers/transport/quirks.ts';
import { say } from '../wire-cases.ts';

const refusal = (message: string, status = 400) =>
  ({ kind: 'invalid_request', retryable: false, retry_after_ms: null, status, message }) as const;

const sampled = { model: 'm', max_tokens: 9, temperature: 0.7, top_p: 0.9, stream_options: {} };

describe('a refusal that a known quirk explains', () => {
  it.each([
    ['body.stream_options.include_usage: Extra inputs are not permitted', { drop: 'stream_options' }],
    ['Extra inputs are not permitted', { drop: 'stream_options' }],
    ['extra_forbidden', { drop: 'stream_options' }],
    [
      "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
      { rename: 'max_tokens', to: 'max_completion_tokens' },
    ],
    ['Unsupported parameter (max_tokens)', { rename: 'max_tokens', to: 'max_completion_tokens' }],
    [
      "Unsupported value: 'temperature' does not support 0.7 with this model. Only the default (1) value is supported.",
      { drop: 'temperature' },
    ],
    ['`temperature` is deprecated for this model.', { drop: 'temperature' }],
    ['`temperature` and `top_p` cannot both be specified for this model.', { drop: 'top_p' }],
    ['Model grok-4 does not support parameter topP.', { drop: 'top_p' }],
    ['invalid temperature: only 1 is allowed for this model', { drop: 'temperature' }],
    ['invalid top_p: only 0.95 is allowed for this model', { drop: 'top_p' }],
    [
      'Invalid JSON payload received. Unknown name "stream_options": Cannot find field.',
      { drop: 'stream_options' },
    ],
  ])('is answered by another body: %s', (message, adjustment) => {
    expect(quirkOf(refusal(message), sampled)).toEqual(adjustment);
    expect(quirkOf(refusal(message, 422), sampled)).toEqual(adjustment);
  });

  it('renames the limit back for a server that knows the old name only', () => {
    const message = 'body.max_completion_tokens: Extra inputs are not permitted';
    expect(quirkOf(refusal(message, 422), { max_completion_tokens: 9 })).toEqual({
      ...{ rename: 'max_completion_tokens', to: 'max_tokens' },
    });
  });

  it.each([
    ['Invalid value for temperature', 400],
    ['temperature must be at most 2', 400],
    ['This model does not support images', 400],
    ['Unsupported parameter: seed', 400],
    ['temperature is not supported', 403],
  ])('is no quirk: %s, with %i', (message, status) => {
    expect(quirkOf(refusal(message, status), sampled)).toBeNull();
  });

  it('is never about a parameter that was not sent', () => {
    expect(quirkOf(refusal('top_k is not supported'), sampled)).toBeNull();
  });
});

type Body = Record<string, unknown>;
const servers: ReturnType<typeof createServer>[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

const answers: Record<string, object> = {
  openai: {
    choices: [{ message: { content: 'Hi.' }, finish_reason: 'stop' }],
    usage: { prompt_tokens: 9, completion_tokens: 5, total_tokens: 14 },
  },
  google: {
    candidates: [{ content: { parts: [{ text: 'Hi.' }] }, finishReason: 'STOP' }],
    usageMetadata: { promptTokenCount: 9, candidatesTokenCount: 5 },
  },
  anthropic: {
    ...{ type: 'message', role: 'assistant', stop_reason: 'end_turn' },
    content: [{ type: 'text', text: 'Hi.' }],
    usage: { input_tokens: 9, output_tokens: 5 },
  },
};

/** A server that refuses bodies in these words, or answers. Returns what it was asked, and a way to ask it as one provider. */
async function serverOf(kind: 'openai' | 'anthropic' | 'google', refuse: (body: Body) => string | null) {
  const asked: Body[] = [];
  const headers: Record<string, unknown>[] = [];
  const server = createServer(async (request, response) => {
    const body = (await json(request)) as Body;
    asked.push(body);
    headers.push(request.headers);
    const message = refuse(body);
    response.writeHead(message === null ? 200 : 400, { 'content-type': 'application/json' });
    response.end(JSON.stringify(message === null ? answers[kind] : { error: { message, code: 400 } }));
  }).listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  const base_url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const provider_id = crypto.randomUUID();
  const ask = async (more: Partial<NeutralRequest> = {}, settings: Partial<ProviderSettings> = {}) => {
    const target = { kind: kind as ProviderKind, base_url, secret: 'sk-test-1', timeout_ms: 5_000 };
    const client = providerClient({ ...target, provider_id, settings: { ...defaultSettings, ...settings } });
    const start = await client.stream(
      { model: 'claude-sonnet-4-5', messages: say(['user', 'Hello']), max_output_tokens: 100, ...more },
      new AbortController().signal,
      { first_event_timeout_ms: 5_000, idle_timeout_ms: 5_000 },
    );
    return collectStream(start, 100);
  };
  return { ask, asked, headers };
}

const refusing = (name: string) => (body: Body) => (name in body ? `${name} is not supported` : null);

describe('a provider whose server has a quirk', () => {
  it('is asked once more without it, and remembered', async () => {
    const { ask, asked } = await serverOf('openai', refusing('stream_options'));
    expect(await ask()).toMatchObject({ ok: true });
    expect(await ask()).toMatchObject({ ok: true });
    expect(asked.map((body) => 'stream_options' in body)).toEqual([true, false, false]);
  });

  it('keeps the limit of its output under another name', async () => {
    const { ask, asked } = await serverOf('openai', refusing('max_tokens'));
    expect(await ask()).toMatchObject({ ok: true });
    expect(asked.map(({ max_tokens, max_completion_tokens }) => [max_tokens, max_completion_tokens])).toEqual(
      [
        [100, undefined],
        [undefined, 100],
      ],
    );
  });

  it('may have several', async () => {
    const { ask, asked } = await serverOf(
      'openai',
      (body) => refusing('stream_options')(body) ?? refusing('temperature')(body),
    );
    expect(await ask({ temperature: 0.5 })).toMatchObject({ ok: true });
    expect(asked).toHaveLength(3);
  });

  it('is remembered for one model, not for others of the same server', async () => {
    const { ask, asked } = await serverOf('openai', (body) =>
      body.model === 'strict' ? refusing('temperature')(body) : null,
    );
    await ask({ model: 'strict', temperature: 0.5 });
    await ask({ model: 'other', temperature: 0.5 });
    expect(asked.map(({ temperature }) => temperature)).toEqual([0.5, undefined, 0.5]);
  });

  it('fails in its own words when both names of the limit are refused', async () => {
    const { ask, asked } = await serverOf('openai', (body) =>
      'max_tokens' in body ? 'max_tokens is not supported' : 'max_completion_tokens is not supported',
    );
    expect(await ask()).toMatchObject({
      ok: false,
      failure: { kind: 'invalid_request', status: 400, message: 'max_completion_tokens is not supported' },
    });
    expect(asked).toHaveLength(2);
  });

  it('is remembered for requests of the same parameters and values alone', async () => {
    const { ask, asked } = await serverOf('openai', ({ temperature, top_p }) => {
      if (temperature === 1.5) return 'temperature 1.5 is not supported';
      return top_p !== undefined && temperature !== undefined
        ? '`temperature` and `top_p` cannot both be specified'
        : null;
    });
    await ask({ temperature: 1.5 });
    await ask({ temperature: 1.5 });
    await ask({ temperature: 0.5 });
    await ask({ temperature: 0.5, top_p: 0.9 });
    await ask({ top_p: 0.9 });
    expect(asked.map(({ temperature, top_p }) => [temperature, top_p])).toEqual([
      ...[[1.5], [], [], [0.5], [0.5, 0.9], [0.5]].map(([one, other]) => [one, other]),
      [undefined, 0.9],
    ]);
  });

  const turn = {
    ...{ role: 'assistant' as const, content: [{ type: 'text' as const, text: 'Hm.' }] },
    reasoning: [{ text: 'I look.', signature: 's' }],
    tool_calls: [{ id: 'a', name: 'now', arguments: '{"reasoning_content":1}', extra_content: { x: 1 } }],
  };
  const conversation = {
    messages: [
      turn,
      { role: 'tool' as const, tool_call_id: 'a', content: [{ type: 'text' as const, text: '9' }] },
    ],
    tools: [{ name: 'now', parameters: { properties: { strict: {} } }, strict: true }],
  };

  it.each([
    ['messages.0.assistant.reasoning_content: property is unsupported', 'reasoning_content'],
    ["Additional properties are not allowed ('reasoning_details' was unexpected)", 'reasoning_details'],
    ['Invalid JSON payload received. Unknown name "extra_content" at \'messages[0]\'', 'extra_content'],
    ['body.tools.0.function.strict: Extra inputs are not permitted', 'strict'],
    ['Please remove the reasoning_content from your message', 'reasoning_content'],
  ])('is sent messages and tools without the field that it refuses: %s', async (message, field) => {
    const isSent = (body: Body) => JSON.stringify(body).includes(`"${field}":`);
    const { ask, asked } = await serverOf('openai', (body) => {
      const [{ reasoning_content, reasoning_details, tool_calls }] = body.messages as Body[] as [Body];
      const [{ function: tool }] = body.tools as [{ function: Body }];
      const [{ extra_content }] = tool_calls as [Body];
      const fields = { reasoning_content, reasoning_details, extra_content, strict: tool.strict };
      return fields[field as 'strict'] === undefined ? null : message;
    });
    expect(await ask(conversation)).toMatchObject({ ok: true });
    expect(await ask(conversation)).toMatchObject({ ok: true });
    expect(asked).toHaveLength(3);
    const [first, second, third] = asked as [Body, Body, Body];
    expect(isSent(first)).toBe(true);
    expect(third).toEqual(second);
    expect(second.messages, 'arguments stay as they are').toMatchObject([
      { tool_calls: [{ function: { arguments: '{"reasoning_content":1}' } }] },
      {},
    ]);
    expect(second.tools, 'so do schemas').toMatchObject([
      { function: { parameters: { properties: { strict: {} } } } },
    ]);
  });

  it('is asked without reasoning that another account signed, in this conversation alone', async () => {
    const { ask, asked } = await serverOf('anthropic', (body) =>
      JSON.stringify(body).includes('"signature"')
        ? 'messages.0.content.0: Invalid `signature` in `thinking` block'
        : null,
    );
    expect(await ask(conversation)).toMatchObject({ ok: true });
    await ask(conversation);
    const typesOf = ({ messages }: Body) =>
      (messages as { content: { type: string }[] }[])[0]?.content.map(({ type }) => type);
    expect(asked.map(typesOf)).toEqual([
      ['thinking', 'text', 'tool_use'],
      ['text', 'tool_use'],
      ['thinking', 'text', 'tool_use'],
      ['text', 'tool_use'],
    ]);
  });

  it('may speak Google’s API', async () => {
    const { ask, asked } = await serverOf('google', (body) => {
      const { frequencyPenalty, thinkingConfig } = body.generationConfig as Body;
      if (frequencyPenalty !== undefined) return 'Penalty is not enabled for models/gemini-2.5-flash';
      return thinkingConfig === undefined ? null : 'Thinking level is not supported for this model.';
    });
    const asks = { model: 'gemini-3-flash', extra: { frequency_penalty: 0.5 }, reasoning: { effort: 'low' } };
    expect(await ask(asks as Partial<NeutralRequest>)).toMatchObject({ ok: true });
    expect(asked).toHaveLength(3);
    expect(asked.at(-1)).toMatchObject({ generationConfig: { maxOutputTokens: 100 } });
  });

  it('may speak Anthropic’s messages', async () => {
    const { ask, asked } = await serverOf('anthropic', refusing('temperature'));
    expect(await ask({ temperature: 0.5 })).toMatchObject({ ok: true });
    expect(asked.map(({ temperature }) => temperature)).toEqual([0.5, undefined]);
  });
});

describe('the settings of a provider', () => {
  it('name the output limit, leave parameters out and send others under new names', async () => {
    const { ask, asked } = await serverOf('openai', () => null);
    await ask(
      { temperature: 0.5, extra: { seed: 7 } },
      {
        output_limit_parameter: 'max_completion_tokens',
        stream_usage: false,
        drop_parameters: ['temperature'],
        rename_parameters: { seed: 'random_seed' },
      },
    );
    const [body] = asked;
    expect(body).toMatchObject({ max_completion_tokens: 100, random_seed: 7 });
    expect(Object.keys(body ?? {})).not.toEqual(
      expect.arrayContaining([expect.stringMatching(/^(temperature|seed|max_tokens|stream_options)$/)]),
    );
  });

  it.each(['openai', 'anthropic'] as const)('add headers to each request of kind %s', async (kind) => {
    const { ask, headers } = await serverOf(kind, () => null);
    await ask({}, { extra_headers: { 'X-Title': 'Acme' } });
    await ask({}, { extra_headers: { 'X-Title': 'Globex' } });
    await ask();
    expect(headers.map((sent) => sent['x-title'])).toEqual(['Acme', 'Globex', undefined]);
  });
});
