import { and, inArray, sql } from 'drizzle-orm';
import { isTenantWallet, type WalletIdentity } from '../../../contracts/wallet/journal.ts';
import type { Database } from '../client.ts';
import { runAsService } from '../context.ts';
import { userTokenLedger } from '../schema/wallets.ts';
import { usageCorrections } from '../usage/usage-sums.ts';
import { upsertExecutions } from './journal.ts';
import { entryOf, fromLedger, ofWallet } from './ledger.ts';

/** Rewrites projections that disagree with the ledger from the ledger's entries. The ledger itself is never changed. */

const PAGE = 200;
const PAGES_MAX = 50;

/**
 * An execution whose row disagrees with the ledger. `known` is false when the ledger has no entry of it; `ended` when it has
 * no end.
 */
type MismatchedExecution = { id: string; ended: boolean | null; known: boolean };

/** Selects executions of a wallet that disagree with its ledger, and the ledger's state of each. */
const selectMismatchedExecutions = (
  database: Database,
  { tenant_id, user_id }: WalletIdentity,
  limit: number,
) =>
  database.execute<MismatchedExecution>(sql`
    select coalesce(e.id, l.execution_id) as id, l.ended, l.execution_id is not null as known
    from (
      select execution_id, bool_or(kind <> 'reserve') as ended,
        coalesce(sum(amount) filter (where kind = 'debit'), 0) as charged
      from user_token_ledger where tenant_id = ${tenant_id} and user_id = ${user_id} and execution_id is not null
      group by execution_id
    ) as l
    full join (
      select id, tokens_charged, finished_at_ms from ai_executions where tenant_id = ${tenant_id} and user_id = ${user_id}
    ) as e on e.id = l.execution_id
    where e.id is null or e.tokens_charged <> coalesce(l.charged, 0)
      or (e.finished_at_ms is null and coalesce(l.ended, true))
    order by 1 limit ${limit}`);

/**
 * Resets executions to their state before the journal reported them. Executions without entries are marked as failed and cost
 * nothing.
 */
const resetExecutions = (
  database: Database,
  { tenant_id, user_id }: WalletIdentity,
  mismatched: MismatchedExecution[],
  nowMs: number,
) =>
  database.execute(sql`
    update ai_executions set tokens_charged = 0,
      status = case when stray.ended then 'running' when not stray.known and status = 'running' then 'failed' else status end,
      started_at_ms = case when stray.ended then null else started_at_ms end,
      finished_at_ms = case when stray.ended then null when stray.known then finished_at_ms
        else coalesce(finished_at_ms, ${nowMs}::bigint) end
    from jsonb_to_recordset(${JSON.stringify(mismatched)}::jsonb) as stray (id uuid, ended boolean, known boolean)
    where ai_executions.tenant_id = ${tenant_id} and user_id = ${user_id} and ai_executions.id = stray.id`);

/** Rewrites the wallet's row from its newest entry in the ledger, even when the row is newer. */
function rewriteWallet(database: Database, wallet: WalletIdentity) {
  const [table, key] = isTenantWallet(wallet)
    ? [sql`tenant_wallets`, sql`tenant_id`]
    : [sql`user_token_wallets`, sql`tenant_id, user_id`];
  return database.execute(sql`
    insert into ${table} (${key}, seq, monthly, lifetime, reserved, overage, period, policy_version)
    select ${key}, seq, monthly_after, lifetime_after, reserved_after, overage_after, period, policy_version
    ${fromLedger(wallet)} order by seq desc limit 1
    on conflict (${key}) do update set seq = excluded.seq, monthly = excluded.monthly,
      lifetime = excluded.lifetime, reserved = excluded.reserved, overage = excluded.overage, period = excluded.period,
      policy_version = excluded.policy_version`);
}

/** Selects the entries of executions. */
const selectEntriesOf = (database: Database, wallet: WalletIdentity, executionIds: string[]) =>
  database
    .select()
    .from(userTokenLedger)
    .where(and(ofWallet(userTokenLedger, wallet), inArray(userTokenLedger.execution_id, executionIds)))
    .orderBy(userTokenLedger.seq);

/** Rewrites one page of mismatched executions. Returns how many there were. */
async function rewriteExecutions(database: Database, wallet: WalletIdentity, nowMs: number): Promise<number> {
  const found = await runAsService(database, wallet.tenant_id, [
    selectMismatchedExecutions(database, wallet, PAGE),
  ]);
  if (!found.ok) throw new Error('The service was refused');
  const mismatched = found.value[0].rows;
  if (mismatched.length === 0) return 0;
  const ids = mismatched.map(({ id }) => id);
  const read = await runAsService(database, wallet.tenant_id, [selectEntriesOf(database, wallet, ids)]);
  if (!read.ok) throw new Error('The service was refused');
  const entries = read.value[0].map((row) => ({ ...wallet, ...entryOf(row) }));
  await runAsService(database, wallet.tenant_id, [
    resetExecutions(database, wallet, mismatched, nowMs),
    ...upsertExecutions(database, entries),
  ]);
  return mismatched.length;
}

/** Rewrites what executions cost their tenant, from the ledgers of its users. Returns how many were changed, a page at most. */
async function rewriteWholesale(database: Database, { tenant_id }: WalletIdentity): Promise<number> {
  const recorded = sql`(l.execution_outcome ->> 'wholesale_micro_usd')::bigint`;
  const answer = await runAsService(database, tenant_id, [
    database.execute(sql`
      update ai_executions set wholesale_micro_usd = stray.recorded
      from (
        select e.id, ${recorded} as recorded from ai_executions e
          join user_token_ledger l on l.tenant_id = e.tenant_id and l.user_id = e.user_id and l.execution_id = e.id
        where e.tenant_id = ${tenant_id} and l.execution_outcome is not null
          and e.wholesale_micro_usd is distinct from ${recorded}
        limit ${PAGE}
      ) as stray
      where ai_executions.tenant_id = ${tenant_id} and ai_executions.id = stray.id`),
  ]);
  if (!answer.ok) throw new Error('The service was refused');
  return answer.value[0].rowCount ?? 0;
}

/** Rewrites the projections of a wallet and its executions wherever they disagree with the ledger. */
export async function rewriteProjections(
  database: Database,
  wallet: WalletIdentity,
  nowMs: number,
): Promise<void> {
  await runAsService(database, wallet.tenant_id, [
    rewriteWallet(database, wallet),
    ...(isTenantWallet(wallet)
      ? usageCorrections(wallet.tenant_id).map((correction) => database.execute(correction))
      : []),
  ]);
  const rewritePage = isTenantWallet(wallet) ? rewriteWholesale : rewriteExecutions;
  for (let page = 0; page < PAGES_MAX; page++)
    if ((await rewritePage(database, wallet, nowMs)) < PAGE) return;
}
