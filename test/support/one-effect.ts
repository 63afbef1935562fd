import { expect } from 'vitest';
import { asOwner, type Client, eventually, faultsOf, ledgerOf } from './demo.ts';
import type { TestStack } from './stack.ts';

/** Helpers that check that a request had one effect: at the provider, in the wallet and in the ledger. */

type Stack = Pick<TestStack, 'simulatorOrigin' | 'ownerUrl'>;

let asked = 0;
/** Returns a prompt with a unique output limit, by which it is counted in the simulators' log. */
export const promptOf = (model: string) => ({
  model,
  prompt: 'Once only.',
  max_output_tokens: 700 + ++asked,
});

/** Returns the number of requests with this output limit that reached the simulated providers. */
export async function arrivals({ simulatorOrigin }: Stack, max_output_tokens: number): Promise<number> {
  const answer = await fetch(`${simulatorOrigin}/_control/requests`);
  const { requests } = (await answer.json()) as { requests: { max_output_tokens: number | null }[] };
  return requests.filter((request) => request.max_output_tokens === max_output_tokens).length;
}

/** Expects that the user has one execution, sent to a provider once, reserved once and charged once. Returns its row. */
export async function expectOneEffect(stack: Stack, user: Client, max_output_tokens: number) {
  expect(await arrivals(stack, max_output_tokens)).toBe(1);
  const wallet = (await user.get('/api/wallet')).body;
  expect(wallet).toMatchObject({ reserved: 0, in_flight: 0 });
  const ledger = await eventually(
    () => ledgerOf(stack.ownerUrl, user),
    (found) => found.length === wallet.seq,
  );
  expect(faultsOf(ledger, user)).toEqual([]);
  expect(ledger.map(({ kind }) => kind)).toEqual(['allocation', 'reserve', 'debit']);
  const rows = await asOwner<{ id: string; status: string; tokens_charged: string }>(
    stack.ownerUrl,
    'select id, status, tokens_charged from ai_executions where tenant_id = $1 and user_id = $2',
    [user.tenantId, user.userId],
  );
  expect(rows).toEqual([
    { id: ledger[1]?.operation_id, status: 'succeeded', tokens_charged: String(wallet.consumed) },
  ]);
  expect(wallet.consumed).toBeGreaterThan(0);
  return { id: String(rows[0]?.id), tokens_charged: wallet.consumed };
}
