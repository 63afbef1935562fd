import { sql } from 'drizzle-orm';
import { check, integer, pgTable, primaryKey, text, timestamp, uuid } from 'drizzle-orm/pg-core';
import {
  both,
  isAdminOrService,
  isService,
  isSuperadmin,
  mayInsert,
  mayRead,
  mayUpdate,
  ofTenant,
  orSuperadmin,
} from './access.ts';
import { amount, amountsInRange } from './columns.ts';
import { tenants } from './tenancy.ts';
import {
  findingsChecks,
  findingsColumns,
  ledgerChecks,
  ledgerColumns,
  walletChecks,
  walletColumns,
} from './wallet-columns.ts';

/**
 * The budget of each tenant. A trigger gives every new tenant a row: prepaid, hard and without a balance, so a tenant spends nothing until
 * a superadmin says how much.
 */
export const tenantBudgets = pgTable(
  'tenant_budgets',
  {
    tenant_id: uuid('tenant_id')
      .primaryKey()
      .references(() => tenants.id),
    mode: text('mode', { enum: ['prepaid', 'monthly'] })
      .notNull()
      .default('prepaid'),
    enforcement: text('enforcement', { enum: ['monitor', 'warn', 'hard'] })
      .notNull()
      .default('hard'),
    /** The limit of each month. Null for a prepaid budget, whose balance is in the tenant's wallet. */
    limit_micro_usd: amount('limit_micro_usd'),
    warning_thresholds_percent: integer('warning_thresholds_percent').array().notNull().default([80, 95]),
    /** The platform's markup on the provider's price, in hundredths of a percent. */
    markup_basis_points: integer('markup_basis_points').notNull().default(0),
    /** The fee for an execution on the tenant's own provider keys. */
    own_key_fee_micro_usd: amount('own_key_fee_micro_usd').notNull().default(0),
    /** The version of the budget. Increases with every change (trigger). Wallets keep the newest. */
    changed_at: timestamp('changed_at', { withTimezone: true, mode: 'string' }).notNull().defaultNow(),
  },
  (t) => [
    check('tenant_budgets_mode_is_known', sql`${t.mode} in ('prepaid', 'monthly')`),
    check('tenant_budgets_enforcement_is_known', sql`${t.enforcement} in ('monitor', 'warn', 'hard')`),
    check(
      'tenant_budgets_months_have_a_limit',
      sql`(${t.mode} = 'monthly') = (${t.limit_micro_usd} is not null)`,
    ),
    check(
      'tenant_budgets_thresholds_are_percent',
      sql`1 <= all (${t.warning_thresholds_percent}) and 100 >= all (${t.warning_thresholds_percent})`,
    ),
    check('tenant_budgets_markup_is_sane', sql`${t.markup_basis_points} between 0 and 1000000`),
    amountsInRange('tenant_budgets_amounts_in_range', t.limit_micro_usd, t.own_key_fee_micro_usd),
    mayRead(
      'Admins see the budget of their tenant',
      orSuperadmin(both(ofTenant(t.tenant_id), isAdminOrService)),
    ),
    mayUpdate('Superadmins set the budgets of tenants', isSuperadmin),
  ],
);

/** The wallet of a tenant as its journal last reported it, in micro-USD. The wallet itself lives in its Durable Object. */
export const tenantWallets = pgTable(
  'tenant_wallets',
  {
    tenant_id: uuid('tenant_id')
      .primaryKey()
      .references(() => tenants.id),
    ...walletColumns(),
  },
  (t) => [
    ...walletChecks('tenant_wallets', t),
    mayRead(
      'Admins see the wallet of their tenant',
      orSuperadmin(both(ofTenant(t.tenant_id), isAdminOrService)),
    ),
    mayInsert("Only the journal writes tenants' wallets", both(ofTenant(t.tenant_id), isService)),
    mayUpdate("Only the journal moves tenants' wallets", both(ofTenant(t.tenant_id), isService)),
  ],
);

/**
 * Every change of every tenant's wallet, in micro-USD, without gaps in seq and chained by hash. Entries are appended and never changed
 * (grants and triggers).
 */
export const tenantLedger = pgTable(
  'tenant_ledger',
  {
    tenant_id: uuid('tenant_id')
      .notNull()
      .references(() => tenants.id),
    ...ledgerColumns(),
  },
  (t) => [
    primaryKey({ columns: [t.tenant_id, t.seq] }),
    ...ledgerChecks('tenant_ledger', t),
    mayRead(
      'Admins see the ledger of their tenant',
      orSuperadmin(both(ofTenant(t.tenant_id), isAdminOrService)),
    ),
    mayInsert("Only the journal writes tenants' ledgers", both(ofTenant(t.tenant_id), isService)),
  ],
);

/** The last check of each tenant's wallet against its ledger. */
export const tenantWalletReconciliations = pgTable(
  'tenant_wallet_reconciliations',
  {
    tenant_id: uuid('tenant_id')
      .primaryKey()
      .references(() => tenants.id),
    ...findingsColumns(),
  },
  (t) => [
    ...findingsChecks('tenant_wallet_reconciliations', t),
    mayRead(
      'Admins see how the wallet of their tenant stands',
      orSuperadmin(both(ofTenant(t.tenant_id), isAdminOrService)),
    ),
    mayInsert(
      "Only the check writes its findings about tenants' wallets",
      both(ofTenant(t.tenant_id), isService),
    ),
    mayUpdate(
      "Only the check replaces its findings about tenants' wallets",
      both(ofTenant(t.tenant_id), isService),
    ),
  ],
);
