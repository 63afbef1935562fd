import { beforeAll, describe, expect, inject, it } from 'vitest';
import type { ExecutionListItem } from '../../contracts/api/executions.ts';
import type { UsageItem } from '../../contracts/api/usage.ts';
import { ACME, run } from '../support/catalog.ts';
import { asOwner, type Client, eventually, registerSomebody, signIn } from '../support/demo.ts';
import { request } from '../support/http.ts';
import { manageTenants } from '../support/tenants.ts';

/** Lists and files of executions, with filters, over HTTP. */

const { port, ownerUrl } = inject('stack');
const dayOf = (offset: number) => new Date(Date.now() + offset * 86_400_000).toISOString().slice(0, 10);
/** Wide enough for a test at midnight. */
const PERIOD = `from=${dayOf(-1)}&to=${dayOf(1)}`;
const LISTS = ['/api/ai/executions', '/api/ai/executions/export'];

let user: Client;
beforeAll(async () => {
  user = await registerSomebody(port, ACME);
});

const list = async (by: Client, query: string): Promise<ExecutionListItem[]> => {
  const { status, body } = await by.get(`/api/ai/executions?${query}`);
  expect(status, JSON.stringify(body)).toBe(200);
  return body.items;
};

const exported = async ({ host, token }: { host: string; token: string }, query: string) => {
  const answer = await request(port, host, `/api/ai/executions/export?${query}`, {
    headers: { authorization: `Bearer ${token}` },
  });
  return { ...answer, lines: answer.text.trim().split('\n') };
};

describe('the list of executions', () => {
  it('answers by day, model, status, provider, key and user, and its file has the same lines', async () => {
    const { body: key } = await user.post('/api/api-keys', { name: 'Shop', scopes: ['executions:write'] });
    expect((await run(user, 'gpt-5.4-mini')).status).toBe(201);
    expect((await run(user, 'claude-haiku-4-5')).status).toBe(201);
    const withKey = await request(port, ACME, '/api/ai/executions', {
      method: 'POST',
      headers: { authorization: `Bearer ${key.secret}`, 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'gpt-5.4-mini', prompt: 'Hello', max_output_tokens: 50 }),
    });
    expect(withKey.status).toBe(201);
    await eventually(
      () => list(user, 'status=succeeded'),
      (items) => items.length === 3,
    );
    const admin = await signIn(port, ACME, 'admin@acme.test');
    const { body: usage } = await user.get(`/api/usage?${PERIOD}&group_by=provider,model`);
    const ofClaude = usage.items.find(({ model }: UsageItem) => model === 'claude-haiku-4-5');
    for (const [query, found] of [
      [PERIOD, 3],
      [`to=${dayOf(-2)}`, 0],
      ['model=gpt-5.4-mini', 2],
      ['status=failed', 0],
      [`api_key_id=${key.id}`, 1],
      [`provider_id=${ofClaude.provider.id}`, 1],
      [`${PERIOD}&model=gpt-5.4-mini&status=succeeded&api_key_id=${key.id}`, 1],
    ] as const)
      for (const by of [user, admin]) {
        const asked = `${query}&user_id=${user.userId}`;
        const items = await list(by, asked);
        expect(items, asked).toHaveLength(found);
        const { lines, headers } = await exported({ host: ACME, token: by.token }, asked);
        expect(headers['content-type']).toBe('text/csv; charset=utf-8');
        expect(lines.slice(1).map((line) => line.split(',')[0])).toEqual(items.map(({ id }) => id));
      }
  });

  it.each([
    ['from=2026-11-31', 'from', undefined],
    ['to=yesterday', 'to', undefined],
    ['from=2026-11-02&to=2026-11-01', 'to', 'before_from'],
    ['status=done', 'status', undefined],
    ['provider_id=openai', 'provider_id', undefined],
    ['api_key_id=1', 'api_key_id', undefined],
    ['model=', 'model', undefined],
  ])('names the field and the rule of a wrong filter: %s', async (query, field, rule) => {
    for (const path of LISTS) {
      const { status, body } = await user.get(`${path}?${query}`);
      expect(status).toBe(400);
      expect(body.error).toMatchObject({ code: 'invalid_request', details: { in: 'query' } });
      expect(body.error.details.issues[0]).toMatchObject({ field, ...(rule !== undefined && { rule }) });
    }
  });

  it('is a file of at most 10,000 executions, and refused by name beyond', async () => {
    const { open, send } = await manageTenants(port);
    const { id, host, token } = await open();
    const { body: me } = await send(host, '/api/auth/me', 'GET', undefined, token);
    const many = { host, token };
    const insert = (count: number, firstMs: number) =>
      asOwner(
        ownerUrl,
        `insert into ai_executions (tenant_id, id, user_id, status, model)
         select $1, (lpad(to_hex($3::bigint + n), 12, '0') || '70008000000000000000')::uuid, $2, 'running', 'auto'
         from generate_series(1, $4::integer) n`,
        [id, me.id, firstMs, count],
      );
    await insert(10_000, Date.parse('2025-02-01'));
    expect((await exported(many, '')).lines).toHaveLength(10_001);
    await insert(1, Date.parse('2025-03-01'));
    const refused = await exported(many, '');
    expect(refused.status).toBe(400);
    expect(JSON.parse(refused.text).error.details.issues[0]).toMatchObject({
      ...{ field: 'from', rule: 'too_many_items' },
    });
    expect((await exported(many, 'from=2025-03-01')).lines).toHaveLength(2);
  });
});
