import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import type { JournalEntry } from '../../contracts/wallet/journal.ts';
import { GENESIS_HASH, hashEntry } from '../../journal/hash.ts';
import { type JsonAnswer, requestJson } from './http.ts';

/** Helpers for tests with the demo tenants: HTTP clients, and queries on Postgres as the owner. */

export const DEMO_PASSWORD = 'vanilla-demo-2026';

export type Client = {
  userId: string;
  tenantId: string;
  token: string;
  get(path: string): Promise<JsonAnswer>;
  put(path: string, body?: unknown): Promise<JsonAnswer>;
  patch(path: string, body?: unknown): Promise<JsonAnswer>;
  delete(path: string): Promise<JsonAnswer>;
  post(
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
    signal?: AbortSignal,
  ): Promise<JsonAnswer>;
};

const clientOf = (
  port: number,
  host: string,
  token: string,
  user: { id: string; tenant_id: string },
): Client => {
  const authorization = `Bearer ${token}`;
  return {
    userId: user.id,
    tenantId: user.tenant_id,
    token,
    get: (path) => requestJson(port, host, path, { headers: { authorization } }),
    put: (path, body) => requestJson(port, host, path, { method: 'PUT', body, headers: { authorization } }),
    patch: (path, body) =>
      requestJson(port, host, path, { method: 'PATCH', body, headers: { authorization } }),
    delete: (path) => requestJson(port, host, path, { method: 'DELETE', headers: { authorization } }),
    post: (path, body, headers = {}, signal) =>
      requestJson(port, host, path, {
        method: 'POST',
        body,
        headers: { authorization, ...headers },
        ...(signal === undefined ? {} : { signal }),
      }),
  };
};

/** Each process of tests signs in from an address of its own, as different people do, so that all of them stay within the limit of one. */
const ADDRESS = `198.51.100.${process.pid % 256}`;

/** Returns the address of somebody else: only so many accounts can be made from one network. */
export const newAddress = (): string =>
  `10.${Array.from(crypto.getRandomValues(new Uint8Array(3))).join('.')}`;

/** Signs in as a demo user. */
export async function signIn(port: number, host: string, email: string): Promise<Client> {
  const answer = await requestJson(port, host, '/api/auth/login', {
    method: 'POST',
    body: { email, password: DEMO_PASSWORD },
    headers: { 'cf-connecting-ip': ADDRESS },
  });
  if (answer.status !== 200) throw new Error(`${email} cannot sign in: ${JSON.stringify(answer.body)}`);
  return clientOf(port, host, answer.body.token, answer.body.user);
}

/** Registers a new user, whose wallet is unused. */
export async function registerSomebody(port: number, host: string): Promise<Client & { email: string }> {
  const email = `somebody-${crypto.randomUUID()}@example.test`;
  const register = () =>
    requestJson(port, host, '/api/auth/register', {
      method: 'POST',
      body: { email, password: DEMO_PASSWORD },
      headers: { 'cf-connecting-ip': newAddress() },
    });
  // Many tests begin at once, and only so many passwords are hashed at once.
  const answer = await eventually(register, ({ status }) => status !== 503);
  if (answer.status !== 201) throw new Error(`Nobody can register: ${JSON.stringify(answer.body)}`);
  return { ...clientOf(port, host, answer.body.token, answer.body.user), email };
}

/** Sets a wallet's balance to `tokens` by an admin's adjustment. */
export async function setBalance(admin: Client, client: Client, tokens: number): Promise<void> {
  const { body: wallet } = await client.get('/api/wallet');
  const amount = tokens - wallet.available;
  if (amount === 0) return;
  const kind = amount > 0 ? 'credits' : 'adjustments';
  const answer = await admin.post(
    `/api/users/${client.userId}/wallet/${kind}`,
    { amount, reason: 'a test needs it so' },
    { 'idempotency-key': crypto.randomUUID() },
  );
  if (answer.status !== 201) throw new Error(`The balance was not set: ${JSON.stringify(answer.body)}`);
}

/** Repeats `look` until `done` accepts its result. The journal takes about a second to reach Postgres, on a busy machine many. */
export async function eventually<Value>(
  look: () => Promise<Value>,
  done: (value: Value) => boolean,
  timeoutMs = 60_000,
): Promise<Value> {
  const deadlineMs = Date.now() + timeoutMs;
  for (;;) {
    const value = await look();
    if (done(value)) return value;
    if (Date.now() > deadlineMs)
      throw new Error(`It did not come to pass: ${JSON.stringify(value).slice(0, 2_000)}`);
    await sleep(150);
  }
}

export type LedgerRow = Omit<JournalEntry, 'actor'> & {
  actor_kind: JournalEntry['actor']['kind'];
  actor_id: string | null;
};

/** Queries Postgres as the owner in the operator role, which row security lets see everything. */
export async function asOwner<Row extends pg.QueryResultRow>(
  ownerUrl: string,
  text: string,
  values: unknown[] = [],
): Promise<Row[]> {
  const client = new pg.Client({ connectionString: ownerUrl });
  await client.connect();
  try {
    await client.query(`select set_config('app.role', 'operator', false)`);
    return (await client.query<Row>(text, values)).rows;
  } finally {
    await client.end();
  }
}

const integers = [
  'seq',
  'amount',
  'monthly_delta',
  'lifetime_delta',
  'reserved_delta',
  'overage',
  'monthly_after',
  'lifetime_after',
  'reserved_after',
  'overage_after',
  'policy_version',
  'at_ms',
] as const;

/** Returns a wallet's ledger in Postgres, in order. */
export async function ledgerOf(ownerUrl: string, { tenantId, userId }: Client): Promise<LedgerRow[]> {
  const rows = await asOwner<LedgerRow>(
    ownerUrl,
    'select * from user_token_ledger where tenant_id = $1 and user_id = $2 order by seq',
    [tenantId, userId],
  );
  return rows.map((row) => ({
    ...row,
    ...Object.fromEntries(integers.map((name) => [name, Number(row[name])])),
    ...(row.shortfall == null ? {} : { shortfall: Number(row.shortfall) }),
  }));
}

/** Returns a ledger row as the entry that the wallet hashed. Columns that are null were absent from the entry. */
function entryOf(row: LedgerRow): JournalEntry {
  const {
    actor_kind,
    actor_id,
    shortfall,
    thresholds_crossed,
    tenant_id: _t,
    user_id: _u,
    execution_id: _e,
    created_at: _c,
    ...rest
  } = row as LedgerRow & Record<string, unknown>;
  return {
    ...rest,
    ...(shortfall == null ? {} : { shortfall }),
    ...(thresholds_crossed == null ? {} : { thresholds_crossed }),
    actor: { kind: actor_kind, id: actor_id },
  };
}

/**
 * Checks a ledger: numbers without gaps, a hash chain, figures that are the sum of the entries, and at most one end for each
 * reservation. Returns a description of every fault; an empty list if there are none.
 */
export function faultsOf(
  rows: LedgerRow[],
  { tenantId, userId }: Pick<Client, 'tenantId' | 'userId'>,
): string[] {
  const faults: string[] = [];
  const sum = { monthly: 0, lifetime: 0, reserved: 0 };
  const ended = new Set<string>();
  let previous = GENESIS_HASH;
  rows.forEach((row, index) => {
    if (row.seq !== index + 1) faults.push(`entry ${row.seq} is in the place of ${index + 1}`);
    if (row.prev_hash !== previous) faults.push(`entry ${row.seq} is not chained to the one before`);
    if (hashEntry({ tenant_id: tenantId, user_id: userId }, entryOf(row)) !== row.hash)
      faults.push(`entry ${row.seq} has a wrong hash`);
    sum.monthly += row.monthly_delta;
    sum.lifetime += row.lifetime_delta;
    sum.reserved += row.reserved_delta;
    if (
      row.monthly_after !== sum.monthly ||
      row.lifetime_after !== sum.lifetime ||
      row.reserved_after !== sum.reserved
    ) {
      faults.push(`entry ${row.seq} does not add up`);
    }
    if (['debit', 'release', 'expiry'].includes(row.kind)) {
      if (ended.has(row.operation_id)) faults.push(`reservation ${row.operation_id} ended twice`);
      ended.add(row.operation_id);
    }
    previous = row.hash;
  });
  return faults;
}
