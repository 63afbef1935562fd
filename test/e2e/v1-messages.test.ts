import Anthropic from '@anthropic-ai/sdk';
import { betaTool } from '@anthropic-ai/sdk/helpers/beta/json-schema';
import { afterEach, beforeAll, describe, expect, inject, it } from 'vitest';
import { type Client, eventually, registerSomebody, setBalance, signIn } from '../support/demo.ts';
import { hostFetch } from '../support/host-fetch.ts';
import { requestJson } from '../support/http.ts';
import { setFault } from '../support/simulators.ts';

/** Tests with Anthropic's official SDK, unchanged, configured by a tenant's address and a key only. */

const stack = inject('stack');
const HOST = 'acme.localhost';
const PNG =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

let user: Client;
let secret: string;
let anthropic: Anthropic;

/** Number of requests sent by the SDK, including its retries. */
let sent = 0;
const countingFetch: typeof fetch = (input, init) => {
  sent += 1;
  return hostFetch(input, init);
};
const sdk = (apiKey: string, host = HOST) =>
  new Anthropic({ apiKey, baseURL: `http://${host}:${stack.port}`, fetch: countingFetch });

beforeAll(async () => {
  user = await registerSomebody(stack.port, HOST);
  await setBalance(await signIn(stack.port, HOST, 'admin@acme.test'), user, 5_000_000);
  const made = await user.post('/api/api-keys', { name: 'sdk', scopes: ['executions:write', 'models:read'] });
  expect(made.status).toBe(201);
  secret = made.body.secret ?? made.body.key;
  anthropic = sdk(secret);
});
afterEach(() => setFault(stack.simulatorOrigin, 'all', 'none'));

const hello: Anthropic.MessageParam[] = [{ role: 'user', content: 'Say hello to the edge.' }];
const weather: Anthropic.Tool = {
  name: 'get_weather',
  description: 'Tells the weather of a city',
  input_schema: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
};
const textOf = ({ content }: Anthropic.Message) =>
  content.map((block) => (block.type === 'text' ? block.text : '')).join('');

describe.each(['claude-haiku-4-5', 'gpt-5.4-mini', 'gemini-3.5-flash-lite'])('on %s', (model) => {
  it('a message has text, a stop reason and usage, and is charged', async () => {
    const before = (await user.get('/api/wallet')).body.available;
    const message = await anthropic.messages.create({
      model,
      max_tokens: 500,
      system: 'Be brief.',
      messages: hello,
    });
    expect(message).toMatchObject({
      type: 'message',
      role: 'assistant',
      model,
      stop_reason: 'end_turn',
      content: [{ type: 'text' }],
    });
    expect(textOf(message)).toContain('Say hello to the edge.');
    expect(message.usage.input_tokens).toBeGreaterThan(0);
    expect(message.usage.output_tokens).toBeGreaterThan(0);
    expect((await user.get('/api/wallet')).body.available).toBeLessThan(before);
  });

  it('a stream is the same message in pieces, with the usage at its end', async () => {
    const request = { model, max_tokens: 500, messages: hello };
    const whole = await anthropic.messages.create(request);
    const stream = anthropic.messages.stream(request);
    let pieces = 0;
    stream.on('text', () => {
      pieces += 1;
    });
    const streamed = await stream.finalMessage();
    expect(pieces).toBeGreaterThan(5);
    expect(textOf(streamed)).toBe(textOf(whole));
    expect(streamed.stop_reason).toBe(whole.stop_reason);
    expect(streamed.usage).toEqual(whole.usage);
  });

  it('an answer cut by its limit has the stop reason max_tokens', async () => {
    const request = { model, max_tokens: 8, messages: hello };
    expect((await anthropic.messages.create(request)).stop_reason).toBe('max_tokens');
    expect((await anthropic.messages.stream(request).finalMessage()).stop_reason).toBe('max_tokens');
  });

  it('a tool is called, streamed and not, and its result is answered', async () => {
    const messages: Anthropic.MessageParam[] = [{ role: 'user', content: 'get_weather in Oslo' }];
    const request = {
      model,
      max_tokens: 500,
      messages,
      tools: [weather],
      tool_choice: { type: 'any' as const },
    };
    const asked = await anthropic.messages.create(request);
    expect(asked.stop_reason).toBe('tool_use');
    const [call] = asked.content;
    if (call?.type !== 'tool_use') throw new Error('No tool was called');
    expect(call).toMatchObject({ name: 'get_weather', input: { city: expect.any(String) } });
    const streamed = await anthropic.messages.stream(request).finalMessage();
    expect(streamed.content).toMatchObject([{ type: 'tool_use', name: 'get_weather', input: call.input }]);
    const answered = await anthropic.messages.create({
      model,
      max_tokens: 500,
      messages: [
        ...messages,
        { role: 'assistant', content: asked.content },
        {
          role: 'user',
          content: [{ type: 'tool_result', tool_use_id: call.id, content: 'Rain, 4 degrees' }],
        },
      ],
      tools: [weather],
    });
    expect(textOf(answered)).toContain('Rain, 4 degrees');
  });

  it('the SDK’s tool runner runs a tool and comes to an answer, streamed and not', async () => {
    for (const stream of [false, true] as const) {
      let calls = 0;
      const tool = betaTool({
        name: 'get_weather',
        description: 'Tells the weather of a city',
        inputSchema: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
        run: () => {
          calls += 1;
          return 'Rain, 4 degrees';
        },
      });
      const answer = await anthropic.beta.messages.toolRunner({
        ...{ model, max_tokens: 500, stream, tools: [tool] },
        messages: [{ role: 'user', content: 'get_weather in Oslo' }],
      });
      expect(calls).toBe(1);
      expect(answer.stop_reason).toBe('end_turn');
      expect(JSON.stringify(answer.content)).toContain('Rain, 4 degrees');
    }
  });

  it('an image is accepted, and JSON has the requested form', async () => {
    const seen = await anthropic.messages.create({
      model,
      max_tokens: 500,
      messages: [
        {
          role: 'user',
          content: [
            { type: 'text', text: 'What is this?' },
            { type: 'image', source: { type: 'base64', media_type: 'image/png', data: PNG } },
          ],
        },
      ],
    });
    expect(textOf(seen)).toContain('an image');
    const schema = {
      type: 'object',
      properties: { city: { type: 'string' }, population: { type: 'integer' } },
      required: ['city', 'population'],
      additionalProperties: false,
    };
    const formed = await anthropic.messages.create({
      model,
      max_tokens: 500,
      messages: hello,
      output_config: { format: { type: 'json_schema', schema } },
    });
    expect(Object.keys(JSON.parse(textOf(formed))).toSorted()).toEqual(['city', 'population']);
  });
});

/** Returns the error that the SDK throws. */
const errorOf = (call: Promise<unknown>) =>
  call.then(
    () => Promise.reject(new Error('It was not refused')),
    (error: unknown) => error as InstanceType<typeof Anthropic.APIError>,
  );

describe('an error is one of the SDK’s own', () => {
  const run = (body: object, client = anthropic) =>
    errorOf(
      client.messages.create({
        model: 'claude-haiku-4-5',
        max_tokens: 100,
        messages: hello,
        ...body,
      } as never),
    );

  it('for a wrong key, and for a key of another tenant', async () => {
    for (const client of [sdk('sk-ant-wrong'), sdk(secret, 'globex.localhost')]) {
      const error = await run({}, client);
      expect(error).toBeInstanceOf(Anthropic.AuthenticationError);
      expect(error).toMatchObject({ type: 'authentication_error', requestID: expect.any(String) });
    }
  });

  it('for an unknown model', async () => {
    const error = await run({ model: 'nonesuch' });
    expect(error).toBeInstanceOf(Anthropic.NotFoundError);
    expect(error).toMatchObject({ type: 'not_found_error', errorCode: 'unknown_model' });
  });

  it.each([
    ['an empty conversation', { messages: [] }, 'messages'],
    ['no limit', { max_tokens: undefined }, 'max_tokens'],
    [
      'an invalid block after instructions',
      { system: 'Be brief.', messages: [{ role: 'user', content: [{ type: 'text' }] }] },
      'messages.0.content.0.text',
    ],
    ['a temperature out of range', { temperature: 1.5 }, 'temperature'],
    ['a parameter that is not offered', { container: 'c' }, 'container'],
    [
      'thinking that leaves no answer',
      { thinking: { type: 'enabled', budget_tokens: 2_048 } },
      'thinking.budget_tokens',
    ],
    [
      'a tool that the provider runs',
      { tools: [{ type: 'web_search_20250305', name: 'web_search' }] },
      'tools.0.type',
    ],
    [
      'an invalid image',
      {
        messages: [
          { role: 'user', content: [{ type: 'image', source: { type: 'url', url: 'ftp://x/y.png' } }] },
        ],
      },
      'messages.0.content.0.source.url',
    ],
  ])('for %s, and names the field', async (_, body, field) => {
    const error = await run(body);
    expect(error).toBeInstanceOf(Anthropic.BadRequestError);
    expect(error).toMatchObject({
      type: 'invalid_request_error',
      errorCode: 'invalid_request',
      details: { issues: expect.arrayContaining([expect.objectContaining({ field })]) },
    });
  });

  it('for an empty wallet: 402 with details, and sent only once', async () => {
    const poor = await registerSomebody(stack.port, HOST);
    const { body } = await poor.post('/api/api-keys', { name: 'poor', scopes: ['executions:write'] });
    await setBalance(await signIn(stack.port, HOST, 'admin@acme.test'), poor, 1);
    sent = 0;
    const error = await run({}, sdk(body.secret ?? body.key));
    expect(error).toMatchObject({ status: 402, type: 'billing_error', errorCode: 'insufficient_balance' });
    expect(sent).toBe(1);
  });

  it('for a rate-limited key: 429 with Retry-After', async () => {
    const { body } = await user.post('/api/api-keys', {
      name: 'slow',
      scopes: ['executions:write'],
      requests_per_minute: 1,
    });
    const slow = sdk(body.secret ?? body.key).withOptions({ maxRetries: 0 });
    const create = () =>
      slow.messages.create({ model: 'claude-haiku-4-5', max_tokens: 100, messages: hello });
    await create();
    const error = await errorOf(create());
    expect(error).toBeInstanceOf(Anthropic.RateLimitError);
    expect(Number(error.headers?.get('retry-after'))).toBeGreaterThan(0);
  });

  it('for providers that are all down, after which nothing was charged', async () => {
    await setFault(stack.simulatorOrigin, 'all', 'server_error');
    const before = (await user.get('/api/wallet')).body.available;
    const error = await run({}, anthropic.withOptions({ maxRetries: 0 }));
    expect(error).toMatchObject({ status: 503, type: 'overloaded_error', errorCode: 'provider_failed' });
    expect((await user.get('/api/wallet')).body.available).toBe(before);
  });

  it('in the middle of a stream, which then has no message_stop', async () => {
    await setFault(stack.simulatorOrigin, 'all', 'reset_mid_stream');
    const events: string[] = [];
    const error = await errorOf(
      (async () => {
        const request = { model: 'claude-haiku-4-5', max_tokens: 500, messages: hello };
        for await (const { type } of await anthropic.messages.create({ ...request, stream: true }))
          events.push(type);
      })(),
    );
    expect(events).toContain('content_block_delta');
    expect(events).not.toContain('message_stop');
    expect(error).toBeInstanceOf(Anthropic.APIError);
    expect(error).toMatchObject({ type: 'overloaded_error', errorCode: 'provider_failed' });
  });

  it('for an unknown path, in OpenAI’s shape, also with an API key', async () => {
    const answer = await requestJson(stack.port, HOST, '/v1/fine_tuning/jobs', {
      method: 'POST',
      headers: { 'x-api-key': secret },
      body: {},
    });
    expect(answer).toMatchObject({
      status: 404,
      body: { error: { type: 'invalid_request_error', code: 'not_found', param: null } },
    });
  });
});

it('a client that aborts its stream is charged, and nothing stays held', async () => {
  const before = (await user.get('/api/wallet')).body;
  const request = { model: 'claude-haiku-4-5', max_tokens: 500, messages: hello };
  // The SDK aborts the request when the loop over the stream ends.
  for await (const { type } of await anthropic.messages.create({ ...request, stream: true }))
    if (type === 'content_block_delta') break;
  const after = await eventually(
    async () => (await user.get('/api/wallet')).body,
    ({ in_flight }) => in_flight === 0,
    60_000,
  );
  expect(after.reserved).toBe(0);
  expect(after.available).toBeLessThan(before.available);
});

it('a message repeated with its Idempotency-Key is the same, streamed or not, charged once', async () => {
  const headers = { 'idempotency-key': crypto.randomUUID() };
  const request = { model: 'claude-haiku-4-5', max_tokens: 500, messages: hello };
  const first = await anthropic.messages.create(request, { headers });
  const { available } = (await user.get('/api/wallet')).body;
  expect(await anthropic.messages.create(request, { headers })).toEqual(first);
  expect((await user.get('/api/wallet')).body.available).toBe(available);
});
