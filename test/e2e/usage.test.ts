import { beforeAll, describe, expect, inject, it } from 'vitest';
import type { Execution } from '../../contracts/api/executions.ts';
import type { UsageItem } from '../../contracts/api/usage.ts';
import { ACME, GLOBEX, governAcme, run } from '../support/catalog.ts';
import { type Client, eventually, ledgerOf, registerSomebody, signIn } from '../support/demo.ts';
import { request } from '../support/http.ts';
import { manageTenants, PLATFORM } from '../support/tenants.ts';

/** Usage of real executions, over HTTP. */

const stack = inject('stack');
const { port } = stack;
const dayOf = (offset: number) => new Date(Date.now() + offset * 86_400_000).toISOString().slice(0, 10);
/** Wide enough for a test at midnight. */
const PERIOD = `from=${dayOf(-1)}&to=${dayOf(1)}`;

let acme: Awaited<ReturnType<typeof governAcme>>;
let admin: Client;
let user: Client;
beforeAll(async () => {
  acme = await governAcme(stack);
  admin = acme.admin;
  user = await registerSomebody(port, ACME);
});

const usage = async (by: Client, query: string): Promise<UsageItem[]> => {
  const { status, body } = await by.get(`/api/usage?${PERIOD}&${query}`);
  expect(status, JSON.stringify(body)).toBe(200);
  return body.items;
};
const sumOf = <Name extends string>(
  items: { [name in Name]?: number | null | undefined }[],
  name: Name,
): number => items.reduce((sum, item) => sum + (item[name] ?? 0), 0);

describe('usage', () => {
  it('equals executions and ledger to the token and the micro-dollar: streamed, failed, after a failover, on own keys and with an API key', async () => {
    const { body: key } = await user.post('/api/api-keys', { name: 'Shop', scopes: ['executions:write'] });
    const own = await acme.addModel();
    const failing = await acme.addFailing({ mode: 'overloaded' });
    const failover = await acme.addFailing({ mode: 'overloaded' }, { mode: 'none' });
    const begun = async (model: string) =>
      (
        await eventually(
          () => run(user, model),
          ({ status }) => status !== 404,
        )
      ).status;
    expect(await begun('gpt-5.4-mini')).toBe(201);
    expect(await begun(own.model.public_name)).toBe(201);
    expect(await begun(failing)).toBe(503);
    expect(await begun(failover)).toBe(201);
    const streamed = await request(port, ACME, '/v1/chat/completions', {
      method: 'POST',
      headers: { authorization: `Bearer ${key.secret}`, 'content-type': 'application/json' },
      body: JSON.stringify({
        model: 'gpt-5.4-mini',
        messages: [{ role: 'user', content: 'Hello' }],
        stream: true,
      }),
    });
    expect(streamed.status).toBe(200);

    const [all] = await eventually(
      () => usage(admin, `group_by=user&user_id=${user.userId}`),
      ([item]) => item?.executions === 5,
    );
    const { items: executions }: { items: (Execution & { wholesale_micro_usd: number })[] } = (
      await admin.get(`/api/ai/executions?user_id=${user.userId}`)
    ).body;
    const debits = (await ledgerOf(stack.ownerUrl, user)).filter(({ kind }) => kind === 'debit');
    expect(all).toMatchObject({
      ...{ executions: 5, failed_executions: 1, own_key_executions: 2, failovers: 1 },
      wallet_tokens: debits.reduce((sum, { amount }) => sum + amount, 0),
      revenue_micro_usd: sumOf(executions, 'wholesale_micro_usd'),
      own_key_cost_micro_usd: sumOf(
        executions.filter(({ price }) => price?.cost_list === 'tenant'),
        'cost_micro_usd',
      ),
      ...{ cost_micro_usd: null, margin_micro_usd: null },
      input_tokens: sumOf(
        executions.map(({ usage: used }) => ({ tokens: used?.input_tokens ?? 0 })),
        'tokens',
      ),
      output_tokens: sumOf(
        executions.map(({ usage: used }) => ({ tokens: used?.output_tokens ?? 0 })),
        'tokens',
      ),
    });
    expect(all?.wallet_tokens).toBe(sumOf(executions, 'tokens_charged'));
    expect(all?.own_key_cost_micro_usd).toBeGreaterThan(0);
    expect(all?.latency_ms?.p50).toBeGreaterThan(0);

    const own5 = await usage(user, 'group_by=key,model');
    expect(sumOf(own5, 'wallet_tokens')).toBe(all?.wallet_tokens);
    const [ofKey, ...others] = own5.filter(({ api_key }) => api_key !== null);
    expect(others).toEqual([]);
    expect(ofKey).toMatchObject({ api_key: { id: key.id, name: 'Shop' }, model: 'gpt-5.4-mini' });
    expect(ofKey?.first_token_ms?.p99).toBeGreaterThanOrEqual(0);
    expect(own5.find(({ model }) => model === failing)).toMatchObject({
      ...{ executions: 1, failed_executions: 1, wallet_tokens: 0, latency_ms: null },
    });
    const providers = await usage(user, 'group_by=provider');
    expect(providers.every(({ provider }) => provider?.name)).toBe(true);
    expect(sumOf(providers, 'executions')).toBe(5);
    const [level] = await usage(user, 'group_by=level');
    expect(level).toMatchObject({
      executions: 5,
      level: { id: expect.any(String), name: expect.any(String) },
    });
    const hours = await usage(user, 'group_by=hour');
    expect(sumOf(hours, 'wallet_tokens')).toBe(all?.wallet_tokens);

    const { body: summary } = await user.get(`/api/usage/summary?${PERIOD}`);
    expect(summary.totals).toMatchObject({ executions: 5, wallet_tokens: all?.wallet_tokens });
    expect(summary.totals.revenue_micro_usd).toBeNull();
    expect(summary.previous).toMatchObject({ from: dayOf(-4), to: dayOf(-2), totals: { executions: 0 } });

    const csv = await request(port, ACME, `/api/usage/export?${PERIOD}&group_by=day,model`, {
      headers: { authorization: `Bearer ${user.token}` },
    });
    expect(csv.headers['content-type']).toBe('text/csv; charset=utf-8');
    expect(csv.text).toMatch(/^day,model,executions,failed_executions,/);
    expect(csv.text.trim().split('\r\n').length).toBeGreaterThan(4);
  });

  it('is for the owner of the platform that of all tenants, and for everybody else that of their own', async () => {
    const owner = await signIn(port, PLATFORM, 'super@vanilla.test');
    const tenants = await eventually(
      () => usage(owner, 'group_by=tenant'),
      (items) => items.some(({ tenant }) => tenant?.slug === 'acme'),
    );
    const ofAcme = tenants.find(({ tenant }) => tenant?.slug === 'acme');
    expect(ofAcme?.margin_micro_usd).toBe(
      (ofAcme?.revenue_micro_usd ?? Number.NaN) - (ofAcme?.cost_micro_usd ?? Number.NaN),
    );
    const stranger = await signIn(port, GLOBEX, 'admin@globex.test');
    for (const by of [user, admin, stranger]) {
      expect((await by.get(`/api/usage?${PERIOD}&group_by=tenant`)).status).toBe(403);
      const other = by === stranger ? admin.tenantId : stranger.tenantId;
      expect((await by.get(`/api/usage/summary?${PERIOD}&tenant_id=${other}`)).status).toBe(403);
    }
    expect(await usage(stranger, `group_by=user&user_id=${user.userId}`)).toEqual([]);
    expect(await usage(user, `group_by=user&user_id=${admin.userId}`)).toEqual([]);
    expect((await usage(user, 'group_by=user')).every((item) => item.user?.id === user.userId)).toBe(true);
  });

  it('is for a superadmin inside a tenant that of this tenant, with the money that its admin sees', async () => {
    const { superadmin, send, open } = await manageTenants(port);
    const { id, host } = await open();
    const { body: entered } = await superadmin.post(`/api/tenants/${id}/sessions`, {
      reason: 'asked for help',
    });
    for (const path of ['/api/usage/summary', '/api/usage']) {
      const answer = await send(host, `${path}?${PERIOD}&group_by=day`, 'GET', undefined, entered.token);
      expect(answer.status, path).toBe(200);
    }
    const { body } = await send(host, `/api/usage/summary?${PERIOD}`, 'GET', undefined, entered.token);
    expect(body.totals).toMatchObject({ executions: 0, revenue_micro_usd: 0, cost_micro_usd: null });
    const other = `tenant_id=${admin.tenantId}`;
    expect(
      (await send(host, `/api/usage/summary?${PERIOD}&${other}`, 'GET', undefined, entered.token)).status,
    ).toBe(403);
  });

  it.each([
    ['group_by=week', 'group_by', 'grouping'],
    ['group_by=day,model,user', 'group_by', 'grouping'],
    ['group_by=day&sort=latency_ms', 'sort', undefined],
    ['group_by=model&sort=time', 'sort', 'needs_time'],
    ['group_by=day&provider_id=openai', 'provider_id', undefined],
    ['group_by=day&limit=0', 'limit', undefined],
    ['', 'group_by', undefined],
  ])('names the field and the rule of a wrong query: %s', async (query, field, rule) => {
    for (const path of field === 'limit' ? ['/api/usage'] : ['/api/usage', '/api/usage/export']) {
      const { status, body } = await user.get(`${path}?${PERIOD}&${query}`);
      expect(status).toBe(400);
      expect(body.error).toMatchObject({ code: 'invalid_request', details: { in: 'query' } });
      expect(body.error.details.issues[0]).toMatchObject({ field, ...(rule !== undefined && { rule }) });
    }
  });

  it('across tenants names the tenant where it would read the rows of every user', async () => {
    const owner = await signIn(port, PLATFORM, 'super@vanilla.test');
    for (const path of ['/api/usage', '/api/usage/export']) {
      const { status, body } = await owner.get(`${path}?${PERIOD}&group_by=user`);
      expect(status).toBe(400);
      expect(body.error.details.issues[0]).toMatchObject({ field: 'tenant_id', rule: 'needs_tenant' });
    }
    const items = await usage(owner, `group_by=user&tenant_id=${user.tenantId}`);
    expect(items.some((item) => item.user?.id === user.userId)).toBe(true);
  });
});
