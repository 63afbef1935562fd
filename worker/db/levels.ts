import { and, asc, eq, gt, type SQL, sql } from 'drizzle-orm';
import { v7 as uuidv7 } from 'uuid';
import type { SessionClaims } from '../../contracts/api/auth.ts';
import type { Level, LevelPatch, TokenPolicy } from '../../contracts/api/policies.ts';
import type { PolicyField } from '../../contracts/policy-update.ts';
import { fail, ok, type Result } from '../../contracts/result.ts';
import { auditChange } from './audit.ts';
import { callerMayChangeLevel, isAdminRole, selectCallerRole, tenantOfRow } from './authorization.ts';
import type { Database } from './client.ts';
import { type EnterRefusal, runAsService, runAsUser } from './context.ts';
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
import { levels } from './schema/tenancy.ts';
import { users } from './schema/users.ts';
import { levelTokenPolicies, userTokenPolicies } from './schema/wallets.ts';
import { isoTime, presentUserWithPolicy, selectUserWithPolicy, type UserWithPolicy } from './user-rows.ts';

/** Users of a page, whose wallets receive a changed policy together. */
const PAGE_USERS = 100;

/** A page of a level's users in the order of their IDs. `next` is the last ID when there are more. */
export type UsersOfLevel = { users: UserWithPolicy[]; next: string | null };

const policyOfLevel = and(
  eq(levelTokenPolicies.tenant_id, levels.tenant_id),
  eq(levelTokenPolicies.level_id, levels.id),
);

const selectLevels = (database: Database) =>
  database
    .select({
      tenant_id: levels.tenant_id,
      id: levels.id,
      slug: levels.slug,
      name: levels.name,
      is_default: levels.is_default,
      allowed_models: levels.allowed_models,
      policy: levelPolicyColumns,
      policy_changed_at: levelTokenPolicies.updated_at,
      user_count: sql<number>`(select count(*) from ${users}
        where ${users.tenant_id} = ${levels.tenant_id} and ${users.level_id} = ${levels.id})::float8`,
    })
    .from(levels)
    .innerJoin(levelTokenPolicies, policyOfLevel);

type LevelRow = Awaited<ReturnType<typeof selectLevels>>[number];

const presentLevel = ({ tenant_id: _, policy, policy_changed_at, ...row }: LevelRow): Level => ({
  ...row,
  policy: effectivePolicy(policy, NO_OVERRIDE),
  policy_changed_at: isoTime(policy_changed_at),
});

/** Lists the levels of the caller's tenant, oldest first. Admins only. */
export async function listLevels(
  database: Database,
  claims: SessionClaims,
): Promise<Result<Level[], { code: EnterRefusal | 'forbidden' }>> {
  const answer = await runAsUser(database, claims, [
    selectLevels(database).where(eq(levels.tenant_id, claims.tenantId)).orderBy(asc(levels.id)),
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

/** Sets a level's policy, records the change and returns the affected users, in one round trip. */
export async function saveLevelPolicy(
  database: Database,
  claims: SessionClaims,
  levelId: string,
  policy: TokenPolicy,
  requestId: string,
): Promise<Result<ChangedLevel, { code: EnterRefusal | 'forbidden' | 'not_found' }>> {
  const auditId = uuidv7();
  const before = levelPolicyJson;
  const after = policyParameter(policy);
  const answer = await runAsUser(database, claims, [
    lockPolicy(database, levelId),
    auditChange(database, {
      id: auditId,
      action: 'level.token_policy_changed',
      target_type: 'level',
      target: levels,
      ...{ before, after },
      rows: sql`from ${levels} join ${levelTokenPolicies} on ${policyOfLevel} where ${callerMayChangeLevel(levelId)}`,
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
  ]);
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

/** Sets the models that users of a level may call and records the change; null allows every model. Admins only. */
export async function updateLevel(
  database: Database,
  claims: SessionClaims,
  levelId: string,
  { allowed_models }: LevelPatch,
  requestId: string,
): Promise<Result<Level, { code: EnterRefusal | 'forbidden' | 'not_found' }>> {
  const models = sql`${JSON.stringify(allowed_models)}::jsonb`;
  const answer = await runAsUser(database, claims, [
    auditChange(database, {
      id: uuidv7(),
      action: 'level.models_changed',
      target_type: 'level',
      target: levels,
      before: sql`coalesce(to_jsonb(${levels.allowed_models}), 'null'::jsonb)`,
      after: models,
      rows: sql`from ${levels} where ${callerMayChangeLevel(levelId)}`,
      request_id: requestId,
    }),
    database.execute(sql`update ${levels} set allowed_models = case when jsonb_typeof(${models}) = 'array'
      then array(select jsonb_array_elements_text(${models})) end where ${callerMayChangeLevel(levelId)}`),
    selectLevels(database).where(callerMayChangeLevel(levelId)),
    selectCallerRole(database),
  ]);
  if (!answer.ok) return answer;
  const [, , [row], callers] = answer.value;
  if (!isAdminRole(callers.rows[0])) return fail({ code: 'forbidden' });
  return row === undefined ? fail({ code: 'not_found' }) : ok(presentLevel(row));
}
