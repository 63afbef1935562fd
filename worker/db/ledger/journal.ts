import { type SQL, sql } from 'drizzle-orm';
import type { BatchItem } from 'drizzle-orm/batch';
import { ok, type Result } from '../../../contracts/result.ts';
import {
  type ExecutionOutcome,
  isTenantWallet,
  type JournalMessage,
  type RecordedStart,
} from '../../../contracts/wallet/journal.ts';
import { newsOfEntries } from '../alerts/news.ts';
import { type Told, tellStatements, toldOf } from '../alerts/tell.ts';
import { attemptQuery, type Database } from '../client.ts';
import { enterAsService } from '../context.ts';
import { insertRows } from '../insert-rows.ts';
import { aiExecutions } from '../schema/executions.ts';
import { apiKeys } from '../schema/users.ts';
import { projectWallets, type WalletEntry } from './project-wallets.ts';

type NewExecution = typeof aiExecutions.$inferInsert;

/** Columns that an execution's start fills, and those that its outcome fills. Both fill `price_version` and `model`. */
const startColumns = [
  'task',
  'routing',
  'api_key_id',
  'level_id',
  'input_tokens_bound',
  'max_output_tokens',
  'tokens_reserved',
  'shortfall',
  'started_at_ms',
] as const satisfies (keyof NewExecution)[];
const outcomeColumns = [
  'status',
  'provider_name',
  'provider_model',
  'finish_reason',
  'usage',
  'usage_source',
  'price',
  'tokens_charged',
  'cost_micro_usd',
  'wholesale_micro_usd',
  'response_cache',
  'first_token_ms',
  'attempts',
  'error_code',
  'finished_at_ms',
] as const satisfies (keyof NewExecution)[];
const executionColumns = [
  'tenant_id',
  'user_id',
  'id',
  'price_version',
  'model',
  ...startColumns,
  ...outcomeColumns,
];

const startOf = (start: RecordedStart, { amount, shortfall }: WalletEntry): Partial<NewExecution> => ({
  task: start.task ?? 'chat',
  model: start.model,
  routing: start.routing ?? null,
  api_key_id: start.api_key_id,
  level_id: start.level_id ?? null,
  input_tokens_bound: start.input_tokens_bound,
  max_output_tokens: start.max_output_tokens,
  price_version: start.price_version,
  tokens_reserved: amount,
  shortfall: shortfall ?? null,
  started_at_ms: start.started_at_ms,
});

/** Only a settlement charges; every other outcome released the tokens. */
const outcomeOf = (
  { price_version, ...outcome }: ExecutionOutcome,
  { kind, amount }: WalletEntry,
): Partial<NewExecution> => ({
  ...outcome,
  ...(price_version === null ? {} : { price_version }),
  tokens_charged: kind === 'debit' ? amount : 0,
});

/** Returns a row for each execution that starts or ends in `entries`. Entries ascend by seq, so a start comes before its outcome. */
function executionRows(entries: WalletEntry[]): NewExecution[] {
  const rows = new Map<string, NewExecution>();
  for (const entry of entries) {
    const { tenant_id, user_id, execution_start: start, execution_outcome: outcome } = entry;
    const id = start?.id ?? outcome?.id;
    if (id === undefined) continue;
    const key = `${user_id}/${id}`;
    const row = rows.get(key) ?? {
      ...{ tenant_id, user_id, id, task: 'chat', status: 'running' },
      ...{ tokens_charged: 0, cost_micro_usd: 0, attempts: [] },
    };
    if (start !== null) Object.assign(row, startOf(start, entry));
    if (outcome !== null) Object.assign(row, outcomeOf(outcome, entry));
    rows.set(key, row);
  }
  return [...rows.values()];
}

/** `a = case when <condition> then excluded.a else ai_executions.a end, ...` */
const takeExcludedWhen = (condition: SQL, columns: readonly string[]) =>
  sql.join(
    columns.map(
      (column) => sql`${sql.identifier(column)} = case when ${condition}
        then excluded.${sql.identifier(column)} else ai_executions.${sql.identifier(column)} end`,
    ),
    sql`, `,
  );

const startArrives = sql`(ai_executions.started_at_ms is null and excluded.started_at_ms is not null)`;
const outcomeArrives = sql`(ai_executions.finished_at_ms is null and excluded.finished_at_ms is not null)`;

/** The value of the outcome, if it names one, else that of the start. */
const takeLatest = (name: 'price_version' | 'model') => {
  const column = sql.identifier(name);
  return sql`${column} = case when ${outcomeArrives} then coalesce(excluded.${column}, ai_executions.${column})
        else coalesce(ai_executions.${column}, excluded.${column}) end`;
};

/**
 * Fills the columns of executions' starts and those of their outcomes, each once, together or in either order. The outcome's
 * price version and model win.
 */
export function upsertExecutions(database: Database, entries: WalletEntry[]): BatchItem<'pg'>[] {
  const rows = executionRows(entries);
  if (rows.length === 0) return [];
  const fillOnce = () => sql`(tenant_id, id) do update set
      ${takeExcludedWhen(startArrives, startColumns)}, ${takeExcludedWhen(outcomeArrives, outcomeColumns)},
      ${takeLatest('price_version')}, ${takeLatest('model')}
    where ai_executions.user_id = excluded.user_id and (${startArrives} or ${outcomeArrives})`;
  return [insertRows(database, aiExecutions, rows, fillOnce, executionColumns)];
}

/** Records when keys were last used, to the minute. A key whose row is locked at this moment is recorded with its next use. */
function recordKeyUse(database: Database, tenantId: string, entries: WalletEntry[]): BatchItem<'pg'>[] {
  const used = new Map<string, number>();
  for (const { execution_start: start } of entries) {
    if (start !== null && start.api_key_id !== null)
      used.set(start.api_key_id, Math.max(start.started_at_ms, used.get(start.api_key_id) ?? 0));
  }
  if (used.size === 0) return [];
  const rows = JSON.stringify([...used].map(([id, at_ms]) => ({ id, at_ms })));
  return [
    database.execute(sql`with used as (
        select key.id, to_timestamp(row.at_ms / 1000.0) as at
        from jsonb_to_recordset(${rows}::jsonb) as row (id uuid, at_ms float8)
        join ${apiKeys} key on key.tenant_id = ${tenantId} and key.id = row.id
        where key.last_used_at is null or key.last_used_at + interval '1 minute' <= to_timestamp(row.at_ms / 1000.0)
        for no key update of key skip locked)
      update ${apiKeys} set last_used_at = used.at from used
      where ${apiKeys.tenant_id} = ${tenantId} and ${apiKeys.id} = used.id`),
  ];
}

/** The statements of one tenant. If they tell something, the last one selects what. */
function statementsOfTenant(
  database: Database,
  tenantId: string,
  entries: WalletEntry[],
): { tenantId: string; statements: BatchItem<'pg'>[]; tells: boolean } {
  const ofUsers = entries.filter((entry) => !isTenantWallet(entry));
  const { statements, tells } = tellStatements(database, tenantId, newsOfEntries(entries));
  return {
    ...{ tenantId, tells },
    statements: [
      enterAsService(database, tenantId),
      ...projectWallets(database, entries),
      ...upsertExecutions(database, ofUsers),
      ...recordKeyUse(database, tenantId, ofUsers),
      ...statements,
    ],
  };
}

const compare = <Value extends string | number>(a: Value, b: Value) => (a < b ? -1 : a > b ? 1 : 0);

/**
 * Returns each entry once, in a fixed order. The same row twice in one statement is an error in `do update`, and consumers
 * that lock rows in different orders deadlock.
 */
function distinctEntries(messages: JournalMessage[]): WalletEntry[] {
  const entries = new Map<string, WalletEntry>();
  for (const { wallet, entries: ofWallet } of messages) {
    for (const entry of ofWallet) {
      entries.set(`${wallet.tenant_id}/${wallet.user_id}/${entry.seq}`, { ...wallet, ...entry });
    }
  }
  return [...entries.values()].sort(
    (a, b) => compare(a.tenant_id, b.tenant_id) || compare(a.user_id, b.user_id) || compare(a.seq, b.seq),
  );
}

/**
 * Reasons for Postgres to refuse an entry: there is no such tenant or user, or the ledger has another entry with the same number.
 */
const journalRefusals = { '23503': 'journal_wallet_unknown', VS003: 'journal_forked' } as const;
export type JournalRefusal = (typeof journalRefusals)[keyof typeof journalRefusals];

/**
 * Writes journal messages of any number of wallets and tenants in one transaction and one round trip, each tenant's rows in
 * its own context, with the alerts and events that they bring. Idempotent and independent of order, so messages may be repeated or late.
 * When one entry is refused, nothing is written. Returns what is to be told now.
 */
export async function projectJournal(
  database: Database,
  messages: JournalMessage[],
): Promise<Result<Told[], { code: JournalRefusal }>> {
  const byTenant = Map.groupBy(distinctEntries(messages), (entry) => entry.tenant_id);
  const parts = [...byTenant].map(([tenantId, entries]) => statementsOfTenant(database, tenantId, entries));
  const [first, ...rest] = parts.flatMap(({ statements }) => statements);
  if (first === undefined) return ok([]);
  const answer = await attemptQuery<unknown[], JournalRefusal>(
    () => database.batch([first, ...rest]),
    journalRefusals,
  );
  if (!answer.ok) return answer;
  let end = 0;
  return ok(
    parts.flatMap(({ tenantId, statements, tells }) => {
      end += statements.length;
      const told = tells ? toldOf(tenantId, answer.value[end - 1]) : null;
      return told === null ? [] : [told];
    }),
  );
}
