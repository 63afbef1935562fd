import { expect, inject, it } from 'vitest';
import { ACME } from '../support/catalog.ts';
import { eventually, signIn } from '../support/demo.ts';

const { port } = inject('stack');
/** Long enough for the executions begun with the stack to end (global-setup.ts). */
const PATIENCE_MS = 200_000;

/** Waits for the end of an execution and returns it. Expects that the user's wallet agrees. */
async function endOf({ email, location }: { email: string; location: string }) {
  const user = await signIn(port, ACME, email);
  const execution = await eventually(
    async () => (await user.get(location)).body,
    ({ status, ledger }) => status !== 'running' && ledger.length === 2,
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

it('a background execution that no provider answers fails after its last delivery, costs nothing, and lists every attempt', async () => {
  const execution = await endOf(inject('unanswered'));
  expectGivenBack(execution);
  expect(execution.attempts).toHaveLength(7);
}, 240_000);

it('a stream whose provider falls silent in the middle fails after a minute and costs nothing, if its user keeps listening', async () => {
  const execution = await endOf(inject('fallenSilent'));
  expectGivenBack(execution);
  const { attempts } = execution;
  expect(attempts).toMatchObject([{ failure: { kind: 'timeout', retryable: true } }]);
  expect(attempts[0].latency_ms).toBeGreaterThanOrEqual(60_000);
}, 240_000);

it('a stream whose user leaves while its provider has fallen silent is charged, after a while, for the output by then', async () => {
  const execution = await endOf(inject('leftInTheMiddle'));
  expectEstimated(execution);
  expect(execution.usage.output_tokens).toBeGreaterThan(0);
}, 240_000);

it('a stream whose user leaves before its provider has begun is charged, after a while, for the input', async () => {
  const { email, sent, ...left } = inject('leftUnheard');
  const execution = await endOf({ email, ...left });
  expectEstimated(execution);
  expect(execution.usage.output_tokens).toBe(0);

  const user = await signIn(port, ACME, email);
  const again = await user.post('/v1/chat/completions', JSON.parse(sent), { 'idempotency-key': 'left' });
  expect(again, 'asked again, it is no answer').toMatchObject({
    status: 409,
    body: { error: { code: 'execution_over' } },
  });
  expect(again.headers['x-should-retry']).toBe('false');
}, 240_000);
