import { type SQL, sql } from 'drizzle-orm';
import { v7 as uuidv7 } from 'uuid';
import type { SessionClaims, User } from '../../contracts/api/auth.ts';
import type { TokenPolicy, TokenPolicyOverride, UserPatch } from '../../contracts/api/policies.ts';
import { fail, ok, type Result } from '../../contracts/result.ts';
import type { WalletPolicy } from '../../contracts/wallet-policy.ts';
import { auditChange } from './audit.ts';
import { callerMayChangeUser, callerMayReadUser, isAdminRole, selectCallerRole } from './authorization.ts';
import type { Database } from './client.ts';
import { type EnterRefusal, runAsService, runAsUser } from './context.ts';
import {
  excludedPolicyColumns,
  overrideOfUser,
  policyColumns,
  policyJson,
  policyParameter,
} from './policies.ts';
import { users } from './schema/users.ts';
import { levelTokenPolicies, userTokenPolicies } from './schema/wallets.ts';
import {
  effectivePolicy,
  effectiveWalletPolicy,
  isUser,
  presentUser,
  selectUserWithPolicy,
  type UserWithPolicyRow,
} from './user-rows.ts';

/** A user with everything an administrator decides about them, and so with everything their wallet must be told. */
export type UserWithPolicy = {
  user: User;
  level_policy: TokenPolicy;
  override: TokenPolicyOverride;
  policy: WalletPolicy;
  /** Microseconds since the epoch of the newest change of the status. */
  user_status_version: number;
  /** Sessions issued up to this second are revoked; null when none ever were. */
  signed_out_at_s: number | null;
};

const NO_OVERRIDE: TokenPolicyOverride = {
  mode: null,
  allocation_tokens: null,
  rollover_cap_tokens: null,
  enforcement: null,
  warning_thresholds_percent: null,
  reservation_lifetime_ms: null,
  in_flight_max: null,
};

/**
 * A person's row as administrators govern them: their level's policy, their own override of it, and what their wallet lives
 * by.
 */
export function presentUserWithPolicy(row: UserWithPolicyRow): UserWithPolicy {
  const { user_id: _, ...override } = row.user_policy ?? { user_id: null, ...NO_OVERRIDE };
  return {
    user: presentUser(row.user),
    level_policy: effectivePolicy(row.level_policy, null),
    override,
    policy: effectiveWalletPolicy(row),
    user_status_version: Number(row.user_status_version),
    signed_out_at_s: row.signed_out_at_s,
  };
}

/** Why an administrator may not do what they asked for, or cannot. */
export type AdminRefusal = EnterRefusal | 'forbidden' | 'not_found';
type Answer<Refusal extends string = AdminRefusal> = Promise<Result<UserWithPolicy, { code: Refusal }>>;

/** The user as read at the end of a batch, if whoever asked may see them. */
function found(
  rows: UserWithPolicyRow[],
  askers: Awaited<ReturnType<typeof selectCallerRole>>,
): Result<{ user: UserWithPolicy; untouchable: boolean }, { code: AdminRefusal }> {
  const asker = askers.rows[0];
  if (!isAdminRole(asker)) return fail({ code: 'forbidden' });
  const [row] = rows;
  if (row === undefined) return fail({ code: 'not_found' });
  const untouchable = row.user.role === 'superadmin' && asker.role !== 'superadmin';
  return ok({ user: presentUserWithPolicy(row), untouchable });
}

/** One user, for those who administer them: a foreign id and an unknown one are the same `not_found`. */
export async function getUserWithPolicy(database: Database, claims: SessionClaims, userId: string): Answer {
  const answer = await runAsUser(database, claims, [
    selectUserWithPolicy(database, callerMayReadUser(userId)),
    selectCallerRole(database),
  ]);
  if (!answer.ok) return answer;
  const person = found(...answer.value);
  return person.ok ? ok(person.value.user) : person;
}

/** One user as the service of their tenant: for the queue, which nobody asks in person. Null when there is none. */
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
 * Locks the user, and keeps the policy of the level they are on, or are to be on, from changing meanwhile. So whoever commits
 * later has the later version, and wallets can tell.
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
  /** `from ... where ...`: the user, if the change is possible. */
  rows: SQL;
  /** Makes the change. */
  write: SQL;
  /** The level the user is to be on; null leaves it. */
  level_id: string | null;
};

/** Changes one user in one round trip: locks, writes the change down, makes it, and reads what came of it. */
async function changeUser(
  database: Database,
  claims: SessionClaims,
  userId: string,
  requestId: string,
  { level_id, write, ...change }: Change,
): Answer {
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
    ],
    // Raised by the trigger `refuse_self_government`.
    { VS004: 'forbidden' as const },
  );
  if (!answer.ok) return answer;
  const [, , , rows, askers] = answer.value;
  const person = found(rows, askers);
  if (!person.ok) return person;
  return person.value.untouchable ? fail({ code: 'forbidden' }) : ok(person.value.user);
}

/** Changes a user's status, level or both. A level of another tenant and an unknown one are the same `unknown_level`. */
export async function saveUserPatch(
  database: Database,
  claims: SessionClaims,
  userId: string,
  patch: UserPatch,
  requestId: string,
): Answer<AdminRefusal | 'unknown_level'> {
  const level_id = patch.level_id ?? null;
  const status = sql`coalesce(${patch.status ?? null}::text, ${users.status})`;
  const level = sql`coalesce(${level_id}::uuid, ${users.level_id})`;
  const possible = sql`${callerMayChangeUser(userId)} and exists (select from ${levelTokenPolicies}
    where ${levelTokenPolicies.tenant_id} = ${users.tenant_id} and ${levelTokenPolicies.level_id} = ${level})`;
  const changed = await changeUser(database, claims, userId, requestId, {
    action: 'user.changed',
    before: sql`jsonb_build_object('status', ${users.status}, 'level_id', ${users.level_id})`,
    after: sql`jsonb_build_object('status', ${status}, 'level_id', ${level})`,
    rows: sql`from ${users} where ${possible}`,
    write: sql`update ${users} set status = ${status}, level_id = ${level}
      where ${possible} and (${users.status}, ${users.level_id}) is distinct from (${status}, ${level})`,
    level_id,
  });
  if (changed.ok && level_id !== null && changed.value.user.level.id !== level_id)
    return fail({ code: 'unknown_level' });
  return changed;
}

/** Sets what a user has instead of their level's policy. Clearing it leaves a row of nulls: its time is part of the version. */
export async function saveUserOverride(
  database: Database,
  claims: SessionClaims,
  userId: string,
  override: TokenPolicyOverride,
  requestId: string,
): Answer {
  const before = policyJson(userTokenPolicies);
  const after = policyParameter(override);
  const rows = sql`from ${users} left join ${userTokenPolicies} on ${overrideOfUser} where ${callerMayChangeUser(userId)}`;
  return changeUser(database, claims, userId, requestId, {
    action: 'user.token_policy_changed',
    ...{ before, after, rows },
    write: sql`insert into ${userTokenPolicies} (tenant_id, user_id, ${policyColumns})
      select person.tenant_id, person.id, ${policyColumns}
      from (select ${users.tenant_id}, ${users.id} ${rows} and ${before} is distinct from ${after}) person,
        jsonb_populate_record(null::${userTokenPolicies}, ${after})
      on conflict (tenant_id, user_id) do update set (${policyColumns}) = row (${excludedPolicyColumns})`,
    level_id: null,
  });
}

/**
 * Revokes every session token of a user issued so far. One that follows a sign-out within the same second is dated a second
 * ahead (start-session.ts), so signing out again in that second goes a second further. `nowS` is the clock of who issues them.
 */
export async function saveUserSignOut(
  database: Database,
  claims: SessionClaims,
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
