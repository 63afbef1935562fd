import { afterAll, beforeAll, expect, it } from 'vitest';
import { readLedgerFile } from '../../journal/ledger-file.ts';
import { asOwner, type Client, eventually, signIn } from '../support/demo.ts';
import { ACME } from '../support/governance.ts';
import { request } from '../support/http.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';

let stack: TestStack;
let admin: Client;
beforeAll(async () => {
  stack = await startTestStack({ demoData: true });
  admin = await signIn(stack.port, ACME, 'admin@acme.test');
});
afterAll(() => stack?.stop());

async function* linesOf(text: string) {
  yield* text.split('\n');
}

it('a stack with demo data has three months of executions, whose wallets agree with their ledgers, hash by hash', async () => {
  const { body: people } = await admin.get('/api/users?limit=50');
  const used = people.items.filter(({ wallet }: { wallet: object | null }) => wallet !== null);
  expect(used.length).toBeGreaterThanOrEqual(8);
  for (const { id } of used) {
    const { body } = await eventually(
      () => admin.post(`/api/users/${id}/wallet/reconciliation`, { full: true }),
      (answer) => answer.body.reconciliation?.status === 'ok',
    );
    expect(body.reconciliation).toMatchObject({ status: 'ok' });
    expect(body.entries_verified).toBe(body.reconciliation.wallet_seq);
    const headers = { authorization: `Bearer ${admin.token}` };
    const file = await request(stack.port, ACME, `/api/users/${id}/wallet/export`, { headers });
    const verdict = await readLedgerFile(linesOf(file.text));
    expect(verdict).toMatchObject({ ok: true, difference: null });
  }
});

it('its history has days of three months, failures, failovers and keys', async () => {
  const [figures] = await asOwner(
    stack.ownerUrl,
    `select count(*)::int as executions, count(distinct to_timestamp(started_at_ms / 1000)::date)::int as days,
       count(*) filter (where status = 'failed')::int as failed, count(*) filter (where status = 'cancelled')::int as cancelled,
       count(*) filter (where status = 'succeeded' and jsonb_array_length(attempts) > 1)::int as failovers,
       count(api_key_id)::int as by_keys, count(distinct model)::int as models
     from ai_executions`,
  );
  expect(figures?.executions).toBeGreaterThan(4_800);
  expect(figures?.days).toBeGreaterThan(85);
  expect(figures?.models).toBe(5);
  for (const name of ['failed', 'cancelled', 'failovers', 'by_keys'])
    expect(figures?.[name]).toBeGreaterThan(20);
});
