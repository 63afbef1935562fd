import { setTimeout as sleep } from 'node:timers/promises';
import {
  asOwner,
  type Client,
  eventually,
  faultsOf,
  type LedgerRow,
  ledgerOf,
  registerSomebody,
} from '../support/demo.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';

const ACME = 'acme.localhost';
/** Short, so that what a kill leaves held is given back within the test. */
const RESERVATION_LIFETIME_MS = 12_000;
const CALLERS_PER_USER = 4;

/** What a client knows of one call after the fact: acknowledged, refused, or cut off with the outcome unknown. */
type Call =
  | { outcome: 'ok'; execution_id: string; tokens_charged: number }
  | { outcome: 'fail'; status: number }
  | { outcome: 'unknown' };

type User = { client: Client; calls: Call[] };

async function callOnce({ client, calls }: User): Promise<void> {
  try {
    const { status, body } = await client.post('/api/ai/executions', {
      model: 'auto',
      prompt: 'Survive this.',
      max_output_tokens: 64,
    });
    calls.push(
      status === 201
        ? { outcome: 'ok', execution_id: body.id, tokens_charged: body.tokens_charged }
        : { outcome: 'fail', status },
    );
  } catch {
    calls.push({ outcome: 'unknown' });
  }
}

/** Calls without a pause until told to stop. */
async function load(users: User[], signal: AbortSignal): Promise<void> {
  const caller = async (user: User) => {
    while (!signal.aborted) {
      const before = user.calls.length;
      await callOnce(user);
      // With the server gone every call fails at once: no need to spin.
      if (user.calls[before]?.outcome === 'unknown') await sleep(50);
    }
  };
  await Promise.all(users.flatMap((user) => Array.from({ length: CALLERS_PER_USER }, () => caller(user))));
}

/** What must hold of one user's wallet when all is quiet again; an empty list is good news. */
async function faultsOfUser(stack: TestStack, { client, calls }: User): Promise<string[]> {
  const { body: wallet } = await eventually(
    () => client.get('/api/wallet'),
    ({ body }) => body.in_flight === 0 && body.reserved === 0,
    RESERVATION_LIFETIME_MS + 60_000,
  );
  const rows = await eventually(
    () => ledgerOf(stack.ownerUrl, client),
    (found) => found.length >= wallet.seq,
    60_000,
  );
  const faults = faultsOf(rows, client);
  const debits = new Map<string, LedgerRow>();
  for (const row of rows) if (row.kind === 'debit') debits.set(row.operation_id, row);
  for (const call of calls) {
    if (call.outcome !== 'ok') continue;
    const debit = debits.get(call.execution_id);
    if (debit === undefined) faults.push(`acknowledged execution ${call.execution_id} was lost`);
    else if (debit.amount !== call.tokens_charged)
      faults.push(`execution ${call.execution_id} was charged differently`);
  }
  const spent = [...debits.values()].reduce((sum, { amount }) => sum + amount, 0);
  if (spent !== wallet.consumed) faults.push(`the ledger spent ${spent}, the wallet ${wallet.consumed}`);
  const open =
    rows.filter(({ kind }) => kind === 'reserve').length -
    new Set(
      rows
        .filter(({ kind }) => ['debit', 'release', 'expiry'].includes(kind))
        .map(({ operation_id }) => operation_id),
    ).size;
  if (open !== 0) faults.push(`${open} reservations never ended`);
  const running = await asOwner(
    stack.ownerUrl,
    `select id from ai_executions where tenant_id = $1 and user_id = $2 and status = 'running'`,
    [client.tenantId, client.userId],
  );
  if (running.length > 0) faults.push(`${running.length} executions still run`);
  return faults;
}

export type KillReport = {
  calls: Record<Call['outcome'], number>;
  /** How often each status was the refusal. */
  refusals: Record<number, number>;
  faults: string[];
};

/**
 * Kills every process of the stack at once, in the middle of load, `kills` times, starting it again on the same data each
 * time; then lets it come to rest and compares what clients were told with the wallets and with Postgres.
 */
export async function killUnderLoad(kills: number, loadMs: () => number): Promise<KillReport> {
  let stack = await startTestStack();
  try {
    await asOwner(stack.ownerUrl, 'update level_token_policies set reservation_lifetime_ms = $1', [
      RESERVATION_LIFETIME_MS,
    ]);
    const users: User[] = [];
    for (let number = 0; number < 3; number++) {
      users.push({ client: await registerSomebody(stack.port, ACME), calls: [] });
    }
    const { port, dataFolder } = stack;
    for (let kill = 0; kill < kills; kill++) {
      const stop = new AbortController();
      const loaded = load(users, stop.signal);
      await sleep(loadMs());
      await stack.kill9();
      stop.abort();
      await loaded;
      stack = await startTestStack({ dataFolder, port });
    }
    const faults = (await Promise.all(users.map((user) => faultsOfUser(stack, user)))).flat();
    const calls = { ok: 0, fail: 0, unknown: 0 };
    const refusals: Record<number, number> = {};
    for (const call of users.flatMap((user) => user.calls)) {
      calls[call.outcome] += 1;
      if (call.outcome === 'fail') refusals[call.status] = (refusals[call.status] ?? 0) + 1;
    }
    return { calls, refusals, faults };
  } finally {
    await stack.stop();
  }
}
