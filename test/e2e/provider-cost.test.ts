import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { type Client, eventually, registerSomebody, signIn } from '../support/demo.ts';
import { request } from '../support/http.ts';
import { surfaces } from '../support/surfaces.ts';

const stack = inject('stack');
const HOST = 'globex.localhost';
const MODEL = 'gpt-5.4-mini';
/** Fields that tell a cost. The amount that the tenant pays is null for users. */
const COST =
  /"(cost_micro_usd|micro_usd_per_million|cost_list|cost_version)":|"wholesale_micro_usd":(?!null)/;

let admin: Client;
let user: Client;
beforeAll(async () => {
  admin = await signIn(stack.port, HOST, 'admin@globex.test');
  user = await registerSomebody(stack.port, HOST);
});
const shows = async (shows_provider_cost: boolean) =>
  expect((await admin.patch('/api/tenant', { shows_provider_cost })).status).toBe(200);
afterAll(() => shows(false));

const ask = (by: Client, path: string, body?: object, headers: Record<string, string> = {}) =>
  request(stack.port, HOST, path, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { authorization: `Bearer ${by.token}`, 'content-type': 'application/json', ...headers },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });

/** Asks on every surface, in one piece and as a stream, the first time and again with its Idempotency-Key. Returns all that is said. */
async function saidOnSurfaces(by: Client): Promise<string[]> {
  const said: string[] = [];
  for (const { path, bodyOf } of surfaces)
    for (const stream of [false, true]) {
      const key = { 'idempotency-key': crypto.randomUUID() };
      for (let times = 0; times < 2; times++) {
        const { status, text, headers } = await ask(by, path, { ...bodyOf(MODEL, 'Hello', 50), stream }, key);
        expect(status, text).toBeLessThan(300);
        said.push(`${path} ${JSON.stringify(headers)} ${text}`);
      }
    }
  return said;
}

/** Runs in the background and cancels it. Returns all that is said of it, to its end. */
async function saidInBackground(by: Client): Promise<string[]> {
  const key = { 'idempotency-key': crypto.randomUUID() };
  const body = { model: MODEL, prompt: 'Hello', background: true };
  const begun = await ask(by, '/api/ai/executions', body, key);
  const again = await ask(by, '/api/ai/executions', body, key);
  expect([begun.status, again.status]).toEqual([202, expect.any(Number)]);
  const cancelled = await ask(by, `/api/ai/executions/${JSON.parse(begun.text).id}/cancel`, {});
  return [begun.text, again.text, cancelled.text];
}

/** Reads everything that the API's document says a user can read. */
async function saidByReads(by: Client): Promise<string[]> {
  const list = await eventually(
    () => by.get('/api/ai/executions'),
    ({ body }) => body.items.some(({ tokens_charged }: { tokens_charged: number }) => tokens_charged > 0),
  );
  const { id } = list.body.items.find(({ tokens_charged }: { tokens_charged: number }) => tokens_charged > 0);
  const { paths } = (await by.get('/api/openapi.json')).body;
  const reads = Object.keys(paths).filter(
    (path) => paths[path].get !== undefined && !path.includes('openapi') && !path.includes('/live'),
  );
  expect(reads.length).toBeGreaterThan(15);
  const said: string[] = [];
  for (const path of reads) {
    const { text } = await ask(
      by,
      path.replace('{id}', path.includes('/users/') ? by.userId : id).replace('{model}', MODEL),
    );
    said.push(`${path} ${text}`);
  }
  return said;
}

describe('the cost at the provider', () => {
  it('is told to no user, on any surface, in any read, in the background or in an exported ledger', async () => {
    const said = [
      ...(await saidOnSurfaces(user)),
      ...(await saidInBackground(user)),
      ...(await saidByReads(user)),
    ];
    expect(said.filter((text) => COST.test(text)).map((text) => text.slice(0, 300))).toEqual([]);
  });

  it('is told to admins, who see it in their users’ receipts and ledgers', async () => {
    const ran = await admin.post('/api/ai/executions', { model: MODEL, prompt: 'Hello' });
    expect(ran.body.cost_micro_usd).toBeGreaterThan(0);
    const { items } = (await admin.get(`/api/ai/executions?user_id=${user.userId}`)).body;
    expect(items.length).toBeGreaterThan(0);
    for (const item of items) expect(item).toHaveProperty('cost_micro_usd');
    expect((await ask(admin, `/api/users/${user.userId}/wallet/export`)).text).toMatch(COST);
  });

  it('is told to users where the tenant says so', async () => {
    await shows(true);
    const ran = await user.post('/api/ai/executions', { model: MODEL, prompt: 'Hello' });
    expect(ran.body.cost_micro_usd).toBeGreaterThan(0);
    expect(ran.body.price).toHaveProperty('micro_usd_per_million');
    expect((await ask(user, '/api/wallet/export')).text).toMatch(COST);
    await shows(false);
    expect((await user.get('/api/ai/executions')).body.items[0]).not.toHaveProperty('cost_micro_usd');
  });
});
