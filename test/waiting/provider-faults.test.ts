import OpenAI from 'openai';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import type {
  CreateExecutionResponse,
  ExecutionEvent,
  ExecutionReceipt,
} from '../../contracts/api/executions.ts';
import { ACME, type Failing, governAcme } from '../support/catalog.ts';
import {
  type Client,
  eventually,
  faultsOf,
  ledgerOf,
  registerSomebody,
  setBalance,
  signIn,
} from '../support/demo.ts';
import { inherit, userPath } from '../support/governance.ts';
import { hostFetch } from '../support/host-fetch.ts';
import { streamRun } from '../support/streams.ts';

/**
 * Every fault of a provider (docs/simulators.md), for answers in one piece, streams and background executions. Faults that take
 * longer than a test waits are in unanswered.test.ts or have their own command (chaos/long).
 */

const stack = inject('stack');
let acme: Awaited<ReturnType<typeof governAcme>>;
let user: Client;
beforeAll(async () => {
  acme = await governAcme(stack);
  user = await registerSomebody(stack.port, ACME);
  const admin = await signIn(stack.port, ACME, 'admin@acme.test');
  await setBalance(admin, user, 50_000_000);
  const override = { ...inherit, in_flight_max: 1_000 };
  expect((await admin.put(`${userPath(user)}/token-policy`, override)).status).toBe(200);
});

type Kind = NonNullable<Failing['kind']>;
const kinds: [Kind, next: Kind][] = [
  ['openai', 'anthropic'],
  ['anthropic', 'google'],
  ['google', 'openai'],
];

/** Faults before the first content. */
const silent = [
  { mode: 'rate_limited', kind: 'rate_limited' },
  { mode: 'server_error', kind: 'overloaded' },
  { mode: 'overloaded', kind: 'overloaded' },
  { mode: 'reset_before', kind: 'network' },
  { mode: 'error_first', kind: 'overloaded' },
  { mode: 'empty_body', kind: 'invalid_response' },
  { mode: 'hang', kind: 'timeout' },
];
/** Faults in the middle. An answer in one piece is lost, of a stream half is received. */
const broken = ['reset_mid_stream', 'malformed_sse', 'error_mid_stream'];
/** Successful answers that are slow or report wrong usage. */
const odd = ['slow', 'missing_usage', 'hostile_usage'];

const failing = [...silent.map(({ mode }) => mode), ...broken];
const cells = kinds.flatMap(([kind, next]) => failing.map((mode) => ({ mode, kind, next })));
const request = (model: string) => ({ model, prompt: 'Say hello.', max_output_tokens: 50 });

const runWhole = (model: string) => user.post('/api/ai/executions', request(model));
const runStream = (model: string) =>
  streamRun({ port: stack.port, host: ACME, token: user.token }, request(model));
const sdk = () =>
  new OpenAI({ apiKey: user.token, baseURL: `http://${ACME}:${stack.port}/v1`, fetch: hostFetch });
const finishedIn = (events: ExecutionEvent[]) =>
  events.flatMap((event) => (event.type === 'execution' ? [event.execution] : []));

/** Waits until the ledger has the whole execution and returns its receipt. Expects one reservation, ended once. */
async function receiptOf(id: string | undefined): Promise<ExecutionReceipt> {
  const receipt: ExecutionReceipt = await eventually(
    async () => (await user.get(`/api/ai/executions/${id}`)).body,
    ({ ledger }) => ledger?.length === 2,
  );
  const free = receipt.status === 'failed';
  expect(receipt.ledger.map(({ kind }) => kind)).toEqual(['reserve', free ? 'release' : 'debit']);
  expect(receipt.attempts.length).toBeLessThanOrEqual(3);
  expect(receipt.tokens_released).toBe(receipt.tokens_reserved - receipt.tokens_charged);
  if (free) expect([receipt.tokens_charged, receipt.error_code]).toEqual([0, 'provider_failed']);
  else expect(receipt.tokens_charged).toBeGreaterThan(0);
  return receipt;
}

const failureKinds = ({ attempts }: Pick<CreateExecutionResponse, 'attempts'>) =>
  attempts.map(({ failure }) => failure?.kind ?? null);

describe.concurrent('a provider that is the only one', () => {
  it.each(silent)(
    'and fails with $mode is a 503, streamed or not, and costs nothing',
    async ({ mode, kind }) => {
      const model = await acme.addFailing({ mode });
      const [whole, streamed] = await Promise.all([runWhole(model), runStream(model)]);
      expect([whole.status, whole.body.error.code]).toEqual([503, 'provider_failed']);
      expect(Number(whole.headers['retry-after'])).toBeGreaterThan(0);
      // If the status 200 has been sent, after 15 seconds, the error comes inside the stream.
      if (mode === 'hang' && streamed.status === 200)
        expect(streamed.events).toMatchObject([{ type: 'error', error: { code: 'provider_failed' } }]);
      else expect([streamed.status, streamed.body.error.code]).toEqual([503, 'provider_failed']);
      for (const { headers } of [whole, streamed])
        expect(failureKinds(await receiptOf(String(headers['x-execution-id'])))).toEqual([kind]);
    },
  );

  it.each(broken)(
    'and breaks off with %s is a 503, or an error in its stream, and costs nothing',
    async (mode) => {
      const model = await acme.addFailing({ mode });
      const [whole, streamed] = await Promise.all([runWhole(model), runStream(model)]);
      expect([whole.status, whole.body.error?.code]).toEqual([503, 'provider_failed']);
      expect((await receiptOf(String(whole.headers['x-execution-id']))).attempts).toHaveLength(1);
      expect(streamed.status).toBe(200);
      expect(streamed.events[0]?.type).toBe('text');
      expect(streamed.events.at(-1)).toMatchObject({ type: 'error', error: { code: 'provider_failed' } });
      expect(finishedIn(streamed.events)).toEqual([]);
      expect((await receiptOf(String(streamed.headers['x-execution-id']))).attempts).toHaveLength(1);
    },
  );

  it.each(odd)('and answers with %s is charged within the reservation, streamed or not', async (mode) => {
    const model = await acme.addFailing({ mode, delay_ms: 20 });
    const [whole, streamed] = await Promise.all([runWhole(model), runStream(model)]);
    expect(whole.status).toBe(201);
    for (const execution of [whole.body, finishedIn(streamed.events)[0]]) {
      const receipt = await receiptOf(execution?.id);
      expect(receipt).toMatchObject({ status: 'succeeded', tokens_charged: execution?.tokens_charged });
      expect(receipt.tokens_charged).toBeLessThanOrEqual(receipt.tokens_reserved);
      expect(receipt.usage_source === 'reported').toBe(mode === 'slow');
    }
  });
});

describe.concurrent('a provider with a second candidate', () => {
  it.each(cells)('costs only time when $kind fails with $mode', async ({ mode, kind, next }) => {
    const model = await acme.addFailing({ kind, mode }, { kind: next, mode: 'none' });
    const [whole, streamed] = await Promise.all([runWhole(model), runStream(model)]);
    expect([whole.status, whole.body.error]).toEqual([201, undefined]);
    expect((await receiptOf(whole.body.id)).attempts.map(({ failure }) => failure === null)).toEqual([
      false,
      true,
    ]);
    const [execution] = finishedIn(streamed.events);
    if (broken.includes(mode)) {
      // Half of the answer was received, so there is no failover.
      expect(streamed.events.at(-1)?.type).toBe('error');
      expect(execution).toBeUndefined();
    } else {
      expect(execution?.attempts).toHaveLength(2);
      expect((await receiptOf(execution?.id)).usage_source).toBe('reported');
    }
  });
});

describe.concurrent('a provider that fails after it has sent reasoning', () => {
  it.each(kinds)('of kind %s is replaced unless its reasoning was shown', async (kind, next) => {
    const model = await acme.addFailing({ kind, mode: 'error_after_thinking' }, { kind: next, mode: 'none' });
    const messages = [{ role: 'user' as const, content: 'Say hello.' }];
    const body = { model, messages, max_completion_tokens: 50 };
    const { choices } = await sdk().chat.completions.create(body);
    expect(choices[0]?.message.content).toMatch(/\w/);
    await expect(sdk().chat.completions.stream(body).finalContent()).rejects.toThrow();
    const streamed = await runStream(model);
    expect(streamed.events[0]?.type, 'our own API says it').toBe('reasoning');
    expect(streamed.events.at(-1)).toMatchObject({ type: 'error', error: { code: 'provider_failed' } });
  });
});

describe.concurrent('a provider that keeps its connection open after the end', () => {
  it.each(kinds)('of kind %s has answered, and its reported usage is charged', async (kind) => {
    const streamed = await runStream(await acme.addFailing({ kind, mode: 'stays_open' }));
    const [execution] = finishedIn(streamed.events);
    expect(await receiptOf(execution?.id)).toMatchObject({ status: 'succeeded', usage_source: 'reported' });
  });
});

describe.concurrent('a prompt that is too long for a model', () => {
  it.each(kinds)('of kind %s is answered by one with a larger window', async (kind, next) => {
    const mode = 'prompt_too_long';
    const model = await acme.addFailing(
      { kind, mode },
      { kind, mode },
      { kind: next, mode: 'none', context_window_tokens: 8_001 },
    );
    const [whole, streamed] = await Promise.all([runWhole(model), runStream(model)]);
    for (const execution of [whole.body, finishedIn(streamed.events)[0]])
      expect(failureKinds(await receiptOf(execution?.id)), 'one no larger is not asked').toEqual([
        'context_length',
        null,
      ]);
  });

  it('and for every other is a 400 with the reason, costs nothing, and is not sent again', async () => {
    const model = await acme.addFailing({ mode: 'prompt_too_long' }, { mode: 'none' });
    const [whole, streamed] = await Promise.all([runWhole(model), runStream(model)]);
    for (const { status, body, headers } of [whole, streamed]) {
      expect([status, body.error.code]).toEqual([400, 'context_length_exceeded']);
      const receipt = await eventually(
        async () => (await user.get(`/api/ai/executions/${headers['x-execution-id']}`)).body,
        ({ ledger }) => ledger?.length === 2,
      );
      expect(receipt).toMatchObject({ tokens_charged: 0, error_code: 'context_length_exceeded' });
    }
    const messages = [{ role: 'user' as const, content: 'Say hello.' }];
    const asked = sdk().chat.completions.create({ model, messages });
    await expect(asked).rejects.toMatchObject({ status: 400, code: 'context_length_exceeded' });
  });
});

describe.concurrent('a provider that fails once in the background', () => {
  it.each(failing.filter((mode) => mode !== 'hang'))(
    'with %s is called again, and charged once',
    async (mode) => {
      const model = await acme.addFailing({ mode, remaining: 1 });
      const begun = await user.post('/api/ai/executions', { ...request(model), background: true });
      expect(begun.status).toBe(202);
      const receipt = await eventually(
        async () => (await user.get(`/api/ai/executions/${begun.body.id}`)).body,
        ({ status }) => status !== 'running',
        60_000,
      );
      expect(receipt).toMatchObject({ status: 'succeeded', usage_source: 'reported' });
      expect(receipt.attempts.map(({ failure }: { failure: object | null }) => failure === null)).toEqual([
        false,
        true,
      ]);
      await receiptOf(begun.body.id);
    },
  );
});

it('afterwards nothing is held, and the ledger is correct', async () => {
  const wallet = await eventually(
    async () => (await user.get('/api/wallet')).body,
    ({ in_flight }) => in_flight === 0,
  );
  expect(wallet).toMatchObject({ reserved: 0, overage: 0 });
  const rows = await eventually(
    () => ledgerOf(stack.ownerUrl, user),
    (found) => found.length === wallet.seq,
  );
  expect(faultsOf(rows, user)).toEqual([]);
});
