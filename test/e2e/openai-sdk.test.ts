import { randomBytes } from 'node:crypto';
import OpenAI from 'openai';
import { zodResponseFormat } from 'openai/helpers/zod';
import { afterEach, beforeAll, describe, expect, inject, it } from 'vitest';
import { z } from 'zod';
import { type Client, eventually, registerSomebody, setBalance, signIn } from '../support/demo.ts';
import { hostFetch } from '../support/host-fetch.ts';
import { setFault } from '../support/simulators.ts';

/** Tests with the official SDK, unchanged, configured by a tenant's address and a key only. */

const stack = inject('stack');
const HOST = 'acme.localhost';
const PNG =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

let user: Client;
let openai: OpenAI;

const sdk = (apiKey: string, host = HOST) =>
  new OpenAI({ apiKey, baseURL: `http://${host}:${stack.port}/v1`, fetch: hostFetch });

beforeAll(async () => {
  user = await registerSomebody(stack.port, HOST);
  await setBalance(await signIn(stack.port, HOST, 'admin@acme.test'), user, 5_000_000);
  const made = await user.post('/api/api-keys', { name: 'sdk', scopes: ['executions:write', 'models:read'] });
  expect(made.status).toBe(201);
  openai = sdk(made.body.secret ?? made.body.key);
});
afterEach(() => setFault(stack.simulatorOrigin, 'all', 'none'));

const weather = {
  type: 'function' as const,
  function: {
    name: 'get_weather',
    description: 'Tells the weather of a city',
    parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
  },
};
const hello = [{ role: 'user' as const, content: 'Say hello to the edge.' }];

describe.each(['gpt-5.4-mini', 'claude-haiku-4-5', 'gemini-3.5-flash-lite'])('on %s', (model) => {
  it('a completion has text, a finish reason and usage, and is charged', async () => {
    const before = (await user.get('/api/wallet')).body.available;
    const completion = await openai.chat.completions.create({
      model,
      messages: [{ role: 'developer', content: 'Be brief.' }, ...hello],
    });
    expect(completion).toMatchObject({ object: 'chat.completion', model });
    expect(completion.choices[0]).toMatchObject({ finish_reason: 'stop', message: { role: 'assistant' } });
    expect(completion.choices[0]?.message.content).toMatch(/\w/);
    const { prompt_tokens = 0, completion_tokens = 0, total_tokens } = completion.usage ?? {};
    expect(prompt_tokens).toBeGreaterThan(0);
    expect(total_tokens).toBe(prompt_tokens + completion_tokens);
    expect((await user.get('/api/wallet')).body.available).toBeLessThan(before);
  });

  it('a stream is the same answer in pieces, with usage only on request', async () => {
    const request = { model, messages: hello, stream: true as const };
    let text = '';
    const finishReasons: unknown[] = [];
    for await (const chunk of await openai.chat.completions.create(request)) {
      expect(chunk.usage ?? null).toBeNull();
      text += chunk.choices[0]?.delta.content ?? '';
      if (chunk.choices[0]?.finish_reason) finishReasons.push(chunk.choices[0].finish_reason);
    }
    const whole = await openai.chat.completions.create({ model, messages: hello });
    expect(text).toBe(whole.choices[0]?.message.content);
    expect(finishReasons).toEqual(['stop']);
    const counted = openai.chat.completions.stream({ ...request, stream_options: { include_usage: true } });
    expect((await counted.totalUsage()).completion_tokens).toBeGreaterThan(0);
    expect(await counted.finalContent()).toBe(text);
  });

  it('a tool is called, and its result is answered', async () => {
    const messages: OpenAI.ChatCompletionMessageParam[] = [{ role: 'user', content: 'get_weather in Oslo' }];
    const asked = await openai.chat.completions.create({
      model,
      messages,
      tools: [weather],
      tool_choice: 'required',
    });
    const message = asked.choices[0]?.message;
    const [call] = message?.tool_calls ?? [];
    if (message === undefined || call?.type !== 'function') throw new Error('No tool was called');
    expect(asked.choices[0]?.finish_reason).toBe('tool_calls');
    expect(call.function.name).toBe('get_weather');
    expect(JSON.parse(call.function.arguments)).toHaveProperty('city');
    const answered = await openai.chat.completions.create({
      model,
      messages: [...messages, message, { role: 'tool', tool_call_id: call.id, content: 'Rain, 4 degrees' }],
      tools: [weather],
    });
    expect(answered.choices[0]?.message.content).toMatch(/\w/);
    const streamed = openai.chat.completions.stream({
      model,
      messages,
      tools: [weather],
      tool_choice: 'required',
    });
    expect((await streamed.finalMessage()).tool_calls?.[0]).toMatchObject({
      function: { name: 'get_weather', arguments: call.function.arguments },
    });
  });

  it('one tool is called at a time if the request says so, and a header tells where later calls are left out', async () => {
    const time = {
      type: 'function' as const,
      function: { name: 'get_time', parameters: { type: 'object' } },
    };
    const request = {
      ...{ model, tools: [weather, time] },
      messages: [{ role: 'user' as const, content: 'Use get_weather and get_time' }],
    };
    const namesOf = (calls: OpenAI.ChatCompletionMessageToolCall[] | undefined) =>
      calls?.map((call) => (call.type === 'function' ? call.function.name : call.type));
    const both = await openai.chat.completions.create(request);
    expect(namesOf(both.choices[0]?.message.tool_calls)).toEqual(['get_weather', 'get_time']);
    const serial = { ...request, parallel_tool_calls: false };
    const { data: one, response } = await openai.chat.completions.create(serial).withResponse();
    expect(one.choices[0]).toMatchObject({ finish_reason: 'tool_calls' });
    expect(namesOf(one.choices[0]?.message.tool_calls)).toEqual(['get_weather']);
    const isCut = model.startsWith('gemini');
    expect(response.headers.get('x-tool-calls-fitted')).toBe(isCut ? '1' : null);
    // What was generated is charged, delivered or not.
    if (isCut) expect(one.usage?.completion_tokens).toBe(both.usage?.completion_tokens);
    const streamed = await openai.chat.completions
      .stream({ ...serial, stream: true, stream_options: { include_usage: true } })
      .finalChatCompletion();
    expect(namesOf(streamed.choices[0]?.message.tool_calls)).toEqual(['get_weather']);
    expect(streamed.usage?.completion_tokens).toBe(one.usage?.completion_tokens);
  });

  it('the SDK’s helpers work: parsed answers, assembled streams, tool runners', async () => {
    const parsed = await openai.chat.completions.parse({
      ...{ model, messages: hello },
      response_format: zodResponseFormat(z.object({ city: z.string(), degrees: z.array(z.int()) }), 'report'),
    });
    expect(parsed.choices[0]?.message.parsed).toEqual({
      city: expect.any(String),
      degrees: expect.any(Array),
    });
    const stream = openai.chat.completions.stream({ model, messages: hello });
    let heard = '';
    stream.on('content', (delta) => {
      heard += delta;
    });
    expect(heard).toBe('');
    expect((await stream.finalMessage()).content).toBe(heard);
    expect(heard).not.toBe('');
    const runner = openai.chat.completions.runTools({
      ...{ model, stream: true },
      messages: [{ role: 'user', content: 'get_weather in Oslo' }],
      tools: [
        {
          type: 'function',
          function: { ...weather.function, function: () => 'Rain, 4 degrees', parse: JSON.parse },
        },
      ],
    });
    expect(await runner.finalContent()).toContain('Rain, 4 degrees');
  });

  it('a photo of four megabytes is accepted', async () => {
    const bytes = Buffer.concat([Buffer.from(PNG, 'base64'), randomBytes(4_000_000)]);
    const url = `data:image/png;base64,${bytes.toString('base64')}`;
    const content = [{ type: 'image_url' as const, image_url: { url } }];
    const seen = await openai.chat.completions.create({ model, messages: [{ role: 'user', content }] });
    expect(seen.choices[0]?.message.content).toMatch(/\w/);
  });

  it('an image is accepted, and JSON has the requested form', async () => {
    const seen = await openai.chat.completions.create({
      model,
      messages: [
        {
          role: 'user',
          content: [
            { type: 'text', text: 'What is this?' },
            { type: 'image_url', image_url: { url: `data:image/png;base64,${PNG}` } },
          ],
        },
      ],
    });
    expect(seen.choices[0]?.message.content).toMatch(/\w/);
    const schema = {
      type: 'object',
      properties: { city: { type: 'string' }, population: { type: 'integer' } },
      required: ['city', 'population'],
      additionalProperties: false,
    };
    const formed = await openai.chat.completions.create({
      model,
      messages: hello,
      response_format: { type: 'json_schema', json_schema: { name: 'city', schema, strict: true } },
    });
    expect(Object.keys(JSON.parse(formed.choices[0]?.message.content ?? '')).sort()).toEqual([
      'city',
      'population',
    ]);
  });
});

describe('the models', () => {
  it('are listed, and can be read one by one', async () => {
    const names = (await openai.models.list()).data.map(({ id }) => id);
    expect(names).toEqual(expect.arrayContaining(['gpt-5.4-mini', 'auto']));
    expect(await openai.models.retrieve('auto')).toMatchObject({ id: 'auto', object: 'model' });
    await expect(openai.models.retrieve('nonesuch')).rejects.toMatchObject({
      status: 404,
      code: 'model_not_found',
    });
  });
});

/** Returns the error that the SDK throws. */
const errorOf = (call: Promise<unknown>) =>
  call.then(
    () => Promise.reject(new Error('It was not refused')),
    (error: unknown) => error as InstanceType<typeof OpenAI.APIError>,
  );

describe('an error is one of the SDK’s own', () => {
  const run = (body: object, client = openai) =>
    errorOf(client.chat.completions.create({ model: 'gpt-5.4-mini', messages: hello, ...body } as never));

  it('for a wrong key, and for a key of another tenant', async () => {
    expect(await run({}, sdk('sk-wrong'))).toBeInstanceOf(OpenAI.AuthenticationError);
    expect(await run({}, sdk(openai.apiKey ?? '', 'globex.localhost'))).toBeInstanceOf(
      OpenAI.AuthenticationError,
    );
  });

  it('for an unknown model', async () => {
    const error = await run({ model: 'nonesuch' });
    expect(error).toBeInstanceOf(OpenAI.NotFoundError);
    expect(error).toMatchObject({ code: 'model_not_found', param: 'model', type: 'invalid_request_error' });
  });

  it.each([
    ['an empty conversation', { messages: [] }, 'messages'],
    ['a temperature out of range', { temperature: 3 }, 'temperature'],
    ['no output', { max_completion_tokens: 0 }, 'max_completion_tokens'],
    ['an output that is no number', { max_tokens: 'many' }, 'max_tokens'],
    [
      'an invalid image',
      { messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url: 'ftp://x' } }] }] },
      'messages.0.content.0.image_url.url',
    ],
    [
      'a part without its text',
      { messages: [{ role: 'user', content: [{ type: 'text' }] }] },
      'messages.0.content.0.text',
    ],
    [
      'a tool with an invalid name',
      { tools: [{ type: 'function', function: { name: 'a b' } }] },
      'tools.0.function.name',
    ],
    ['more output than the model has', { max_completion_tokens: 999_999 }, 'max_completion_tokens'],
    ['several answers at once', { n: 2 }, 'n'],
    ['log probabilities', { logprobs: true }, 'logprobs'],
  ])('for %s, and names the field', async (_, body, field) => {
    const error = await run(body);
    expect(error).toBeInstanceOf(OpenAI.BadRequestError);
    expect(error.param).toBe(field);
    expect(error.message).toContain(`${field}: `);
  });

  it('for an empty wallet: 402 with details, and not retried', async () => {
    const poor = await registerSomebody(stack.port, HOST);
    const { body } = await poor.post('/api/api-keys', { name: 'poor', scopes: ['executions:write'] });
    await setBalance(await signIn(stack.port, HOST, 'admin@acme.test'), poor, 1);
    const error = await run({}, sdk(body.secret ?? body.key));
    expect(error).toMatchObject({ status: 402, code: 'insufficient_balance', type: 'insufficient_quota' });
    expect(error.headers?.get('x-should-retry')).toBe('false');
  });

  it('for an empty wallet is sent once, and for a rate-limited key has a Retry-After', async () => {
    let sent = 0;
    const countingFetch: typeof fetch = (input, init) => {
      sent += 1;
      return hostFetch(input, init);
    };
    const keyOf = async (owner: Client, limits: object) => {
      const key = { name: crypto.randomUUID(), scopes: ['executions:write'], ...limits };
      const { body } = await owner.post('/api/api-keys', key);
      return sdk(body.secret ?? body.key).withOptions({ fetch: countingFetch });
    };
    const poor = await registerSomebody(stack.port, HOST);
    await setBalance(await signIn(stack.port, HOST, 'admin@acme.test'), poor, 1);
    expect(await run({}, await keyOf(poor, {}))).toMatchObject({ status: 402 });
    expect(sent).toBe(1);
    const slow = (await keyOf(user, { requests_per_minute: 1 })).withOptions({ maxRetries: 0 });
    await slow.chat.completions.create({ model: 'gpt-5.4-mini', messages: hello });
    const error = await run({}, slow);
    expect(error).toBeInstanceOf(OpenAI.RateLimitError);
    expect(Number(error.headers?.get('retry-after'))).toBeGreaterThan(0);
  });

  it('for providers that are all down, after which nothing was charged', async () => {
    await setFault(stack.simulatorOrigin, 'all', 'server_error');
    const before = (await user.get('/api/wallet')).body.available;
    const error = await run({}, openai.withOptions({ maxRetries: 0 }));
    expect(error).toBeInstanceOf(OpenAI.InternalServerError);
    expect(error).toMatchObject({ status: 503, type: 'server_error' });
    expect((await user.get('/api/wallet')).body.available).toBe(before);
  });

  it('in the middle of a stream, which then has no [DONE]', async () => {
    await setFault(stack.simulatorOrigin, 'all', 'reset_mid_stream');
    const stream = await openai.chat.completions.create({
      model: 'gpt-5.4-mini',
      messages: hello,
      stream: true,
    });
    let text = '';
    const error = await errorOf(
      (async () => {
        for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? '';
      })(),
    );
    expect(text).not.toBe('');
    expect(error).toBeInstanceOf(OpenAI.APIError);
    expect(error.code).toBe('provider_failed');
  });

  it('for an unknown path', async () => {
    expect(await errorOf(openai.embeddings.create({ model: 'x', input: 'y' }))).toBeInstanceOf(
      OpenAI.NotFoundError,
    );
  });
});

it('a client that stops reading is charged, and nothing stays held', async () => {
  const before = (await user.get('/api/wallet')).body;
  const request = { model: 'gpt-5.4-mini', messages: hello, stream: true as const };
  // The SDK aborts the request when the loop over the stream ends.
  for await (const chunk of await openai.chat.completions.create(request))
    if (chunk.choices[0]?.delta.content) break;
  const after = await eventually(
    async () => (await user.get('/api/wallet')).body,
    ({ in_flight }) => in_flight === 0,
    60_000,
  );
  expect(after.reserved).toBe(0);
  expect(after.available).toBeLessThan(before.available);
});
