import { type SQL, sql } from 'drizzle-orm';
import { v7 as uuidv7 } from 'uuid';
import type { SessionClaims } from '../../../contracts/api/account/auth.ts';
import type {
  SelfMadeChangesOffBy,
  TokenPolicyOverride,
  UserPatch,
} from '../../../contracts/api/tenant/policies.ts';
import { fail, ok, type Result } from '../../../contracts/result.ts';
import { auditChange } from '../audit.ts';
import {
  callerMayChangeUser,
  callerMayReadUser,
  governsUsers,
  isCallersUser,
  selectCallerRole,
  selectSelfMadeChangesOffBy,
} from '../authorization.ts';
import type { Database } from '../client.ts';
import { type Administrator, type EnterRefusal, runAsService, runAsUser } from '../context.ts';
import {
  excludedPolicyColumns,
  overrideJson,
  overrideOfUser,
  policyColumnNames,
  policyParameter,
} from '../levels/policies.ts';
import { recoveryCodes, userFactors } from '../schema/factors.ts';
import { tenants } from '../schema/tenancy.ts';
import { users } from '../schema/users.ts';
import { levelTokenPolicies, userTokenPolicies } from '../schema/wallets.ts';
import {
  isUser,
  presentUserWithPolicy,
  selectUserWithPolicy,
  type UserWithPolicy,
  type UserWithPolicyRow,
} from './user-rows.ts';

/** Reasons to refuse an admin's request about a user. */
export type AdminRefusal = EnterRefusal | 'forbidden' | 'not_found';
/** A user with their policy, and who turned off that the caller changes it, if the user is the caller. */
export type GovernedUser = UserWithPolicy & { self_made_changes_off_by: SelfMadeChangesOffBy | null };
type Answer<Refusal extends string = AdminRefusal> = Promise<Result<GovernedUser, { code: Refusal }>>;

/** Converts the user read at the end of a batch. `may_change` is false for a superadmin when the caller is an admin. */
function readableUser(
  rows: UserWithPolicyRow[],
  callers: Awaited<ReturnType<typeof selectCallerRole>>,
  rules: Awaited<ReturnType<typeof selectSelfMadeChangesOffBy>>,
): Result<{ user: GovernedUser; may_change: boolean }, { code: AdminRefusal }> {
  const caller = callers.rows[0];
  if (!governsUsers(caller)) return fail({ code: 'forbidden' });
  const [row] = rows;
  if (row === undefined) return fail({ code: 'not_found' });
  const may_change =
    caller.role === 'management_key'
      ? row.user.role === 'user'
      : row.user.role !== 'superadmin' || caller.role === 'superadmin';
  const self_made_changes_off_by = rules.rows[0]?.off_by ?? null;
  return ok({ user: { ...presentUserWithPolicy(row), self_made_changes_off_by }, may_change });
}

/** Returns one user to an admin. An unknown ID and one of another tenant are both `not_found`. */
export async function getUserWithPolicy(database: Database, claims: Administrator, userId: string): Answer {
  const answer = await runAsUser(database, claims, [
    selectUserWithPolicy(database, callerMayReadUser(userId)),
    selectCallerRole(database),
    selectSelfMadeChangesOffBy(database, userId),
  ]);
  if (!answer.ok) return answer;
  const readable = readableUser(...answer.value);
  return readable.ok ? ok(readable.value.user) : readable;
}

/** Returns one user to the service of their tenant, or null. */
export async function getUserOfTenant(
  database: Database,
  tenantId: string,
  userId: string,
): Promise<UserWithPolicy | null> {
  const answer = await runAsService(database, tenantId, [
    selectUserWithPolicy(database, isUser(tenantId, userId)),
  ]);
  const row = answer.ok ? answer.value[0][0] : undefined;
  return row === undefined ? null : presentUserWithPolicy(row);
}

/**
 * Locks the user and share-locks the policy of their current or next level. A later commit then has a later version, by which
 * wallets order changes.
 */
const lockUser = (database: Database, userId: string, levelId: string | null) =>
  database.execute(sql`select 1 from ${users} join ${levelTokenPolicies}
      on ${levelTokenPolicies.tenant_id} = ${users.tenant_id}
      and ${levelTokenPolicies.level_id} = coalesce(${levelId}::uuid, ${users.level_id})
    where ${callerMayChangeUser(userId)} for no key update of ${users} for share of ${levelTokenPolicies}`);

type Change = {
  action: string;
  before: SQL;
  after: SQL;
  /** `from ... where ...`: selects the user when the change is possible. */
  rows: SQL;
  /** The statement that makes the change. */
  write: SQL;
  /** The user's next level; null keeps the current one. */
  level_id: string | null;
  self?: SQL;
};

/**
 * Changes one user in one round trip: locks the row, records the change, makes it and reads the result. `refusals` has the SQLSTATEs
 * that the database's guards can raise.
 */
async function changeUser<Refusal extends string = never>(
  database: Database,
  claims: Administrator,
  userId: string,
  requestId: string,
  { level_id, write, ...change }: Change,
  refusals: Record<string, Refusal> = {},
): Answer<AdminRefusal | Refusal> {
  const answer = await runAsUser(
    database,
    claims,
    [
      lockUser(database, userId, level_id),
      auditChange(database, {
        ...change,
        id: uuidv7(),
        target_type: 'user',
        target: users,
        request_id: requestId,
      }),
      database.execute(write),
      selectUserWithPolicy(database, callerMayReadUser(userId)),
      selectCallerRole(database),
      selectSelfMadeChangesOffBy(database, userId),
    ],
    refusals,
  );
  if (!answer.ok) return answer;
  const [, , , rows, callers, rules] = answer.value;
  const readable = readableUser(rows, callers, rules);
  if (!readable.ok) return readable;
  return readable.value.may_change ? ok(readable.value.user) : fail({ code: 'forbidden' });
}

/** Reasons of the database's guards to refuse a change of a user (migrations: refuse_self_government and those after it). */
const guardRefusals = {
  VS004: 'forbidden',
  VS020: 'last_admin',
  VS021: 'superadmin_elsewhere',
  VS023: 'level_archived',
  VS024: 'account_closed',
} as const;
/** Reasons to refuse a change of a user's status, level or role. */
export type UserRefusal = AdminRefusal | 'unknown_level' | (typeof guardRefusals)[keyof typeof guardRefusals];

const ownedByUser = (rows: typeof userFactors | typeof recoveryCodes) =>
  sql`${rows.tenant_id} = ${users.tenant_id} and ${rows.user_id} = ${users.id}`;
const hasFactorOfUser = sql`exists (select from ${userFactors} where ${ownedByUser(userFactors)})`;

/** Changes a user's status, level or role, or gives them an allocation that waits. An unknown level and one of another tenant are both `unknown_level`. */
export async function saveUserPatch(
  database: Database,
  claims: Administrator,
  userId: string,
  patch: UserPatch,
  requestId: string,
): Answer<UserRefusal> {
  const level_id = patch.level_id ?? null;
  const status = sql`coalesce(${patch.status ?? null}::text, ${users.status})`;
  const role = sql`coalesce(${patch.role ?? null}::text, ${users.role})`;
  const awaits = patch.allocation_awaits === null ? sql`null::text` : sql`${users.allocation_awaits}`;
  const level = sql`coalesce(${level_id}::uuid, ${users.level_id})`;
  // Who becomes an admin where admins need a second factor, and has none, sets one up with the next sign-in.
  const signedOutAt = sql`case when ${users.role} = 'user' and ${role} <> 'user' and not ${hasFactorOfUser} and exists (
      select from ${tenants} where ${tenants.id} = ${users.tenant_id} and ${tenants.require_mfa} = 'admins')
    then now() else ${users.signed_out_at} end`;
  const possible = sql`${callerMayChangeUser(userId)} and exists (select from ${levelTokenPolicies}
    where ${levelTokenPolicies.tenant_id} = ${users.tenant_id} and ${levelTokenPolicies.level_id} = ${level})`;
  const change: Change = {
    action: 'user.changed',
    before: sql`jsonb_build_object('status', ${users.status}, 'level_id', ${users.level_id}, 'role', ${users.role},
      'allocation_awaits', ${users.allocation_awaits})`,
    after: sql`jsonb_build_object('status', ${status}, 'level_id', ${level}, 'role', ${role}, 'allocation_awaits', ${awaits})`,
    rows: sql`from ${users} where ${possible}`,
    write: sql`update ${users} set status = ${status}, level_id = ${level}, role = ${role}, allocation_awaits = ${awaits},
        signed_out_at = ${signedOutAt}
      where ${possible} and (${users.status}, ${users.level_id}, ${users.role}, ${users.allocation_awaits})
        is distinct from (${status}, ${level}, ${role}, ${awaits})`,
    level_id,
  };
  const changed = await changeUser(database, claims, userId, requestId, change, guardRefusals);
  if (changed.ok && level_id !== null && changed.value.user.level.id !== level_id)
    return fail({ code: 'unknown_level' });
  return changed;
}

/** Sets a user's override. A cleared override stays as a row of nulls, because its time is part of the policy's version. */
export async function saveUserOverride(
  database: Database,
  claims: Administrator,
  userId: string,
  override: TokenPolicyOverride,
  requestId: string,
): Answer<AdminRefusal | 'self_made_changes_off'> {
  const before = overrideJson;
  const after = policyParameter(override);
  const rows = sql`from ${users} left join ${userTokenPolicies} on ${overrideOfUser} where ${callerMayChangeUser(userId)}`;
  const change: Change = {
    action: 'user.token_policy_changed',
    ...{ before, after, rows },
    self: isCallersUser,
    write: sql`insert into ${userTokenPolicies} (tenant_id, user_id, ${policyColumnNames})
      select owner.tenant_id, owner.id, ${policyColumnNames}
      from (select ${users.tenant_id}, ${users.id} ${rows} and ${before} is distinct from ${after}) owner,
        jsonb_populate_record(null::${userTokenPolicies}, ${after})
      on conflict (tenant_id, user_id) do update set (${policyColumnNames}) = row (${excludedPolicyColumns})`,
    level_id: null,
  };
  return changeUser(database, claims, userId, requestId, change, { VS022: 'self_made_changes_off' });
}

/**
 * Revokes every session of a user issued so far. A session that begins within the second of a sign-out is dated a second ahead
 * (identity/sessions.ts), so a second sign-out in that second revokes one second more. `nowS` is the time of the Worker, which
 * issues sessions.
 */
export async function saveUserSignOut(
  database: Database,
  claims: Administrator,
  userId: string,
  nowS: number,
  requestId: string,
): Answer {
  const moment = sql`greatest(now(), to_timestamp(${nowS}::float8))`;
  const signedOutAt = sql`greatest(${moment}, case
    when ${users.signed_out_at} >= date_trunc('second', ${moment}) then ${users.signed_out_at} + interval '1 second' end)`;
  return changeUser(database, claims, userId, requestId, {
    action: 'user.signed_out',
    before: sql`jsonb_build_object('signed_out_at', ${users.signed_out_at})`,
    after: sql`jsonb_build_object('signed_out_at', ${signedOutAt})`,
    rows: sql`from ${users} where ${callerMayChangeUser(userId)}`,
    write: sql`update ${users} set signed_out_at = ${signedOutAt} where ${callerMayChangeUser(userId)}`,
    level_id: null,
  });
}

/** Removes the second factors and recovery codes of a user who lost them, and ends their sessions. Does nothing if they have none. */
export async function saveFactorRemoval(
  database: Database,
  claims: SessionClaims,
  userId: string,
  requestId: string,
): Answer {
  const others = sql`${callerMayChangeUser(userId)} and not ${isCallersUser}`;
  const ofUser = (rows: typeof userFactors | typeof recoveryCodes) =>
    sql`delete from ${rows} using ${users} where ${ownedByUser(rows)} and ${others}`;
  const factors = sql`(select count(*) from ${userFactors} where ${ownedByUser(userFactors)})`;
  return changeUser(database, claims, userId, requestId, {
    action: 'user.factors_removed',
    before: sql`jsonb_build_object('second_factors', ${factors})`,
    after: sql`jsonb_build_object('second_factors', 0)`,
    rows: sql`from ${users} where ${others}`,
    write: sql`with removed as (${ofUser(userFactors)} returning 1), codes as (${ofUser(recoveryCodes)})
      update ${users} set signed_out_at = greatest(${users.signed_out_at}, now()) where ${others} and exists (select from removed)`,
    level_id: null,
  });
}
