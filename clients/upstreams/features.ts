import OpenAI from 'openai';
import type { Execution } from '../../contracts/api/executions.ts';
import { rateOf, ratesOfUsage, tokensOf, usageClasses } from '../../contracts/catalog/price.ts';
import { MODELS, modelOf, named, PROVIDERS, priceOf } from '../../test/support/catalog.ts';
import { type Client as Account, eventually } from '../../test/support/demo.ts';
import type { FeatureResult } from '../run-client.ts';
import type { Feature, UpstreamModel } from './servers.ts';

/** Checks of the gateway with a server of others behind it: asked by OpenAI's SDK, judged by the receipts. */

export type Upstream = {
  model: UpstreamModel;
  origin: string;
  /** The key of the server. */
  secret: string;
};

export type Gateway = {
  /** The tenant's address. */
  origin: string;
  /** An API key of the user. */
  key: string;
  admin: Account;
  user: Account;
};

function expect(condition: boolean, what: string): asserts condition {
  if (!condition) throw new Error(what);
}

const schema = {
  type: 'object',
  properties: { city: { type: 'string', enum: ['Paris', 'Oslo'] } },
  required: ['city'],
  additionalProperties: false,
};
const tools: OpenAI.ChatCompletionFunctionTool[] = [
  {
    type: 'function',
    function: { name: 'get_weather', description: 'Tells the weather', parameters: schema },
  },
];

const question = {
  role: 'user' as const,
  content: 'Use get_weather to tell me the weather in Paris.',
};

const hasCity = (json: string): boolean => schema.properties.city.enum.includes(JSON.parse(json).city);

/** The features of one model behind the gateway, whose public name is `model`. */
class Features {
  readonly #gateway: Gateway;
  readonly #upstream: Upstream;
  readonly #sdk: OpenAI;

  constructor(gateway: Gateway, upstream: Upstream) {
    this.#gateway = gateway;
    this.#upstream = upstream;
    this.#sdk = new OpenAI({ apiKey: gateway.key, baseURL: `${gateway.origin}/v1`, maxRetries: 0 });
  }

  /** Adds a provider with a key of the server. */
  #addProvider(api_key: string) {
    const { model, origin } = this.#upstream;
    const base_url = `${origin}${model.base_path}`;
    const fields = { name: named('server'), kind: model.kind, base_url, api_key };
    return this.#gateway.admin.post(PROVIDERS, { ...fields, test_model: model.provider_model });
  }

  /** Adds a model of a provider to the catalog. Returns its public name. */
  async #addModel(provider_id: string, provider_model: string): Promise<string> {
    const { admin } = this.#gateway;
    const { context_window_tokens } = this.#upstream.model;
    const fields = { provider_model, context_window_tokens, max_output_tokens: 1_000 };
    const added = await admin.post(MODELS, modelOf(provider_id, fields));
    expect(added.status === 201, JSON.stringify(added.body));
    await admin.post(`${MODELS}/${added.body.id}/prices`, priceOf(4_000));
    return added.body.public_name;
  }

  async #serve(provider_model = this.#upstream.model.provider_model): Promise<string> {
    const provider = await this.#addProvider(this.#upstream.secret);
    expect(provider.status === 201, JSON.stringify(provider.body));
    return this.#addModel(provider.body.id, provider_model);
  }

  /** Returns the receipt of an answer, whose charge is that of the usage that the server reported. */
  async #receiptOf(id: string): Promise<Execution & { ledger: unknown[] }> {
    const receipt = await eventually(
      async () => (await this.#gateway.user.get(`/api/ai/executions/${id.replace('chatcmpl-', '')}`)).body,
      ({ status }) => status !== undefined && status !== 'running',
      60_000,
    );
    const { usage, price, usage_source, tokens_charged } = receipt;
    expect(usage_source === 'reported', `the usage is ${usage_source}`);
    const rates = ratesOfUsage(price.wallet_tokens_per_1000, usage);
    const parts = usageClasses.map((name) => tokensOf(usage, name) * rateOf(rates, name));
    const charge = Math.ceil(parts.reduce((sum, part) => sum + part, 0) / 1_000);
    expect(charge === tokens_charged, `${tokens_charged} are charged for ${JSON.stringify(usage)}`);
    return receipt;
  }

  #request(model: string) {
    const messages = [{ role: 'user' as const, content: 'Say hello.' }];
    return { model, messages, temperature: 0, max_completion_tokens: 200 };
  }

  async text(): Promise<void> {
    const model = await this.#serve();
    const answer = await this.#sdk.chat.completions.create(this.#request(model));
    expect(/\w{3}/.test(answer.choices[0]?.message.content ?? ''), 'no text');
    const { usage } = await this.#receiptOf(answer.id);
    expect(answer.usage?.completion_tokens === usage?.output_tokens, 'the answer tells another usage');
  }

  async stream(): Promise<void> {
    const model = await this.#serve();
    const request = this.#request(model);
    const stream = this.#sdk.chat.completions.stream({
      ...request,
      ...{ stream: true, stream_options: { include_usage: true } },
    });
    const streamed = await stream.finalChatCompletion();
    const whole = await this.#sdk.chat.completions.create(request);
    const [one, other] = [streamed, whole].map(({ choices: [choice] }) => choice?.message.content);
    expect(one === other, `${JSON.stringify(one)} is not ${JSON.stringify(other)}`);
    await this.#receiptOf(streamed.id);
  }

  async tools(): Promise<void> {
    const model = await this.#serve();
    const called = await this.#sdk.chat.completions.create({
      ...{ ...this.#request(model), messages: [question], tools, tool_choice: 'required' },
    });
    const [call] = called.choices[0]?.message.tool_calls ?? [];
    expect(call?.type === 'function', 'no call');
    expect(hasCity(call.function.arguments), `not of the schema: ${call.function.arguments}`);
    await this.#receiptOf(called.id);
  }

  async 'tool results'(): Promise<void> {
    const model = await this.#serve();
    const call = { id: 'call_1', type: 'function' as const };
    const messages: OpenAI.ChatCompletionMessageParam[] = [
      question,
      {
        role: 'assistant',
        tool_calls: [{ ...call, function: { name: 'get_weather', arguments: '{"city":"Paris"}' } }],
      },
      { role: 'tool', tool_call_id: call.id, content: 'sunny' },
    ];
    const answer = await this.#sdk.chat.completions.create({ ...this.#request(model), messages, tools });
    expect(Boolean(answer.choices[0]?.message.content), 'no answer to the result');
    await this.#receiptOf(answer.id);
  }

  async structured(): Promise<void> {
    const model = await this.#serve();
    const answer = await this.#sdk.chat.completions.create({
      ...this.#request(model),
      response_format: { type: 'json_schema', json_schema: { name: 'place', schema, strict: true } },
    });
    const json = answer.choices[0]?.message.content ?? '';
    expect(hasCity(json), `not of the schema: ${json}`);
    await this.#receiptOf(answer.id);
  }

  /** Returns the error of a request. */
  async #errorOf(model: string, content: string): Promise<{ status: unknown; code: unknown; text: string }> {
    const messages = [{ role: 'user' as const, content }];
    const request = this.#sdk.chat.completions.create({ ...this.#request(model), messages });
    const error = await request.then(
      () => null,
      (refused) => refused,
    );
    expect(error instanceof OpenAI.APIError, 'no error');
    return { status: error.status, code: error.code, text: error.message };
  }

  async 'too long'(): Promise<void> {
    const words = this.#upstream.model.context_window_tokens + 100;
    const { status, code, text } = await this.#errorOf(await this.#serve(), 'we '.repeat(words));
    expect(status === 400 && code === 'context_length_exceeded', `${status} ${code}: ${text}`);
  }

  /** Expects that a model cannot be asked: it is our configuration's fault, and nothing is charged. */
  async #expectUnavailable(model: string): Promise<void> {
    const consumed = async () => (await this.#gateway.user.get('/api/wallet')).body.consumed;
    const before = await consumed();
    const { status, text } = await this.#errorOf(model, 'Hello');
    expect(status === 503, `${status}: ${text}`);
    expect((await consumed()) === before, 'it was charged');
  }

  async 'unknown model'(): Promise<void> {
    await this.#expectUnavailable(await this.#serve('nobody'));
  }

  async 'wrong key'(): Promise<void> {
    const { status, body } = await this.#addProvider('sk-wrong');
    if (status === 422) return;
    // Some servers list their models to everybody, so the key is found out later.
    expect(status === 201, JSON.stringify(body));
    await this.#expectUnavailable(await this.#addModel(body.id, this.#upstream.model.provider_model));
  }
}

const names: Feature[] = [
  ...(['text', 'stream', 'tools', 'tool results', 'structured'] as const),
  ...(['too long', 'unknown model', 'wrong key'] as const),
];

/** Runs every feature that a model can have. */
export async function runFeatures(gateway: Gateway, upstream: Upstream): Promise<FeatureResult[]> {
  const features = new Features(gateway, upstream);
  const results: FeatureResult[] = [];
  for (const feature of names.filter((name) => !upstream.model.lacks.includes(name))) {
    const failure = await features[feature]().then(
      () => null,
      (error) => String(error?.stack ?? error).slice(0, 2_000),
    );
    results.push({ feature, ok: failure === null, detail: failure ?? '' });
  }
  return results;
}
