import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import type { AdminModel, Provider } from '../../contracts/api/catalog.ts';
import type { WalletIdentity } from '../../contracts/wallet/journal.ts';
import type { WalletPolicy } from '../../contracts/wallet/wallet-policy.ts';
import { DEMO_PASSWORD } from '../seed-data.ts';
import { simulatedApis } from '../simulators/apis.ts';
import { type PastCommand, REPLAY_PATH } from './past-commands.ts';
import type { HistoryModel, HistoryName, HistoryUser } from './people.ts';
import { planHistory } from './plan.ts';
import { historyNames, historyProviders, newcomers } from './world.ts';

/** Gives Acme three months of history: its own providers and models, users, keys, and executions that its wallets carried out. */

type HistoryOptions = {
  port: number;
  ownerUrl: string;
  simulatorOrigin: string;
  /** The Worker's HISTORY_TOKEN. */
  token: string;
};

const TENANT = 'acme';
const ADMIN = 'admin@acme.test';
const DAYS = 90;
const EXECUTIONS = 5_000;
/** The longest wait for the journal to reach Postgres, in milliseconds. */
const PROJECTION_MAX_MS = 120_000;

type Call = (method: string, path: string, body?: unknown) => Promise<unknown>;

/** Signs in by the API. Returns a function that calls it and throws for everything but a success. */
async function signIn(port: number, email: string): Promise<Call> {
  const send = async (method: string, path: string, body: unknown, headers: Record<string, string>) => {
    const answer = await fetch(`http://localhost:${port}${path}`, {
      ...{ method, headers: { 'content-type': 'application/json', 'x-tenant-slug': TENANT, ...headers } },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path} answered ${answer.status}: ${text.slice(0, 500)}`);
    return JSON.parse(text) as unknown;
  };
  const login = await send('POST', '/api/auth/login', { email, password: DEMO_PASSWORD }, {});
  const { token } = login as { token: string };
  return (method, path, body) => send(method, path, body, { authorization: `Bearer ${token}` });
}

/** Brings a provider of the history to the simulator of this run, whose port is new, and adds it where it is missing. */
async function ensureProvider(
  call: Call,
  wished: (typeof historyProviders)[number],
  simulatorOrigin: string,
): Promise<Provider> {
  const { items } = (await call('GET', '/api/admin/providers')) as { items: Provider[] };
  const { name, kind } = wished;
  const address = {
    base_url: `${simulatorOrigin}${simulatedApis[kind].base_path}`,
    api_key: 'sk-simulated-demo',
  };
  const known = items.find((provider) => provider.name === name);
  const saved =
    known === undefined
      ? await call('POST', '/api/admin/providers', { name, kind, ...address })
      : await call('PATCH', `/api/admin/providers/${known.id}`, address);
  return saved as Provider;
}

/** Adds the models of a provider from the catalog, with a markup. */
async function addModels(
  call: Call,
  provider: Provider,
  { models }: (typeof historyProviders)[number],
): Promise<AdminModel[]> {
  const { items } = (await call('POST', `/api/admin/providers/${provider.id}/catalog`, {
    models: models.map((model) => ({ ...model, markup_basis_points: 2_500 })),
  })) as { items: AdminModel[] };
  return items;
}

const historyModel = (model: AdminModel): HistoryModel => {
  const { id, public_name, provider, provider_model, price } = model;
  if (provider === null || price === null || provider.kind === 'deepseek')
    throw new Error(`The model ${public_name} has no provider or no price`);
  return { id, public_name, provider: { ...provider, kind: provider.kind }, provider_model, price };
};

type UserRow = { tenant_id: string; id: string; email: string };

/** Adds the newcomers, with the level and the password of Acme's demo user, and returns all of Acme's users. */
async function addUsers(owner: pg.Client, now_ms: number): Promise<UserRow[]> {
  await owner.query('begin');
  await owner.query(`select set_config('app.role', 'operator', true)`);
  for (const { email, name, from_day } of newcomers)
    await owner.query(
      `insert into users (tenant_id, id, email, name, role, level_id, password_hash, created_at)
       select tenant_id, gen_random_uuid(), $1, $2, 'user', level_id, password_hash, $3 from users where email = 'user@acme.test'`,
      [email, name, new Date(now_ms - (DAYS - from_day) * 86_400_000)],
    );
  const { rows } = await owner.query<UserRow>(
    `select u.tenant_id, u.id, u.email from users u join tenants t on t.id = u.tenant_id where t.slug = $1`,
    [TENANT],
  );
  await owner.query('commit');
  return rows;
}

/** The policy of the history's users, older than every other: a wallet adopts the level's with its next command. */
async function policyOf(
  owner: pg.Client,
  { tenant_id, id }: UserRow,
  from_ms: number,
): Promise<WalletPolicy> {
  await owner.query('begin');
  await owner.query(`select set_config('app.role', 'operator', true)`);
  const { rows } = await owner.query<Omit<WalletPolicy, 'version'>>(
    `select p.mode, p.allocation_tokens::float8, p.rollover_cap_tokens::float8, p.enforcement, p.warning_thresholds_percent,
       p.reservation_lifetime_ms::float8, p.in_flight_max::float8
     from level_token_policies p join users u on u.tenant_id = p.tenant_id and u.level_id = p.level_id
     where u.tenant_id = $1 and u.id = $2`,
    [tenant_id, id],
  );
  await owner.query('commit');
  const [policy] = rows;
  if (policy === undefined) throw new Error('A level has a policy');
  return { version: from_ms * 1_000, ...policy };
}

async function countExecutions(owner: pg.Client, tenant_id: string): Promise<number> {
  await owner.query('begin');
  await owner.query(`select set_config('app.role', 'operator', true)`);
  const { rows } = await owner.query<{ ended: number }>(
    `select count(*)::float8 as ended from ai_executions where tenant_id = $1 and finished_at_ms is not null and started_at_ms is not null`,
    [tenant_id],
  );
  await owner.query('commit');
  return rows[0]?.ended ?? 0;
}

/** Has a wallet carry out its history. */
async function replay(
  { port, token }: HistoryOptions,
  { tenant_id, user_id }: WalletIdentity,
  commands: PastCommand[],
): Promise<void> {
  const answer = await fetch(`http://localhost:${port}${REPLAY_PATH}`, {
    ...{ method: 'POST', headers: { authorization: `Bearer ${token}` } },
    body: JSON.stringify({ wallet: `${tenant_id}/${user_id}`, commands }),
  });
  if (!answer.ok)
    throw new Error(`The history was refused: ${answer.status} ${(await answer.text()).slice(0, 500)}`);
}

/** Adds the key of a user's program. */
async function addKey(port: number, email: string): Promise<HistoryUser['key']> {
  const call = await signIn(port, email);
  const { id } = (await call('POST', '/api/api-keys', { name: 'Nightly report' })) as { id: string };
  return { id, version: 1, requests_per_minute: null, tokens_per_minute: null, monthly_budget_tokens: null };
}

async function usersOf(port: number, rows: UserRow[]): Promise<HistoryUser[]> {
  const wishes = [
    { email: 'user@acme.test', share: 6, from_day: 0, has_key: true },
    { email: ADMIN, share: 2, from_day: 0, has_key: false },
    ...newcomers,
  ];
  return Promise.all(
    wishes.map(async ({ email, share, from_day, has_key }): Promise<HistoryUser> => {
      const row = rows.find((one) => one.email === email);
      if (row === undefined) throw new Error(`There is no ${email}`);
      const wallet = { tenant_id: row.tenant_id, user_id: row.id };
      return { wallet, share, from_day, key: has_key ? await addKey(port, email) : null };
    }),
  );
}

async function waitForProjection(owner: pg.Client, tenant_id: string, wanted: number): Promise<void> {
  const deadline_ms = Date.now() + PROJECTION_MAX_MS;
  while ((await countExecutions(owner, tenant_id)) < wanted) {
    if (Date.now() > deadline_ms) throw new Error('The demo history did not reach Postgres in time');
    await sleep(500);
  }
}

/** Makes the history, once for a data folder. Later runs bring its providers to the simulators of the run. Returns its executions; 0 if it was there. */
export async function makeHistory(options: HistoryOptions): Promise<number> {
  const { port, ownerUrl, simulatorOrigin } = options;
  const owner = new pg.Client({ connectionString: ownerUrl });
  await owner.connect();
  try {
    const call = await signIn(port, ADMIN);
    const before = (await call('GET', '/api/admin/providers')) as { items: Provider[] };
    const isThere = before.items.some(({ name }) => name === historyProviders[0]?.name);
    const models: HistoryModel[] = [];
    for (const wished of historyProviders) {
      const provider = await ensureProvider(call, wished, simulatorOrigin);
      if (!isThere) models.push(...(await addModels(call, provider, wished)).map(historyModel));
    }
    if (isThere) return 0;

    const until_ms = Date.now();
    const rows = await addUsers(owner, until_ms);
    const admin = rows.find(({ email }) => email === ADMIN);
    if (admin === undefined) throw new Error('Acme has an admin');
    const names = historyNames.map(
      (habit): HistoryName => ({
        ...habit,
        candidates: models.filter(({ public_name }) => public_name === habit.public_name),
      }),
    );
    const plans = planHistory({
      ...{ users: await usersOf(port, rows), names, admin_id: admin.id },
      ...{ policy: await policyOf(owner, admin, until_ms - DAYS * 86_400_000), until_ms },
      ...{ days: DAYS, executions: EXECUTIONS },
    });
    const known = await countExecutions(owner, admin.tenant_id);
    for (const [wallet, commands] of plans) if (commands.length > 0) await replay(options, wallet, commands);
    const made = [...plans.values()].flat().filter(({ method }) => method === 'reserve').length;
    await waitForProjection(owner, admin.tenant_id, known + made);
    return made;
  } finally {
    await owner.end();
  }
}
