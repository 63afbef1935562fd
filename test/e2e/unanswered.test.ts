import { expect, inject, it } from 'vitest';
import { ACME } from '../support/catalog.ts';
import { eventually, signIn } from '../support/demo.ts';

const { port } = inject('stack');
const { email, location } = inject('unanswered');

it('an execution in the background that nobody answers has failed after its last delivery, costs nothing, and names every attempt', async () => {
  const user = await signIn(port, ACME, email);
  const execution = await eventually(
    async () => (await user.get(location)).body,
    ({ status }) => status !== 'running',
    200_000,
  );
  expect(execution).toMatchObject({ status: 'failed', error_code: 'provider_failed', tokens_charged: 0 });
  expect(execution.attempts).toHaveLength(7);
  const wallet = (await user.get('/api/wallet')).body;
  expect(wallet).toMatchObject({ reserved: 0, in_flight: 0, consumed: 0 });
  const { ledger, tokens_released } = await eventually(
    async () => (await user.get(location)).body,
    (receipt) => receipt.ledger.length === 2,
  );
  expect(tokens_released).toBe(execution.tokens_reserved);
  expect(ledger.map(({ kind }: { kind: string }) => kind)).toEqual(['reserve', 'release']);
}, 240_000);
