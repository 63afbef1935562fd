import { expect } from 'vitest';
import { asOwner, type Client, eventually, faultsOf, ledgerOf } from './demo.ts';
import type { TestStack } from './stack.ts';

/** What it takes to see that something was done once: by a provider, in the wallet, and in its books. */

type Stack = Pick<TestStack, 'simulatorOrigin' | 'ownerUrl'>;

let asked = 0;
/** A prompt whose output limit nobody else asks for: so the simulators' log tells how often it arrived there. */
export const promptOf = (model: string) => ({
  model,
  prompt: 'Once only.',
  max_output_tokens: 700 + ++asked,
});

/** How many requests with this output limit arrived at the simulated providers. */
export async function arrivals({ simulatorOrigin }: Stack, max_output_tokens: number): Promise<number> {
  const answer = await fetch(`${simulatorOrigin}/_control/requests`);
  const { requests } = (await answer.json()) as { requests: { max_output_tokens: number | null }[] };
  return requests.filter((request) => request.max_output_tokens === max_output_tokens).length;
}

/** The one execution that there is of a user: asked of a provider once, reserved once, charged once. Answers its row. */
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
