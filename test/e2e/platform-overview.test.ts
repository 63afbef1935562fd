import { beforeAll, describe, expect, inject, it } from 'vitest';
import { add, governAcme, MODELS, modelOf, PROVIDERS, priceOf, run } from '../support/catalog.ts';
import { type Client, DEMO_PASSWORD, eventually, setBalance, signIn } from '../support/demo.ts';
import { request, requestJson } from '../support/http.ts';
import { newSlug, PLATFORM } from '../support/tenants.ts';

/** Figures that the owner of the platform reads of real executions. */

const stack = inject('stack');
const { port } = stack;
let owner: Client;
beforeAll(async () => {
  owner = await signIn(port, PLATFORM, 'super@vanilla.test');
});

const FEE = 25;
const dayOf = (offset: number) => new Date(Date.now() + offset * 86_400_000).toISOString().slice(0, 10);
/** Wide enough for a test at midnight. */
const PERIOD = `from=${dayOf(-1)}&to=${dayOf(1)}`;

/** Creates a tenant that pays half as much again as the provider, and a fee on its own keys, and signs in its admin. */
async function openTenant() {
  const slug = newSlug();
  const budget = { mode: 'prepaid', enforcement: 'hard', balance_micro_usd: 1_000_000 };
  const created = await owner.post('/api/tenants', {
    ...{ slug, name: `=Shop, ${slug}`, admin_email: `ada@${slug}.test` },
    budget: { ...budget, markup_basis_points: 5_000, own_key_fee_micro_usd: FEE },
  });
  const token = new URL(created.body.invitation.link).hash.slice(1);
  const body = { token, password: DEMO_PASSWORD };
  await requestJson(port, `${slug}.localhost`, '/api/auth/invitations/accept', { method: 'POST', body });
  const admin = await signIn(port, `${slug}.localhost`, `ada@${slug}.test`);
  await setBalance(admin, admin, 50_000_000);
  return { id: created.body.id as string, slug, admin };
}

describe('the owner of the platform', () => {
  it('sees cost, revenue and margin of a tenant to the micro-dollar, by tenant, model and day, and as CSV', async () => {
    const { id, slug, admin } = await openTenant();
    const provider = await add(admin, PROVIDERS, {
      ...{ name: 'Own', kind: 'openai', base_url: `${stack.simulatorOrigin}/openai/v1`, api_key: 'sk-own' },
    });
    const own = await add(admin, MODELS, modelOf(provider.id));
    await add(admin, `${MODELS}/${own.id}/prices`, priceOf(900_000_000));
    const onPlatform = [await run(admin, 'gpt-5.4-mini'), await run(admin, 'gpt-5.4-mini')];
    const onOwnKey = await eventually(
      () => run(admin, own.public_name),
      ({ status }) => status === 201,
    );
    const costs: number[] = onPlatform.map(({ body }) => body.cost_micro_usd);
    expect(costs.every((cost) => cost > 0)).toBe(true);
    expect(onOwnKey.body.cost_micro_usd).toBeGreaterThan(0);

    const usage = async (group: string) =>
      (await owner.get(`/api/platform/usage?${PERIOD}&group_by=${group}&tenant_id=${id}`)).body.items;
    const [all] = await eventually(
      () => usage('tenant'),
      ([item]) => item?.executions === 3,
    );
    const cost = costs.reduce((sum, each) => sum + each, 0);
    const sold = costs.reduce((sum, each) => sum + Math.ceil(each * 1.5), 0);
    expect(all).toMatchObject({
      tenant: { id, slug, status: 'active' },
      ...{ executions: 3, failed_executions: 0, own_key_executions: 1 },
      ...{ cost_micro_usd: cost, revenue_micro_usd: sold + FEE, margin_micro_usd: sold + FEE - cost },
    });
    expect(
      (await usage('model')).map((item: Record<string, unknown>) => [item.model, item.margin_micro_usd]),
    ).toEqual(
      expect.arrayContaining([
        ['gpt-5.4-mini', sold - cost],
        [own.public_name, FEE],
      ]),
    );
    const days = await usage('day');
    expect(days.reduce((sum: number, item: { executions: number }) => sum + item.executions, 0)).toBe(3);
    expect((await owner.get(`/api/tenants/${id}/budget`)).body.spent_micro_usd).toBe(sold + FEE);

    const overview = (await owner.get(`/api/platform/overview?${PERIOD}`)).body;
    expect(overview.days).toHaveLength(3);
    expect(overview.totals.revenue_micro_usd).toBeGreaterThanOrEqual(sold + FEE);
    const path = `/api/platform/usage/export?${PERIOD}&group_by=tenant&tenant_id=${id}`;
    const headers = { authorization: `Bearer ${owner.token}` };
    const csv = await request(port, PLATFORM, path, { headers });
    expect(csv.headers['content-type']).toBe('text/csv; charset=utf-8');
    expect(csv.text.split('\r\n')[1]).toMatch(
      new RegExp(`^${id},${slug},"'=Shop, ${slug}",3,0,1,.*,${cost},${sold + FEE},${sold + FEE - cost}$`),
    );
  });

  it('sees a failing provider, and a suspended tenant with its reason', async () => {
    const acme = await governAcme(stack);
    const model = await acme.addFailing({ mode: 'overloaded' });
    expect((await run(acme.admin, model)).status).toBe(503);
    const { id } = await openTenant();
    await owner.patch(`/api/tenants/${id}`, { status: 'suspended', reason: 'Not paid' });
    type Listed = { key_owner?: string; tenant: { id: string } };
    // Other tests let providers of the platform fail.
    const isAcmes = ({ key_owner, tenant }: Listed) =>
      key_owner === 'tenant' && tenant.id === acme.admin.tenantId;
    const health = await eventually(
      async () => (await owner.get('/api/platform/health')).body,
      ({ failing_providers }) => failing_providers.some(isAcmes),
    );
    expect(health.failing_providers.find(isAcmes)).toMatchObject({ tenant: { slug: 'acme' } });
    expect(health.suspended_tenants.find(({ tenant }: Listed) => tenant.id === id)).toMatchObject({
      reason: 'Not paid',
      tenant: { status: 'suspended' },
    });
  });

  it.each([
    ['overview', 'from=2026-11-02&to=2026-11-01', 'to', 'before_from'],
    ['overview', 'from=2025-01-01&to=2026-11-01', 'to', 'period_too_long'],
    ['overview', 'from=2026-02-30&to=2026-11-01', 'from', 'invalid_format'],
    ['overview', 'to=2026-11-01', 'from', 'invalid_type'],
    ['usage', 'from=2026-11-01&to=2026-11-01&group_by=user', 'group_by', 'invalid_value'],
    ['usage', 'from=2026-11-01&to=2026-11-01&group_by=tenant&sort=day', 'sort', 'needs_days'],
    ['usage', 'from=2026-11-01&to=2026-11-01&group_by=tenant&limit=101', 'limit', 'too_big'],
    [
      'usage/export',
      'from=2026-11-01&to=2026-11-01&group_by=tenant&tenant_id=1',
      'tenant_id',
      'invalid_format',
    ],
  ])('is told the field and the rule of a wrong request (%s?%s)', async (path, query, field, rule) => {
    const { status, body } = await owner.get(`/api/platform/${path}?${query}`);
    expect({ status, code: body.error.code }).toEqual({ status: 400, code: 'invalid_request' });
    expect(JSON.stringify(body.error.details)).toContain(field);
    expect(JSON.stringify(body.error.details)).toContain(rule);
  });
});
