import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { ScriptedAnswer } from '../../dev/simulators/script.ts';
import { ACME } from '../support/catalog.ts';
import { type Client, eventually, faultsOf, ledgerOf, registerSomebody } from '../support/demo.ts';
import { says } from '../support/gateway-cases/case.ts';
import { openGateway, type ScriptedGateway } from '../support/gateway-cases/gateway.ts';
import { request } from '../support/http.ts';

/** A balance pays for as much as it can, and parallel calls never spend more, with a provider that tells its usage. */

const { port, ownerUrl } = inject('stack');
let gateway: ScriptedGateway;
beforeAll(async () => {
  gateway = await openGateway({ port });
});
afterAll(() => gateway.stop());

const ask = (content: string) => ({ messages: [{ role: 'user', content }] });

/** Prose of 4,050 bytes and about 900 tokens. */
const FOXES = 'The quick brown fox jumps over the lazy dog. '.repeat(90);

const PATHS = { chat: '/v1/chat/completions', messages: '/v1/messages', native: '/api/ai/executions' };
const MESSAGE = { id: 'msg_1', type: 'message', role: 'assistant', model: 'm' };

/** A call is not cut to what is left of the balance, so that each costs the same. */
const WHOLE = { 'x-fit-to-balance': 'false' };

/** Sends requests at once, each of 100 tokens of input and of output, which cost 500. Returns their statuses. */
async function sendAtOnce(count: number, token: string): Promise<number[]> {
  const { public_name } = await gateway.serve({ answers: [says('x', [100, 100], { delay_ms: 400 })] });
  const sent = Array.from({ length: count }, () =>
    gateway.chat(token, public_name, { max_completion_tokens: 100 }, WHOLE),
  );
  return (await Promise.all(sent)).map(({ status }) => status);
}

/** Returns the wallet when nothing runs. */
const restingWallet = (user: Client) =>
  eventually(
    async () => (await user.get('/api/wallet')).body,
    ({ in_flight }) => in_flight === 0,
  );

describe.concurrent('a balance', () => {
  it('of 50,000 pays for four parallel calls of some thousand, with a limit of 32,000 tokens each', async () => {
    const { public_name } = await gateway.serve({ answers: [says('x', [1_000, 300], { delay_ms: 800 })] });
    const poor = await gateway.user(50_000);
    const fields = { ...ask(FOXES), max_completion_tokens: 32_000 };
    const answers = await Promise.all(
      Array.from({ length: 4 }, () => gateway.chat(poor.token, public_name, fields)),
    );
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    const wallet = await eventually(
      async () => (await poor.get('/api/wallet')).body,
      ({ in_flight }) => in_flight === 0,
    );
    expect(wallet).toMatchObject({ reserved: 0, consumed: 4 * 2_200 });
  });

  it('is not overspent by sixty parallel calls, and nothing stays held', async () => {
    const user = await gateway.user(4_000);
    const statuses = await sendAtOnce(60, user.token);
    const paid = statuses.filter((status) => status === 200).length;
    expect(paid).toBeGreaterThan(0);
    expect(statuses.filter((status) => status >= 500)).toEqual([]);
    expect(await restingWallet(user)).toMatchObject({ consumed: paid * 500, reserved: 0, overage: 0 });
    expect(paid * 500).toBeLessThanOrEqual(4_000);
  });

  it('of a user registered a moment ago is allocated once for thirty parallel first calls', async () => {
    const user = await registerSomebody(port, ACME);
    const statuses = await sendAtOnce(30, user.token);
    const paid = statuses.filter((status) => status === 200).length;
    expect(paid).toBeGreaterThan(0);
    const wallet = await restingWallet(user);
    expect(wallet).toMatchObject({ consumed: paid * 500, reserved: 0 });
    const rows = await eventually(
      () => ledgerOf(ownerUrl, user),
      (found) => found.length === wallet.seq,
    );
    expect(faultsOf(rows, user)).toEqual([]);
    expect(rows.filter(({ kind }) => kind === 'allocation')).toHaveLength(1);
  });

  it('of a key for a month is not passed by forty parallel calls', async () => {
    const user = await gateway.user(1_000_000);
    const key = { name: 'of a budget', scopes: ['executions:write'], monthly_budget_tokens: 2_000 };
    const statuses = await sendAtOnce(40, (await user.post('/api/api-keys', key)).body.secret);
    expect(statuses).toContain(200);
    expect((await restingWallet(user)).consumed).toBeLessThanOrEqual(2_000);
  });

  it('is the sum of its receipts after thirty calls of odd counts', async () => {
    const user = await gateway.user(1_000_000);
    const counts = Array.from({ length: 30 }, (_, n) => [7 * n + 1, (5 * n) % 13] as [number, number]);
    const { public_name } = await gateway.serve({
      answers: counts.map((count) => says('x', count, { times: 1 })),
    });
    const sent = counts.map(() => gateway.chat(user.token, public_name, { max_completion_tokens: 100 }));
    const receipts = await Promise.all(
      (await Promise.all(sent)).map(({ headers }) => gateway.receiptOf(user, headers['x-execution-id'])),
    );
    const sum = receipts.reduce((total, { tokens_charged }) => total + tokens_charged, 0);
    expect((await restingWallet(user)).consumed).toBe(sum);
  });
});

/** Answers 1,000 tokens of input and 50 of output, which cost 1,200, in the form of each kind. `counts`: its endpoint counts the input. */
const answersOf = (kind: 'openai' | 'anthropic' | 'google', { counts = true } = {}): ScriptedAnswer[] => {
  if (kind === 'openai') return [says('x', [1_000, 50], { delay_ms: 200 })];
  const count = kind === 'anthropic' ? { input_tokens: 1_000 } : { totalTokens: 1_000 };
  const path = kind === 'anthropic' ? '/count_tokens' : ':countTokens';
  const body =
    kind === 'anthropic'
      ? {
          ...{
            ...MESSAGE,
            content: [{ type: 'text', text: 'x' }],
            stop_reason: 'end_turn',
            stop_sequence: null,
          },
          usage: { input_tokens: 1_000, output_tokens: 50 },
        }
      : {
          candidates: [{ content: { role: 'model', parts: [{ text: 'x' }] }, finishReason: 'STOP' }],
          usageMetadata: { promptTokenCount: 1_000, candidatesTokenCount: 50, totalTokenCount: 1_050 },
        };
  return [
    ...(counts ? [{ when: { path }, body: count }] : [{ when: { path }, status: 404, body: {} }]),
    { body, delay_ms: 200 },
  ];
};

const sendFoxes = (
  surface: 'chat' | 'messages' | 'native',
  token: string,
  model: string,
  headers: Record<string, string> = {},
) =>
  request(port, ACME, PATHS[surface], {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...headers },
    body: JSON.stringify({
      ...{ model, ...(surface === 'native' ? { prompt: FOXES } : ask(FOXES)) },
      [surface === 'native' ? 'max_output_tokens' : 'max_tokens']: 100,
    }),
  });

describe('a prompt whose bytes the balance does not cover', () => {
  it.each(['openai', 'anthropic', 'google'] as const)('is counted at a provider of kind %s', async (kind) => {
    const { public_name, script_id } = await gateway.serve({ answers: answersOf(kind) }, { kind });
    const poor = await gateway.user(2_500);
    const answer = await gateway.chat(poor.token, public_name, ask(FOXES));
    expect(answer.status).toBe(200);
    expect(Number(answer.headers['x-wallet-tokens-charged'])).toBe(1_200);
    expect(await restingWallet(poor)).toMatchObject({ consumed: 1_200, available: 1_300, reserved: 0 });
    const counted = gateway.upstream.requests(script_id).filter(({ path }) => /count/i.test(path));
    expect(counted).toHaveLength(kind === 'openai' ? 0 : 1);
  });

  it('is counted where its bytes would leave less output than the request names', async () => {
    const { public_name, script_id } = await gateway.serve({ answers: answersOf('openai') });
    const user = await gateway.user(10_000);
    const answer = await gateway.chat(user.token, public_name, {
      ...ask(FOXES),
      max_completion_tokens: 2_000,
    });
    expect(answer.status).toBe(200);
    expect(answer.headers['x-max-output-tokens-fitted']).toBeUndefined();
    expect(gateway.upstream.requests(script_id).at(-1)?.body).toMatchObject({ max_tokens: 2_000 });
  });

  it('is held by its bytes where the endpoint does not count it', async () => {
    const { public_name } = await gateway.serve(
      { answers: answersOf('anthropic', { counts: false }) },
      { kind: 'anthropic' },
    );
    const refused = await gateway.chat((await gateway.user(2_500)).token, public_name, ask(FOXES));
    expect(refused.status).toBe(402);
    const served = await gateway.chat((await gateway.user(6_000)).token, public_name, ask(FOXES));
    expect(served.status).toBe(200);
  });

  it('waits 2 s at most for an endpoint that hangs', async () => {
    const hanging = { when: { path: '/count_tokens' }, body: { input_tokens: 1_000 }, delay_ms: 30_000 };
    const { public_name } = await gateway.serve({ answers: [hanging] }, { kind: 'anthropic' });
    const poor = await gateway.user(2_500);
    const began = Date.now();
    expect((await gateway.chat(poor.token, public_name, ask(FOXES))).status).toBe(402);
    expect(Date.now() - began).toBeLessThan(10_000);
  });

  it('is not counted for a user without any tokens', async () => {
    const { public_name, script_id } = await gateway.serve(
      { answers: answersOf('anthropic') },
      { kind: 'anthropic' },
    );
    const broke = await gateway.user(20);
    expect((await gateway.chat(broke.token, public_name, ask(FOXES))).status).toBe(402);
    expect(gateway.upstream.requests(script_id)).toHaveLength(0);
  });

  it('is raised to what the provider reports, while there is balance', async () => {
    const { public_name } = await gateway.serve({ answers: [says('x', [1_700, 50])] });
    const poor = await gateway.user(2_500);
    const answer = await gateway.chat(poor.token, public_name, { ...ask(FOXES), max_completion_tokens: 60 });
    const receipt = await gateway.receiptOf(poor, answer.headers['x-execution-id']);
    expect(receipt).toMatchObject({ tokens_charged: 1_900, usage_source: 'reported' });
    const poorer = await gateway.user(1_800);
    const bounded = await gateway.chat(poorer.token, public_name, {
      ...ask(FOXES),
      max_completion_tokens: 60,
    });
    const clamped = await gateway.receiptOf(poorer, bounded.headers['x-execution-id']);
    expect(clamped).toMatchObject({ tokens_charged: 1_800, usage_source: 'clamped' });
  });

  it.each(['chat', 'messages', 'native'] as const)(
    'is not overspent by two hundred parallel calls on %s',
    async (surface) => {
      const { public_name } = await gateway.serve({ answers: answersOf('openai') });
      const user = await gateway.user(8_000);
      const sent = Array.from({ length: 200 }, () => sendFoxes(surface, user.token, public_name, WHOLE));
      const statuses = (await Promise.all(sent)).map(({ status }) => status);
      const paid = statuses.filter((status) => status === 200 || status === 201).length;
      expect(paid).toBeGreaterThan(0);
      expect(statuses.filter((status) => status >= 500)).toEqual([]);
      expect(await restingWallet(user)).toMatchObject({ consumed: paid * 1_200, reserved: 0, overage: 0 });
      expect(paid * 1_200).toBeLessThanOrEqual(8_000);
    },
  );
});

it('a long prompt of a stream is given back when the provider has told its input', async () => {
  const told = [
    { type: 'message_start', message: { ...MESSAGE, content: [], usage: { input_tokens: 1_000 } } },
    { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
    { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'one' } },
  ];
  const rest = [
    { type: 'content_block_stop', index: 0 },
    { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 50 } },
    { type: 'message_stop' },
  ];
  const frames = (events: { type: string }[]) =>
    events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`);
  const answers = [{ when: { stream: true }, chunks: [...frames(told), 2_500, ...frames(rest)] }];
  const { public_name } = await gateway.serve({ answers }, { kind: 'anthropic' });
  const user = await gateway.user(6_000);
  const streaming = gateway.chat(user.token, public_name, {
    ...{ ...ask(FOXES), max_completion_tokens: 100, stream: true },
  });
  await eventually(
    async () => (await user.get('/api/wallet')).body,
    ({ in_flight, reserved }) => in_flight === 1 && reserved === 1_000 + 400,
  );
  expect((await streaming).status).toBe(200);
  const wallet = await restingWallet(user);
  expect(wallet).toMatchObject({ consumed: 1_200, available: 4_800, reserved: 0 });
  const rows = await eventually(
    () => ledgerOf(ownerUrl, user),
    (found) => found.length === wallet.seq,
  );
  expect(faultsOf(rows, user)).toEqual([]);
  expect(rows.at(-2)).toMatchObject({ kind: 'adjustment', amount: 0 });
});
