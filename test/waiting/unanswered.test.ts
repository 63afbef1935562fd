import { beforeAll, describe, expect, inject, it } from 'vitest';
import { ACME, governAcme } from '../support/catalog.ts';
import { eventually, registerSomebody, signIn } from '../support/demo.ts';
import { hostFetch } from '../support/host-fetch.ts';

/** Streams that nobody answers for a minute or two. They wait at the same time. */

const stack = inject('stack');
const { port } = stack;
let acme: Awaited<ReturnType<typeof governAcme>>;
beforeAll(async () => {
  acme = await governAcme(stack);
});

const PATIENCE_MS = 200_000;
/** Time until a user disconnects: after the headers of the answer, and before the end of the execution. */
const LEAVING_MS = 20_000;

/** An execution that has begun: its user, its address and its request body. */
type Begun = { email: string; location: string; sent: Record<string, unknown> };
type Providers = Parameters<typeof acme.addFailing>;

type Asked = {
  path: string;
  body: Record<string, unknown>;
  headers?: Record<string, string>;
  /** Time until the user disconnects. Absent: the user listens to the end. */
  patience_ms?: number;
};

/** Begins a stream on providers with these faults. It also ends when the stack is stopped. */
async function beginStream(
  providers: Providers,
  { path, body, headers, patience_ms }: Asked,
): Promise<Begun> {
  const model = await acme.addFailing(...providers);
  const { email, token } = await registerSomebody(port, ACME);
  const sent = { ...body, model, stream: true };
  const response = await hostFetch(`http://${ACME}:${port}${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...headers },
    body: JSON.stringify(sent),
    ...(patience_ms === undefined ? {} : { signal: AbortSignal.timeout(patience_ms) }),
  });
  response.text().catch(() => undefined);
  return { email, location: `/api/ai/executions/${response.headers.get('x-execution-id')}`, sent };
}

const own = { path: '/api/ai/executions', body: { prompt: 'Hello?' } };
/** A request in the form of OpenAI's SDK, with enough output that a provider has a minute to begin. */
const asOpenAi = {
  path: '/v1/chat/completions',
  body: { messages: [{ role: 'user', content: 'Hello?' }], max_completion_tokens: 2_000 },
  headers: { 'idempotency-key': 'left' },
};

/** Waits for the end of an execution and returns it. Expects that the user's wallet agrees. */
async function endOf({ email, location }: Begun) {
  const user = await signIn(port, ACME, email);
  const execution = await eventually(
    async () => (await user.get(location)).body,
    // It is shown once its journal has arrived.
    ({ status, ledger }) => status !== 'running' && ledger?.length === 2,
    PATIENCE_MS,
  );
  const wallet = (await user.get('/api/wallet')).body;
  expect(wallet).toMatchObject({ reserved: 0, in_flight: 0, consumed: execution.tokens_charged });
  return execution;
}

const kindsOf = ({ ledger }: { ledger: { kind: string }[] }) => ledger.map(({ kind }) => kind);

/** Expects that an unanswered execution was released and cost nothing. */
function expectGivenBack(execution: Awaited<ReturnType<typeof endOf>>): void {
  expect(execution).toMatchObject({ status: 'failed', error_code: 'provider_failed', tokens_charged: 0 });
  expect(execution.tokens_released).toBe(execution.tokens_reserved);
  expect(kindsOf(execution)).toEqual(['reserve', 'release']);
}

/** Expects that an abandoned execution was charged an estimate within the reservation. */
function expectEstimated(execution: Awaited<ReturnType<typeof endOf>>): void {
  expect(execution).toMatchObject({
    ...{ status: 'cancelled', usage_source: 'estimated', error_code: 'client_left' },
  });
  expect(execution.tokens_charged).toBeGreaterThan(0);
  expect(execution.tokens_charged).toBeLessThan(execution.tokens_reserved);
  expect(kindsOf(execution)).toEqual(['reserve', 'debit']);
}

describe.concurrent('A stream', () => {
  it('whose provider falls silent in the middle fails after a minute and costs nothing, if its user keeps listening', async () => {
    const execution = await endOf(await beginStream([{ mode: 'hang_mid_stream' }], own));
    expectGivenBack(execution);
    const { attempts } = execution;
    expect(attempts).toMatchObject([{ failure: { kind: 'timeout', retryable: true } }]);
    expect(attempts[0].latency_ms).toBeGreaterThanOrEqual(60_000);
  }, 240_000);

  it('whose user leaves while its provider has fallen silent is charged, after a while, for the output by then', async () => {
    const leaving = { ...own, patience_ms: LEAVING_MS };
    const execution = await endOf(await beginStream([{ mode: 'hang_mid_stream' }], leaving));
    expectEstimated(execution);
    expect(execution.usage.output_tokens).toBeGreaterThan(0);
  }, 240_000);

  it('whose user leaves before its provider has begun is charged, after a while, for the input', async () => {
    const silent: Providers = [{ mode: 'hang', settings: { first_byte_timeout_ms: 120_000 } }];
    const begun = await beginStream(silent, { ...asOpenAi, patience_ms: LEAVING_MS });
    const execution = await endOf(begun);
    expectEstimated(execution);
    expect(execution.usage.output_tokens).toBe(0);

    const user = await signIn(port, ACME, begun.email);
    const again = await user.post('/v1/chat/completions', begun.sent, { 'idempotency-key': 'left' });
    expect(again, 'asked again, it is no answer').toMatchObject({
      status: 409,
      body: { error: { code: 'execution_over' } },
    });
    expect(again.headers['x-should-retry']).toBe('false');
  }, 240_000);
});
