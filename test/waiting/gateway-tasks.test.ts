import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { ProviderKind } from '../../contracts/usage.ts';
import type { ScriptedAnswer } from '../../dev/simulators/script.ts';
import { ACME, GLOBEX } from '../support/catalog.ts';
import { type Client, eventually, faultsOf, ledgerOf, registerSomebody } from '../support/demo.ts';
import { openGateway, type ScriptedGateway } from '../support/gateway-cases/gateway.ts';
import { request } from '../support/http.ts';

/** The guarantees of a chat hold at every endpoint of every kind of model: nothing is overspent, doubled, lost or foreign. */

const { port, ownerUrl } = inject('stack');
let gateway: ScriptedGateway;
beforeAll(async () => {
  gateway = await openGateway({ port });
});
afterAll(() => gateway.stop());

const FOXES = 'The quick brown fox jumps over the lazy dog. '.repeat(90);

type Endpoint = {
  /** The path, with `{model}` for the name of the model. */
  path: string;
  /** The form of the answer, where the path has several. */
  form?: string;
  /** The kind of the provider. Default: openai. */
  kind?: ProviderKind;
  /** Fields of the model beside its names. */
  model: Record<string, unknown>;
  bodyOf(model: string): Record<string, unknown>;
  /** True for an endpoint that takes a form, whose file is a text here. */
  isForm?: boolean;
  /** True for one that answers before the execution has ended. */
  isBackground?: boolean;
  answer: ScriptedAnswer;
  /** Wallet tokens that each request costs. */
  charge: number;
};

/** A chat whose answer costs 900 wallet tokens: 100 tokens of input, and 200 of output at 4 each. */
const chat = {
  model: {},
  answer: {
    body: {
      choices: [{ index: 0, message: { role: 'assistant', content: 'Hello' }, finish_reason: 'stop' }],
      usage: { prompt_tokens: 100, completion_tokens: 200, total_tokens: 300 },
    },
  },
  charge: 900,
} satisfies Partial<Endpoint>;
const response = (model: string) => ({ model, input: 'Hello', max_output_tokens: 200 });
const content = () => ({
  contents: [{ parts: [{ text: 'Hello' }] }],
  generationConfig: { maxOutputTokens: 200 },
});

const endpoints: Endpoint[] = [
  {
    path: '/v1/embeddings',
    model: { kind: 'embedding', max_output_tokens: 0 },
    bodyOf: (model) => ({ model, input: FOXES }),
    answer: {
      body: {
        data: [{ index: 0, embedding: [0.5, 0.25] }],
        usage: { prompt_tokens: 1_000, total_tokens: 1_000 },
      },
    },
    charge: 1_000,
  },
  {
    path: '/v1/moderations',
    model: { kind: 'moderation', max_output_tokens: 0 },
    // Providers report no usage: the input is charged as it is counted.
    bodyOf: (model) => ({ model, input: FOXES }),
    answer: {
      body: { results: [{ flagged: false, categories: { hate: false }, category_scores: { hate: 0 } }] },
    },
    charge: 900,
  },
  {
    path: '/v1/images/generations',
    model: { kind: 'image', max_output_tokens: 500 },
    bodyOf: (model) => ({ model, prompt: 'A red kite' }),
    // 4 wallet tokens for each token of the image.
    answer: { body: { data: [{ b64_json: 'iVBORw0K' }], usage: { input_tokens: 100, output_tokens: 200 } } },
    charge: 900,
  },
  {
    path: '/v1/audio/speech',
    model: { kind: 'speech', max_output_tokens: 200 },
    bodyOf: (model) => ({ model, input: 'A red kite', voice: 'alloy' }),
    // Without usage: 1 wallet token for each character, and 4 for each token of the limit. The helper reads the audio as JSON.
    answer: { headers: { 'content-type': 'audio/mpeg' }, body: '"audio"' },
    charge: 810,
  },
  {
    path: '/v1/audio/transcriptions',
    model: { kind: 'transcription', context_window_tokens: 1_000, max_output_tokens: 100 },
    isForm: true,
    bodyOf: (model) => ({ model, file: 'sound' }),
    answer: { body: { text: 'A red kite', usage: { type: 'tokens', input_tokens: 500, output_tokens: 50 } } },
    charge: 700,
  },
  {
    path: '/v1/images/edits',
    model: { kind: 'image', context_window_tokens: 1_000, max_output_tokens: 500 },
    isForm: true,
    bodyOf: (model) => ({ model, prompt: 'A red kite', image: 'kite' }),
    answer: { body: { data: [{ b64_json: 'iVBORw0K' }], usage: { input_tokens: 100, output_tokens: 200 } } },
    charge: 900,
  },
  { ...chat, path: '/v1/responses', bodyOf: response },
  {
    ...chat,
    ...{ path: '/v1/responses', form: 'streamed' },
    bodyOf: (model) => ({ ...response(model), stream: true }),
  },
  {
    ...chat,
    ...{ path: '/v1/responses', form: 'in the background', isBackground: true },
    bodyOf: (model) => ({ ...response(model), background: true }),
  },
  {
    ...{ path: '/v1/messages', form: 'with thinking', kind: 'anthropic' },
    model: { provider_model: 'claude-haiku-4-5' },
    bodyOf: (model) => ({
      ...{ model, max_tokens: 1_100, messages: [{ role: 'user', content: 'Hello' }] },
      thinking: { type: 'enabled', budget_tokens: 1_024 },
    }),
    answer: {
      body: {
        ...{ type: 'message', role: 'assistant', stop_reason: 'end_turn' },
        content: [
          { type: 'thinking', thinking: 'Hm', signature: 'c2lnbmVk' },
          { type: 'text', text: 'Hello' },
        ],
        usage: { input_tokens: 100, output_tokens: 200, output_tokens_details: { thinking_tokens: 150 } },
      },
    },
    charge: 900,
  },
  { ...chat, path: '/v1beta/models/{model}:generateContent', bodyOf: content },
  { ...chat, path: '/v1beta/models/{model}:streamGenerateContent?alt=sse', bodyOf: content },
];

type Sending = { headers?: Record<string, string>; signal?: AbortSignal };

/** The body as JSON, or as a form in which files are texts. */
async function encoded(body: Record<string, unknown>, isForm: boolean) {
  if (!isForm) return { type: 'application/json', bytes: JSON.stringify(body) };
  const form = new FormData();
  for (const [name, value] of Object.entries(body))
    if (name === 'file') form.append(name, new File([String(value)], 'sound.mp3'));
    else if (name === 'image') form.append(name, new File([String(value)], 'a.png', { type: 'image/png' }));
    else form.append(name, String(value));
  const written = new Response(form);
  return {
    type: written.headers.get('content-type') ?? '',
    bytes: new Uint8Array(await written.arrayBuffer()),
  };
}

/** Sends a request to an endpoint, which holds its whole output limit. The body of a stream is its text. */
async function send(
  host: string,
  token: string,
  { path, bodyOf, isForm = false }: Pick<Endpoint, 'path' | 'bodyOf' | 'isForm'>,
  model: string,
  { headers = {}, signal }: Sending = {},
) {
  const { type, bytes } = await encoded(bodyOf(model), isForm);
  const { text, ...answer } = await request(port, host, path.replace('{model}', encodeURIComponent(model)), {
    ...{ method: 'POST', body: bytes, ...(signal === undefined ? {} : { signal }) },
    headers: {
      ...{ authorization: `Bearer ${token}`, 'content-type': type, 'x-fit-to-balance': 'false' },
      ...headers,
    },
  });
  const isStream = answer.headers['content-type']?.startsWith('text/event-stream') === true;
  return { ...answer, body: isStream ? text : JSON.parse(text) };
}

/** Returns the wallet when nothing runs. */
const restingWallet = (user: Client) =>
  eventually(
    async () => (await user.get('/api/wallet')).body,
    ({ in_flight }) => in_flight === 0,
    60_000,
  );

/** Expects that the ledger of a user is whole, and that its entries are of these kinds, after the allocation and credits. */
async function expectLedger(user: Client, executions: number): Promise<void> {
  const { seq } = await restingWallet(user);
  const rows = await eventually(
    () => ledgerOf(ownerUrl, user),
    (found) => found.length === seq,
  );
  expect(faultsOf(rows, user)).toEqual([]);
  expect(rows.filter(({ kind }) => kind === 'debit')).toHaveLength(executions);
}

const named = endpoints.map((endpoint) => ({
  ...endpoint,
  name: [endpoint.path, endpoint.form].filter(Boolean).join(' '),
}));

describe.concurrent.each(named)(
  '$name',
  ({ model, kind = 'openai', answer, charge, isBackground = false, ...endpoint }) => {
    const serve = (delay_ms: number) =>
      gateway.serve({ answers: [{ ...answer, delay_ms }] }, { kind, more: model });

    it('is not overspent by two hundred parallel calls on a small wallet', async () => {
      const { public_name } = await serve(300);
      const user = await gateway.user(8_000);
      const sent = Array.from({ length: 200 }, () => send(ACME, user.token, endpoint, public_name));
      const statuses = (await Promise.all(sent)).map(({ status }) => status);
      const paid = statuses.filter((status) => status === 200).length;
      expect(paid).toBeGreaterThan(0);
      expect(paid * charge).toBeLessThanOrEqual(8_000);
      expect([...new Set(statuses)].filter((status) => ![200, 402, 429].includes(status))).toEqual([]);
      expect(await restingWallet(user)).toMatchObject({ consumed: paid * charge, reserved: 0, overage: 0 });
      await expectLedger(user, paid);
    });

    it('is one execution for fifty calls at once with one Idempotency-Key', async () => {
      const { public_name, script_id } = await serve(800);
      const user = await gateway.user(100_000);
      const headers = { 'idempotency-key': crypto.randomUUID() };
      const ask = () => send(ACME, user.token, endpoint, public_name, { headers });
      const answers = await Promise.all(Array.from({ length: 50 }, ask));
      expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200, 409]));
      const wallet = await restingWallet(user);
      const again = await ask();
      expect(again).toMatchObject({ status: 200, headers: { 'idempotency-replayed': 'true' } });
      // What was answered before the end has another state than what is replayed.
      if (!isBackground && typeof again.body === 'object')
        for (const { status, body } of answers) if (status === 200) expect(body).toEqual(again.body);
      expect(gateway.upstream.requests(script_id)).toHaveLength(1);
      expect(wallet).toMatchObject({ consumed: charge, reserved: 0 });
      await expectLedger(user, 1);
    });

    it('holds nothing after its client has left, and is charged at most once', async () => {
      const { public_name, script_id } = await serve(800);
      const user = await gateway.user(100_000);
      const leaving = new AbortController();
      const { signal } = leaving;
      const left = send(ACME, user.token, endpoint, public_name, { signal }).then(
        ({ status }) => status,
        (error: Error) => error.name,
      );
      await eventually(
        async () => gateway.upstream.requests(script_id),
        ({ length }) => length === 1,
      );
      // One in the background is answered before it is run.
      if (isBackground) expect(await left).toBe(200);
      leaving.abort();
      if (!isBackground) expect(await left).toBe('AbortError');
      const { consumed, reserved } = await restingWallet(user);
      expect(reserved).toBe(0);
      expect(consumed).toBeLessThanOrEqual(charge);
      expect(gateway.upstream.requests(script_id)).toHaveLength(1);
      await expectLedger(user, 1);
    });

    it('is closed to a key of another tenant, at either hostname, and calls no provider for it', async () => {
      const { public_name, script_id } = await serve(0);
      const foreigner = await registerSomebody(port, GLOBEX);
      const made = await foreigner.post('/api/api-keys', { name: 'foreign', scopes: ['executions:write'] });
      const ask = (host: string) => send(host, made.body.secret, endpoint, public_name);
      expect((await ask(ACME)).status).toBe(401);
      expect((await ask(GLOBEX)).status).toBe(404);
      expect(gateway.upstream.requests(script_id)).toEqual([]);
    });
  },
);
