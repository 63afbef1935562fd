import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Client, DEMO_PASSWORD, eventually, setBalance, signIn } from '../support/demo.ts';
import { type JsonAnswer, requestJson } from '../support/http.ts';
import { simulatedDomains } from '../support/simulated-domains.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';
import { PLATFORM } from '../support/tenants.ts';

/** The first day of a new owner, from a database without any tenant to the first earned micro-dollar. */

const run = promisify(execFile);
const MODEL = 'gpt-5.4-mini';
const BUDGET_MICRO_USD = 5_000_000;
/** Dear, so that 5 $ are spent by few executions. */
const MICRO_USD_PER_MILLION = 4_000_000_000;

let stack: TestStack;
beforeAll(async () => {
  stack = await startTestStack({ empty: true });
});
afterAll(() => stack?.stop());

/** Accepts the invitation of a link, and signs in. */
async function join(host: string, link: string, email: string): Promise<Client> {
  const token = link.slice(link.indexOf('#') + 1).trim();
  const body = { token, password: DEMO_PASSWORD };
  const answer = await requestJson(stack.port, host, '/api/auth/invitations/accept', {
    method: 'POST',
    body,
  });
  expect(answer, JSON.stringify(answer.body)).toMatchObject({ status: 201 });
  return signIn(stack.port, host, email);
}

/** Runs `npm run bootstrap`, and signs in as the superadmin whose link it prints. */
async function bootstrap(): Promise<Client> {
  const email = 'owner@example.com';
  const args = [
    'dev/platform/bootstrap.ts',
    '--email',
    email,
    '--gateway',
    new URL(stack.gatewayOrigin).host,
  ];
  const { stdout } = await run(process.execPath, [...args, '--origin', stack.origin(PLATFORM)], {
    env: { ...process.env, DATABASE_OWNER_URL: stack.ownerUrl },
  });
  const [link = ''] = stdout.match(/http:\S+#\S+/) ?? [];
  return join(PLATFORM, link, email);
}

/** Returns the body of an answer with this status. */
async function must(answer: Promise<JsonAnswer>, status: number): Promise<JsonAnswer['body']> {
  const { status: given, body } = await answer;
  expect(given, JSON.stringify(body)).toBe(status);
  return body;
}

/** Enables the platform's OpenAI provider, whose key is a secret of the Worker, and sets a price of its model. */
async function openShop(owner: Client) {
  const providers = await must(owner.get('/api/admin/providers'), 200);
  const openai = providers.items.find(({ kind }: { kind: string }) => kind === 'openai');
  await must(owner.patch(`/api/admin/providers/${openai.id}`, { enabled: true }), 200);
  const models = await must(owner.get('/api/admin/models'), 200);
  const model = models.items.find(({ public_name }: { public_name: string }) => public_name === MODEL);
  const rates = (rate: number) => ({ input: rate, cache_read: rate, cache_write: rate, output: rate });
  await must(
    owner.post(`/api/admin/models/${model.id}/prices`, {
      micro_usd_per_million: rates(MICRO_USD_PER_MILLION),
      wallet_tokens_per_1000: rates(1_000),
    }),
    201,
  );
}

async function openTenant(owner: Client) {
  const created = await must(
    owner.post('/api/tenants', {
      ...{ slug: 'first', name: 'The first shop', admin_email: 'ada@first.example' },
      budget: {
        ...{ mode: 'prepaid', enforcement: 'hard', balance_micro_usd: BUDGET_MICRO_USD },
        markup_basis_points: 2_500,
      },
    }),
    201,
  );
  const admin = await join('first.localhost', created.invitation.link, 'ada@first.example');
  return { id: created.id as string, admin };
}

/** Adds a domain, sets its records, and checks it until it is active. */
async function addDomain(admin: Client, hostname: string) {
  const dns = simulatedDomains(stack.simulatorOrigin);
  const { id, records } = await must(admin.post('/api/domains', { hostname }), 201);
  for (const record of records) await dns.set(record);
  await eventually(
    async () => {
      await admin.post(`/api/domains/${id}/check`, {});
      return (await admin.get(`/api/domains/${id}`)).body;
    },
    ({ status }) => status === 'active',
    60_000,
  );
}

const execute = (client: Client) =>
  client.post('/api/ai/executions', { model: MODEL, prompt: 'Say something.', max_output_tokens: 40 });

it('a new owner bootstraps, opens a tenant with 5 $, and sees what its users spent to the last affordable call', async () => {
  const owner = await bootstrap();
  await openShop(owner);
  const { id, admin } = await openTenant(owner);
  const isServed = addDomain(admin, 'ai.first-shop.com');
  const level = await must(admin.post('/api/levels', { name: 'Gold', default_output_limit: 500 }), 201);
  const invited = await must(
    admin.post('/api/invitations', { email: 'user@first.example', role: 'user', level_id: level.id }),
    201,
  );
  const user = await join('first.localhost', invited.link, 'user@first.example');
  await setBalance(admin, user, 1_000_000);

  let executions = 0;
  let answer = await execute(user);
  for (; answer.status === 201; executions += 1) answer = await execute(user);
  expect(answer).toMatchObject({
    status: 402,
    body: { error: { code: 'insufficient_balance', details: { scope: 'tenant' } } },
  });
  expect(executions).toBeGreaterThan(2);

  await isServed;
  expect((await requestJson(stack.port, 'ai.first-shop.com', '/api/tenant')).body.slug).toBe('first');
  const today = (offset: number) => new Date(Date.now() + offset * 86_400_000).toISOString().slice(0, 10);
  const { totals } = await eventually(
    async () => (await owner.get(`/api/platform/overview?from=${today(-1)}&to=${today(1)}`)).body,
    (seen) => seen.totals.executions === executions,
  );
  const receipts = (await must(admin.get('/api/ai/executions?limit=100'), 200)).items as {
    cost_micro_usd: number;
    wholesale_micro_usd: number;
  }[];
  const sum = (name: 'cost_micro_usd' | 'wholesale_micro_usd') =>
    receipts.reduce((total, receipt) => total + receipt[name], 0);
  const budget = await must(owner.get(`/api/tenants/${id}/budget`), 200);
  expect(totals).toMatchObject({
    cost_micro_usd: sum('cost_micro_usd'),
    revenue_micro_usd: sum('wholesale_micro_usd'),
    margin_micro_usd: sum('wholesale_micro_usd') - sum('cost_micro_usd'),
  });
  expect(budget.spent_micro_usd).toBe(totals.revenue_micro_usd);
  expect(budget.balance_micro_usd).toBe(BUDGET_MICRO_USD - totals.revenue_micro_usd);
});
