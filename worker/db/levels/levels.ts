import { and, asc, eq, gt, type SQL, sql } from 'drizzle-orm';
import { v7 as uuidv7 } from 'uuid';
import type { SessionClaims } from '../../../contracts/api/account/auth.ts';
import type { Level } from '../../../contracts/api/tenant/levels.ts';
import type { TokenPolicy } from '../../../contracts/api/tenant/policies.ts';
import { fail, ok, type Result } from '../../../contracts/result.ts';
import { flagsOf } from '../../../contracts/tenants/level-features.ts';
import type { PolicyField } from '../../../contracts/wallet/policy-update.ts';
import { auditChange } from '../audit.ts';
import {
  callerIsOnLevel,
  callerMayChangeLevel,
  isAdminRole,
  selectCallerRole,
  tenantOfRow,
} from '../authorization.ts';
import type { Database } from '../client.ts';
import { type EnterRefusal, runAsService, runAsUser } from '../context.ts';
import { levels } from '../schema/tenancy.ts';
import { users } from '../schema/users.ts';
import { levelTokenPolicies, userTokenPolicies } from '../schema/wallets.ts';
import {
  isoTime,
  presentUserWithPolicy,
  selectUserWithPolicy,
  type UserWithPolicy,
} from '../users/user-rows.ts';
import {
  effectivePolicy,
  fieldsChangedBy,
  inheritsAnyOf,
  levelPolicyColumns,
  levelPolicyJson,
  NO_OVERRIDE,
  overrideOfUser,
  policyColumnNames,
  policyParameter,
} from './policies.ts';

/** Users of a page, whose wallets receive a changed policy together. */
const PAGE_USERS = 100;

/** A page of a level's users in the order of their IDs. `next` is the last ID when there are more. */
export type UsersOfLevel = { users: UserWithPolicy[]; next: string | null };

const policyOfLevel = and(
  eq(levelTokenPolicies.tenant_id, levels.tenant_id),
  eq(levelTokenPolicies.level_id, levels.id),
);

/** Selects levels with their policy and their number of users. */
export const selectLevels = (database: Database) =>
  database
    .select({
      tenant_id: levels.tenant_id,
      id: levels.id,
      slug: levels.slug,
      name: levels.name,
      is_default: levels.is_default,
      archived_at: levels.archived_at,
      allowed_models: levels.allowed_models,
      features: levels.features,
      default_output_limit: levels.default_output_limit,
      policy: levelPolicyColumns,
      policy_changed_at: levelTokenPolicies.updated_at,
      user_count: sql<number>`(select count(*) from ${users}
        where ${users.tenant_id} = ${levels.tenant_id} and ${users.level_id} = ${levels.id})::float8`,
    })
    .from(levels)
    .innerJoin(levelTokenPolicies, policyOfLevel);

type LevelRow = Awaited<ReturnType<typeof selectLevels>>[number];

/** Converts a row of {@link selectLevels}. */
export function presentLevel(level: LevelRow): Level {
  const { tenant_id: _, policy, policy_changed_at, features, archived_at, ...row } = level;
  return {
    ...row,
    archived_at: archived_at === null ? null : isoTime(archived_at),
    features: flagsOf(features),
    policy: effectivePolicy(policy, NO_OVERRIDE),
    policy_changed_at: isoTime(policy_changed_at),
  };
}

/** The order of levels: archived ones last. */
export const inOrder = [sql`${levels.archived_at} is not null`, asc(levels.position), asc(levels.id)];

/** Lists the levels of the caller's tenant in their order, archived ones last. Admins only. */
export async function listLevels(
  database: Database,
  claims: SessionClaims,
): Promise<Result<Level[], { code: EnterRefusal | 'forbidden' }>> {
  const answer = await runAsUser(database, claims, [
    selectLevels(database)
      .where(eq(levels.tenant_id, claims.tenantId))
      .orderBy(...inOrder),
    selectCallerRole(database),
  ]);
  if (!answer.ok) return answer;
  const [rows, callers] = answer.value;
  return isAdminRole(callers.rows[0]) ? ok(rows.map(presentLevel)) : fail({ code: 'forbidden' });
}

/** A level after a change of its policy, and the users it affects. */
export type ChangedLevel = {
  tenant_id: string;
  level: Level;
  /** The changed fields; empty when the policy is the same as before. */
  fields: PolicyField[];
  /** Number of users whose effective policy changed. */
  affected: number;
  /** The first page of them. */
  first: UsersOfLevel;
};

/** Locks the level's policy. Changes of its users wait for this lock (user-admin.ts), so versions rise in commit order. */
const lockPolicy = (database: Database, levelId: string) =>
  database.execute(sql`select 1 from ${levelTokenPolicies} join ${levels} on ${policyOfLevel}
    where ${callerMayChangeLevel(levelId)} for no key update of ${levelTokenPolicies}`);

const countAffected = (database: Database, levelId: string, auditId: string) =>
  database.execute<{ fields: PolicyField[]; affected: number }>(sql`
    select changed.fields, (select count(*) from ${users} left join ${userTokenPolicies} on ${overrideOfUser}
      where ${users.tenant_id} = ${tenantOfRow(levels, levelId)} and ${users.level_id} = ${levelId}
        and (${inheritsAnyOf(sql`changed.fields`)}))::float8 as affected
    from (select ${fieldsChangedBy(auditId)} as fields) changed`);

/**
 * Users of a level who inherit one of `fields`, a text[], in the order of their IDs. Selects one more than a page, which shows
 * that another page follows.
 */
const selectUsersInheriting = (
  database: Database,
  level: { tenant_id: SQL; level_id: string; fields: SQL; after: string | null },
) =>
  selectUserWithPolicy(
    database,
    and(
      eq(users.tenant_id, level.tenant_id),
      eq(users.level_id, level.level_id),
      level.after === null ? undefined : gt(users.id, level.after),
      inheritsAnyOf(level.fields),
    ),
  )
    .orderBy(asc(users.id))
    .limit(PAGE_USERS + 1);

/** Reasons to refuse a change of a level's policy. */
export type PolicyRefusal = EnterRefusal | 'forbidden' | 'not_found' | 'self_made_changes_off';

/** Sets a level's policy, records the change and returns the affected users, in one round trip. */
export async function saveLevelPolicy(
  database: Database,
  claims: SessionClaims,
  levelId: string,
  policy: TokenPolicy,
  requestId: string,
): Promise<Result<ChangedLevel, { code: PolicyRefusal }>> {
  const auditId = uuidv7();
  const before = levelPolicyJson;
  const after = policyParameter(policy);
  const statements = [
    lockPolicy(database, levelId),
    auditChange(database, {
      id: auditId,
      action: 'level.token_policy_changed',
      target_type: 'level',
      target: levels,
      ...{ before, after },
      rows: sql`from ${levels} join ${levelTokenPolicies} on ${policyOfLevel} where ${callerMayChangeLevel(levelId)}`,
      self: callerIsOnLevel,
      request_id: requestId,
    }),
    database.execute(sql`update ${levelTokenPolicies} set (${policyColumnNames}) = (
        select ${policyColumnNames} from jsonb_populate_record(null::${levelTokenPolicies}, ${after}))
      from ${levels} where ${policyOfLevel} and ${callerMayChangeLevel(levelId)} and ${before} is distinct from ${after}`),
    selectLevels(database).where(callerMayChangeLevel(levelId)),
    countAffected(database, levelId, auditId),
    selectUsersInheriting(database, {
      tenant_id: tenantOfRow(levels, levelId),
      level_id: levelId,
      fields: fieldsChangedBy(auditId),
      after: null,
    }),
    selectCallerRole(database),
  ] as const;
  // Raised by the trigger `refuse_self_made_policy`.
  const answer = await runAsUser(database, claims, statements, { VS022: 'self_made_changes_off' as const });
  if (!answer.ok) return answer;
  const [, , , [row], counts, page, callers] = answer.value;
  if (!isAdminRole(callers.rows[0])) return fail({ code: 'forbidden' });
  const [counted] = counts.rows;
  if (row === undefined || counted === undefined) return fail({ code: 'not_found' });
  return ok({ tenant_id: row.tenant_id, level: presentLevel(row), ...counted, first: pageOfUsers(page) });
}

function pageOfUsers(rows: Awaited<ReturnType<typeof selectUsersInheriting>>): UsersOfLevel {
  const page = rows.slice(0, PAGE_USERS);
  const last = page.at(-1);
  return {
    users: page.map(presentUserWithPolicy),
    next: rows.length > PAGE_USERS && last !== undefined ? last.user.id : null,
  };
}

/** Lists the users of a level after `after_user_id` who inherit one of `fields`, to the service of their tenant. */
export async function listUsersInheriting(
  database: Database,
  level: { tenant_id: string; level_id: string; fields: PolicyField[]; after_user_id: string | null },
): Promise<UsersOfLevel> {
  const answer = await runAsService(database, level.tenant_id, [
    selectUsersInheriting(database, {
      tenant_id: sql`${level.tenant_id}`,
      level_id: level.level_id,
      fields: sql`${`{${level.fields.join(',')}}`}::text[]`,
      after: level.after_user_id,
    }),
  ]);
  return pageOfUsers(answer.ok ? answer.value[0] : []);
}
