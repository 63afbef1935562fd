import { and, asc, eq, sql } from 'drizzle-orm';
import { v7 as uuidv7 } from 'uuid';
import type { SessionClaims } from '../../contracts/api/auth.ts';
import type { Level, LevelPatch, TokenPolicy } from '../../contracts/api/policies.ts';
import type { PolicyField } from '../../contracts/policy-update.ts';
import { fail, ok, type Result } from '../../contracts/result.ts';
import { auditChange } from './audit.ts';
import { callerMayChangeLevel, isAdminRole, selectCallerRole, tenantOfLevel } from './authorization.ts';
import type { Database } from './client.ts';
import { type EnterRefusal, runAsService, runAsUser } from './context.ts';
import {
  fieldsChangedBy,
  inheritsAnyOf,
  overrideOfUser,
  policyColumns,
  policyJson,
  policyParameter,
  selectUsersInheriting,
} from './policies.ts';
import { levels } from './schema/tenancy.ts';
import { users } from './schema/users.ts';
import { levelTokenPolicies, userTokenPolicies } from './schema/wallets.ts';
import { presentUserWithPolicy, type UserWithPolicy } from './user-admin.ts';
import { effectivePolicy, isoTime, policyColumnsOf } from './user-rows.ts';

/** Wallets that are told of a changed level in one go. */
const PAGE_USERS = 100;

/** Users of a level, a page of them in the order of their ids. `next` is the last one's id while there are more. */
export type UsersOfLevel = { users: UserWithPolicy[]; next: string | null };

const ownPolicy = and(
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
      policy: policyColumnsOf(levelTokenPolicies),
      policy_changed_at: levelTokenPolicies.updated_at,
      user_count: sql<number>`(select count(*) from ${users}
        where ${users.tenant_id} = ${levels.tenant_id} and ${users.level_id} = ${levels.id})::float8`,
    })
    .from(levels)
    .innerJoin(levelTokenPolicies, ownPolicy);

type LevelRow = Awaited<ReturnType<typeof selectLevels>>[number];

const presentLevel = ({ tenant_id: _, policy, policy_changed_at, ...row }: LevelRow): Level => ({
  ...row,
  policy: effectivePolicy(policy, null),
  policy_changed_at: isoTime(policy_changed_at),
});

/** The levels of the caller's tenant with their policies, in the order in which they were made. Admins only. */
export async function listLevels(
  database: Database,
  claims: SessionClaims,
): Promise<Result<Level[], { code: EnterRefusal | 'forbidden' }>> {
  const answer = await runAsUser(database, claims, [
    selectLevels(database).where(eq(levels.tenant_id, claims.tenantId)).orderBy(asc(levels.id)),
    selectCallerRole(database),
  ]);
  if (!answer.ok) return answer;
  const [rows, askers] = answer.value;
  return isAdminRole(askers.rows[0]) ? ok(rows.map(presentLevel)) : fail({ code: 'forbidden' });
}

/** A level after a change of its policy, and whom to tell. */
export type ChangedLevel = {
  tenant_id: string;
  level: Level;
  /** What is different from before; empty when nothing is. */
  fields: PolicyField[];
  /** Users whose effective policy is another one than before. */
  affected: number;
  first: UsersOfLevel;
};

/** The level's row with the lock that changes of a user wait for (governed-users.ts): versions rise in the order of commits. */
const lockPolicy = (database: Database, levelId: string) =>
  database.execute(sql`select 1 from ${levelTokenPolicies} join ${levels} on ${ownPolicy}
    where ${callerMayChangeLevel(levelId)} for no key update of ${levelTokenPolicies}`);

const countAffected = (database: Database, levelId: string, auditId: string) =>
  database.execute<{ fields: PolicyField[]; affected: number }>(sql`
    select changed.fields, (select count(*) from ${users} left join ${userTokenPolicies} on ${overrideOfUser}
      where ${users.tenant_id} = ${tenantOfLevel(levelId)} and ${users.level_id} = ${levelId}
        and (${inheritsAnyOf(sql`changed.fields`)}))::float8 as affected
    from (select ${fieldsChangedBy(auditId)} as fields) changed`);

/** Sets the whole policy of a level, writes down what it was before, and finds whose wallets live by it. One round trip. */
export async function saveLevelPolicy(
  database: Database,
  claims: SessionClaims,
  levelId: string,
  policy: TokenPolicy,
  requestId: string,
): Promise<Result<ChangedLevel, { code: EnterRefusal | 'forbidden' | 'not_found' }>> {
  const auditId = uuidv7();
  const before = policyJson(levelTokenPolicies);
  const after = policyParameter(policy);
  const governed = sql`from ${levels} join ${levelTokenPolicies} on ${ownPolicy} where ${callerMayChangeLevel(levelId)}`;
  const answer = await runAsUser(database, claims, [
    lockPolicy(database, levelId),
    auditChange(database, {
      id: auditId,
      action: 'level.token_policy_changed',
      target_type: 'level',
      target: levels,
      ...{ before, after },
      rows: governed,
      request_id: requestId,
    }),
    database.execute(sql`update ${levelTokenPolicies} set (${policyColumns}) = (
        select ${policyColumns} from jsonb_populate_record(null::${levelTokenPolicies}, ${after}))
      from ${levels} where ${ownPolicy} and ${callerMayChangeLevel(levelId)} and ${before} is distinct from ${after}`),
    selectLevels(database).where(callerMayChangeLevel(levelId)),
    countAffected(database, levelId, auditId),
    selectUsersInheriting(
      database,
      {
        tenant_id: tenantOfLevel(levelId),
        level_id: levelId,
        fields: fieldsChangedBy(auditId),
        after: null,
      },
      PAGE_USERS,
    ),
    selectCallerRole(database),
  ]);
  if (!answer.ok) return answer;
  const [, , , [row], counts, page, askers] = answer.value;
  if (!isAdminRole(askers.rows[0])) return fail({ code: 'forbidden' });
  const [counted] = counts.rows;
  if (row === undefined || counted === undefined) return fail({ code: 'not_found' });
  return ok({ tenant_id: row.tenant_id, level: presentLevel(row), ...counted, first: pageOfUsers(page) });
}

type PersonRows = Awaited<ReturnType<typeof selectUsersInheriting>>;

function pageOfUsers(rows: PersonRows): UsersOfLevel {
  const page = rows.slice(0, PAGE_USERS);
  const last = page.at(-1);
  return {
    users: page.map(presentUserWithPolicy),
    next: rows.length > PAGE_USERS && last !== undefined ? last.user.id : null,
  };
}

/** The users of a level after `after` who inherit one of `fields`, as they are now. For the queue, which nobody asks in person. */
export async function listUsersInheriting(
  database: Database,
  level: { tenant_id: string; level_id: string; fields: PolicyField[]; after_user_id: string | null },
): Promise<UsersOfLevel> {
  const answer = await runAsService(database, level.tenant_id, [
    selectUsersInheriting(
      database,
      {
        tenant_id: sql`${level.tenant_id}`,
        level_id: level.level_id,
        fields: sql`${`{${level.fields.join(',')}}`}::text[]`,
        after: level.after_user_id,
      },
      PAGE_USERS,
    ),
  ]);
  return pageOfUsers(answer.ok ? answer.value[0] : []);
}

/** Says which models users of a level may call; null is all of them. */
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
  const [, , [row], askers] = answer.value;
  if (!isAdminRole(askers.rows[0])) return fail({ code: 'forbidden' });
  return row === undefined ? fail({ code: 'not_found' }) : ok(presentLevel(row));
}
