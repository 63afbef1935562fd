import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ExecutionReceipt } from '../../../contracts/api/executions.ts';
import { ACME, type Failing, governAcme } from '../../support/catalog.ts';
import { type Client, eventually, faultsOf, ledgerOf, registerSomebody } from '../../support/demo.ts';
import { startTestStack, type TestStack } from '../../support/stack.ts';
import { streamRun } from '../../support/streams.ts';

/** Silent providers whose waits are 30 seconds. test/e2e/provider-faults.test.ts tests the other faults. */
const settings = { first_byte_timeout_ms: 30_000, idle_timeout_ms: 30_000 };

/** Timeout of a test. Every execution hangs, some seven times, and the local queue delivers three at a time. */
const PATIENCE_MS = 1_200_000;

let stack: TestStack;
let acme: Awaited<ReturnType<typeof governAcme>>;
beforeAll(async () => {
  stack = await startTestStack();
  acme = await governAcme(stack);
});
afterAll(async () => {
  await stack.stop();
});

type Kind = NonNullable<Failing['kind']>;
const kinds: [Kind, next: Kind][] = [
  ['openai', 'anthropic'],
  ['anthropic', 'google'],
  ['google', 'openai'],
];
const modes = ['hang', 'hang_mid_stream'];
const cells = kinds.flatMap(([kind, next]) => modes.map((mode) => ({ kind, next, mode })));
const newcomer = () => registerSomebody(stack.port, ACME);
const prompt = (model: string) => ({ model, prompt: 'Say hello.', max_output_tokens: 50 });

/** Waits for the end of an execution and returns its receipt. Checks that its one reservation ended once and nothing is held. */
async function receiptOf(user: Client, id: string): Promise<ExecutionReceipt> {
  const receipt: ExecutionReceipt = await eventually(
    async () => (await user.get(`/api/ai/executions/${id}`)).body,
    ({ status, ledger }) => status !== 'running' && ledger.length === 2,
    PATIENCE_MS,
  );
  const isFree = receipt.status === 'failed';
  expect(receipt.ledger.map(({ kind }) => kind)).toEqual(['reserve', isFree ? 'release' : 'debit']);
  expect(receipt.tokens_released).toBe(receipt.tokens_reserved - receipt.tokens_charged);
  if (isFree) expect(receipt).toMatchObject({ tokens_charged: 0, error_code: 'provider_failed' });
  else expect(receipt.tokens_charged).toBeGreaterThan(0);
  expect((await user.get('/api/wallet')).body).toMatchObject({ reserved: 0, in_flight: 0 });
  expect(faultsOf(await ledgerOf(stack.ownerUrl, user), user)).toEqual([]);
  return receipt;
}

/** Runs a prompt in the background and returns the receipt of its end. */
async function runInBackground(...providers: Failing[]): Promise<ExecutionReceipt> {
  const user = await newcomer();
  const body = { ...prompt(await acme.addFailing(...providers)), background: true };
  const begun = await user.post('/api/ai/executions', body);
  expect(begun.status).toBe(202);
  return receiptOf(user, begun.body.id);
}

const failures = ({ attempts }: Pick<ExecutionReceipt, 'attempts'>) =>
  attempts.map(({ failure }) => failure?.kind ?? null);

describe.concurrent('a provider that falls silent, before its first content or after,', () => {
  it('is called again in the background, and charged once', async () => {
    await Promise.all(
      cells.map(async ({ kind, mode }) => {
        const receipt = await runInBackground({ kind, mode, settings, remaining: 1 });
        expect(receipt).toMatchObject({ status: 'succeeded', usage_source: 'reported' });
        expect(failures(receipt)).toEqual(['timeout', null]);
        expect(receipt.output_text?.match(/Say hello/g)).toHaveLength(1);
      }),
    );
  });

  it('leads to the next candidate in the background', async () => {
    await Promise.all(
      cells.map(async ({ kind, next, mode }) => {
        const receipt = await runInBackground({ kind, mode, settings }, { kind: next, mode: 'none' });
        expect(receipt).toMatchObject({ status: 'succeeded', usage_source: 'reported' });
        expect(failures(receipt)).toEqual(['timeout', null]);
      }),
    );
  });

  it.each(modes)(
    'every time (%s) fails in the background after the last delivery, and costs nothing',
    async (mode) => {
      const receipt = await runInBackground({ mode, settings });
      expect(receipt.status).toBe('failed');
      expect(failures(receipt)).toEqual(Array(7).fill('timeout'));
    },
  );

  it('in the foreground ends a stream with an error, and an answer in one piece comes from the next candidate', async () => {
    await Promise.all(
      kinds.map(async ([kind, next]) => {
        const mode = 'hang_mid_stream';
        const user = await newcomer();
        const target = { port: stack.port, host: ACME, token: user.token };
        const alone = prompt(await acme.addFailing({ kind, mode, settings }));
        const { status, events, headers } = await streamRun(target, alone);
        expect([status, events[0]?.type]).toEqual([200, 'text']);
        expect(events.at(-1)).toMatchObject({ type: 'error', error: { code: 'provider_failed' } });
        expect(failures(await receiptOf(user, String(headers['x-execution-id'])))).toEqual(['timeout']);
        const stoodBy = prompt(await acme.addFailing({ kind, mode, settings }, { kind: next, mode: 'none' }));
        const whole = await user.post('/api/ai/executions', stoodBy);
        expect([whole.status, failures(whole.body)]).toEqual([201, ['timeout', null]]);
        await receiptOf(user, whole.body.id);
      }),
    );
  });
});
