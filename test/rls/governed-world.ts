import type pg from 'pg';
import { v7 as uuidv7 } from 'uuid';
import { expect } from 'vitest';
import type { TokenPolicy, TokenPolicyOverride } from '../../contracts/api/tenant/policies.ts';
import { insertRow } from '../support/test-database.ts';
import { connectAsWorker, startTestDatabase } from './database.ts';
import { makeWorld, type Place, userRow } from './world.ts';

/** Shared by tests of administration: a world in which every level has a policy, and functions that read the result. */

export const policy = {
  mode: 'lifetime',
  allocation_tokens: 1_000,
  rollover_cap_tokens: 0,
  enforcement: 'hard',
  warning_thresholds_percent: [80, 95],
  reservation_lifetime_ms: 60_000,
  in_flight_max: 10,
} satisfies TokenPolicy;

export const NO_OVERRIDE: TokenPolicyOverride = {
  mode: null,
  allocation_tokens: null,
  rollover_cap_tokens: null,
  enforcement: null,
  warning_thresholds_percent: null,
  reservation_lifetime_ms: null,
  in_flight_max: null,
};

/** An ID of no user. */
export const nobody = uuidv7();

export const refused = (code: string) => ({ ok: false, failure: { code } });

/** Returns the value of a result, or throws its code. */
export const got = <Value>(
  result: { ok: true; value: Value } | { ok: false; failure: { code: string } },
): Value => {
  if (!result.ok) throw new Error(result.failure.code);
  return result.value;
};

export const claimsOf = (
  { tenant_id, user_id }: { tenant_id: string; user_id: string },
  iat = 1_000_000,
) => ({
  tenantId: tenant_id,
  userId: user_id,
  iat,
  exp: iat + 60,
});

/** Resets policies, overrides and users to what the tests expect. */
async function putBack(owner: pg.Client, places: Place[]): Promise<void> {
  await owner.query(
    `update level_token_policies set mode = 'lifetime', allocation_tokens = 1000, rollover_cap_tokens = 0,
       enforcement = 'hard', warning_thresholds_percent = '{80,95}', reservation_lifetime_ms = 60000, in_flight_max = 10
     where level_id = any ($1)`,
    [places.map(({ level_id }) => level_id)],
  );
  await owner.query(
    `update user_token_policies set mode = null, allocation_tokens = null, rollover_cap_tokens = null, enforcement = null,
       warning_thresholds_percent = null, reservation_lifetime_ms = null, in_flight_max = null`,
  );
  for (const { user_id, level_id } of places)
    await owner.query(
      `update users set status = 'active', level_id = $2, role = 'user', signed_out_at = null where id = $1`,
      [user_id, level_id],
    );
}

/** Returns the state of users, policies and overrides as one text. */
const governance = async (owner: pg.Client) =>
  JSON.stringify([
    (
      await owner.query(
        'select id, role, status, level_id, status_changed_at, signed_out_at from users order by id',
      )
    ).rows,
    (await owner.query('select * from level_token_policies order by level_id')).rows,
    (await owner.query('select * from user_token_policies order by user_id')).rows,
    (await owner.query('select count(*) from audit_log')).rows,
  ]);

export async function startGovernedWorld() {
  const database = await startTestDatabase();
  const { owner } = database;
  const { places, admin_id } = await makeWorld(owner);
  const { own, colleague, foreign, platform } = places;
  const platformAdmin = { ...userRow(platform.tenant_id, platform.level_id), role: 'admin' };
  await insertRow(owner, 'users', platformAdmin);
  const governed = [own, colleague, foreign];
  for (const { tenant_id, level_id } of governed)
    await insertRow(owner, 'level_token_policies', { tenant_id, level_id, ...policy });
  return {
    database,
    owner,
    worker: connectAsWorker(database),
    ...places,
    admin: claimsOf({ tenant_id: own.tenant_id, user_id: admin_id }),
    superadmin: claimsOf(platform),
    platformAdmin: claimsOf({ tenant_id: platform.tenant_id, user_id: platformAdmin.id }),
    putBack: () => putBack(owner, governed),
    /** Returns the audit entries of a request. */
    async auditOf(requestId: string) {
      const { rows } = await owner.query(
        'select actor_user_id, actor_role, action, target_type, target_id, details from audit_log where request_id = $1',
        [requestId],
      );
      return rows;
    },
    /** Expects that `work` changes no user, policy or override. */
    async expectUntouched(work: () => Promise<unknown>): Promise<void> {
      const before = await governance(owner);
      await work();
      expect(await governance(owner)).toBe(before);
    },
  };
}
