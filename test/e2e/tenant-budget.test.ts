import { beforeAll, describe, expect, inject, it } from 'vitest';
import { asOwner, type Client, DEMO_PASSWORD, eventually, setBalance, signIn } from '../support/demo.ts';
import { requestJson } from '../support/http.ts';

/** The platform owner's day over HTTP: a tenant is created, gets a budget, and its users spend it to the last affordable call. */

const { port, ownerUrl } = inject('stack');
const PLATFORM = 'localhost';
const MODEL = 'gpt-5.4-mini';

let owner: Client;
beforeAll(async () => {
  owner = await signIn(port, PLATFORM, 'super@vanilla.test');
});

/** Creates a tenant, and accepts the invitation of its first admin, who gets many wallet tokens. */
async function openTenant() {
  const slug = `shop-${crypto.randomUUID().slice(0, 8)}`;
  const email = `ada@${slug}.test`;
  const created = await owner.post('/api/tenants', { slug, name: 'A shop', admin_email: email });
  expect(created.status).toBe(201);
  const host = `${slug}.localhost`;
  const token = new URL(created.body.invitation.link).hash.slice(1);
  const accepted = await requestJson(port, host, '/api/auth/invitations/accept', {
    method: 'POST',
    body: { token, password: DEMO_PASSWORD },
  });
  expect(accepted.status).toBe(201);
  const admin = await signIn(port, host, email);
  await setBalance(admin, admin, 50_000_000);
  return { id: created.body.id as string, host, admin };
}

const budgetOf = async (id: string) => (await owner.get(`/api/tenants/${id}/budget`)).body;
const setBudget = (id: string, balance_micro_usd: number) =>
  owner.put(`/api/tenants/${id}/budget`, { mode: 'prepaid', enforcement: 'hard', balance_micro_usd });

const messages = [{ role: 'user', content: 'Say something.' }];

/** A call on one of the three surfaces. */
const call = (by: Client, number: number) =>
  number % 3 === 0
    ? by.post('/v1/chat/completions', { model: MODEL, messages, max_completion_tokens: 50 })
    : number % 3 === 1
      ? by.post('/v1/messages', { model: MODEL, messages, max_tokens: 50 })
      : by.post('/api/ai/executions', { model: MODEL, prompt: 'Say something.', max_output_tokens: 50 });

/** Returns what the ledgers of a tenant's users charged to its budget. */
const soldTo = async (id: string) => {
  const [row] = await asOwner<{ sold: string; cost: string; running: string }>(
    ownerUrl,
    `select coalesce(sum(wholesale_micro_usd), 0) as sold, coalesce(sum(cost_micro_usd), 0) as cost,
       count(*) filter (where status = 'running') as running from ai_executions where tenant_id = $1`,
    [id],
  );
  return { sold: Number(row?.sold), cost: Number(row?.cost), running: Number(row?.running) };
};

describe('the budget of a tenant', () => {
  it('is nothing at first: a new tenant spends nothing on the keys of the platform', async () => {
    const { id, admin } = await openTenant();
    expect(await budgetOf(id)).toMatchObject({ mode: 'prepaid', enforcement: 'hard', balance_micro_usd: 0 });
    const refused = await call(admin, 2);
    expect(refused).toMatchObject({
      status: 402,
      body: { error: { code: 'insufficient_balance', details: { scope: 'tenant' } } },
    });
    expect(JSON.stringify(refused.body)).not.toMatch(/micro_usd|available/);
  });

  it('is spent to the last affordable call by parallel calls on all surfaces, and the owner sees it to the micro-dollar', async () => {
    const { id, admin } = await openTenant();
    const BUDGET = 3_000;
    expect((await setBudget(id, BUDGET)).status).toBe(200);
    const statuses: number[] = [];
    for (let round = 0; round < 6; round += 1) {
      const calls = Array.from({ length: 12 }, (_, number) => call(admin, number));
      statuses.push(...(await Promise.all(calls)).map(({ status }) => status));
    }
    expect(new Set(statuses)).toEqual(
      new Set(statuses.filter((status) => [200, 201, 402, 429].includes(status))),
    );
    expect(statuses).toContain(200);
    const last = await eventually(
      () => call(admin, 2),
      ({ status }) => status === 402,
    );
    expect(last.body.error.details).toEqual({ scope: 'tenant' });
    const budget = await budgetOf(id);
    const { sold, cost } = await eventually(
      () => soldTo(id),
      ({ running, sold }) => running === 0 && sold >= budget.spent_micro_usd,
    );
    expect(budget).toMatchObject({
      spent_micro_usd: sold,
      balance_micro_usd: BUDGET - sold,
      overage_micro_usd: 0,
    });
    expect(sold).toBe(cost);
    expect(sold).toBeLessThanOrEqual(BUDGET);
  });

  it('fits the output to what is left of it, tells so, and refuses without its figures where that is not wanted', async () => {
    const { id, admin } = await openTenant();
    // A token of output costs 5 micro-USD, and 1,024 of them are held at first.
    const body = { model: 'claude-haiku-4-5', messages, max_completion_tokens: 20_000 };
    const ask = (headers = {}) => admin.post('/v1/chat/completions', body, headers);
    for (const [balance, least] of [
      [2_500, 400],
      [30_000, 5_500],
    ] as const) {
      await setBudget(id, balance);
      const fitted = await ask();
      expect(fitted.status).toBe(200);
      const limit = Number(fitted.headers['x-max-output-tokens-fitted']);
      expect(limit).toBeGreaterThan(least);
      expect(limit * 5).toBeLessThanOrEqual(balance);
    }
    await setBudget(id, 2_500);
    const refused = await ask({ 'x-fit-to-balance': 'false' });
    expect(refused).toMatchObject({
      status: 402,
      body: { error: { code: 'insufficient_balance', details: { scope: 'tenant' } } },
    });
    expect(Object.keys(refused.body.error.details)).toEqual(['scope']);
  });

  it('goes on when the owner raises it, and stops at once when the tenant is suspended', async () => {
    const { id, admin } = await openTenant();
    await setBudget(id, 1_000_000);
    expect((await call(admin, 2)).status).toBe(201);
    await owner.patch(`/api/tenants/${id}`, { status: 'suspended', reason: 'A test' });
    for (const number of [0, 1, 2]) expect((await call(admin, number)).status).toBe(403);
    await owner.patch(`/api/tenants/${id}`, { status: 'active' });
    const again = await eventually(
      () => call(admin, 2),
      ({ status }) => status === 201,
    );
    expect(again.status).toBe(201);
  });

  it('charges the markup that the owner set', async () => {
    const { id, admin } = await openTenant();
    const change = { mode: 'prepaid', enforcement: 'hard', balance_micro_usd: 1_000_000 };
    await owner.put(`/api/tenants/${id}/budget`, { ...change, markup_basis_points: 10_000 });
    expect((await call(admin, 2)).status).toBe(201);
    const { sold, cost } = await eventually(
      () => soldTo(id),
      ({ running, cost }) => running === 0 && cost > 0,
    );
    expect(sold).toBe(2 * cost);
    expect((await budgetOf(id)).spent_micro_usd).toBe(sold);
  });
});
