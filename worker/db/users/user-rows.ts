import { and, eq, type SQL, sql } from 'drizzle-orm';
import type { AnyPgColumn } from 'drizzle-orm/pg-core';
import type { User } from '../../../contracts/api/account/auth.ts';
import type { TokenPolicy, TokenPolicyOverride } from '../../../contracts/api/tenant/policies.ts';
import { userSummary } from '../../../contracts/api/tenant/users.ts';
import { pickFields } from '../../../contracts/fields.ts';
import { flagsOf } from '../../../contracts/tenants/level-features.ts';
import type { WalletPolicy } from '../../../contracts/wallet/wallet-policy.ts';
import type { Database } from '../client.ts';
import {
  effectivePolicy,
  levelPolicyColumns,
  NO_OVERRIDE,
  overrideColumns,
  overrideOfUser,
} from '../levels/policies.ts';
import { levels } from '../schema/tenancy.ts';
import { users } from '../schema/users.ts';
import { levelTokenPolicies, userTokenPolicies } from '../schema/wallets.ts';

/** Formats a timestamp of Postgres in ISO 8601. */
export const isoTime = (timestamp: string) => new Date(timestamp).toISOString();

/** The columns of a user and of their level, for every query that returns users. */
export const userColumns = {
  id: users.id,
  tenant_id: users.tenant_id,
  email: users.email,
  name: users.name,
  role: users.role,
  status: users.status,
  level_id: levels.id,
  level_slug: levels.slug,
  level_name: levels.name,
  level_features: levels.features,
  email_verified: sql<boolean>`(${users.email_verified_at} is not null)`,
  allocation_awaits: users.allocation_awaits,
  closed_at: users.closed_at,
  created_at: users.created_at,
};

type UserRow = Omit<User, 'level'> & {
  level_id: string;
  level_slug: string;
  level_name: string;
  level_features: Record<string, boolean>;
};

/** Converts a row of {@link userColumns} to the API's user. */
export function presentUser(user: UserRow): User {
  const { level_id, level_slug, level_name, level_features, closed_at, created_at, ...row } = user;
  return {
    ...row,
    level: { id: level_id, slug: level_slug, name: level_name, features: flagsOf(level_features) },
    closed_at: closed_at === null ? null : isoTime(closed_at),
    created_at: isoTime(created_at),
  };
}

/** The columns of `user` in a row that belongs to a user. Join with {@link belongsToUser}; RLS returns users the caller may see. */
export const userSummaryColumns = pickFields(userSummary, users);

/** Joins a row of another table to the user it belongs to. */
export const belongsToUser = (row: { tenant_id: AnyPgColumn; user_id: AnyPgColumn }) =>
  and(eq(users.tenant_id, row.tenant_id), eq(users.id, row.user_id));

/** Joins a user to their level. */
export const levelOfUser = and(eq(levels.tenant_id, users.tenant_id), eq(levels.id, users.level_id));

/** The second up to which the user's sessions are revoked. */
export const signedOutAtS = sql<number | null>`floor(extract(epoch from ${users.signed_out_at}))::float8`;

/**
 * One user, by tenant and ID. RLS alone would find them too, but its policy for superadmins is an `or`, with which Postgres
 * reads the whole table.
 */
export const isUser = (tenantId: string, userId: string) =>
  and(eq(users.tenant_id, tenantId), eq(users.id, userId));

/** Selects users with every value their wallet depends on. RLS decides which users the caller can see. */
export const selectUserWithPolicy = (database: Database, where: SQL | undefined) =>
  database
    .select({
      user: userColumns,
      allowed_models: levels.allowed_models,
      default_output_limit: levels.default_output_limit,
      signed_out_at_s: signedOutAtS,
      user_status_version: sql<string>`(extract(epoch from ${users.status_changed_at}) * 1000000)::bigint`,
      level_policy: levelPolicyColumns,
      // Drizzle returns null for an outer-joined object whose first column is null, so a key column comes first.
      user_policy: { user_id: userTokenPolicies.user_id, ...overrideColumns },
      policy_version: sql<string>`(extract(epoch from greatest(
        ${levelTokenPolicies.updated_at}, ${userTokenPolicies.updated_at}, ${users.policy_changed_at}
      )) * 1000000)::bigint`,
    })
    .from(users)
    .innerJoin(levels, levelOfUser)
    .innerJoin(
      levelTokenPolicies,
      and(eq(levelTokenPolicies.tenant_id, users.tenant_id), eq(levelTokenPolicies.level_id, users.level_id)),
    )
    .leftJoin(userTokenPolicies, overrideOfUser)
    .where(where);

export type UserWithPolicyRow = Awaited<ReturnType<typeof selectUserWithPolicy>>[number];

/** The policy of a wallet while its user's allocation waits: 0 tokens with a hard limit. */
const NO_ALLOCATION = { allocation_tokens: 0, enforcement: 'hard' } as const;

/** Returns the effective policy of a selected user, with its version. */
export const effectiveWalletPolicy = (row: UserWithPolicyRow): WalletPolicy => ({
  ...effectivePolicy(row.level_policy, row.user_policy ?? NO_OVERRIDE),
  ...(row.user.allocation_awaits === null ? {} : NO_ALLOCATION),
  version: Number(row.policy_version),
});

/** A user with every value their wallet depends on. */
export type UserWithPolicy = {
  user: User;
  level_policy: TokenPolicy;
  override: TokenPolicyOverride;
  /** The override laid over the level's policy. */
  policy: WalletPolicy;
  /** Microseconds since the epoch of the newest change of the user's status. */
  user_status_version: number;
  /** The second up to which sessions are revoked; null when none were. */
  signed_out_at_s: number | null;
};

/** Converts a row of {@link selectUserWithPolicy}. */
export function presentUserWithPolicy(row: UserWithPolicyRow): UserWithPolicy {
  const { user_id: _, ...override } = row.user_policy ?? { user_id: null, ...NO_OVERRIDE };
  return {
    user: presentUser(row.user),
    level_policy: effectivePolicy(row.level_policy, NO_OVERRIDE),
    override,
    policy: effectiveWalletPolicy(row),
    user_status_version: Number(row.user_status_version),
    signed_out_at_s: row.signed_out_at_s,
  };
}
