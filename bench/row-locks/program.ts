import pg from 'pg';

/**
 * Wallets as rows of Postgres, in a process of its own: a reserve locks the row, checks and changes it, and appends to a ledger; a
 * settle does so again. Gets a {@link RowLockLoad} as a message and answers with a {@link PairsResult}.
 */
export type RowLockLoad = {
  url: string;
  callers: number;
  duration_ms: number;
  /** `transaction`: four round trips, as an application writes it. `statement`: all in one, the fastest that Postgres offers. */
  style: 'transaction' | 'statement';
};

/** The duration of each pair in milliseconds, and of all of them together in seconds. */
export type PairsResult = { durations: number[]; seconds: number };

const takeReserve = `update bench.wallets set available = available - $3, reserved = reserved + $3
  where tenant_id = $1 and user_id = $2 and available >= $3`;
const takeSettle = `update bench.wallets set available = available + $4, reserved = reserved - $3
  where tenant_id = $1 and user_id = $2 and reserved >= $3`;
const append = `insert into bench.ledger (tenant_id, user_id, kind, amount, execution) values ($1, $2, $3, $4, $5)`;
const inOne = (
  update: string,
  kind: string,
  amount: string,
) => `with changed as (${update} returning tenant_id, user_id)
  insert into bench.ledger (tenant_id, user_id, kind, amount, execution)
  select tenant_id, user_id, '${kind}', ${amount}::bigint, $5::jsonb from changed`;

const TENANT = '00000000-0000-7000-8000-0000000000aa';
const USER = '00000000-0000-7000-8000-0000000000bb';
const RESERVED = 1_000;
const SETTLED = 700;

type Step = { kind: 'reserve' | 'debit'; update: string; values: number[]; amount: number };
const steps: Step[] = [
  { kind: 'reserve', update: takeReserve, values: [RESERVED], amount: RESERVED },
  { kind: 'debit', update: takeSettle, values: [RESERVED, RESERVED - SETTLED], amount: SETTLED },
];

const execution = (id: string) =>
  JSON.stringify({ id, model: 'bench', status: 'succeeded', cost_micro_usd: 100 });

async function runTransaction(client: pg.PoolClient, { kind, update, values, amount }: Step, id: string) {
  await client.query('begin');
  const changed = await client.query({
    name: `take-${kind}`,
    text: update,
    values: [TENANT, USER, ...values],
  });
  if (changed.rowCount !== 1) throw new Error('The balance is too low');
  await client.query({ name: 'append', text: append, values: [TENANT, USER, kind, amount, execution(id)] });
  await client.query('commit');
}

async function runStatement(client: pg.PoolClient, { kind, update, amount }: Step, id: string) {
  const text = inOne(update.replaceAll('$4', String(RESERVED - SETTLED)), kind, '$4');
  const values = [TENANT, USER, RESERVED, amount, execution(id)];
  const changed = await client.query({ name: `one-${kind}`, text, values });
  if (changed.rowCount !== 1) throw new Error('The balance is too low');
}

async function prepare(pool: pg.Pool): Promise<void> {
  await pool.query(`create schema if not exists bench;
    create table if not exists bench.wallets (tenant_id uuid, user_id uuid, available bigint not null, reserved bigint not null,
      primary key (tenant_id, user_id), check (available >= 0 and reserved >= 0));
    create table if not exists bench.ledger (seq bigint generated always as identity, tenant_id uuid not null, user_id uuid not null,
      kind text not null, amount bigint not null, execution jsonb not null, at timestamptz not null default now(),
      primary key (tenant_id, user_id, seq));
    insert into bench.wallets values ('${TENANT}', '${USER}', ${2 ** 49}, 0) on conflict do nothing`);
}

async function run({ url, callers, duration_ms, style }: RowLockLoad): Promise<PairsResult> {
  const pool = new pg.Pool({ connectionString: url, max: callers });
  await prepare(pool);
  const clients = await Promise.all(Array.from({ length: callers }, () => pool.connect()));
  const durations: number[] = [];
  const begunMs = performance.now();
  const runStep = style === 'transaction' ? runTransaction : runStatement;
  await Promise.all(
    clients.map(async (client) => {
      while (performance.now() < begunMs + duration_ms) {
        const startedMs = performance.now();
        const id = crypto.randomUUID();
        for (const step of steps) await runStep(client, step, id);
        durations.push(performance.now() - startedMs);
      }
    }),
  );
  const seconds = (performance.now() - begunMs) / 1_000;
  for (const client of clients) client.release();
  await pool.end();
  return { durations, seconds };
}

process.on('message', (load: RowLockLoad) => {
  run(load).then(
    (result) => process.send?.(result),
    (error) => {
      console.error(error);
      process.exit(1);
    },
  );
});
process.once('disconnect', () => process.exit(0));
