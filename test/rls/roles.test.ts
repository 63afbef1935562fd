import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import type { Role } from '../../contracts/api/account/auth.ts';
import { loadCaller } from '../../worker/db/load-snapshots.ts';
import { saveUserPatch } from '../../worker/db/users/user-admin.ts';
import { listUsers } from '../../worker/db/users/users.ts';
import { insertRow } from '../support/test-database.ts';
import { refusalOf, rolledBack, roundTripsOf } from './database.ts';
import { claimsOf, got, policy, refused, startGovernedWorld } from './governed-world.ts';
import { levelRow, PLATFORM_ID, tenantRow, userRow } from './world.ts';

const world = await startGovernedWorld();
const { database, owner, worker, own, colleague, foreign, platform, admin, superadmin, platformAdmin } =
  world;
const { auditOf, expectUntouched } = world;
beforeEach(world.putBack);
afterAll(() => database.stop());

type Claims = typeof admin;
const setRole = (by: Claims, userId: string, role: Role, requestId: string = uuidv7()) =>
  saveUserPatch(worker, by, userId, { role }, requestId);
const disable = (by: Claims, userId: string) =>
  saveUserPatch(worker, by, userId, { status: 'disabled' }, uuidv7());

async function addUser(place: { tenant_id: string; level_id: string }, role: Role): Promise<Claims> {
  const row = { ...userRow(place.tenant_id, place.level_id), role };
  await insertRow(owner, 'users', row);
  return claimsOf({ tenant_id: place.tenant_id, user_id: row.id });
}

/** A tenant of its own with some admins. */
async function tenantWithAdmins(count: number): Promise<Claims[]> {
  const tenant = tenantRow();
  await insertRow(owner, 'tenants', tenant);
  const level = levelRow(tenant.id);
  await insertRow(owner, 'levels', level);
  await insertRow(owner, 'level_token_policies', { tenant_id: tenant.id, level_id: level.id, ...policy });
  const admins: Claims[] = [];
  for (let index = 0; index < count; index++)
    admins.push(await addUser({ tenant_id: tenant.id, level_id: level.id }, 'admin'));
  return admins;
}

describe('a role', () => {
  it('is given by an admin in one round trip, holds from the next request on, and is written down as it was and as it is', async () => {
    const somebody = claimsOf(own);
    expect(await listUsers(worker, somebody, { limit: 1 })).toEqual(refused('forbidden'));
    const trips = await roundTripsOf(database, () => setRole(admin, own.user_id, 'admin', 'role-1'));
    expect(trips).toBe(1);
    expect(await listUsers(worker, somebody, { limit: 1 })).toMatchObject({ ok: true });
    expect(got(await loadCaller(worker, somebody)).user.role).toBe('admin');
    expect(await auditOf('role-1')).toMatchObject([
      {
        actor_user_id: admin.userId,
        action: 'user.changed',
        target_id: own.user_id,
        details: { before: { role: 'user' }, after: { role: 'admin' } },
      },
    ]);
    expect(got(await setRole(admin, own.user_id, 'user')).user.role).toBe('user');
    expect(await listUsers(worker, somebody, { limit: 1 })).toEqual(refused('forbidden'));
  });

  it('above one’s own is nobody’s to give or to take', () =>
    expectUntouched(async () => {
      expect(await setRole(admin, own.user_id, 'superadmin')).toEqual(refused('forbidden'));
      expect(await setRole(platformAdmin, platform.spare_user_id, 'superadmin')).toEqual(
        refused('forbidden'),
      );
      expect(await setRole(platformAdmin, platform.user_id, 'user')).toEqual(refused('forbidden'));
      expect(await setRole(claimsOf(own), colleague.user_id, 'user')).toEqual(refused('forbidden'));
    }));

  it('is nobody’s own to change, up or down', () =>
    expectUntouched(async () => {
      for (const role of ['user', 'superadmin'] as const)
        expect(await setRole(admin, admin.userId, role)).toEqual(refused('forbidden'));
      expect(await setRole(superadmin, superadmin.userId, 'admin')).toEqual(refused('forbidden'));
      expect(await setRole(claimsOf(own), own.user_id, 'admin')).toEqual(refused('forbidden'));
    }));

  it('is not an admin’s to give in another tenant', () =>
    expectUntouched(async () => {
      expect(await setRole(admin, foreign.user_id, 'admin')).toEqual(refused('not_found'));
    }));

  it('of a superadmin is given and taken by superadmins, to users of the platform only', async () => {
    expect(await setRole(superadmin, foreign.user_id, 'superadmin')).toEqual(refused('superadmin_elsewhere'));
    const second = await addUser({ tenant_id: PLATFORM_ID, level_id: platform.level_id }, 'user');
    expect(got(await setRole(superadmin, second.userId, 'superadmin')).user.role).toBe('superadmin');
    expect(got(await setRole(second, foreign.user_id, 'admin')).user.role).toBe('admin');
    await addUser(foreign, 'admin');
    expect(got(await setRole(second, foreign.user_id, 'user')).user.role).toBe('user');
    expect(got(await setRole(superadmin, second.userId, 'user')).user.role).toBe('user');
  });
});

describe('the last active admin of a tenant', () => {
  it('cannot be disabled or demoted, by superadmins neither', async () => {
    const [only, other] = (await tenantWithAdmins(2)) as [Claims, Claims];
    expect(await disable(only, other.userId)).toMatchObject({ ok: true });
    for (const attempt of [
      () => disable(superadmin, only.userId),
      () => setRole(superadmin, only.userId, 'user'),
    ])
      expect(await attempt()).toEqual(refused('last_admin'));
    got(await saveUserPatch(worker, only, other.userId, { status: 'active' }, uuidv7()));
    expect(await setRole(other, only.userId, 'user'), 'once there is another').toMatchObject({ ok: true });
  });

  it('does not count who is disabled', async () => {
    const [one, two, three] = (await tenantWithAdmins(3)) as [Claims, Claims, Claims];
    for (const other of [two, three]) got(await disable(one, other.userId));
    expect(await setRole(one, two.userId, 'user'), 'a disabled admin loses the role').toMatchObject({
      ok: true,
    });
    expect(await disable(superadmin, one.userId)).toEqual(refused('last_admin'));
  });

  it('of the platform is its last superadmin, whatever admins it has', async () => {
    const second = await addUser({ tenant_id: PLATFORM_ID, level_id: platform.level_id }, 'superadmin');
    got(await disable(second, superadmin.userId));
    await rolledBack(database.worker, async () => {
      // Another superadmin's transaction that began before they were disabled.
      await database.worker.query('select app.enter($1, $2, 1000000)', [PLATFORM_ID, platformAdmin.userId]);
      await database.worker.query(`select set_config('app.role', 'superadmin', true)`);
      const end = `update users set role = 'admin' where id = '${second.userId}'`;
      expect(await refusalOf(database.worker, () => database.worker.query(end))).toBe('VS020');
    });
    got(await saveUserPatch(worker, second, superadmin.userId, { status: 'active' }, uuidv7()));
    got(await setRole(superadmin, second.userId, 'user'));
  });
});

describe('of two admins who end each other at the same moment', () => {
  const activeAdmins = async ({ tenantId }: Claims): Promise<number> => {
    const { rows } = await owner.query(
      `select count(*)::int from users where tenant_id = $1 and role = 'admin' and status = 'active'`,
      [tenantId],
    );
    return rows[0].count;
  };

  it('one stays, in each of fifty races', { timeout: 60_000 }, async () => {
    const [one, two] = (await tenantWithAdmins(2)) as [Claims, Claims];
    const ways = [disable, (by: Claims, userId: string) => setRole(by, userId, 'user')];
    const left: number[] = [];
    const outcomes = new Set<string>();
    for (let race = 0; race < 50; race++) {
      await owner.query(`update users set status = 'active', role = 'admin' where tenant_id = $1`, [
        one.tenantId,
      ]);
      const end = ways[race % 2] ?? disable;
      const answers = await Promise.all([end(one, two.userId), disable(two, one.userId)]);
      for (const answer of answers) outcomes.add(answer.ok ? 'ended' : answer.failure.code);
      left.push(await activeAdmins(one));
    }
    expect(left).toEqual(Array.from({ length: 50 }, () => 1));
    expect([...outcomes]).toContain('last_admin');
  });

  it('one stays of four in a circle', { timeout: 60_000 }, async () => {
    const circle = await tenantWithAdmins(4);
    for (let race = 0; race < 10; race++) {
      await owner.query(`update users set status = 'active', role = 'admin' where tenant_id = $1`, [
        circle[0]?.tenantId,
      ]);
      await Promise.all(
        circle.map((by, index) => disable(by, circle[(index + 1) % circle.length]?.userId ?? '')),
      );
      expect(await activeAdmins(circle[0] as Claims)).toBeGreaterThan(0);
    }
  });
});
