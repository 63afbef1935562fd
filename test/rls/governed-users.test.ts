import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { saveLevelPolicy } from '../../worker/db/levels/levels.ts';
import { loadCaller } from '../../worker/db/load-snapshots.ts';
import {
  getUserOfTenant,
  getUserWithPolicy,
  saveUserOverride,
  saveUserPatch,
  saveUserSignOut,
} from '../../worker/db/users/user-admin.ts';
import type { UserWithPolicy } from '../../worker/db/users/user-rows.ts';
import { getWalletOwner } from '../../worker/db/users/users.ts';
import { insertRow } from '../support/test-database.ts';
import { roundTripsOf } from './database.ts';
import { claimsOf, got, NO_OVERRIDE, nobody, policy, refused, startGovernedWorld } from './governed-world.ts';
import { levelRow } from './world.ts';

const world = await startGovernedWorld();
const { database, owner, worker, own, colleague, foreign, platform, admin, superadmin, platformAdmin } =
  world;
const { auditOf, expectUntouched } = world;
beforeEach(world.putBack);
afterAll(() => database.stop());

const read = async (userId: string): Promise<UserWithPolicy> =>
  got(await getUserWithPolicy(worker, superadmin, userId));

const decisions: [string, (by: typeof admin, userId: string) => Promise<unknown>][] = [
  ['change the status of', (by, id) => saveUserPatch(worker, by, id, { status: 'disabled' }, uuidv7())],
  [
    'change the level of',
    (by, id) => saveUserPatch(worker, by, id, { level_id: colleague.level_id }, uuidv7()),
  ],
  [
    'override the policy of',
    (by, id) => saveUserOverride(worker, by, id, { ...NO_OVERRIDE, in_flight_max: 1 }, uuidv7()),
  ],
  ['sign out', (by, id) => saveUserSignOut(worker, by, id, 1_000_000, uuidv7())],
];

describe.each(decisions)('to %s a user', (_, decide) => {
  it('is refused to a plain user, of themselves as of others, and changes nothing', () =>
    expectUntouched(async () => {
      for (const id of [own.user_id, colleague.user_id, foreign.user_id, nobody])
        expect(await decide(claimsOf(own), id)).toEqual(refused('forbidden'));
    }));

  it('is not possible across tenants, where a foreign user and an unknown one are the same', () =>
    expectUntouched(async () => {
      for (const id of [foreign.user_id, platform.user_id, nobody])
        expect(await decide(admin, id)).toEqual(refused('not_found'));
    }));

  it('is refused to an admin when the user is a superadmin', () =>
    expectUntouched(async () => {
      const by = platformAdmin;
      expect(await decide(by, platform.user_id)).toEqual(refused('forbidden'));
    }));

  it('is one round trip', async () => {
    expect(await roundTripsOf(database, () => decide(admin, own.user_id))).toBe(1);
  });
});

describe('the status of a user', () => {
  it('is changed by an admin, with a later version each time, and written down as it was and as it is', async () => {
    const before = await read(own.user_id);
    const disabled = got(await saveUserPatch(worker, admin, own.user_id, { status: 'disabled' }, 'status-1'));
    expect(disabled).toMatchObject({ user: { id: own.user_id, status: 'disabled' } });
    expect(disabled.user_status_version).toBeGreaterThan(before.user_status_version);
    expect(disabled.policy).toEqual(before.policy);
    expect(await loadCaller(worker, claimsOf(own))).toEqual(refused('user_disabled'));
    const enabled = got(await saveUserPatch(worker, admin, own.user_id, { status: 'active' }, 'status-2'));
    expect(enabled.user_status_version).toBeGreaterThan(disabled.user_status_version);
    expect(await loadCaller(worker, claimsOf(own))).toMatchObject({ ok: true });
    const { level_id, tenant_id } = own;
    expect(await auditOf('status-1')).toEqual([
      {
        actor_user_id: admin.userId,
        actor_role: 'admin',
        action: 'user.changed',
        target_type: 'user',
        target_id: own.user_id,
        details: {
          tenant_id,
          before: { status: 'active', level_id, role: 'user', allocation_awaits: null },
          after: { status: 'disabled', level_id, role: 'user', allocation_awaits: null },
        },
      },
    ]);
  });

  it('that is set to what it was changes nothing and writes nothing down', async () => {
    const before = await read(own.user_id);
    await expectUntouched(async () => {
      expect(await saveUserPatch(worker, admin, own.user_id, { status: 'active' }, uuidv7())).toEqual({
        ok: true,
        value: before,
      });
    });
  });

  it('gets newer even when the clock goes back', async () => {
    await owner.query(`update users set status = 'disabled' where id = $1`, [own.user_id]);
    await owner.query(`update users set status_changed_at = now() + interval '1 hour' where id = $1`, [
      own.user_id,
    ]);
    const ahead = await read(own.user_id);
    const enabled = got(await saveUserPatch(worker, admin, own.user_id, { status: 'active' }, uuidv7()));
    expect(enabled.user_status_version).toBe(ahead.user_status_version + 1);
  });

  it('and the level of an administrator are not theirs to change, superadmins included', () =>
    expectUntouched(async () => {
      for (const [claims, id] of [
        [admin, admin.userId],
        [superadmin, platform.user_id],
      ] as const) {
        expect(await saveUserPatch(worker, claims, id, { status: 'disabled' }, uuidv7())).toEqual(
          refused('forbidden'),
        );
      }
      const up = { level_id: colleague.level_id };
      expect(await saveUserPatch(worker, admin, admin.userId, up, uuidv7())).toEqual(refused('forbidden'));
    }));
});

describe('the level of a user', () => {
  it('is changed by an admin, and with it the policy, under a later version', async () => {
    await owner.query('update level_token_policies set allocation_tokens = 7 where level_id = $1', [
      colleague.level_id,
    ]);
    const before = await read(own.user_id);
    const moved = got(
      await saveUserPatch(worker, admin, own.user_id, { level_id: colleague.level_id }, 'level-1'),
    );
    expect(moved).toMatchObject({
      user: { level: { id: colleague.level_id } },
      policy: { allocation_tokens: 7 },
    });
    expect(moved.policy.version).toBeGreaterThan(before.policy.version);
    expect(await auditOf('level-1')).toMatchObject([
      { details: { before: { level_id: own.level_id }, after: { level_id: colleague.level_id } } },
    ]);
  });

  it('cannot be one of another tenant, one nobody knows, or one without a policy; then nothing of the request is done', async () => {
    const bare = levelRow(own.tenant_id);
    await insertRow(owner, 'levels', bare);
    await expectUntouched(async () => {
      for (const level_id of [foreign.level_id, nobody, bare.id])
        expect(
          await saveUserPatch(worker, admin, own.user_id, { level_id, status: 'disabled' }, uuidv7()),
        ).toEqual(refused('unknown_level'));
    });
  });
});

describe('a superadmin', () => {
  it('governs in every tenant; it is written down with them, and says in which tenant it was', async () => {
    const disabled = await saveUserPatch(
      worker,
      superadmin,
      foreign.user_id,
      { status: 'disabled' },
      'super-1',
    );
    expect(disabled).toMatchObject({ ok: true, value: { user: { status: 'disabled' } } });
    const overridden = await saveUserOverride(
      worker,
      superadmin,
      foreign.user_id,
      { ...NO_OVERRIDE, in_flight_max: 3 },
      uuidv7(),
    );
    expect(overridden).toMatchObject({ ok: true, value: { policy: { in_flight_max: 3 } } });
    const changed = { ...policy, allocation_tokens: 5 };
    expect(await saveLevelPolicy(worker, superadmin, foreign.level_id, changed, uuidv7())).toMatchObject({
      ok: true,
      value: { tenant_id: foreign.tenant_id, level: { policy: changed } },
    });
    expect(await saveUserSignOut(worker, superadmin, foreign.user_id, 1_000_000, uuidv7())).toMatchObject({
      ok: true,
    });
    const { rows } = await owner.query('select tenant_id, details from audit_log where request_id = $1', [
      'super-1',
    ]);
    expect(rows).toMatchObject([
      { tenant_id: platform.tenant_id, details: { tenant_id: foreign.tenant_id } },
    ]);
  });

  it('finds the owner of a wallet wherever they are', async () => {
    expect(await getWalletOwner(worker, superadmin, foreign.user_id)).toMatchObject({ ok: true });
  });
});

describe('an override', () => {
  it('is laid over the level’s policy field by field, under a later version, and written down', async () => {
    const before = await read(own.user_id);
    const override = { ...NO_OVERRIDE, enforcement: 'warn' as const, warning_thresholds_percent: [50] };
    const after = got(await saveUserOverride(worker, admin, own.user_id, override, 'override-1'));
    expect(after).toMatchObject({
      override,
      level_policy: policy,
      policy: { ...policy, enforcement: 'warn', warning_thresholds_percent: [50] },
    });
    expect(after.policy.version).toBeGreaterThan(before.policy.version);
    expect(await auditOf('override-1')).toMatchObject([
      {
        action: 'user.token_policy_changed',
        target_id: own.user_id,
        details: { before: NO_OVERRIDE, after: override },
      },
    ]);
    const { self_made_changes_off_by: _, ...stored } = after;
    expect(await getUserOfTenant(worker, own.tenant_id, own.user_id)).toEqual(stored);
    expect(await getUserOfTenant(worker, foreign.tenant_id, own.user_id)).toBeNull();
  });

  it('that is cleared goes back to the level’s, under a later version still: the row stays', async () => {
    const set = got(
      await saveUserOverride(worker, admin, own.user_id, { ...NO_OVERRIDE, in_flight_max: 3 }, uuidv7()),
    );
    const cleared = got(await saveUserOverride(worker, admin, own.user_id, NO_OVERRIDE, uuidv7()));
    expect(cleared).toMatchObject({ override: NO_OVERRIDE, policy: { in_flight_max: 10 } });
    expect(cleared.policy.version).toBeGreaterThan(set.policy.version);
    const { rowCount } = await owner.query('select 1 from user_token_policies where user_id = $1', [
      own.user_id,
    ]);
    expect(rowCount).toBe(1);
  });

  it('that says what is already so changes nothing, whether there is a row or not', async () => {
    const override = { ...NO_OVERRIDE, in_flight_max: 3 };
    await saveUserOverride(worker, admin, own.user_id, override, uuidv7());
    await expectUntouched(async () => {
      await saveUserOverride(worker, admin, own.user_id, override, uuidv7());
      await saveUserOverride(worker, admin, own.spare_user_id, NO_OVERRIDE, uuidv7());
    });
  });

  it('of amounts up to 2^50 and past 2^31 is stored as it is', async () => {
    const override = { ...NO_OVERRIDE, allocation_tokens: 2 ** 50, rollover_cap_tokens: 2 ** 40 };
    expect(got(await saveUserOverride(worker, admin, own.user_id, override, uuidv7())).override).toEqual(
      override,
    );
  });
});

describe('signing somebody out', () => {
  const nowS = Math.floor(Date.now() / 1_000);

  it('revokes every session they have, and not the one that follows', async () => {
    const signedOut = got(await saveUserSignOut(worker, admin, own.user_id, nowS, 'out-1'));
    const untilS = signedOut.signed_out_at_s ?? 0;
    expect(untilS).toBeGreaterThanOrEqual(nowS);
    expect(await loadCaller(worker, claimsOf(own, untilS))).toEqual(refused('session_revoked'));
    expect(await loadCaller(worker, claimsOf(own, untilS + 1))).toMatchObject({ ok: true });
    expect(await auditOf('out-1')).toMatchObject([
      { actor_user_id: admin.userId, action: 'user.signed_out', target_id: own.user_id },
    ]);
  });

  it('revokes also a session that was started in the second of an earlier sign-out', async () => {
    const first = got(await saveUserSignOut(worker, admin, own.user_id, nowS + 60, uuidv7()));
    const quick = claimsOf(own, (first.signed_out_at_s ?? 0) + 1);
    expect(await loadCaller(worker, quick)).toMatchObject({ ok: true });
    await saveUserSignOut(worker, admin, own.user_id, nowS + 60, uuidv7());
    expect(await loadCaller(worker, quick)).toEqual(refused('session_revoked'));
  });
});
