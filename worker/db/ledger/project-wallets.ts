import { sql } from 'drizzle-orm';
import type { BatchItem } from 'drizzle-orm/batch';
import { isTenantWallet, type JournalEntry, type WalletIdentity } from '../../../contracts/wallet/journal.ts';
import type { Database } from '../client.ts';
import { insertRows, takeExcluded } from '../insert-rows.ts';
import { tenantLedger, tenantWallets } from '../schema/budgets.ts';
import { userTokenLedger, userTokenWallets } from '../schema/wallets.ts';

/** The projection of wallets and their entries: users' wallets and tenants' wallets have tables of their own. */

export type WalletEntry = JournalEntry & WalletIdentity;

/** The columns that identify the wallet, in the tables of its kind. */
const ownerOf = ({ tenant_id, user_id }: WalletIdentity) => ({ tenant_id, user_id });
const tenantOf = ({ tenant_id }: WalletIdentity) => ({ tenant_id });

const entryColumns = ({ tenant_id: _t, user_id: _u, actor, ...entry }: WalletEntry) => ({
  ...entry,
  // Every row has the same keys, because they are the columns.
  shortfall: entry.shortfall ?? null,
  thresholds_crossed: entry.thresholds_crossed ?? null,
  actor_kind: actor.kind,
  actor_id: actor.id,
  execution_id: entry.execution_start?.id ?? entry.execution_outcome?.id ?? null,
});

const stateColumns = (entry: WalletEntry) => ({
  seq: entry.seq,
  monthly: entry.monthly_after,
  lifetime: entry.lifetime_after,
  reserved: entry.reserved_after,
  overage: entry.overage_after,
  period: entry.period,
  policy_version: entry.policy_version,
});

/** The newest entry of each wallet. Entries ascend by seq, so it is the last. */
const newestOf = (entries: WalletEntry[]): WalletEntry[] => [
  ...new Map(entries.map((entry) => [entry.user_id, entry])).values(),
];

/** Stores each wallet as its newest entry left it. An older entry never overwrites a newer one. */
function projectUserWallets(database: Database, entries: WalletEntry[]): BatchItem<'pg'>[] {
  if (entries.length === 0) return [];
  const ledger = entries.map((entry) => ({ ...ownerOf(entry), ...entryColumns(entry) }));
  const wallets = newestOf(entries).map((entry) => ({ ...ownerOf(entry), ...stateColumns(entry) }));
  return [
    insertRows(database, userTokenLedger, ledger, () => sql`(tenant_id, user_id, seq) do nothing`),
    insertRows(
      database,
      userTokenWallets,
      wallets,
      (columns) => sql`(tenant_id, user_id) do update set ${takeExcluded(columns)}
        where user_token_wallets.seq < excluded.seq`,
    ),
  ];
}

/** The same for the wallet of the tenant. */
function projectTenantWallet(database: Database, entries: WalletEntry[]): BatchItem<'pg'>[] {
  if (entries.length === 0) return [];
  const ledger = entries.map((entry) => ({ ...tenantOf(entry), ...entryColumns(entry) }));
  const wallets = newestOf(entries).map((entry) => ({ ...tenantOf(entry), ...stateColumns(entry) }));
  return [
    insertRows(database, tenantLedger, ledger, () => sql`(tenant_id, seq) do nothing`),
    insertRows(
      database,
      tenantWallets,
      wallets,
      (columns) =>
        sql`(tenant_id) do update set ${takeExcluded(columns)} where tenant_wallets.seq < excluded.seq`,
    ),
  ];
}

/** Stores entries of one tenant, ascending by wallet and seq, and the wallets as they left them. */
export const projectWallets = (database: Database, entries: WalletEntry[]): BatchItem<'pg'>[] => [
  ...projectUserWallets(
    database,
    entries.filter((entry) => !isTenantWallet(entry)),
  ),
  ...projectTenantWallet(database, entries.filter(isTenantWallet)),
];
