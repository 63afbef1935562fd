import { isNotNull, type SQL, sql } from 'drizzle-orm';
import {
  check,
  foreignKey,
  index,
  integer,
  type PgColumn,
  pgTable,
  primaryKey,
  text,
  uuid,
} from 'drizzle-orm/pg-core';
import { type TokenPolicy, tokenPolicy } from '../../../contracts/api/tenant/policies.ts';
import { fieldNames } from '../../../contracts/fields.ts';
import {
  administered,
  both,
  hasScope,
  isAdminOrService,
  isManagementKey,
  isService,
  mayInsert,
  mayRead,
  mayUpdate,
  ofTenant,
  orSuperadmin,
  ownOrAdministered,
} from './access.ts';
import { amount, amountsInRange, updatedAt } from './columns.ts';
import { levels } from './tenancy.ts';
import { users } from './users.ts';
import {
  findingsChecks,
  findingsColumns,
  ledgerChecks,
  ledgerColumns,
  walletChecks,
  walletColumns,
} from './wallet-columns.ts';

/** One column per field of a policy. Nullable, because an override inherits what is null. */
const policyColumns = () =>
  ({
    mode: text('mode', { enum: ['lifetime', 'monthly'] }),
    allocation_tokens: amount('allocation_tokens'),
    rollover_cap_tokens: amount('rollover_cap_tokens'),
    enforcement: text('enforcement', { enum: ['monitor', 'warn', 'hard'] }),
    warning_thresholds_percent: integer('warning_thresholds_percent').array(),
    reservation_lifetime_ms: integer('reservation_lifetime_ms'),
    in_flight_max: integer('in_flight_max'),
  }) satisfies Record<keyof TokenPolicy, unknown>;

type PolicyTable = Record<keyof TokenPolicy, PgColumn>;

const policyChecks = (prefix: string, t: PolicyTable) => [
  check(`${prefix}_mode_is_known`, sql`${t.mode} in ('lifetime', 'monthly')`),
  check(`${prefix}_enforcement_is_known`, sql`${t.enforcement} in ('monitor', 'warn', 'hard')`),
  check(
    `${prefix}_thresholds_are_percent`,
    sql`1 <= all (${t.warning_thresholds_percent}) and 100 >= all (${t.warning_thresholds_percent})`,
  ),
  check(
    `${prefix}_reservation_lifetime_is_sane`,
    sql`${t.reservation_lifetime_ms} between 10000 and 3600000`,
  ),
  check(`${prefix}_in_flight_is_sane`, sql`${t.in_flight_max} between 1 and 10000`),
  amountsInRange(`${prefix}_amounts_in_range`, t.allocation_tokens, t.rollover_cap_tokens),
];

const allOf = (t: PolicyTable): SQL =>
  sql.join(
    fieldNames(tokenPolicy).map((name) => sql`${t[name]}`),
    sql`, `,
  );

/** The token policy of a level. */
export const levelTokenPolicies = pgTable(
  'level_token_policies',
  {
    tenant_id: uuid('tenant_id').notNull(),
    level_id: uuid('level_id').notNull(),
    ...policyColumns(),
    updated_at: updatedAt(),
  },
  (t) => [
    primaryKey({ columns: [t.tenant_id, t.level_id] }),
    foreignKey({ columns: [t.tenant_id, t.level_id], foreignColumns: [levels.tenant_id, levels.id] }),
    check('level_token_policies_are_complete', sql`num_nulls(${allOf(t)}) = 0`),
    ...policyChecks('level_token_policies', t),
    mayRead("Everybody in a tenant sees its levels' policies", orSuperadmin(ofTenant(t.tenant_id))),
    mayInsert("Admins set the policies of their tenant's new levels", administered(t.tenant_id)),
    mayUpdate("Admins set the policies of their tenant's levels", administered(t.tenant_id)),
    mayUpdate(
      'Management keys lock policies and change none',
      both(ofTenant(t.tenant_id), hasScope('users:write')),
      sql`false`,
    ),
  ],
);

/** The override of one user, field by field; null inherits from the level. A cleared override is a row of nulls. */
export const userTokenPolicies = pgTable(
  'user_token_policies',
  {
    tenant_id: uuid('tenant_id').notNull(),
    user_id: uuid('user_id').notNull(),
    ...policyColumns(),
    updated_at: updatedAt(),
  },
  (t) => [
    primaryKey({ columns: [t.tenant_id, t.user_id] }),
    foreignKey({ columns: [t.tenant_id, t.user_id], foreignColumns: [users.tenant_id, users.id] }),
    ...policyChecks('user_token_policies', t),
    mayRead(
      "Users see their own override, admins their tenant's",
      ownOrAdministered(t.tenant_id, t.user_id, isManagementKey),
    ),
    mayInsert("Admins override for their tenant's users", administered(t.tenant_id)),
    mayUpdate("Admins change the overrides of their tenant's users", administered(t.tenant_id)),
  ],
);

/** The wallet as its journal last reported it. The wallet itself lives in its Durable Object. */
export const userTokenWallets = pgTable(
  'user_token_wallets',
  {
    tenant_id: uuid('tenant_id').notNull(),
    user_id: uuid('user_id').notNull(),
    ...walletColumns(),
  },
  (t) => [
    primaryKey({ columns: [t.tenant_id, t.user_id] }),
    foreignKey({ columns: [t.tenant_id, t.user_id], foreignColumns: [users.tenant_id, users.id] }),
    ...walletChecks('user_token_wallets', t),
    mayRead(
      "Users see their own wallet, admins their tenant's",
      ownOrAdministered(t.tenant_id, t.user_id, hasScope('users:read'), hasScope('usage:read')),
    ),
    mayInsert('Only the journal writes wallets', both(ofTenant(t.tenant_id), isService)),
    mayUpdate('Only the journal moves wallets', both(ofTenant(t.tenant_id), isService)),
  ],
);

/**
 * Every change of every wallet, without gaps in seq and chained by hash. Entries are appended and never changed (grants and
 * triggers).
 */
export const userTokenLedger = pgTable(
  'user_token_ledger',
  {
    tenant_id: uuid('tenant_id').notNull(),
    user_id: uuid('user_id').notNull(),
    ...ledgerColumns(),
  },
  (t) => [
    primaryKey({ columns: [t.tenant_id, t.user_id, t.seq] }),
    // Receipts show the entries of one execution.
    index('user_token_ledger_by_execution')
      .on(t.tenant_id, t.user_id, t.execution_id)
      .where(isNotNull(t.execution_id)),
    foreignKey({ columns: [t.tenant_id, t.user_id], foreignColumns: [users.tenant_id, users.id] }),
    ...ledgerChecks('user_token_ledger', t),
    mayRead(
      "Users see their own ledger, admins their tenant's",
      ownOrAdministered(t.tenant_id, t.user_id, hasScope('usage:read')),
    ),
    mayInsert('Only the journal writes the ledger', both(ofTenant(t.tenant_id), isService)),
  ],
);

/** The last check of each wallet against its ledger and its executions. */
export const walletReconciliations = pgTable(
  'wallet_reconciliations',
  {
    tenant_id: uuid('tenant_id').notNull(),
    user_id: uuid('user_id').notNull(),
    ...findingsColumns(),
  },
  (t) => [
    primaryKey({ columns: [t.tenant_id, t.user_id] }),
    foreignKey({ columns: [t.tenant_id, t.user_id], foreignColumns: [users.tenant_id, users.id] }),
    ...findingsChecks('wallet_reconciliations', t),
    index('wallet_reconciliations_different')
      .on(t.tenant_id, t.user_id)
      .where(sql`${t.status} = 'different'`),
    mayRead(
      'Admins see how the wallets of their tenant stand',
      orSuperadmin(both(ofTenant(t.tenant_id), isAdminOrService)),
    ),
    mayInsert('Only the check writes its findings', both(ofTenant(t.tenant_id), isService)),
    mayUpdate('Only the check replaces its findings', both(ofTenant(t.tenant_id), isService)),
  ],
);
