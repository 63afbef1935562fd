import { sql } from 'drizzle-orm';
import type { BatchItem } from 'drizzle-orm/batch';
import type { ExecutionOutcome, ExecutionStart, JournalEntry, JournalMessage, WalletIdentity } from '../../contracts/journal.ts';
import { attemptQuery, type Database } from './client.ts';
import { aiExecutions } from './schema/executions.ts';
import { userTokenLedger, userTokenWallets } from './schema/wallets.ts';

type WalletEntry = JournalEntry & WalletIdentity;

/** An `excluded` column, the row that was to be inserted. */
const excluded = (column: string) => sql.raw(`excluded."${column}"`);

function insertLedger(database: Database, entries: WalletEntry[]) {
  const rows = entries.map(({ actor, ...entry }) => ({
    ...entry,
    actor_kind: actor.kind,
    actor_id: actor.id,
    execution_id: entry.execution_start?.id ?? entry.execution_outcome?.id ?? null,
  }));
  return database
    .insert(userTokenLedger)
    .values(rows)
    .onConflictDoNothing({ target: [userTokenLedger.tenant_id, userTokenLedger.user_id, userTokenLedger.seq] });
}

/** The wallet as its newest entry among these left it; an older one never overwrites a newer. */
function upsertWallets(database: Database, entries: WalletEntry[]) {
  const newest = new Map<string, WalletEntry>();
  for (const entry of entries) {
    const known = newest.get(entry.user_id);
    if (known === undefined || known.seq < entry.seq) newest.set(entry.user_id, entry);
  }
  const rows = [...newest.values()].map((entry) => ({
    tenant_id: entry.tenant_id,
    user_id: entry.user_id,
    seq: entry.seq,
    monthly: entry.monthly_after,
    lifetime: entry.lifetime_after,
    reserved: entry.reserved_after,
    overage: entry.overage_after,
    period: entry.period,
    policy_version: entry.policy_version,
  }));
  return database
    .insert(userTokenWallets)
    .values(rows)
    .onConflictDoUpdate({
      target: [userTokenWallets.tenant_id, userTokenWallets.user_id],
      set: {
        seq: excluded('seq'),
        monthly: excluded('monthly'),
        lifetime: excluded('lifetime'),
        reserved: excluded('reserved'),
        overage: excluded('overage'),
        period: excluded('period'),
        policy_version: excluded('policy_version'),
      },
      setWhere: sql`${userTokenWallets.seq} < ${excluded('seq')}`,
    });
}

type Started = WalletEntry & { execution_start: ExecutionStart };
type Ended = WalletEntry & { execution_outcome: ExecutionOutcome };

/** The start fills its own columns, whether or not the outcome is there already; what is there stays. */
function upsertStarts(database: Database, entries: Started[]) {
  const rows = entries.map(({ tenant_id, user_id, amount, execution_start: start }) => ({
    tenant_id,
    user_id,
    id: start.id,
    status: 'running' as const,
    model: start.model,
    api_key_id: start.api_key_id,
    input_tokens_bound: start.input_tokens_bound,
    max_output_tokens: start.max_output_tokens,
    price_version: start.price_version,
    tokens_reserved: amount,
    started_at_ms: start.started_at_ms,
  }));
  return database
    .insert(aiExecutions)
    .values(rows)
    .onConflictDoUpdate({
      target: [aiExecutions.tenant_id, aiExecutions.id],
      set: {
        model: excluded('model'),
        api_key_id: excluded('api_key_id'),
        input_tokens_bound: excluded('input_tokens_bound'),
        max_output_tokens: excluded('max_output_tokens'),
        price_version: sql`coalesce(${aiExecutions.price_version}, ${excluded('price_version')})`,
        tokens_reserved: excluded('tokens_reserved'),
        started_at_ms: excluded('started_at_ms'),
      },
      setWhere: sql`${aiExecutions.started_at_ms} is null`,
    });
}

/** The outcome fills its own columns once; a second delivery changes nothing. */
function upsertOutcomes(database: Database, entries: Ended[]) {
  const rows = entries.map(({ tenant_id, user_id, kind, amount, execution_outcome: outcome }) => ({
    tenant_id,
    user_id,
    id: outcome.id,
    status: outcome.status,
    provider_name: outcome.provider_name,
    provider_model: outcome.provider_model,
    finish_reason: outcome.finish_reason,
    usage: outcome.usage,
    usage_source: outcome.usage_source,
    price_version: outcome.price_version,
    tokens_charged: kind === 'debit' ? amount : 0,
    cost_micro_usd: outcome.cost_micro_usd,
    attempts: outcome.attempts,
    error_code: outcome.error_code,
    finished_at_ms: outcome.finished_at_ms,
  }));
  return database
    .insert(aiExecutions)
    .values(rows)
    .onConflictDoUpdate({
      target: [aiExecutions.tenant_id, aiExecutions.id],
      set: {
        status: excluded('status'),
        provider_name: excluded('provider_name'),
        provider_model: excluded('provider_model'),
        finish_reason: excluded('finish_reason'),
        usage: excluded('usage'),
        usage_source: excluded('usage_source'),
        price_version: sql`coalesce(${excluded('price_version')}, ${aiExecutions.price_version})`,
        tokens_charged: excluded('tokens_charged'),
        cost_micro_usd: excluded('cost_micro_usd'),
        attempts: excluded('attempts'),
        error_code: excluded('error_code'),
        finished_at_ms: excluded('finished_at_ms'),
      },
      setWhere: sql`${aiExecutions.finished_at_ms} is null`,
    });
}

function statementsOfTenant(database: Database, tenantId: string, entries: WalletEntry[]): BatchItem<'pg'>[] {
  const starts = entries.filter((entry): entry is Started => entry.execution_start !== null);
  const outcomes = entries.filter((entry): entry is Ended => entry.execution_outcome !== null);
  return [
    database.execute(sql`select app.enter_service(${tenantId})`),
    insertLedger(database, entries),
    upsertWallets(database, entries),
    ...(starts.length === 0 ? [] : [upsertStarts(database, starts)]),
    ...(outcomes.length === 0 ? [] : [upsertOutcomes(database, outcomes)]),
  ];
}

/** The same entry twice in one statement is an error to `on conflict do update`, and says nothing new. */
function distinctEntries(messages: JournalMessage[]): WalletEntry[] {
  const entries = new Map<string, WalletEntry>();
  for (const { wallet, entries: ofWallet } of messages) {
    for (const entry of ofWallet) entries.set(`${wallet.tenant_id}/${wallet.user_id}/${entry.seq}`, { ...wallet, ...entry });
  }
  return [...entries.values()];
}

/**
 * Writes journal messages of any number of wallets and tenants: one transaction, one round trip, each tenant's rows in its
 * own context. Idempotent and independent of order, so a message may be delivered again or late.
 */
export async function projectJournal(database: Database, messages: JournalMessage[]): Promise<void> {
  const byTenant = Map.groupBy(distinctEntries(messages), (entry) => entry.tenant_id);
  const [first, ...rest] = [...byTenant].flatMap(([tenantId, entries]) => statementsOfTenant(database, tenantId, entries));
  if (first === undefined) return;
  await attemptQuery(() => database.batch([first, ...rest]), {});
}
