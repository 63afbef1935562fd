import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AuditFilter } from '../../contracts/api/tenant/audit.ts';
import { listAuditEntries, listPlatformAuditEntries } from '../../worker/db/audit-entries.ts';
import { deleteExpiredTenantContents } from '../../worker/db/executions/contents.ts';
import { updateTenantSettings } from '../../worker/db/tenants/tenant-settings.ts';
import { saveUserOverride } from '../../worker/db/users/user-admin.ts';
import { recordFailedLogin, recordLogin } from '../../worker/db/users/users.ts';
import { exportAuditLog } from '../../worker/http/answers/audit-export.ts';
import { roundTripsOf } from './database.ts';
import { claimsOf, got, NO_OVERRIDE, refused, startGovernedWorld } from './governed-world.ts';

const world = await startGovernedWorld();
const { database, worker, own, foreign, admin, superadmin } = world;
afterAll(() => database.stop());

const DAY_MS = 86_400_000;
const dayFromNow = (days: number) => new Date(Date.now() + days * DAY_MS).toISOString().slice(0, 10);

const rename = (tagline: string) => updateTenantSettings(worker, admin, { branding: { tagline } }, uuidv7());
beforeAll(async () => {
  got(await rename('One tagline'));
  got(await saveUserOverride(worker, admin, own.user_id, { ...NO_OVERRIDE, in_flight_max: 7 }, uuidv7()));
  got(await rename('=SUM(A1), "another"'));
});

const actionsOf = async (filter: AuditFilter) =>
  got(await listAuditEntries(worker, admin, { limit: 100, ...filter })).items.map(({ action }) => action);

describe('An attempt to sign in', () => {
  const client = { address: '2001:db8::7', agent: 'A browser' };
  const login = { tenant_id: own.tenant_id, user_id: own.user_id, request_id: 'sign-in', client };
  const ofOwn = { user_id: own.user_id, action: 'user' };
  const newest = async () => got(await listAuditEntries(worker, admin, { limit: 2, ...ofOwn })).items;

  it('is listed with the address and the browser, failed or not; other entries have none', async () => {
    await recordLogin(worker, login);
    await recordFailedLogin(worker, login);
    expect(await newest()).toMatchObject([
      { action: 'user.login_failed', actor_role: 'service', client },
      { action: 'user.logged_in', client },
    ]);
    const [change] = got(await listAuditEntries(worker, admin, { limit: 1, action: 'tenant' })).items;
    expect(change?.client).toBeNull();
  });

  it('keeps its entry and loses the address after 90 days', async () => {
    const age = (days: number) =>
      database.owner.query(
        `update audit_clients set at = now() - make_interval(days => ${days}) where tenant_id = $1`,
        [own.tenant_id],
      );
    await age(89);
    await deleteExpiredTenantContents(worker, own.tenant_id);
    expect(await newest()).toMatchObject([{ client }, { client }]);
    await age(91);
    await deleteExpiredTenantContents(worker, own.tenant_id);
    expect(await newest()).toMatchObject([{ client: null }, { client: null }]);
  });
});

describe('The audit log', () => {
  it.each([
    [
      'an action',
      { action: 'tenant.settings_changed' },
      ['tenant.settings_changed', 'tenant.settings_changed'],
    ],
    ['a kind of actions', { action: 'user', actor_id: admin.userId }, ['user.token_policy_changed']],
    ['an action that never happened', { action: 'tenant.settings' }, []],
    ['a kind whose underscore is no wildcard', { action: 'tenan_' }, []],
    ['days in the past', { to: dayFromNow(-1) }, []],
    ['days in the future', { from: dayFromNow(1) }, []],
  ] as const)('is filtered by %s', async (_, filter, actions) => {
    expect(await actionsOf(filter)).toEqual(actions);
  });

  it('is filtered by today, both days included, and by its actor', async () => {
    const today = { from: dayFromNow(0), to: dayFromNow(0) };
    expect(await actionsOf({ ...today, actor_id: admin.userId })).toHaveLength(3);
    expect(await actionsOf({ ...today, actor_id: own.user_id })).toEqual([
      'user.login_failed',
      'user.logged_in',
    ]);
  });

  it('is exported whole, as CSV that a spreadsheet does not run, in one round trip for a thousand entries', async () => {
    let text = '';
    const read = async () => {
      text = await new Response(got(await exportAuditLog(worker, admin, { action: 'tenant' }))).text();
    };
    expect(await roundTripsOf(database, read)).toBe(1);
    const [header, newest, ...more] = text.trimEnd().split('\r\n');
    expect(header).toBe(
      'at,action,actor_email,actor_role,target_type,target_id,target_name,self_made,client_address,client_agent,details,id,actor_key',
    );
    expect(newest).toContain(',tenant.settings_changed,');
    expect(newest).toContain('=SUM(A1)');
    expect(newest).not.toMatch(/(^|,)"?=/);
    expect(more).toHaveLength(1);
  });

  it('is exported by admins alone', async () => {
    expect(await exportAuditLog(worker, claimsOf(own), {})).toEqual(refused('forbidden'));
  });
});

describe('The audit log of all tenants', () => {
  const page = { limit: 100 };

  it('names the tenant of each entry, and is narrowed to one', async () => {
    const elsewhere = { tenant_id: foreign.tenant_id, user_id: foreign.user_id, request_id: 'elsewhere' };
    await recordLogin(worker, { ...elsewhere, client: { address: '2001:db8::8', agent: null } });
    const all = got(await listPlatformAuditEntries(worker, superadmin, page)).items;
    const tenants = new Set(all.map(({ tenant }) => tenant.id));
    expect(tenants).toEqual(new Set([own.tenant_id, foreign.tenant_id]));
    expect(all.map(({ id }) => id)).toEqual(
      all
        .map(({ id }) => id)
        .toSorted()
        .toReversed(),
    );
    const one = { ...page, tenant_id: foreign.tenant_id, action: 'user.logged_in' };
    const [entry, ...others] = got(await listPlatformAuditEntries(worker, superadmin, one)).items;
    expect(entry).toMatchObject({ actor: { id: foreign.user_id }, tenant: { id: foreign.tenant_id } });
    expect(others).toEqual([]);
  });

  it('is for superadmins alone', async () => {
    for (const claims of [admin, claimsOf(own)])
      expect(await listPlatformAuditEntries(worker, claims, page)).toEqual(refused('forbidden'));
  });
});
