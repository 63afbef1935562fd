import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { listAuditEntries } from '../../worker/db/audit-entries.ts';
import { recordCorrection } from '../../worker/db/ledger/wallet-corrections.ts';
import { saveLevelPolicy } from '../../worker/db/levels/levels.ts';
import { updateTenantSettings } from '../../worker/db/tenants/tenant-settings.ts';
import { getSelfMadeChanges, saveSelfMadeChanges } from '../../worker/db/users/self-made-changes.ts';
import { getUserWithPolicy, saveUserOverride, saveUserPatch } from '../../worker/db/users/user-admin.ts';
import { getWalletOwner } from '../../worker/db/users/users.ts';
import { insertRow } from '../support/test-database.ts';
import { refusalOf, rolledBack, roundTripsOf } from './database.ts';
import { claimsOf, got, NO_OVERRIDE, nobody, policy, refused, startGovernedWorld } from './governed-world.ts';
import { userRow } from './world.ts';

const world = await startGovernedWorld();
const { database, owner, worker, own, colleague, foreign, admin, superadmin, auditOf } = world;
afterAll(() => database.stop());

const setTenant = (allows_self_made_changes: boolean) =>
  updateTenantSettings(worker, admin, { allows_self_made_changes }, uuidv7());
const setPlatform = (allowed: boolean, by = superadmin, tenantId = own.tenant_id) =>
  saveSelfMadeChanges(worker, by, tenantId, allowed, uuidv7());
beforeEach(async () => {
  await world.putBack();
  await setTenant(true);
  await setPlatform(true);
});

const override = (userId: string, requestId: string = uuidv7()) =>
  saveUserOverride(
    worker,
    admin,
    userId,
    { ...NO_OVERRIDE, in_flight_max: Math.ceil(Math.random() * 999) },
    requestId,
  );
const setOwnLevel = (requestId: string = uuidv7()) =>
  saveLevelPolicy(
    worker,
    admin,
    own.level_id,
    { ...policy, in_flight_max: Math.ceil(Math.random() * 999) },
    requestId,
  );
const offFor = async (userId: string) =>
  got(await getUserWithPolicy(worker, admin, userId)).self_made_changes_off_by;

describe('what an admin changes about their own wallet, policy or level', () => {
  it('is written down as self-made; what they change of others is not', async () => {
    await override(admin.userId, 'own-policy');
    await override(own.user_id, 'policy-of-another');
    await setOwnLevel('own-level');
    const self = { details: { self: true } };
    expect(await auditOf('own-policy')).toMatchObject([self]);
    expect(await auditOf('own-level')).toMatchObject([self]);
    expect((await auditOf('policy-of-another'))[0].details).not.toHaveProperty('self');
  });

  it('as a correction of their wallet is written down once, however often it is repeated, in one round trip', async () => {
    const wallet = { tenant_id: own.tenant_id, user_id: admin.userId };
    const correction = {
      ...{ kind: 'credit' as const, wallet, operation_id: 'credit-1', amount: 5, reason: 'because' },
      ...{ reference: null, seq: 3 },
    };
    expect(await roundTripsOf(database, () => recordCorrection(worker, admin, correction, 'credit-1'))).toBe(
      1,
    );
    await recordCorrection(worker, admin, correction, 'credit-1');
    expect(await auditOf('credit-1')).toEqual([
      {
        actor_user_id: admin.userId,
        actor_role: 'admin',
        action: 'wallet.credited',
        target_type: 'user',
        target_id: admin.userId,
        details: {
          ...{ tenant_id: own.tenant_id, operation_id: 'credit-1', amount: 5, reason: 'because' },
          ...{ reference: null, seq: 3, self: true },
        },
      },
    ]);
  });
});

describe.each([
  ['by their tenant', 'tenant', () => setTenant(false)],
  ['by a superadmin', 'platform', () => setPlatform(false)],
])('turned off %s', (_, offBy, turnOff) => {
  beforeEach(async () => {
    got<unknown>(await turnOff());
  });

  it('an admin changes their own wallet and policy no more, and those of others as before', async () => {
    await world.expectUntouched(async () => {
      expect(await override(admin.userId)).toEqual(refused('self_made_changes_off'));
    });
    expect(await override(own.user_id)).toMatchObject({ ok: true });
    expect(await offFor(admin.userId)).toBe(offBy);
    expect(await offFor(own.user_id)).toBeNull();
    expect(got(await getWalletOwner(worker, admin, admin.userId)).self_made_changes_off_by).toBe(offBy);
    expect(got(await getWalletOwner(worker, superadmin, admin.userId)).self_made_changes_off_by).toBeNull();
  });

  it('a tenant with one admin stays usable: they still set the policy of the level they are on', async () => {
    expect(await setOwnLevel()).toMatchObject({ ok: true });
  });

  it('the policy of their level is set by an admin on another level, if there is one', async () => {
    const other = { ...userRow(own.tenant_id, colleague.level_id), role: 'admin' };
    await insertRow(owner, 'users', other);
    await world.expectUntouched(async () => {
      expect(await setOwnLevel()).toEqual(refused('self_made_changes_off'));
    });
    const by = claimsOf({ tenant_id: own.tenant_id, user_id: other.id });
    expect(
      await saveLevelPolicy(worker, by, own.level_id, { ...policy, in_flight_max: 3 }, uuidv7()),
    ).toMatchObject({
      ok: true,
    });
    got(await saveUserPatch(worker, admin, other.id, { role: 'user' }, uuidv7()));
  });
});

describe('the platform’s rule', () => {
  it('is the superadmins’, and is written down', async () => {
    for (const by of [admin, claimsOf(own)])
      expect(await setPlatform(false, by)).toEqual(refused('forbidden'));
    expect(await setPlatform(false, superadmin, nobody)).toEqual(refused('not_found'));
    expect(got(await saveSelfMadeChanges(worker, superadmin, own.tenant_id, false, 'lock-1'))).toEqual({
      allowed_by_tenant: true,
      allowed_by_platform: false,
    });
    expect(got(await getSelfMadeChanges(worker, superadmin, own.tenant_id)).allowed_by_platform).toBe(false);
    expect(await getSelfMadeChanges(worker, admin, own.tenant_id)).toEqual(refused('forbidden'));
    expect(await getSelfMadeChanges(worker, superadmin, nobody)).toEqual(refused('not_found'));
    expect(await auditOf('lock-1')).toMatchObject([
      {
        action: 'tenant.self_made_changes_locked',
        details: { before: { locked: false }, after: { locked: true } },
      },
    ]);
  });

  it('is out of an admin’s reach, in SQL as well', () =>
    rolledBack(database.worker, async () => {
      await database.worker.query('select app.enter($1, $2, 1000000)', [admin.tenantId, admin.userId]);
      const unlock = 'update tenants set self_made_changes_locked = not self_made_changes_locked';
      expect(await refusalOf(database.worker, () => database.worker.query(unlock))).toBe('VS004');
    }));
});

describe('the audit log', () => {
  it('lists the tenant’s entries, newest first, by user and self-made ones alone, in one round trip', async () => {
    await override(admin.userId, 'listed-1');
    await override(own.user_id, 'listed-2');
    const list = (filter: object) => listAuditEntries(worker, admin, { limit: 100, ...filter });
    const all = got(await list({})).items;
    expect(all.map(({ id }) => id)).toEqual(
      all
        .map(({ id }) => id)
        .sort()
        .reverse(),
    );
    const [newest] = got(await list({ user_id: own.user_id })).items;
    expect(newest).toMatchObject({
      action: 'user.token_policy_changed',
      actor: { id: admin.userId },
      target_user: { id: own.user_id },
      self_made: false,
    });
    expect(newest?.details).not.toHaveProperty('tenant_id');
    await setOwnLevel();
    const [ofLevel] = got(await list({})).items;
    expect(ofLevel).toMatchObject({ target_user: null, target_level: { name: 'A level' } });
    const selfMade = got(await list({ self_made: 'true' })).items;
    expect(selfMade.length).toBeGreaterThan(0);
    for (const entry of selfMade)
      expect(entry).toMatchObject({ self_made: true, actor: { id: admin.userId } });
    expect(await roundTripsOf(database, () => list({ self_made: 'true' }))).toBe(1);
  });

  it('is for admins, each of their tenant, page by page', async () => {
    expect(await listAuditEntries(worker, claimsOf(own), { limit: 5 })).toEqual(refused('forbidden'));
    const page = got(await listAuditEntries(worker, admin, { limit: 1 }));
    const next = got(await listAuditEntries(worker, admin, { limit: 1, cursor: page.next_cursor ?? '' }));
    expect(next.items[0]?.id).not.toBe(page.items[0]?.id);
    expect(await listAuditEntries(worker, admin, { limit: 1, cursor: 'nonsense' })).toEqual(
      refused('invalid_cursor'),
    );
    const foreignAdmin = { ...userRow(foreign.tenant_id, foreign.level_id), role: 'admin' };
    await insertRow(owner, 'users', foreignAdmin);
    const elsewhere = claimsOf({ tenant_id: foreign.tenant_id, user_id: foreignAdmin.id });
    expect(got(await listAuditEntries(worker, elsewhere, { limit: 5 })).items).toEqual([]);
  });
});
