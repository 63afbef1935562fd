import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { ChatMessage } from '../../../contracts/chat/chat.ts';
import { inputTokensBound } from '../../../worker/providers/metering/token-bound.ts';
import type { NeutralRequest } from '../../../worker/providers/provider.ts';
import { type Kind, kinds, question, simulatedProviders, wholeOf } from './simulated-provider.ts';
import { image, imageAt, pdf, recipeFormat, say, timeTool, weatherTool } from './wire-cases.ts';

let providers: Awaited<ReturnType<typeof simulatedProviders>>;
beforeAll(async () => {
  providers = await simulatedProviders();
});
afterAll(() => providers.stop());
afterEach(() => providers.reset());

type JsonSchema = Parameters<typeof z.fromJSONSchema>[0];

/** Whether the value is what the schema allows, by an implementation that is not ours. */
const satisfies = (schema: object, value: unknown): boolean =>
  z.fromJSONSchema(schema as JsonSchema).safeParse(value).success;

const asked = say(['user', 'Please use get_weather for Oslo']);
const tools = [weatherTool, timeTool];

/** Asks in one piece or as a stream; either way the same answer comes back. */
const ways = {
  'in one piece': async (kind: Kind, request: Partial<NeutralRequest>) => {
    await providers.breakWith({ mode: 'none', unstreamed: true });
    return providers.completion(kind, { request });
  },
  'as a stream': async (kind: Kind, request: Partial<NeutralRequest>) => {
    const whole = wholeOf(await providers.events(kind, { request }));
    return { ...whole, tool_calls: whole.tool_calls.map((call) => ({ ...call, id: 'of the stream' })) };
  },
};

describe.each(kinds)('the %s adapter', (kind) => {
  describe.each(Object.entries(ways))('asking %s', (_way, ask) => {
    it('is answered with a call whose arguments satisfy the tool’s schema', async () => {
      const answer = await ask(kind, { messages: asked, tools });
      expect(answer).toMatchObject({ text: '', finish_reason: 'tool_calls' });
      expect(answer.tool_calls.map(({ name }) => name)).toEqual(['get_weather']);
      const given = JSON.parse(answer.tool_calls[0]?.arguments ?? '');
      expect(satisfies(weatherTool.parameters, given)).toBe(true);
      expect(answer.usage?.output_tokens).toBeGreaterThan(0);
    });

    it('can call several tools at once, or be kept to one where the provider can', async () => {
      const messages = say(['user', 'Use get_weather and get_time']);
      const both = await ask(kind, { messages, tools });
      expect(both.tool_calls.map(({ name }) => name)).toEqual(['get_weather', 'get_time']);
      expect(both.tool_calls[1]?.arguments).toBe('{}');
      if (kind === 'google') return;
      const one = await ask(kind, { messages, tools, parallel_tool_calls: false });
      expect(one.tool_calls).toHaveLength(1);
    });

    it.each([
      ['auto', 0],
      ['none', 0],
      ['required', 1],
      [{ name: 'get_time' }, 1],
    ] as const)('does as the tool choice %j says', async (tool_choice, calls) => {
      const answer = await ask(kind, { messages: say(['user', 'Hello']), tools, tool_choice });
      expect(answer.tool_calls).toHaveLength(calls);
      if (typeof tool_choice === 'object') expect(answer.tool_calls[0]?.name).toBe(tool_choice.name);
    });

    it('does not call tools that the output limit leaves no room for', async () => {
      const answer = await ask(kind, { messages: asked, tools, max_output_tokens: 3 });
      expect(answer).toMatchObject({ tool_calls: [], finish_reason: 'length' });
    });

    it('shows images', async () => {
      const text = { type: 'text' as const, text: 'What is this?' };
      const messages: ChatMessage[] = [{ role: 'user', content: [image(), text, image('low')] }];
      const answer = await ask(kind, { messages });
      expect(answer.text).toContain('You showed me 2 images.');
      const bound = inputTokensBound(kind, { ...question, messages });
      expect(answer.usage?.input_tokens).toBeGreaterThan(500);
      expect(answer.usage?.input_tokens).toBeLessThanOrEqual(bound);
    });

    it('hands on documents, from the user and from a tool', async () => {
      const text = { type: 'text' as const, text: 'What does it say?' };
      const call = { id: 'a', name: 'get_time', arguments: '{}' };
      const messages: ChatMessage[] = [
        { role: 'user', content: [pdf({ title: 'report.pdf', context: 'The year' }), text] },
        { role: 'assistant', content: [], tool_calls: [call] },
        { role: 'tool', tool_call_id: 'a', content: [{ type: 'text', text: 'Read this' }, pdf()] },
        ...say(['user', 'And?']),
      ];
      const answer = await ask(kind, { messages, tools });
      expect(answer.text).toContain(kind === 'anthropic' ? 'a document.' : '2 documents.');
      expect(answer.usage?.input_tokens).toBeGreaterThan(500);
    });

    it('is answered with JSON that satisfies the schema asked for', async () => {
      const answer = await ask(kind, { response_format: recipeFormat });
      expect(satisfies(recipeFormat.schema, JSON.parse(answer.text))).toBe(true);
    });
  });

  it('goes on where tools answered, in one turn and with several of them', async () => {
    const messages = say(['user', 'Use get_weather and get_time']);
    const { tool_calls } = await providers.completion(kind, { request: { messages, tools } });
    const results = tool_calls.map(
      ({ id, name }, index): ChatMessage => ({
        role: 'tool',
        tool_call_id: id,
        content: [{ type: 'text', text: name === 'get_weather' ? '{"degrees": 21}' : 'It broke' }],
        ...(index === 1 && { is_error: true }),
      }),
    );
    const request = {
      messages: [...messages, { role: 'assistant' as const, content: [], tool_calls }, ...results],
      tools,
    };
    const answer = await providers.completion(kind, { request });
    expect(answer.tool_calls).toEqual([]);
    expect(answer.text).toMatch(/The tool answered: .*degrees.*21/s);
    expect(wholeOf(await providers.events(kind, { request }))).toMatchObject({
      text: answer.text,
      usage: answer.usage,
    });
  });

  it.each(['server_error', 'overloaded', 'rate_limited', 'reset_before', 'empty_body', 'error_first'])(
    'fails at %s as it does without tools, streamed or not',
    async (mode) => {
      await providers.breakWith({ mode });
      const request = { messages: asked, tools };
      const kinds_of_failure = [
        await providers.failure(kind),
        await providers.failure(kind, { request }),
        await providers.streamFailure(kind, { request }),
      ].map((failure) => failure.kind);
      expect(new Set(kinds_of_failure).size).toBe(1);
    },
  );

  it.each([
    ['reset_mid_stream', 'truncated'],
    ['malformed_sse', 'invalid_response'],
    ['error_mid_stream', 'overloaded'],
    ['hang_mid_stream', 'timeout'],
  ])('fails at %s in the middle of calls, whose pieces it has handed on', async (mode, failure) => {
    await providers.breakWith({ mode });
    const request = { messages: say(['user', 'Use get_weather and get_time']), tools };
    const events = await providers.events(kind, { request, patience: { idle_timeout_ms: 100 } });
    const said = events.filter(({ type }) => type !== 'input_told');
    expect(said[0]).toMatchObject({ type: 'tool_call', index: 0, name: 'get_weather' });
    expect(events.at(-1)).toMatchObject({ type: 'failed', failure: { kind: failure } });
    expect(events.filter(({ type }) => type === 'text')).toEqual([]);
  });

  it.each(['missing_usage', 'hostile_usage'])('calls tools without usage at %s', async (mode) => {
    await providers.breakWith({ mode });
    const request = { messages: asked, tools };
    expect(await providers.completion(kind, { request })).toMatchObject({ tool_calls: [{}], usage: null });
    expect(wholeOf(await providers.events(kind, { request }))).toMatchObject({
      tool_calls: [{}],
      usage: null,
    });
  });

  it('goes on with calls that another provider named, and with arguments that are no JSON', async () => {
    const call = { id: 'functions.get_weather:0', name: 'get_weather', arguments: '{"place": "Os' };
    const messages: ChatMessage[] = [
      ...asked,
      { role: 'assistant', content: [{ type: 'text', text: 'Let me see.' }], tool_calls: [call] },
      { role: 'tool', tool_call_id: call.id, content: [{ type: 'text', text: '21 degrees' }] },
      ...say(['user', 'And tomorrow?']),
    ];
    const answer = await providers.completion(kind, { request: { messages, tools } });
    expect(answer.text).toContain('And tomorrow?');
  });
});

it.each(['openai', 'anthropic'] as const)('%s fetches images itself', async (kind) => {
  const messages: ChatMessage[] = [{ role: 'user', content: [imageAt('https://example.com/cat.png')] }];
  expect((await providers.completion(kind, { request: { messages } })).text).toContain('an image');
});

it.each(['openai', 'google'] as const)('%s answers in JSON of no schema', async (kind) => {
  const answer = await providers.completion(kind, { request: { response_format: { type: 'json_object' } } });
  expect(JSON.parse(answer.text)).toHaveProperty('answer');
});

it.each(kinds)('%s is not asked for what it cannot do, so that the next candidate is', async (kind) => {
  const impossible = {
    openai: { extra: { n: 2 } },
    anthropic: { response_format: { type: 'json_object' as const } },
    google: { messages: [{ role: 'user' as const, content: [imageAt('https://example.com/cat.png')] }] },
  }[kind];
  const failure = await providers.failure(kind, { request: impossible });
  expect(failure).toMatchObject({ kind: 'invalid_request', retryable: true, status: null });
  expect(await providers.streamFailure(kind, { request: impossible })).toEqual(failure);
  expect((await providers.requestsArrived()).total).toBe(0);
});
