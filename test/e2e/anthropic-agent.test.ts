import Anthropic from '@anthropic-ai/sdk';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import { type Client, eventually, registerSomebody, setBalance, signIn } from '../support/demo.ts';
import { hostFetch } from '../support/host-fetch.ts';

/** Coding agents on Anthropic's API: what they send beside plain messages, through the official SDK. */

const stack = inject('stack');
const HOST = 'acme.localhost';
const CLAUDE = 'claude-haiku-4-5';

let user: Client;
let anthropic: Anthropic;

const keyOf = async (client: Client, scopes: string[]) => {
  const made = await client.post('/api/api-keys', { name: `agent for ${scopes[0]}`, scopes });
  expect(made.status).toBe(201);
  return made.body.secret as string;
};
const sdk = (apiKey: string) =>
  new Anthropic({ apiKey, baseURL: `http://${HOST}:${stack.port}`, fetch: hostFetch, maxRetries: 0 });

beforeAll(async () => {
  user = await registerSomebody(stack.port, HOST);
  await setBalance(await signIn(stack.port, HOST, 'admin@acme.test'), user, 5_000_000);
  anthropic = sdk(await keyOf(user, ['executions:write', 'executions:read', 'models:read']));
});

const available = async () => (await user.get('/api/wallet')).body.available;
/** The finished receipt of an answer. */
const receiptOf = ({ id }: { id: string }) =>
  eventually(
    async () => (await user.get(`/api/ai/executions/${id.replace(/^msg_/, '')}`)).body,
    ({ tokens_released }) => typeof tokens_released === 'number',
  );

const readFile: Anthropic.Tool = {
  name: 'read_file',
  description: 'Reads a file of the project.',
  input_schema: { type: 'object', properties: { path: { type: 'string' } }, required: ['path'] },
};
/** About 2,000 tokens, more than the least that is cached. */
const instructions = 'You are a careful engineer. Read before you write. '.repeat(160);
const cache_control = { type: 'ephemeral' as const };
const cached = (text: string): Anthropic.TextBlockParam[] => [{ type: 'text', text, cache_control }];

describe('an agent’s second turn', () => {
  it('reads its prompt from the cache, and its receipt shows it at the price of the cache', async () => {
    const system = cached(`${instructions}${crypto.randomUUID()}`);
    const request = { model: CLAUDE, max_tokens: 500, system, tools: [readFile] };
    const question = { role: 'user' as const, content: cached('read_file README.md') };
    const first = await anthropic.messages.create({ ...request, messages: [question] });
    expect(first.usage.cache_creation_input_tokens).toBeGreaterThan(2_000);
    expect(first.usage.cache_read_input_tokens).toBe(0);
    const [call] = first.content;
    if (call?.type !== 'tool_use') throw new Error('No tool was called');
    const stream = anthropic.messages.stream({
      ...request,
      messages: [
        question,
        { role: 'assistant', content: first.content },
        {
          role: 'user',
          content: [{ type: 'tool_result', tool_use_id: call.id, content: 'A gateway.', cache_control }],
        },
      ],
    });
    let told: Anthropic.Usage | undefined;
    stream.on('streamEvent', (event) => {
      if (event.type === 'message_start') told = { ...event.message.usage };
    });
    const second = await stream.finalMessage();
    const read = second.usage.cache_read_input_tokens ?? 0;
    expect(read).toBe(first.usage.cache_creation_input_tokens);
    expect(told).toMatchObject({ cache_read_input_tokens: read, output_tokens: 0 });
    const { usage, price, tokens_charged, usage_source } = await receiptOf(second);
    expect(usage).toMatchObject({ cache_read_tokens: read, input_tokens: second.usage.input_tokens });
    expect(usage_source).toBe('reported');
    const rates = price.wallet_tokens_per_1000;
    expect(rates.cache_read * 10).toBe(rates.input);
    const charge =
      usage.input_tokens * rates.input +
      usage.cache_read_tokens * rates.cache_read +
      usage.cache_write_tokens * rates.cache_write +
      usage.output_tokens * rates.output;
    expect(tokens_charged).toBe(Math.ceil(charge / 1_000));
    expect(tokens_charged).toBeLessThan((await receiptOf(first)).tokens_charged);
  });
});

describe('a prompt that is cached for an hour', () => {
  it('is charged at the price of that, and what is cached for five minutes at its own', async () => {
    const hour = { type: 'ephemeral' as const, ttl: '1h' as const };
    const text = `${instructions}${crypto.randomUUID()}`;
    const request = (mark: typeof hour | typeof cache_control) => ({
      ...{ model: CLAUDE, max_tokens: 500 },
      system: [{ type: 'text' as const, text, cache_control: mark }],
      messages: [{ role: 'user' as const, content: cached(`${instructions}Hello`) }],
    });
    const { data: message, response } = await anthropic.messages.create(request(hour)).withResponse();
    const { ephemeral_5m_input_tokens: short = 0, ephemeral_1h_input_tokens: long = 0 } =
      message.usage.cache_creation ?? {};
    expect(short).toBeGreaterThan(1_500);
    expect(long).toBeGreaterThan(1_500);
    expect(message.usage.cache_creation_input_tokens).toBe(short + long);
    const { usage, price, tokens_charged, usage_source } = await receiptOf(message);
    expect(usage).toMatchObject({ cache_write_tokens: short, cache_write_1h_tokens: long });
    expect(usage_source).toBe('reported');
    const rates = price.wallet_tokens_per_1000;
    expect(rates.cache_write_1h).toBe(2 * rates.input);
    const charge =
      usage.input_tokens * rates.input +
      short * rates.cache_write +
      long * rates.cache_write_1h +
      usage.output_tokens * rates.output;
    expect(tokens_charged).toBe(Math.ceil(charge / 1_000));
    // The price of an hour is held where it is asked for.
    const heldFor = (held: Response) => Number(held.headers.get('x-wallet-tokens-reserved'));
    const again = await anthropic.messages.create(request(cache_control)).withResponse();
    expect(heldFor(response)).toBeGreaterThan(1.3 * heldFor(again.response));
    expect(again.data.usage).toMatchObject({ cache_read_input_tokens: short + long });
  });
});

describe('thinking', () => {
  const ask = {
    model: CLAUDE,
    max_tokens: 3_000,
    thinking: { type: 'enabled' as const, budget_tokens: 2_000 },
    tools: [readFile],
  };

  it('has its signature, streamed and not, and goes back with the next turn', async () => {
    const messages: Anthropic.MessageParam[] = [{ role: 'user', content: 'read_file README.md' }];
    const whole = await anthropic.messages.create({ ...ask, messages });
    const streamed = await anthropic.messages.stream({ ...ask, messages }).finalMessage();
    const [thought, call] = streamed.content;
    if (thought?.type !== 'thinking' || call?.type !== 'tool_use') throw new Error('No thought, or no call');
    expect(thought.thinking).not.toBe('');
    expect(whole.content[0]).toEqual(thought);
    expect(whole.usage.output_tokens_details?.thinking_tokens).toBeGreaterThan(0);
    const turn = (signature: string) =>
      anthropic.messages.create({
        ...ask,
        messages: [
          ...messages,
          { role: 'assistant', content: [{ ...thought, signature }, call] },
          { role: 'user', content: [{ type: 'tool_result', tool_use_id: call.id, content: 'A gateway.' }] },
        ],
      });
    expect((await turn(thought.signature)).content.at(-1)).toMatchObject({ type: 'text' });
    // A signature of another server's is left out with its thought.
    expect((await turn('b3RoZXI=')).stop_reason).toBe('end_turn');
  });

  it('that is omitted has a signature alone', async () => {
    const thinking = { ...ask.thinking, display: 'omitted' as const };
    const { content } = await anthropic.messages
      .stream({ ...ask, thinking, messages: [{ role: 'user', content: 'Hello' }] })
      .finalMessage();
    expect(content[0]).toMatchObject({ type: 'thinking', thinking: '', signature: expect.any(String) });
  });
});

it('edits that the provider made to the conversation are told, whole and streamed', async () => {
  const call = (at: number) => ({ id: `call_${at}`, name: 'read_file', input: { path: `${at}.md` } });
  const turns = [0, 1, 2].flatMap((at): Anthropic.Beta.BetaMessageParam[] => [
    { role: 'assistant', content: [{ type: 'tool_use', ...call(at) }] },
    { role: 'user', content: [{ type: 'tool_result', tool_use_id: `call_${at}`, content: instructions }] },
  ]);
  const request = (value: number): Anthropic.Beta.MessageCreateParamsNonStreaming => ({
    ...{ model: CLAUDE, max_tokens: 500, tools: [readFile], betas: ['context-management-2025-06-27'] },
    messages: [{ role: 'user', content: 'Compare them.' }, ...turns],
    context_management: {
      edits: [
        {
          type: 'clear_tool_uses_20250919',
          trigger: { type: 'tool_uses', value },
          keep: { type: 'tool_uses', value: 1 },
        },
      ],
    },
  });
  const whole = await anthropic.beta.messages.create(request(2));
  const applied_edits = [
    { type: 'clear_tool_uses_20250919', cleared_tool_uses: 2, cleared_input_tokens: expect.any(Number) },
  ];
  expect(whole.context_management).toEqual({ applied_edits });
  const stream = anthropic.beta.messages.stream(request(2));
  let told: unknown;
  stream.on('streamEvent', (event) => {
    if (event.type === 'message_delta') told = event.context_management;
  });
  await stream.done();
  expect(told).toEqual({ applied_edits });
  const untouched = await anthropic.beta.messages.create(request(3));
  expect(untouched.context_management).toEqual({ applied_edits: [] });
  expect(untouched.usage.input_tokens).toBeGreaterThan(whole.usage.input_tokens + 3_000);
});

describe.each([CLAUDE, 'gpt-5.4-mini', 'gemini-3.5-flash-lite'])('on %s', (model) => {
  it('a request like Claude Code’s is answered', async () => {
    const stream = anthropic.beta.messages.stream({
      ...{ model, max_tokens: 4_000, temperature: 1, top_k: 40 },
      betas: [
        ...['claude-code-20250219', 'interleaved-thinking-2025-05-14', 'context-management-2025-06-27'],
        ...['effort-2025-11-24', 'prompt-caching-scope-2026-01-05', 'advisor-tool-2026-03-01'],
      ],
      system: [
        { type: 'text', text: 'You are an agent.' },
        { type: 'text', text: instructions, cache_control: { type: 'ephemeral', ttl: '1h' } },
      ],
      messages: [{ role: 'user', content: [{ type: 'text', text: 'Hello', cache_control }] }],
      tools: [{ ...readFile, eager_input_streaming: true }],
      thinking: { type: 'enabled', budget_tokens: 2_000 },
      context_management: { edits: [{ type: 'clear_thinking_20251015', keep: 'all' }] },
      output_config: { effort: 'medium' },
      metadata: { user_id: 'user_x_session_y' },
      diagnostics: { previous_message_id: null },
      service_tier: 'auto',
      stop_sequences: ['<a>', '<b>', '<c>', '<d>', '<e>', '<f>'],
    });
    let started: Anthropic.Beta.BetaMessage | undefined;
    stream.on('streamEvent', (event) => {
      if (event.type === 'message_start') started = structuredClone(event.message);
    });
    const { content, usage } = await stream.finalMessage();
    expect(JSON.stringify(content)).toContain('Hello');
    const input = (one: Anthropic.Beta.BetaUsage | undefined) =>
      (one?.input_tokens ?? 0) +
      (one?.cache_read_input_tokens ?? 0) +
      (one?.cache_creation_input_tokens ?? 0);
    expect(input(started?.usage)).toBeGreaterThan(1_000);
    expect(input(started?.usage)).toBeLessThan(2 * input(usage));
    const fitted = stream.response?.headers.get('x-stop-sequences-fitted') ?? null;
    expect(fitted).toBe({ 'gpt-5.4-mini': '4', 'gemini-3.5-flash-lite': '5' }[model] ?? null);
  });

  it('the input is counted without a charge: exactly where the provider tells it', async () => {
    const before = await available();
    const request = {
      model,
      system: 'Be brief.',
      tools: [readFile],
      messages: [{ role: 'user' as const, content: 'How do I bake bread? '.repeat(30) }],
    };
    const { data, response } = await anthropic.messages.countTokens(request).withResponse();
    const { usage } = await anthropic.messages.create({ ...request, max_tokens: 100 });
    const source = response.headers.get('x-input-tokens-source');
    expect(source).toBe(model === 'gpt-5.4-mini' ? 'tokenizer' : 'provider');
    if (source === 'provider') expect(data.input_tokens).toBe(usage.input_tokens);
    else expect(data.input_tokens).toBeGreaterThan(usage.input_tokens / 2);
    const after = await available();
    await anthropic.messages.countTokens(request);
    await anthropic.beta.messages.countTokens({ ...request, context_management: { edits: [] } });
    expect(await available()).toBe(after);
    expect(after).toBeLessThan(before);
    expect((await user.get('/api/wallet')).body.reserved).toBe(0);
  });
});

/** Returns the error that the SDK throws. */
const errorOf = (call: Promise<unknown>) =>
  call.then(
    () => Promise.reject(new Error('It was not refused')),
    (error: unknown) => error as InstanceType<typeof Anthropic.APIError>,
  );

describe('a count', () => {
  const messages = [{ role: 'user' as const, content: 'Hello' }];

  it('of a PDF where nobody can count it is the bound', async () => {
    const pdf = { type: 'base64' as const, media_type: 'application/pdf' as const, data: 'JVBERi0xLjQK' };
    const document = [{ role: 'user' as const, content: [{ type: 'document' as const, source: pdf }] }];
    const counted = await anthropic.messages
      .countTokens({ model: 'gpt-5.4-mini', messages: document })
      .withResponse();
    expect(counted.response.headers.get('x-input-tokens-source')).toBe('bound');
    expect(counted.data.input_tokens).toBe(400_000);
  });

  it('needs the scope of executions, a model, and a valid request', async () => {
    const reader = sdk(await keyOf(user, ['models:read']));
    expect(await errorOf(reader.messages.countTokens({ model: CLAUDE, messages }))).toMatchObject({
      status: 403,
      type: 'permission_error',
    });
    expect(await errorOf(anthropic.messages.countTokens({ model: 'nonesuch', messages }))).toMatchObject({
      status: 404,
      errorCode: 'unknown_model',
    });
    const more = { model: CLAUDE, messages, max_tokens: 10 } as never;
    expect(await errorOf(anthropic.messages.countTokens(more))).toMatchObject({
      status: 400,
      details: { issues: [{ field: 'max_tokens' }] },
    });
  });
});

it('more counts than a user may ask for are refused for some seconds', async () => {
  const frequent = await registerSomebody(stack.port, HOST);
  const client = sdk(await keyOf(frequent, ['executions:write']));
  const request = { model: 'gpt-5.4-mini', messages: [{ role: 'user' as const, content: 'Hello' }] };
  // 200 in ten seconds, which may fall into two windows.
  const answers = await Promise.all(
    Array.from({ length: 420 }, () =>
      client.messages.countTokens(request).then(
        () => null,
        (error) => error,
      ),
    ),
  );
  const refused = answers.filter((error) => error !== null);
  expect(refused.length).toBeGreaterThanOrEqual(20);
  for (const error of refused) expect(error).toBeInstanceOf(Anthropic.RateLimitError);
  expect(Number(refused[0]?.headers.get('retry-after'))).toBe(10);
});

describe('models', () => {
  it('are listed in Anthropic’s form, page by page, and retrieved', async () => {
    const names: string[] = [];
    for await (const { id, type, display_name, created_at } of anthropic.models.list({ limit: 2 })) {
      names.push(id);
      expect(type).toBe('model');
      expect(display_name).toBe(id);
      expect(Date.parse(created_at)).toBeGreaterThan(Date.parse('2026-01-01'));
    }
    expect(names).toEqual([...new Set(names)]);
    expect(names).toEqual(expect.arrayContaining(['auto', CLAUDE, 'gpt-5.4-mini']));
    expect(await anthropic.models.retrieve(CLAUDE)).toMatchObject({
      ...{ type: 'model', id: CLAUDE, max_input_tokens: 200_000, max_tokens: 64_000 },
    });
    const error = await errorOf(anthropic.models.retrieve('nonesuch'));
    expect(error).toBeInstanceOf(Anthropic.NotFoundError);
    expect(error).toMatchObject({ type: 'not_found_error', requestID: expect.any(String) });
  });
});

it('a version of the API that is no date is refused by name', async () => {
  const headers = { 'anthropic-version': 'newest' };
  const request = { model: CLAUDE, max_tokens: 10, messages: [{ role: 'user' as const, content: 'Hi' }] };
  expect(await errorOf(anthropic.messages.create(request, { headers }))).toMatchObject({
    status: 400,
    details: { in: 'header', issues: [{ field: 'anthropic-version' }] },
  });
});
