import { eq, lte, type SQL, sql } from 'drizzle-orm';
import { v7 as uuidv7 } from 'uuid';
import { isTenantWallet, type JournalEntry, type WalletIdentity } from '../../../contracts/wallet/journal.ts';
import { eventOfAlert } from '../../../contracts/webhooks/event.ts';
import type { News } from '../alerts/news.ts';
import { type Told, tellStatements, toldOf } from '../alerts/tell.ts';
import type { Database } from '../client.ts';
import { runAsService } from '../context.ts';
import { tenantWalletReconciliations, tenantWallets } from '../schema/budgets.ts';
import { aiExecutions } from '../schema/executions.ts';
import { userTokenWallets, walletReconciliations } from '../schema/wallets.ts';
import { selectTenantWithBudget, type TenantWithBudget, tenantWithBudget } from '../tenants/budgets.ts';
import { usageJson } from '../usage/usage-sums.ts';
import {
  isUser,
  presentUserWithPolicy,
  selectUserWithPolicy,
  type UserWithPolicy,
} from '../users/user-rows.ts';
import { entryOf, fromLedger, ofWallet, selectEntries } from './ledger.ts';

/** Everything that Postgres stores about one wallet, a user's or a tenant's, for its check. */

/** The stored result of a wallet's last check. */
export type Findings = Omit<typeof walletReconciliations.$inferSelect, 'tenant_id' | 'user_id'>;

/** Executions and the ends of their leases reach Postgres in different messages. Those from before this time have all arrived. */
const settledMs = sql`(extract(epoch from now() - interval '1 hour') * 1000)::bigint`;
/** Debits of leases whose executions ended before that time, although clocks differ. */
const settledDebitsMs = sql`(${settledMs} - 60000)`;

/** The state of a wallet in Postgres at one moment: its ledger, and the rows projected from it. */
export type Projection = {
  ledger: {
    entries: number;
    newest_seq: number;
    /** Sum of the debits. */
    charged: number;
    /** Executions or leases that started and did not end. */
    open: number;
    monthly: number;
    lifetime: number;
    reserved: number;
    overage: number;
  };
  /** The executions of a user; null for a tenant's wallet. */
  executions: { charged: number; open: number } | null;
  /** The cost of a tenant's executions to it; null for a user's wallet. `settled`: those of an hour ago or earlier. */
  wholesale: { charged: number; settled: number; settled_debits: number } | null;
  /** The rows of a tenant's usage, by day and by hour, and those that are the sum of its executions; null for a user's wallet. */
  usage: { rows: number; agreeing: number } | null;
  /** Null without a row. */
  wallet: { seq: number; monthly: number; lifetime: number; reserved: number; overage: number } | null;
};

/** The sums of a wallet's entries, as a jsonb object. */
const ledgerJson = (wallet: WalletIdentity): SQL => sql`(
  select jsonb_build_object(
    'entries', count(*), 'newest_seq', coalesce(max(seq), 0),
    'charged', coalesce(sum(amount) filter (where kind = 'debit'), 0),
    'open', count(*) filter (where kind = 'reserve') - count(*) filter (where kind in ('debit', 'release', 'expiry')),
    'monthly', coalesce((select monthly_after from newest), 0),
    'lifetime', coalesce((select lifetime_after from newest), 0),
    'reserved', coalesce((select reserved_after from newest), 0),
    'overage', coalesce((select overage_after from newest), 0)
  ) ${fromLedger(wallet)})`;

const executionsJson = (wallet: WalletIdentity): SQL => sql`(
  select jsonb_build_object(
    'charged', coalesce(sum(tokens_charged), 0), 'open', count(*) filter (where finished_at_ms is null)
  ) from ${aiExecutions} where ${ofWallet(aiExecutions, wallet)})`;

const wholesaleJson = (wallet: WalletIdentity): SQL => sql`(
  select jsonb_build_object(
    'charged', coalesce(sum(wholesale_micro_usd), 0),
    'settled', coalesce(sum(wholesale_micro_usd) filter (where finished_at_ms <= ${settledMs}), 0),
    'settled_debits', (select coalesce(sum(amount), 0) ${fromLedger(wallet)} and kind = 'debit' and at_ms <= ${settledDebitsMs})
  ) from ${aiExecutions} where ${eq(aiExecutions.tenant_id, wallet.tenant_id)})`;

const walletJson = (wallet: WalletIdentity): SQL => sql`(
  select jsonb_build_object(
    'seq', seq, 'monthly', monthly, 'lifetime', lifetime, 'reserved', reserved, 'overage', overage
  ) ${
    isTenantWallet(wallet)
      ? sql`from ${tenantWallets} where ${eq(tenantWallets.tenant_id, wallet.tenant_id)}`
      : sql`from ${userTokenWallets} where ${ofWallet(userTokenWallets, wallet)}`
  })`;

/**
 * Reads the projection in one statement, and so at one moment: the journal's consumer writes ledger and projections together.
 */
const selectProjection = (database: Database, wallet: WalletIdentity) =>
  database.execute<{ projection: Projection }>(sql`
    with newest as (
      select monthly_after, lifetime_after, reserved_after, overage_after ${fromLedger(wallet)} order by seq desc limit 1
    )
    select jsonb_build_object(
      'ledger', ${ledgerJson(wallet)},
      'executions', ${isTenantWallet(wallet) ? sql`null` : executionsJson(wallet)},
      'wholesale', ${isTenantWallet(wallet) ? wholesaleJson(wallet) : sql`null`},
      'usage', ${isTenantWallet(wallet) ? usageJson(wallet.tenant_id) : sql`null`},
      'wallet', ${walletJson(wallet)}
    ) as projection`);

/** The owner of a wallet, with every value that the wallet depends on. */
export type WalletOwnerRecord =
  | { kind: 'user'; user: UserWithPolicy }
  | { kind: 'tenant'; tenant: TenantWithBudget };

/** Everything Postgres stores about one wallet. */
export type WalletRecords = {
  owner: WalletOwnerRecord;
  previous: Findings | null;
  projection: Projection;
  entries: JournalEntry[];
};

/** The first page of entries: those after the last checkpoint or, with `full`, from the first. */
type FirstPage = { full: boolean; last_seq: number; limit: number };

const isOfTenant = ({ tenant_id }: WalletIdentity) => eq(tenantWalletReconciliations.tenant_id, tenant_id);

async function readUserRecords(
  database: Database,
  wallet: WalletIdentity,
  { full, ...page }: FirstPage,
): Promise<WalletRecords | null> {
  const after_seq = sql`coalesce((select (checkpoint ->> 'seq')::bigint from ${walletReconciliations}
    where ${ofWallet(walletReconciliations, wallet)}), 0)`;
  const answer = await runAsService(database, wallet.tenant_id, [
    selectUserWithPolicy(database, isUser(wallet.tenant_id, wallet.user_id)),
    database.select().from(walletReconciliations).where(ofWallet(walletReconciliations, wallet)),
    selectProjection(database, wallet),
    selectEntries(database, wallet, { ...page, after_seq: full ? 0 : after_seq }),
  ]);
  if (!answer.ok) throw new Error('The service was refused');
  const [[user], [previous = null], { rows }, entries] = answer.value;
  const [row] = rows;
  if (user === undefined || row === undefined) return null;
  return {
    owner: { kind: 'user', user: presentUserWithPolicy(user) },
    previous,
    projection: row.projection,
    entries: entries.map(entryOf),
  };
}

async function readTenantRecords(
  database: Database,
  wallet: WalletIdentity,
  { full, ...page }: FirstPage,
): Promise<WalletRecords | null> {
  const after_seq = sql`coalesce((select (checkpoint ->> 'seq')::bigint from ${tenantWalletReconciliations}
    where ${isOfTenant(wallet)}), 0)`;
  const answer = await runAsService(database, wallet.tenant_id, [
    selectTenantWithBudget(database, wallet.tenant_id),
    database.select().from(tenantWalletReconciliations).where(isOfTenant(wallet)),
    selectProjection(database, wallet),
    selectEntries(database, wallet, { ...page, after_seq: full ? 0 : after_seq }),
  ]);
  if (!answer.ok) throw new Error('The service was refused');
  const [[tenant], [previous = null], { rows }, entries] = answer.value;
  const [row] = rows;
  if (tenant === undefined || row === undefined) return null;
  return {
    owner: { kind: 'tenant', tenant: tenantWithBudget(tenant) },
    previous,
    projection: row.projection,
    entries: entries.map(entryOf),
  };
}

/** Reads the records of one wallet in one round trip. Returns null when there is no such user or tenant. */
export const readWalletRecords = (
  database: Database,
  wallet: WalletIdentity,
  page: FirstPage,
): Promise<WalletRecords | null> =>
  isTenantWallet(wallet)
    ? readTenantRecords(database, wallet, page)
    : readUserRecords(database, wallet, page);

const upsertUserFindings = (database: Database, wallet: WalletIdentity, findings: Findings) =>
  database
    .insert(walletReconciliations)
    .values({ ...wallet, ...findings })
    .onConflictDoUpdate({
      target: [walletReconciliations.tenant_id, walletReconciliations.user_id],
      set: findings,
      setWhere: lte(walletReconciliations.repaired_through_seq, findings.repaired_through_seq),
    });

const upsertTenantFindings = (database: Database, { tenant_id }: WalletIdentity, findings: Findings) =>
  database
    .insert(tenantWalletReconciliations)
    .values({ tenant_id, ...findings })
    .onConflictDoUpdate({
      target: tenantWalletReconciliations.tenant_id,
      set: findings,
      setWhere: lte(tenantWalletReconciliations.repaired_through_seq, findings.repaired_through_seq),
    });

/** Returns the news of a result: that a difference is there, or has gone. `before` is the status of the check before. Pure. */
function newsOfFindings(
  { tenant_id, user_id }: WalletIdentity,
  { status, differences, checked_at }: Findings,
  before: Findings['status'],
): News {
  const cause = { kind: 'difference', subject: user_id, threshold: 0 } as const;
  if (status === 'ok') return { candidates: [], ended: before === 'ok' ? [] : [{ ...cause, seq: null }] };
  if (status !== 'different') return { candidates: [], ended: [] };
  const data = {
    user_id: tenant_id === user_id ? null : user_id,
    differences: [...new Set(differences.map(({ kind }) => kind))].sort(),
  };
  const about = {
    ...{ id: uuidv7(), type: eventOfAlert.difference, at_ms: Date.parse(checked_at) },
    data,
    cause,
  };
  return { candidates: [{ ...about, seq: null, execution_id: null }], ended: [] };
}

/**
 * Stores the result of a check, with the alert that it opens or ends. A check that began before a repair does not overwrite the repair's
 * result. `before` is the status of the check before. Returns what is to be told.
 */
export async function saveFindings(
  database: Database,
  wallet: WalletIdentity,
  findings: Findings,
  before: Findings['status'] = 'ok',
): Promise<Told | null> {
  const upsert = isTenantWallet(wallet)
    ? upsertTenantFindings(database, wallet, findings)
    : upsertUserFindings(database, wallet, findings);
  const news = tellStatements(database, wallet.tenant_id, newsOfFindings(wallet, findings, before));
  const answer = await runAsService(database, wallet.tenant_id, [upsert, ...news.statements]);
  if (!answer.ok) throw new Error('The service was refused');
  return news.tells ? toldOf(wallet.tenant_id, answer.value.at(-1)) : null;
}
