import OpenAI from 'openai';
import { zodTextFormat } from 'openai/helpers/zod';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { z } from 'zod';
import { type Client, eventually, registerSomebody, setBalance, signIn } from '../support/demo.ts';
import { hostFetch } from '../support/host-fetch.ts';

/** Tests of the Responses API with the official SDK, unchanged, configured by a tenant's address and a key only. */

const stack = inject('stack');
const HOST = 'globex.localhost';
const SCOPES = ['executions:write', 'executions:read', 'models:read'];

let admin: Client;
let user: Client;
let openai: OpenAI;

const sdk = (apiKey: string) =>
  new OpenAI({ apiKey, baseURL: `http://${HOST}:${stack.port}/v1`, fetch: hostFetch, maxRetries: 0 });

async function sdkOf(client: Client, scopes = SCOPES): Promise<OpenAI> {
  const made = await client.post('/api/api-keys', { name: `sdk: ${scopes.join(', ')}`, scopes });
  return sdk(made.body.secret ?? made.body.key);
}

async function newClient(): Promise<{ client: Client; openai: OpenAI }> {
  const client = await registerSomebody(stack.port, HOST);
  await setBalance(admin, client, 5_000_000);
  return { client, openai: await sdkOf(client) };
}

const keepContents = (stores_contents: boolean) => admin.patch('/api/tenant', { stores_contents });

beforeAll(async () => {
  admin = await signIn(stack.port, HOST, 'admin@globex.test');
  await keepContents(true);
  ({ client: user, openai } = await newClient());
});
afterAll(() => keepContents(false));

const weather: OpenAI.Responses.FunctionTool = {
  type: 'function',
  name: 'get_weather',
  description: 'Tells the weather of a city',
  parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
  strict: false,
};

const codeOf = (failing: Promise<unknown>) =>
  failing.then(
    () => null,
    (error: InstanceType<typeof OpenAI.APIError>) => ({ status: error.status, param: error.param }),
  );

describe.each(['gpt-5.4-mini', 'claude-haiku-4-5', 'gemini-3.5-flash-lite'])('on %s', (model) => {
  it('a response has text and usage, and is charged', async () => {
    const before = (await user.get('/api/wallet')).body.available;
    const response = await openai.responses.create({
      model,
      instructions: 'Be brief.',
      input: 'Say hello to the edge.',
    });
    expect(response).toMatchObject({ object: 'response', status: 'completed', model });
    expect(response.output_text).toMatch(/\w/);
    expect(response.usage?.total_tokens).toBeGreaterThan(0);
    expect((await user.get('/api/wallet')).body.available).toBeLessThan(before);
  });

  it('a stream is the same answer in pieces', async () => {
    const input = 'Say hello to the edge.';
    const stream = openai.responses.stream({ model, input });
    let text = '';
    stream.on('response.output_text.delta', ({ delta }) => {
      text += delta;
    });
    const streamed = await stream.finalResponse();
    const whole = await openai.responses.create({ model, input });
    expect([text, streamed.output_text]).toEqual([whole.output_text, whole.output_text]);
  });

  it('a tool is called, and its result is answered, with and without what the platform keeps', async () => {
    const input: OpenAI.Responses.ResponseInput = [{ role: 'user', content: 'get_weather in Oslo' }];
    const asked = await openai.responses.create({ model, input, tools: [weather], tool_choice: 'required' });
    const call = asked.output.find((item) => item.type === 'function_call');
    if (call === undefined) throw new Error('No tool was called');
    expect(call.name).toBe('get_weather');
    const result = {
      type: 'function_call_output' as const,
      call_id: call.call_id,
      output: 'Rain, 4 degrees',
    };
    const sent = await openai.responses.create({
      model,
      input: [...input, ...(asked.output as OpenAI.Responses.ResponseInput), result],
      tools: [weather],
    });
    const continued = await openai.responses.create({
      model,
      previous_response_id: asked.id,
      input: [result],
      tools: [weather],
    });
    expect(sent.output_text).toMatch(/\w/);
    expect(continued.output_text).toBe(sent.output_text);
  });
});

it('an answer has the form of a schema', async () => {
  const city = z.object({ name: z.string(), people: z.number() });
  const parsed = await openai.responses.parse({
    model: 'gpt-5.4-mini',
    input: 'Tell me of a city.',
    text: { format: zodTextFormat(city, 'city') },
  });
  expect(city.safeParse(parsed.output_parsed).success).toBe(true);
});

const referTo = (item: { id?: string } | undefined): OpenAI.Responses.ResponseInput => [
  { role: 'user', content: 'Hello' },
  { type: 'item_reference', id: item?.id ?? '' },
  { role: 'user', content: 'And?' },
];

describe('an item of a kept response', () => {
  it('can be sent by its id, by its user alone', async () => {
    const model = 'auto';
    const made = await openai.responses.create({ model, input: 'Hello' });
    const input = referTo(made.output[0]);
    const referred = await openai.responses.create({ model, input });
    const continued = await openai.responses.create({
      ...{ model, previous_response_id: made.id },
      input: 'And?',
    });
    const sentOf = async ({ id }: { id: string }) => {
      const { data } = await eventually(
        () => openai.responses.inputItems.list(id, { order: 'asc' }).catch(() => null),
        (found) => found !== null,
      ).then((found) => found ?? { data: [] });
      return data.map(({ id: _, ...item }) => item);
    };
    expect(await sentOf(referred)).toHaveLength(3);
    expect(await sentOf(referred)).toEqual(await sentOf(continued));
    const { openai: other } = await newClient();
    expect(await codeOf(other.responses.create({ model, input }))).toEqual({
      status: 400,
      param: 'input.1.id',
    });
  });

  it('needs a key that may read, as the continuation of a response does', async () => {
    const made = await openai.responses.create({ model: 'auto', input: 'Hello' });
    const writing = await sdkOf(user, ['executions:write']);
    const continued = { previous_response_id: made.id, input: 'And?' };
    for (const fields of [continued, { input: referTo(made.output[0]) }])
      expect(await codeOf(writing.responses.create({ model: 'auto', ...fields }))).toMatchObject({
        status: 403,
      });
  });

  it('is none of an execution of another API', async () => {
    const chat = await openai.chat.completions
      .create({ model: 'auto', messages: [{ role: 'user', content: 'Hello' }] })
      .withResponse();
    const id = chat.response.headers.get('x-execution-id');
    const previous_response_id = `resp_${id}`;
    expect(
      await codeOf(openai.responses.create({ model: 'auto', input: 'And?', previous_response_id })),
    ).toEqual({ status: 400, param: 'previous_response_id' });
    const input = referTo({ id: `msg_${id}_0` });
    expect(await codeOf(openai.responses.create({ model: 'auto', input }))).toEqual({
      status: 400,
      param: 'input.1.id',
    });
  });
});

describe('a kept response', () => {
  it('can be retrieved by its user alone, and deleted', async () => {
    const made = await openai.responses.create({ model: 'auto', input: 'Hello', metadata: { order: '7' } });
    const read = await eventually(
      () => openai.responses.retrieve(made.id).catch(() => null),
      (found) => found?.status === 'completed',
    );
    expect(read).toMatchObject({ output: made.output, usage: made.usage, metadata: { order: '7' } });
    const { data } = await openai.responses.inputItems.list(made.id);
    expect(data).toMatchObject([{ role: 'user', content: [{ type: 'input_text', text: 'Hello' }] }]);
    expect(await codeOf(openai.responses.retrieve(made.id, { stream: true }))).toEqual({
      status: 400,
      param: 'stream',
    });
    const { openai: other } = await newClient();
    expect(await codeOf(other.responses.retrieve(made.id))).toMatchObject({ status: 404 });
    expect(
      await codeOf(other.responses.create({ model: 'auto', input: 'And?', previous_response_id: made.id })),
    ).toEqual({ status: 400, param: 'previous_response_id' });
    await openai.responses.delete(made.id);
    expect(await codeOf(openai.responses.retrieve(made.id))).toMatchObject({ status: 404 });
  });

  it('is not kept with `store: false`, nor where the tenant keeps nothing', async () => {
    const made = await openai.responses.create({ model: 'auto', input: 'Hello', store: false });
    expect(await codeOf(openai.responses.retrieve(made.id))).toMatchObject({ status: 404 });
    await keepContents(false);
    expect(await codeOf(openai.responses.create({ model: 'auto', input: 'Hello', store: true }))).toEqual({
      status: 400,
      param: 'store',
    });
    expect((await openai.responses.create({ model: 'auto', input: 'Hello' })).status).toBe('completed');
    await keepContents(true);
  });

  it('runs in the background, and is there when it is done', async () => {
    const begun = await openai.responses.create({ model: 'auto', input: 'Hello', background: true });
    expect(begun.status).toBe('queued');
    const done = await eventually(
      () => openai.responses.retrieve(begun.id),
      ({ status }) => status === 'completed',
    );
    expect(done.output).toMatchObject([{ type: 'message' }]);
  });
});

it('a request that asks for what is not here is refused by the name of its field', async () => {
  const refused = (fields: object) =>
    codeOf(openai.responses.create({ model: 'auto', input: 'Hello', ...fields } as never));
  expect(await refused({ conversation: 'conv_1' })).toEqual({ status: 400, param: 'conversation' });
  expect(await refused({ tools: [{ type: 'file_search' }] })).toEqual({ status: 400, param: 'tools.0.type' });
  const tools = [{ type: 'web_search' }];
  expect(await refused({ tools, tool_choice: 'required' })).toEqual({ status: 400, param: 'tool_choice' });
  expect(await refused({ tools })).toBeNull();
  expect(await refused({ input: [{ role: 'user', content: '' }] })).toEqual({ status: 400, param: 'input' });
  expect(await refused({ input: [{ type: 'mcp_call' }] })).toEqual({ status: 400, param: 'input.0.type' });
  expect(await refused({ input: [{ type: 'function_call', call_id: 'c', name: 'x' }] })).toEqual({
    status: 400,
    param: 'input.0.arguments',
  });
  expect(await refused({ model: 'no-such-model' })).toMatchObject({ status: 404 });
  expect(await refused({ max_output_tokens: 9_000_000 })).toMatchObject({
    status: 400,
    param: 'max_output_tokens',
  });
  expect(await codeOf(openai.responses.retrieve('resp_nonsense'))).toMatchObject({ status: 404 });
});
