import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { eventually, faultsOf, ledgerOf, registerSomebody } from '../support/demo.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';

const ACME = 'acme.localhost';
const EXECUTIONS = '/api/ai/executions';

let stack: TestStack;
beforeAll(async () => {
  stack = await startTestStack();
});
afterAll(async () => {
  await stack.stop();
});

afterEach(() => setFault('none'));

async function setFault(mode: string): Promise<void> {
  const answer = await fetch(`${stack.gatewayOrigin}/_faults`, {
    method: 'PUT',
    body: JSON.stringify({ mode }),
  });
  expect(answer.ok).toBe(true);
}

it.each(['refuse', 'hang', 'reset_after_commit'])(
  'while Postgres is down (%s) warm executions continue and pages answer 503 with Retry-After; afterwards wallet and ledger agree',
  async (mode) => {
    const user = await registerSomebody(stack.port, ACME);
    // The output limit is low enough for ten concurrent calls to fit the balance.
    const prompt = { model: 'gpt-5.4-mini', prompt: 'Carry on.', max_output_tokens: 500 };
    expect((await user.post(EXECUTIONS, prompt)).status).toBe(201);

    await setFault(mode);
    const served = await Promise.all(Array.from({ length: 10 }, () => user.post(EXECUTIONS, prompt)));
    const page = await user.get(EXECUTIONS);
    expect(served.map(({ status }) => status)).toEqual(Array.from({ length: 10 }, () => 201));
    expect(page).toMatchObject({ status: 503, body: { error: { code: 'unavailable' } } });
    expect(Number(page.headers['retry-after'])).toBeGreaterThan(0);

    await setFault('none');
    const { body: wallet } = await user.get('/api/wallet');
    const rows = await eventually(
      () => ledgerOf(stack.ownerUrl, user),
      (found) => found.length === wallet.seq,
      60_000,
    );
    expect(faultsOf(rows, user)).toEqual([]);
    const debits = rows.filter(({ kind }) => kind === 'debit');
    expect(debits).toHaveLength(11);
    expect(debits.reduce((sum, { amount }) => sum + amount, 0)).toBe(wallet.consumed);
    expect((await user.get(EXECUTIONS)).status).toBe(200);
  },
);
