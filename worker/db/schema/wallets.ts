import { isNotNull, type SQL, sql } from 'drizzle-orm';
import {
  check,
  foreignKey,
  index,
  integer,
  jsonb,
  type PgColumn,
  pgTable,
  primaryKey,
  text,
  timestamp,
  uuid,
} from 'drizzle-orm/pg-core';
import { type TokenPolicy, tokenPolicy } from '../../../contracts/api/policies.ts';
import { fieldNames } from '../../../contracts/fields.ts';
import type { ExecutionOutcome, RecordedStart } from '../../../contracts/journal.ts';
import type { Checkpoint, Difference } from '../../../contracts/reconciliation.ts';
import {
  administered,
  both,
  isAdminOrService,
  isService,
  mayInsert,
  mayRead,
  mayUpdate,
  ofTenant,
  orSuperadmin,
  ownOrAdministered,
} from './access.ts';
import {
  amount,
  amountsInRange,
  createdAt,
  epochMsColumn,
  safeIntegers,
  signedAmountsInRange,
  updatedAt,
} from './columns.ts';
import { levels } from './tenancy.ts';
import { users } from './users.ts';

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
    mayUpdate("Admins set the policies of their tenant's levels", administered(t.tenant_id)),
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
    mayRead("Users see their own override, admins their tenant's", ownOrAdministered(t.tenant_id, t.user_id)),
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
    /** The newest entry this row reflects. It only increases. */
    seq: amount('seq').notNull(),
    monthly: amount('monthly').notNull(),
    lifetime: amount('lifetime').notNull(),
    reserved: amount('reserved').notNull(),
    overage: amount('overage').notNull(),
    period: text('period').notNull(),
    policy_version: amount('policy_version').notNull(),
    updated_at: updatedAt(),
  },
  (t) => [
    primaryKey({ columns: [t.tenant_id, t.user_id] }),
    foreignKey({ columns: [t.tenant_id, t.user_id], foreignColumns: [users.tenant_id, users.id] }),
    amountsInRange(
      'user_token_wallets_amounts_in_range',
      t.seq,
      t.monthly,
      t.lifetime,
      t.reserved,
      t.overage,
    ),
    safeIntegers('user_token_wallets_versions_are_safe', t.policy_version),
    check('user_token_wallets_never_below_zero', sql`${t.monthly} + ${t.lifetime} >= ${t.reserved}`),
    mayRead("Users see their own wallet, admins their tenant's", ownOrAdministered(t.tenant_id, t.user_id)),
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
    seq: amount('seq').notNull(),
    kind: text('kind', {
      enum: ['allocation', 'credit', 'reserve', 'debit', 'release', 'expiry', 'adjustment', 'rollover'],
    }).notNull(),
    operation_id: text('operation_id').notNull(),
    amount: amount('amount').notNull(),
    monthly_delta: amount('monthly_delta').notNull(),
    lifetime_delta: amount('lifetime_delta').notNull(),
    reserved_delta: amount('reserved_delta').notNull(),
    overage: amount('overage').notNull(),
    /** Null in entries without it. */
    shortfall: amount('shortfall'),
    thresholds_crossed: integer('thresholds_crossed').array(),
    monthly_after: amount('monthly_after').notNull(),
    lifetime_after: amount('lifetime_after').notNull(),
    reserved_after: amount('reserved_after').notNull(),
    overage_after: amount('overage_after').notNull(),
    period: text('period').notNull(),
    policy_version: amount('policy_version').notNull(),
    actor_kind: text('actor_kind', { enum: ['user', 'admin', 'superadmin', 'system'] }).notNull(),
    actor_id: uuid('actor_id'),
    reason: text('reason'),
    reference: text('reference'),
    execution_id: uuid('execution_id'),
    /** As the wallet hashed them, so that the hash can be verified. */
    execution_start: jsonb('execution_start').$type<RecordedStart>(),
    execution_outcome: jsonb('execution_outcome').$type<ExecutionOutcome>(),
    at_ms: epochMsColumn('at_ms').notNull(),
    prev_hash: text('prev_hash').notNull(),
    hash: text('hash').notNull(),
    created_at: createdAt(),
  },
  (t) => [
    primaryKey({ columns: [t.tenant_id, t.user_id, t.seq] }),
    // Receipts show the entries of one execution.
    index('user_token_ledger_by_execution')
      .on(t.tenant_id, t.user_id, t.execution_id)
      .where(isNotNull(t.execution_id)),
    foreignKey({ columns: [t.tenant_id, t.user_id], foreignColumns: [users.tenant_id, users.id] }),
    check(
      'user_token_ledger_kind_is_known',
      sql`${t.kind} in ('allocation', 'credit', 'reserve', 'debit', 'release', 'expiry', 'adjustment', 'rollover')`,
    ),
    check(
      'user_token_ledger_starts_with_the_first',
      sql`${t.seq} > 1 or (${t.seq} = 1 and ${t.prev_hash} = repeat('0', 64))`,
    ),
    check(
      'user_token_ledger_hashes_are_sha256',
      sql`${t.hash} ~ '^[0-9a-f]{64}$' and ${t.prev_hash} ~ '^[0-9a-f]{64}$'`,
    ),
    check(
      'user_token_ledger_never_below_zero',
      sql`${t.monthly_after} + ${t.lifetime_after} >= ${t.reserved_after}`,
    ),
    safeIntegers('user_token_ledger_versions_and_times_are_safe', t.policy_version, t.at_ms),
    amountsInRange(
      'user_token_ledger_state_in_range',
      t.seq,
      t.overage,
      t.shortfall,
      t.monthly_after,
      t.lifetime_after,
      t.reserved_after,
      t.overage_after,
    ),
    signedAmountsInRange(
      'user_token_ledger_deltas_in_range',
      t.amount,
      t.monthly_delta,
      t.lifetime_delta,
      t.reserved_delta,
    ),
    mayRead("Users see their own ledger, admins their tenant's", ownOrAdministered(t.tenant_id, t.user_id)),
    mayInsert('Only the journal writes the ledger', both(ofTenant(t.tenant_id), isService)),
  ],
);

/** The last check of each wallet against its ledger and its executions. */
export const walletReconciliations = pgTable(
  'wallet_reconciliations',
  {
    tenant_id: uuid('tenant_id').notNull(),
    user_id: uuid('user_id').notNull(),
    status: text('status', { enum: ['ok', 'behind', 'healing', 'different'] }).notNull(),
    /** The ledger was read up to this entry; the next check continues after it. */
    checkpoint: jsonb('checkpoint').$type<Checkpoint>().notNull(),
    /** The wallet's newest entry at the time of the check. */
    wallet_seq: amount('wallet_seq').notNull(),
    /** Unexplained differences. */
    differences: jsonb('differences').$type<Difference[]>().notNull(),
    /** Differences found before a repair. The ledger contains them permanently. */
    acknowledged: jsonb('acknowledged').$type<Difference[]>().notNull().default([]),
    /** Differences up to this entry were repaired by a compensating entry; 0 without a repair. */
    repaired_through_seq: amount('repaired_through_seq').notNull().default(0),
    /** The wallet as the last repair left it. The entries before it may not add up to it. Null without a repair. */
    repaired_checkpoint: jsonb('repaired_checkpoint').$type<Checkpoint>(),
    checked_at: timestamp('checked_at', { withTimezone: true, mode: 'string' }).notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.tenant_id, t.user_id] }),
    foreignKey({ columns: [t.tenant_id, t.user_id], foreignColumns: [users.tenant_id, users.id] }),
    check(
      'wallet_reconciliations_status_is_known',
      sql`${t.status} in ('ok', 'behind', 'healing', 'different')`,
    ),
    amountsInRange('wallet_reconciliations_seqs_in_range', t.wallet_seq, t.repaired_through_seq),
    mayRead(
      'Admins see how the wallets of their tenant stand',
      orSuperadmin(both(ofTenant(t.tenant_id), isAdminOrService)),
    ),
    mayInsert('Only the check writes its findings', both(ofTenant(t.tenant_id), isService)),
    mayUpdate('Only the check replaces its findings', both(ofTenant(t.tenant_id), isService)),
  ],
);
