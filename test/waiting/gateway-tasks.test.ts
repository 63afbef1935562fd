import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { ScriptedAnswer } from '../../dev/simulators/script.ts';
import { ACME, GLOBEX } from '../support/catalog.ts';
import { type Client, eventually, faultsOf, ledgerOf, registerSomebody } from '../support/demo.ts';
import { openGateway, type ScriptedGateway } from '../support/gateway-cases/gateway.ts';
import { request, requestJson } from '../support/http.ts';

/** The guarantees of a chat hold at the endpoints of every other kind of model: nothing is overspent, doubled, lost or foreign. */

const { port, ownerUrl } = inject('stack');
let gateway: ScriptedGateway;
beforeAll(async () => {
  gateway = await openGateway({ port });
});
afterAll(() => gateway.stop());

const FOXES = 'The quick brown fox jumps over the lazy dog. '.repeat(90);

type Endpoint = {
  path: string;
  /** Fields of the model beside its names. */
  model: Record<string, unknown>;
  bodyOf(model: string): Record<string, unknown>;
  /** True for an endpoint that takes a form, whose file is a text here. */
  isForm?: boolean;
  answer: ScriptedAnswer;
  /** Wallet tokens that each request costs. */
  charge: number;
};

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
];

/** Sends a request as JSON, or as a form whose `file` is one. */
function send(
  host: string,
  token: string,
  { path, isForm = false }: Pick<Endpoint, 'path' | 'isForm'>,
  body: Record<string, unknown>,
  { headers = {}, signal }: { headers?: Record<string, string>; signal?: AbortSignal } = {},
) {
  const authorization = `Bearer ${token}`;
  const options = { method: 'POST', ...(signal === undefined ? {} : { signal }) };
  if (!isForm)
    return requestJson(port, host, path, { ...options, headers: { authorization, ...headers }, body });
  return sendForm(host, path, body, { ...options, headers: { authorization, ...headers } });
}

async function sendForm(
  host: string,
  path: string,
  body: Record<string, unknown>,
  options: { method: string; headers: Record<string, string>; signal?: AbortSignal },
) {
  const form = new FormData();
  for (const [name, value] of Object.entries(body))
    if (name === 'file') form.append(name, new File([String(value)], 'sound.mp3'));
    else form.append(name, String(value));
  const encoded = new Response(form);
  const answer = await request(port, host, path, {
    ...options,
    headers: { ...options.headers, 'content-type': encoded.headers.get('content-type') ?? '' },
    body: new Uint8Array(await encoded.arrayBuffer()),
  });
  return { status: answer.status, headers: answer.headers, body: JSON.parse(answer.text) };
}

/** Returns the wallet when nothing runs. */
const restingWallet = (user: Client) =>
  eventually(
    async () => (await user.get('/api/wallet')).body,
    ({ in_flight }) => in_flight === 0,
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

describe.each(endpoints)('$path', ({ path, model, bodyOf, answer, charge, isForm = false }) => {
  const endpoint = { path, isForm };
  const serve = (delay_ms: number) => gateway.serve({ answers: [{ ...answer, delay_ms }] }, { more: model });

  it('is not overspent by two hundred parallel calls on a small wallet', async () => {
    const { public_name } = await serve(300);
    const user = await gateway.user(8_000);
    const sent = Array.from({ length: 200 }, () => send(ACME, user.token, endpoint, bodyOf(public_name)));
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
    const ask = () => send(ACME, user.token, endpoint, bodyOf(public_name), { headers });
    const answers = await Promise.all(Array.from({ length: 50 }, ask));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200, 409]));
    const again = await ask();
    expect(again).toMatchObject({ status: 200, headers: { 'idempotency-replayed': 'true' } });
    for (const { status, body } of answers) if (status === 200) expect(body).toEqual(again.body);
    expect(gateway.upstream.requests(script_id)).toHaveLength(1);
    expect(await restingWallet(user)).toMatchObject({ consumed: charge, reserved: 0 });
    await expectLedger(user, 1);
  });

  it('holds nothing after its client has left, and is charged at most once', async () => {
    const { public_name, script_id } = await serve(1_500);
    const user = await gateway.user(100_000);
    const leaving = new AbortController();
    const { signal } = leaving;
    const left = send(ACME, user.token, endpoint, bodyOf(public_name), { signal }).catch(
      (error: Error) => error.name,
    );
    await sleep(500);
    leaving.abort();
    expect(await left).toBe('AbortError');
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
    const ask = (host: string) => send(host, made.body.secret, endpoint, bodyOf(public_name));
    expect((await ask(ACME)).status).toBe(401);
    expect((await ask(GLOBEX)).status).toBe(404);
    expect(gateway.upstream.requests(script_id)).toEqual([]);
  });
});
