import { expect, inject, it } from 'vitest';
import { ACME } from '../support/catalog.ts';
import { eventually, signIn } from '../support/demo.ts';

const { port } = inject('stack');
/** Long enough for what was begun with the stack to be over (global-setup.ts). */
const PATIENCE_MS = 200_000;

/** How an execution ended that nobody answered: it costs nothing, and its ledger says so. */
async function endOf({ email, location }: { email: string; location: string }) {
  const user = await signIn(port, ACME, email);
  const execution = await eventually(
    async () => (await user.get(location)).body,
    ({ status }) => status !== 'running',
    PATIENCE_MS,
  );
  expect(execution).toMatchObject({ status: 'failed', error_code: 'provider_failed', tokens_charged: 0 });
  const wallet = (await user.get('/api/wallet')).body;
  expect(wallet).toMatchObject({ reserved: 0, in_flight: 0, consumed: 0 });
  const { ledger, tokens_released } = await eventually(
    async () => (await user.get(location)).body,
    (receipt) => receipt.ledger.length === 2,
  );
  expect(tokens_released).toBe(execution.tokens_reserved);
  expect(ledger.map(({ kind }: { kind: string }) => kind)).toEqual(['reserve', 'release']);
  return execution;
}

it('an execution in the background that nobody answers has failed after its last delivery, costs nothing, and names every attempt', async () => {
  const { attempts } = await endOf(inject('unanswered'));
  expect(attempts).toHaveLength(7);
}, 240_000);

it('a stream whose provider falls silent in the middle has failed after a minute, though its user listened on, and costs nothing', async () => {
  const { attempts } = await endOf(inject('fallenSilent'));
  expect(attempts).toMatchObject([{ failure: { kind: 'timeout', retryable: true } }]);
  expect(attempts[0].latency_ms).toBeGreaterThanOrEqual(60_000);
}, 240_000);
