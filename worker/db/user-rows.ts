import { and, eq, type SQL, sql } from 'drizzle-orm';
import type { AnyPgColumn } from 'drizzle-orm/pg-core';
import type { User } from '../../contracts/api/auth.ts';
import type { TokenPolicy, TokenPolicyOverride } from '../../contracts/api/policies.ts';
import { userSummary } from '../../contracts/api/users.ts';
import { pickFields } from '../../contracts/fields.ts';
import type { WalletPolicy } from '../../contracts/wallet-policy.ts';
import type { Database } from './client.ts';
import { levels } from './schema/tenancy.ts';
import { users } from './schema/users.ts';
import { levelTokenPolicies, userTokenPolicies } from './schema/wallets.ts';

/** A timestamp the way JSON carries it. */
export const isoTime = (timestamp: string) => new Date(timestamp).toISOString();

/** What is selected of a user, and of the level they are on, wherever a user is shown. */
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
  created_at: users.created_at,
};

type UserRow = Omit<User, 'level'> & { level_id: string; level_slug: string; level_name: string };

/** A selected row as the API shows it. */
export function presentUser({ level_id, level_slug, level_name, created_at, ...row }: UserRow): User {
  return {
    ...row,
    level: { id: level_id, slug: level_slug, name: level_name },
    created_at: isoTime(created_at),
  };
}

/** The columns of `user` in a row that belongs to a user. Join with {@link belongsToUser}; RLS returns users the caller may see. */
export const userSummaryColumns = pickFields(userSummary, users);

/** Joins a row of another table to the user it belongs to. */
export const belongsToUser = (row: { tenant_id: AnyPgColumn; user_id: AnyPgColumn }) =>
  and(eq(users.tenant_id, row.tenant_id), eq(users.id, row.user_id));

/** Joins a user to the level they are on. */
export const levelOfUser = and(eq(levels.tenant_id, users.tenant_id), eq(levels.id, users.level_id));

/** The fields of a policy, as columns of the table that holds it. */
export const policyColumnsOf = (policies: typeof levelTokenPolicies | typeof userTokenPolicies) => ({
  mode: policies.mode,
  allocation_tokens: policies.allocation_tokens,
  rollover_cap_tokens: policies.rollover_cap_tokens,
  enforcement: policies.enforcement,
  warning_thresholds_percent: policies.warning_thresholds_percent,
  reservation_lifetime_ms: policies.reservation_lifetime_ms,
  in_flight_max: policies.in_flight_max,
});

/** The second up to which the user's sessions are revoked. */
export const signedOutAtS = sql<number | null>`floor(extract(epoch from ${users.signed_out_at}))::float8`;

/**
 * Names a user with their tenant, though RLS would do without: a superadmin's right to see every tenant stands in the
 * policy as an `or`, and with that alone Postgres would read the whole table.
 */
export const isUser = (tenantId: string, userId: string) =>
  and(eq(users.tenant_id, tenantId), eq(users.id, userId));

/** One user with everything their wallet's policy is made of. The row is theirs, or their tenant's to an admin: RLS decides. */
export const selectUserWithPolicy = (database: Database, whom: SQL | undefined) =>
  database
    .select({
      user: userColumns,
      allowed_models: levels.allowed_models,
      signed_out_at_s: signedOutAtS,
      user_status_version: sql<string>`(extract(epoch from ${users.status_changed_at}) * 1000000)::bigint`,
      level_policy: policyColumnsOf(levelTokenPolicies),
      // Drizzle takes an outer-joined object for missing when its first column is null: so a key comes first.
      user_policy: { user_id: userTokenPolicies.user_id, ...policyColumnsOf(userTokenPolicies) },
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
    .leftJoin(
      userTokenPolicies,
      and(eq(userTokenPolicies.tenant_id, users.tenant_id), eq(userTokenPolicies.user_id, users.id)),
    )
    .where(whom);

export type UserWithPolicyRow = Awaited<ReturnType<typeof selectUserWithPolicy>>[number];

/** Lays a user's override over the level's policy, field by field; null inherits. Pure. */
export function effectivePolicy(
  level: TokenPolicyOverride,
  override: TokenPolicyOverride | null,
): TokenPolicy {
  const field = <Name extends keyof TokenPolicy>(name: Name): NonNullable<TokenPolicyOverride[Name]> => {
    const value = override?.[name] ?? level[name];
    if (value === null || value === undefined) throw new Error(`The level's policy lacks ${name}`);
    return value;
  };
  return {
    mode: field('mode'),
    allocation_tokens: field('allocation_tokens'),
    rollover_cap_tokens: field('rollover_cap_tokens'),
    enforcement: field('enforcement'),
    warning_thresholds_percent: field('warning_thresholds_percent'),
    reservation_lifetime_ms: field('reservation_lifetime_ms'),
    in_flight_max: field('in_flight_max'),
  };
}

/** The effective policy of a selected person. */
export const effectiveWalletPolicy = (row: UserWithPolicyRow): WalletPolicy => ({
  ...effectivePolicy(row.level_policy, row.user_policy),
  version: Number(row.policy_version),
});
