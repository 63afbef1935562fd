import { beforeAll, describe, expect, inject, it } from 'vitest';
import { readLedgerFile } from '../../journal/ledger-file.ts';
import { asOwner, type Client, eventually, signIn } from '../support/demo.ts';
import { ACME, UNKNOWN } from '../support/governance.ts';
import { request, requestJson } from '../support/http.ts';

const stack = inject('stack');
const PLATFORM = 'localhost';

let superadmin: Client;
let admin: Client;
let user: Client;
beforeAll(async () => {
  superadmin = await signIn(stack.port, PLATFORM, 'super@vanilla.test');
  admin = await signIn(stack.port, ACME, 'admin@acme.test');
  user = await signIn(stack.port, ACME, 'user@acme.test');
});

/** A tenant without users, whose budget no other test uses. */
async function newTenant(): Promise<string> {
  const id = crypto.randomUUID();
  await asOwner(
    stack.ownerUrl,
    `insert into tenants (id, slug, name, primary_color) values ($1, $2, 'A tenant', '#123456')`,
    [id, `t-${id}`],
  );
  return id;
}

const budgetPath = (id: string) => `/api/tenants/${id}/budget`;
const monthly = { mode: 'monthly', enforcement: 'hard', limit_micro_usd: 5_000_000 };
const prepaid = { mode: 'prepaid', enforcement: 'hard', balance_micro_usd: 2_500_000 };
const key = () => ({ 'idempotency-key': crypto.randomUUID() });
const credit = (id: string, body: unknown, headers = key()) =>
  superadmin.post(`${budgetPath(id)}/credits`, body, headers);

const fieldsOf = ({ body }: Awaited<ReturnType<Client['get']>>) =>
  body.error.details.issues.map(({ field }: { field: string }) => field.split('.')[0]);

it('a superadmin sets, tops up and reads a budget, and exports a ledger that is verified offline', async () => {
  const id = await newTenant();
  expect((await superadmin.get(budgetPath(id))).body).toMatchObject({
    ...{ mode: 'prepaid', enforcement: 'hard', balance_micro_usd: 0, available_micro_usd: 0 },
  });
  expect(await superadmin.put(budgetPath(id), { ...prepaid, markup_basis_points: 2_000 })).toMatchObject({
    status: 200,
    body: { ...prepaid, markup_basis_points: 2_000, leased_micro_usd: 0, spent_micro_usd: 0 },
  });
  const paid = await credit(id, { amount_micro_usd: 500_001, reason: 'paid', reference: 'invoice 7' });
  expect(paid).toMatchObject({ status: 201, body: { seq: 2, budget: { balance_micro_usd: 3_000_001 } } });
  expect((await superadmin.put(budgetPath(id), monthly)).body).toMatchObject(monthly);

  const page = (query: string) => superadmin.get(`/api/tenants/${id}/ledger?${query}`);
  const full = await eventually(
    () => page('limit=10'),
    ({ body }) => body.items.length >= 3,
  );
  const [, paidIn] = full.body.items.toReversed();
  expect(paidIn).toMatchObject({ kind: 'credit', amount_micro_usd: 500_001, reference: 'invoice 7' });
  const first = await page('limit=1');
  const second = await page(`limit=1&cursor=${first.body.next_cursor}`);
  expect(first.body.items[0].seq - second.body.items[0].seq).toBe(1);
  expect((await page('cursor=nonsense')).body.error.code).toBe('invalid_cursor');

  const headers = { authorization: `Bearer ${superadmin.token}` };
  const file = await request(stack.port, PLATFORM, `/api/tenants/${id}/ledger/export`, { headers });
  async function* lines() {
    yield* file.text.split('\n');
  }
  expect(await readLedgerFile(lines())).toMatchObject({ ok: true, difference: null });

  const check = await superadmin.post(`${budgetPath(id)}/reconciliation`, {});
  expect(check).toMatchObject({ status: 200, body: { reconciliation: { tenant_id: id, status: 'ok' } } });
  const listed = await superadmin.get('/api/reconciliation/tenants?limit=100');
  expect(listed.body.items.map(({ tenant_id }: { tenant_id: string }) => tenant_id)).toContain(id);
  const repair = await superadmin.post(`${budgetPath(id)}/repair`, { reason: 'a test' });
  expect(repair).toMatchObject({ status: 409, body: { error: { code: 'nothing_to_repair' } } });
});

it('a tenant’s admin reads the budget of their tenant, without the markup, and its users do not', async () => {
  const own = await admin.get('/api/tenant/budget');
  expect(own).toMatchObject({ status: 200, body: { mode: 'monthly', limit_micro_usd: 1_000_000_000 } });
  expect(Object.keys(own.body)).not.toContain('markup_basis_points');
  expect((await user.get('/api/tenant/budget')).status).toBe(403);
  expect((await requestJson(stack.port, ACME, '/api/tenant/budget')).status).toBe(401);
});

describe('a budget that is', () => {
  let id: string;
  beforeAll(async () => {
    id = await newTenant();
    await superadmin.put(budgetPath(id), prepaid);
  });

  const amounts = ['-1', '1.5', '"7"', 'null', 'true', '[]', '1e30', String(2 ** 50 + 1)];
  it.each<[string, unknown, string]>([
    ['nothing', {}, 'mode'],
    ['of an unknown kind', { ...monthly, mode: 'yearly' }, 'mode'],
    ['of an unknown enforcement', { ...monthly, enforcement: 'soft' }, 'enforcement'],
    ['without its limit', { mode: 'monthly', enforcement: 'hard' }, 'limit_micro_usd'],
    ['monthly with a balance', { ...monthly, balance_micro_usd: 1 }, 'balance_micro_usd'],
    ['prepaid with a limit', { ...prepaid, limit_micro_usd: 1 }, 'limit_micro_usd'],
    ['with an unknown field', { ...monthly, colour: 'red' }, 'colour'],
    ...amounts.map((value): [string, unknown, string] => [
      `a limit of ${value}`,
      { ...monthly, limit_micro_usd: JSON.parse(value) },
      'limit_micro_usd',
    ]),
    ...amounts.map((value): [string, unknown, string] => [
      `a balance of ${value}`,
      { ...prepaid, balance_micro_usd: JSON.parse(value) },
      'balance_micro_usd',
    ]),
    ...[-1, 0.5, 1_000_001, '20'].map((value): [string, unknown, string] => [
      `a markup of ${JSON.stringify(value)}`,
      { ...monthly, markup_basis_points: value },
      'markup_basis_points',
    ]),
    ['with a fee below zero', { ...monthly, own_key_fee_micro_usd: -1 }, 'own_key_fee_micro_usd'],
    ...[[95, 80], [80, 80], [0], [101], 80].map((value): [string, unknown, string] => [
      `warned at ${JSON.stringify(value)}`,
      { ...monthly, warning_thresholds_percent: value },
      'warning_thresholds_percent',
    ]),
    ['set for an empty reason', { ...monthly, reason: ' ' }, 'reason'],
  ])('%s is refused, names the field, and changes nothing', async (_, body, field) => {
    const refused = await superadmin.put(budgetPath(id), body);
    expect(refused).toMatchObject({ status: 400, body: { error: { code: 'invalid_request' } } });
    expect(fieldsOf(refused)).toContain(field);
    expect((await superadmin.get(budgetPath(id))).body).toMatchObject(prepaid);
  });

  it('topped up without a key, an amount or a reason is refused', async () => {
    const good = { amount_micro_usd: 1, reason: 'a test' };
    expect((await superadmin.post(`${budgetPath(id)}/credits`, good)).status).toBe(400);
    for (const amount_micro_usd of amounts.map((value) => JSON.parse(value)).concat(0))
      expect(fieldsOf(await credit(id, { ...good, amount_micro_usd }))).toContain('amount_micro_usd');
    expect(fieldsOf(await credit(id, { amount_micro_usd: 1 }))).toContain('reason');
    expect((await superadmin.get(budgetPath(id))).body).toMatchObject(prepaid);
  });

  it('topped up beyond what can be counted is refused, and so is one by the month', async () => {
    const all = { amount_micro_usd: 2 ** 50, reason: 'a test' };
    expect((await credit(id, all)).body.error.code).toBe('amount_out_of_range');
    const other = await newTenant();
    await superadmin.put(budgetPath(other), monthly);
    expect(await credit(other, all)).toMatchObject({
      status: 409,
      body: { error: { code: 'budget_not_prepaid' } },
    });
  });
});

describe('every route of budgets', () => {
  const good = { amount_micro_usd: 1, reason: 'a test' };
  const routes: [string, (client: Client, id: string) => ReturnType<Client['get']>][] = [
    ['GET budget', (client, id) => client.get(budgetPath(id))],
    ['PUT budget', (client, id) => client.put(budgetPath(id), monthly)],
    ['POST credits', (client, id) => client.post(`${budgetPath(id)}/credits`, good, key())],
    ['POST reconciliation', (client, id) => client.post(`${budgetPath(id)}/reconciliation`, {})],
    ['POST repair', (client, id) => client.post(`${budgetPath(id)}/repair`, { reason: 'a test' })],
    ['GET ledger', (client, id) => client.get(`/api/tenants/${id}/ledger`)],
    ['GET export', (client, id) => client.get(`/api/tenants/${id}/ledger/export`)],
  ];

  it.each(routes)('%s is for superadmins on the platform’s hostname', async (_, call) => {
    const before = await superadmin.get(budgetPath(admin.tenantId));
    for (const client of [admin, user]) {
      expect((await call(client, admin.tenantId)).body.error.code).toBe('not_found');
      expect((await call(client, superadmin.tenantId)).body.error.code).toBe('not_found');
    }
    expect((await superadmin.get(budgetPath(admin.tenantId))).body).toMatchObject({
      mode: before.body.mode,
      limit_micro_usd: before.body.limit_micro_usd,
    });
    expect((await call(superadmin, UNKNOWN)).body.error.code).toBe('not_found');
    expect((await call(superadmin, 'acme')).status).toBe(400);
  });

  it('refuses a superadmin’s token at a tenant’s hostname, and nobody’s anywhere', async () => {
    const path = budgetPath(admin.tenantId);
    const headers = { authorization: `Bearer ${superadmin.token}` };
    expect((await requestJson(stack.port, ACME, path, { headers })).body.error.code).toBe('wrong_tenant');
    expect((await requestJson(stack.port, PLATFORM, path)).status).toBe(401);
  });

  it('lists the checks of tenants to admins for their own tenant only, and not to users', async () => {
    const listed = await admin.get('/api/reconciliation/tenants');
    for (const { tenant_id } of listed.body.items) expect(tenant_id).toBe(admin.tenantId);
    expect((await user.get('/api/reconciliation/tenants')).status).toBe(403);
  });
});
