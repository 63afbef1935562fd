import { sql } from 'drizzle-orm';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { insertAudit } from '../../worker/db/audit.ts';
import { runAsUser } from '../../worker/db/context.ts';
import { updateTenantSettings } from '../../worker/db/tenants/tenant-settings.ts';
import {
  type ActingClaims,
  endActingSession,
  getActingAccount,
  getTenantToEnter,
  listActingSessions,
  startActingSession,
} from '../../worker/db/users/acting-sessions.ts';
import { saveInvitation } from '../../worker/db/users/invitations.ts';
import { saveUserPatch } from '../../worker/db/users/user-admin.ts';
import { listUsers } from '../../worker/db/users/users.ts';
import { insertRow } from '../support/test-database.ts';
import { roundTripsOf } from './database.ts';
import { claimsOf, got, nobody, refused, startGovernedWorld } from './governed-world.ts';
import { PLATFORM_ID, userRow } from './world.ts';

const world = await startGovernedWorld();
const { database, owner, worker, own, foreign, platform, admin, superadmin, platformAdmin, auditOf } = world;
afterAll(() => database.stop());

const reason = 'They asked for help with their prices';
const actingIn = (tenantId: string, userId = platform.user_id, iat = 1_000_000): ActingClaims => ({
  ...{ tenantId, userId, actingSessionId: uuidv7(), iat, exp: iat + 900 },
});

async function open(tenantId = own.tenant_id): Promise<ActingClaims> {
  const acting = actingIn(tenantId);
  got(
    await startActingSession(worker, superadmin, acting, {
      reason,
      request_id: `open-${acting.actingSessionId}`,
    }),
  );
  return acting;
}

/** Returns the role, the tenant and the user of a session. */
const contextOf = async (acting: ActingClaims) => {
  const answer = await runAsUser(worker, acting, [
    worker.execute(sql`select app.role() as role, app.actor_role() as actor_role, app.tenant_id() as tenant_id,
      app.user_id() as user_id`),
  ]);
  return answer.ok ? { ok: true, value: answer.value[0].rows[0] } : answer;
};

/** Changes a row for the length of one check. */
async function meanwhile(change: string, undo: string, values: unknown[], check: () => Promise<void>) {
  await owner.query(change, values);
  try {
    await check();
  } finally {
    await owner.query(undo, values);
  }
}

let acting: ActingClaims;
beforeAll(async () => {
  acting = await open();
});

describe('a superadmin inside a tenant', () => {
  it('has the rights of an admin there, and is named as a superadmin', async () => {
    expect(await contextOf(acting)).toEqual({
      ok: true,
      value: { role: 'admin', actor_role: 'superadmin', tenant_id: own.tenant_id, user_id: platform.user_id },
    });
  });

  it('sees the users of that tenant, and of no other', async () => {
    const users = got(await listUsers(worker, acting, { limit: 100 })).items;
    expect(users.map(({ id }) => id)).toContain(own.user_id);
    expect(new Set(users.map(({ tenant_id }) => tenant_id))).toEqual(new Set([own.tenant_id]));
    expect(await saveUserPatch(worker, acting, foreign.user_id, { status: 'disabled' }, uuidv7())).toEqual(
      refused('not_found'),
    );
  });

  it('changes what an admin may, and the tenant’s log names the superadmin and the session', async () => {
    got(await updateTenantSettings(worker, acting, { support_email: 'acting@example.com' }, 'acting-1'));
    const { rows } = await owner.query(
      'select tenant_id, actor_user_id, actor_role, acting_session_id from audit_log where request_id = $1',
      ['acting-1'],
    );
    expect(rows).toEqual([
      {
        ...{ tenant_id: own.tenant_id, actor_user_id: platform.user_id, actor_role: 'superadmin' },
        acting_session_id: acting.actingSessionId,
      },
    ]);
  });

  it('invites to the tenant as the platform does, and never a superadmin', async () => {
    const invite = (email: string, role: 'admin' | 'superadmin') =>
      saveInvitation(
        worker,
        acting,
        { email, role },
        { token_hash: uuidv7().replaceAll('-', ''), is_mailed: false, lifetime_days: 7 },
        uuidv7(),
      );
    expect(got(await invite('by-acting@example.test', 'admin'))).toMatchObject({
      invited_by: null,
      role: 'admin',
    });
    expect(await invite('super@example.test', 'superadmin')).toEqual(refused('role_above_own'));
  });

  it('reads the own account with the role there, and the session, in one round trip', async () => {
    let account: unknown;
    expect(
      await roundTripsOf(database, async () => {
        account = got(await getActingAccount(worker, acting));
      }),
    ).toBe(1);
    expect(account).toMatchObject({
      ...{ id: platform.user_id, tenant_id: PLATFORM_ID, role: 'admin' },
      acting: { id: acting.actingSessionId, reason, superadmin_id: platform.user_id, ended_at: null },
    });
  });

  it('no longer acts when the same transaction enters anything else', async () => {
    const answer = await runAsUser(worker, acting, [
      worker.execute(sql`select app.enter(${admin.tenantId}, ${admin.userId}, 0)`),
      worker.execute(sql`select app.actor_role() as role, app.acting_session_id() as session`),
      insertAudit(worker, {
        ...{
          tenant_id: own.tenant_id,
          actor_user_id: admin.userId,
          action: 'test.acted',
          request_id: 'moved-on',
        },
      }),
    ]);
    expect(answer.ok && answer.value[1].rows).toEqual([{ role: 'admin', session: null }]);
    expect(await auditOf('moved-on')).toMatchObject([{ actor_role: 'admin', actor_user_id: admin.userId }]);
  });
});

describe('opening a tenant', () => {
  it('is recorded in the tenant’s log with the reason, and its admins see the session', async () => {
    expect(await auditOf(`open-${acting.actingSessionId}`)).toEqual([
      {
        ...{ actor_user_id: platform.user_id, actor_role: 'superadmin', action: 'tenant.entered' },
        ...{ target_type: 'tenant', target_id: own.tenant_id, details: { reason } },
      },
    ]);
    const listed = got(await listActingSessions(worker, admin));
    expect(listed.find(({ id }) => id === acting.actingSessionId)).toMatchObject({ reason, ended_at: null });
    expect(got(await listActingSessions(worker, superadmin))).toEqual([]);
    expect(await listActingSessions(worker, claimsOf(own))).toEqual(refused('forbidden'));
  });

  it.each([
    ['an admin of the tenant', admin],
    ['an admin of the platform', platformAdmin],
    ['a user', claimsOf(own)],
  ])('is refused to %s, also by the database itself', async (_, claims) => {
    expect(await getTenantToEnter(worker, claims, own.tenant_id)).toEqual(refused('forbidden'));
    const forged = actingIn(own.tenant_id, claims.userId);
    await expect(
      startActingSession(worker, claims, forged, { reason, request_id: uuidv7() }),
    ).rejects.toThrow();
    expect(
      (await owner.query('select from acting_sessions where id = $1', [forged.actingSessionId])).rowCount,
    ).toBe(0);
  });

  it('needs a tenant that is not the platform, is known and answers', async () => {
    expect(await getTenantToEnter(worker, superadmin, PLATFORM_ID)).toEqual(refused('platform_tenant'));
    expect(await getTenantToEnter(worker, superadmin, nobody)).toEqual(refused('not_found'));
    const change = (status: string) => `update tenants set status = '${status}' where id = $1`;
    await meanwhile(change('suspended'), change('active'), [foreign.tenant_id], async () => {
      expect(await getTenantToEnter(worker, superadmin, foreign.tenant_id)).toEqual(
        refused('tenant_suspended'),
      );
    });
  });
});

describe('a session inside a tenant ends', () => {
  const roleTo = (role: string) => `update users set role = '${role}' where id = $1`;
  const statusTo = (status: string) => `update users set status = '${status}' where id = $1`;
  const tenantTo = (status: string) => `update tenants set status = '${status}' where id = $1`;

  it.each([
    ['their right', 'unauthenticated', roleTo('admin'), roleTo('superadmin'), platform.user_id],
    ['their account', 'user_disabled', statusTo('disabled'), statusTo('active'), platform.user_id],
    ['the tenant', 'tenant_suspended', tenantTo('suspended'), tenantTo('active'), own.tenant_id],
  ])('at once with %s', async (_, code, change, undo, id) => {
    await meanwhile(change, undo, [id], async () => {
      expect(await contextOf(acting)).toEqual(refused(code));
    });
    expect((await contextOf(acting)).ok).toBe(true);
  });

  it('with a sign-out of the superadmin', async () => {
    const change = 'update users set signed_out_at = to_timestamp(1000000) where id = $1';
    await meanwhile(
      change,
      'update users set signed_out_at = null where id = $1',
      [platform.user_id],
      async () => {
        expect(await contextOf(acting)).toEqual(refused('session_revoked'));
      },
    );
  });

  it('when it is left, which the log tells, and after 15 minutes', async () => {
    const left = await open();
    got(await endActingSession(worker, left, 'left-1'));
    expect(await contextOf(left)).toEqual(refused('session_revoked'));
    expect(await auditOf('left-1')).toMatchObject([{ action: 'tenant.left', actor_role: 'superadmin' }]);
    const late = await open();
    await owner.query(
      `update acting_sessions set started_at = now() - interval '15 minutes', expires_at = now() where id = $1`,
      [late.actingSessionId],
    );
    expect(await contextOf(late)).toEqual(refused('session_revoked'));
  });

  it.each([
    ['in another tenant', () => ({ ...acting, tenantId: foreign.tenant_id })],
    ['by another superadmin', async () => ({ ...acting, userId: await anotherSuperadmin() })],
    ['with an id that nobody opened', () => ({ ...acting, actingSessionId: uuidv7() })],
    ['as a plain session of the tenant', () => ({ ...acting, actingSessionId: undefined })],
  ])('before it begins: it is of no use %s', async (_, forge) => {
    expect(await contextOf((await forge()) as ActingClaims)).toEqual(refused('unauthenticated'));
  });

  async function anotherSuperadmin(): Promise<string> {
    const other = { ...userRow(PLATFORM_ID, platform.level_id), role: 'superadmin' };
    await insertRow(owner, 'users', other);
    return other.id;
  }
});
