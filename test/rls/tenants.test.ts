import { v7 as uuidv7 } from 'uuid';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import type { TenantsQuery } from '../../contracts/api/platform/tenants.ts';
import { loadTenant } from '../../worker/db/load-snapshots.ts';
import {
  foundSignedUpTenant,
  foundTenant,
  getTenantSignupMode,
  type NewTenant,
} from '../../worker/db/tenants/found-tenant.ts';
import { readExportPage } from '../../worker/db/tenants/tenant-export.ts';
import {
  beginDeletion,
  saveTenantSignupMode,
  updateTenant,
} from '../../worker/db/tenants/tenant-lifecycle.ts';
import { getTenant, getTenantStanding, listTenants } from '../../worker/db/tenants/tenants.ts';
import { getMe } from '../../worker/db/users/users.ts';
import { insertRow } from '../support/test-database.ts';
import { refusalOf, rolledBack, roundTripsOf } from './database.ts';
import { claimsOf, got, nobody, refused, startGovernedWorld } from './governed-world.ts';
import { PLATFORM_ID, text, userRow } from './world.ts';

const world = await startGovernedWorld();
const { database, owner, worker, own, foreign, admin, superadmin, platformAdmin, auditOf } = world;
afterAll(() => database.stop());

const DOMAIN = 'vanilla.test';
const page: TenantsQuery = { limit: 25, sort: 'created_at' };
const list = (query: Partial<TenantsQuery> = {}, claims = superadmin) =>
  listTenants(worker, claims, { ...page, ...query }, DOMAIN);

/** Returns a new tenant as it is founded. */
function newTenant(slug = text('tenant'), name = 'A tenant'): NewTenant {
  const id = uuidv7();
  const invitation = {
    ...{ tenant_id: id, id: uuidv7(), email: 'first@example.test', level_id: null },
    role: 'admin',
    token_hash: uuidv7().replaceAll('-', '').repeat(2),
    is_mailed: false,
    lifetime_days: 7,
  } as const;
  return { id, slug, name, allocation_after: 'verification', invitation };
}

async function found(slug?: string, name?: string) {
  const tenant = newTenant(slug, name);
  got(await foundTenant(worker, superadmin, tenant, uuidv7()));
  return tenant;
}

const defaultLevelOf = async (tenantId: string): Promise<string> =>
  (await owner.query('select id from levels where tenant_id = $1 and is_default', [tenantId])).rows[0].id;

const patch = (id: string, change: Parameters<typeof updateTenant>[3], requestId: string = uuidv7()) =>
  updateTenant(worker, superadmin, id, change, requestId);
const remove = (id: string, confirmed_slug: string, grace_days = 30) =>
  beginDeletion(worker, superadmin, id, { confirmed_slug, grace_days, request_id: uuidv7() });

describe('a new tenant', () => {
  it('has a default level with a hard policy, closed registration and an invitation of its first admin, in one round trip', async () => {
    const tenant = newTenant();
    let created: unknown;
    expect(
      await roundTripsOf(database, async () => {
        created = got(await foundTenant(worker, superadmin, tenant, 'found-1'));
      }),
    ).toBe(1);
    expect(created).toMatchObject({
      ...{ id: tenant.id, slug: tenant.slug, name: tenant.name, status: 'active', users: 0, admins: [] },
      ...{ own_hostnames: [], month_executions: 0, month_cost_micro_usd: 0, signed_up_at: null },
      budget: { mode: 'prepaid', enforcement: 'hard', balance_micro_usd: 0 },
    });
    const { rows } = await owner.query(
      `select l.is_default, p.mode, p.allocation_tokens, p.enforcement, t.registration, i.email, i.role, i.invited_by
       from tenants t join levels l on l.tenant_id = t.id join level_token_policies p on p.tenant_id = t.id and p.level_id = l.id
       join invitations i on i.tenant_id = t.id where t.id = $1`,
      [tenant.id],
    );
    expect(rows).toEqual([
      {
        ...{ is_default: true, mode: 'lifetime', allocation_tokens: '10000', enforcement: 'hard' },
        ...{ registration: 'invitation', email: 'first@example.test', role: 'admin', invited_by: null },
      },
    ]);
    expect(await auditOf('found-1')).toMatchObject([
      { actor_role: 'superadmin', action: 'tenant.created', target_id: tenant.id },
    ]);
  });

  it('needs a slug that no other tenant has', async () => {
    const { slug } = await found();
    expect(await foundTenant(worker, superadmin, newTenant(slug), 'found-2')).toEqual(refused('name_taken'));
  });

  it.each([
    ['an admin of the platform', platformAdmin],
    ['an admin of a tenant', admin],
    ['a user', claimsOf(own)],
  ])('is not founded by %s', async (_, claims) => {
    const tenant = newTenant();
    expect(await foundTenant(worker, claims, tenant, 'found-3')).toEqual(refused('forbidden'));
    expect((await owner.query('select from tenants where id = $1', [tenant.id])).rowCount).toBe(0);
  });

  it('is not founded by the service of another tenant', () =>
    rolledBack(database.worker, async () => {
      await database.worker.query('select app.enter_service($1)', [own.tenant_id]);
      const attempt = () =>
        database.worker.query('select app.found_tenant($1, $2, $3, $4, $5)', [
          uuidv7(),
          text('t'),
          'T',
          uuidv7(),
          'registration',
        ]);
      expect(await refusalOf(database.worker, attempt)).toBe('VS010');
    }));
});

describe('a sign-up', () => {
  const allow = async (mode: 'closed' | 'reviewed' | 'unverified') =>
    got(await saveTenantSignupMode(worker, superadmin, mode, uuidv7()));
  afterEach(() => allow('closed'));

  it('is refused while the platform does not allow it, which it does not at first', async () => {
    expect(await getTenantSignupMode(worker)).toBe('closed');
    expect(await foundSignedUpTenant(worker, newTenant())).toEqual(refused('registration_closed'));
  });

  it('founds a tenant and invites its first admin, and no second one', async () => {
    await allow('unverified');
    const tenant = newTenant();
    got(await foundSignedUpTenant(worker, tenant));
    expect(got(await getTenant(worker, superadmin, tenant.id))).toMatchObject({
      signed_up_at: expect.any(String),
      status: 'active',
    });
    await insertRow(owner, 'users', {
      ...userRow(tenant.id, await defaultLevelOf(tenant.id)),
      role: 'admin',
    });
    await rolledBack(database.worker, async () => {
      await database.worker.query('select app.enter_service($1)', [tenant.id]);
      const invite = () =>
        database.worker.query(
          `insert into invitations (tenant_id, id, email, role, token_hash, expires_at)
           values ($1, $2, 'second@example.test', 'admin', '\\x01', now())`,
          [tenant.id, uuidv7()],
        );
      expect(await refusalOf(database.worker, invite)).toBe('42501');
    });
  });

  it('is refused when there were 50 within a day', async () => {
    await allow('reviewed');
    const rows = await owner.query(
      `insert into tenants (id, slug, name, primary_color, signed_up_at)
       select gen_random_uuid(), 'signed-up-' || n, 'T', '#123456', now() from generate_series(1, 50) n returning id`,
    );
    expect(await foundSignedUpTenant(worker, newTenant())).toEqual(refused('too_many_today'));
    await owner.query(`update tenants set signed_up_at = now() - interval '2 days' where id = any ($1)`, [
      rows.rows.map(({ id }) => id),
    ]);
    got(await foundSignedUpTenant(worker, newTenant()));
    await owner.query('delete from tenant_budgets where tenant_id = any ($1)', [
      rows.rows.map(({ id }) => id),
    ]);
    await owner.query('delete from tenants where id = any ($1)', [rows.rows.map(({ id }) => id)]);
  });

  it.each([
    ['an admin of the platform', platformAdmin],
    ['an admin of a tenant', admin],
    ['a user', claimsOf(own)],
  ])('is not allowed by %s', async (_, claims) => {
    expect(await saveTenantSignupMode(worker, claims, 'unverified', uuidv7())).toEqual(refused('forbidden'));
    expect(await getTenantSignupMode(worker)).toBe('closed');
  });
});

describe('the list of tenants', () => {
  it('is for superadmins', async () => {
    for (const claims of [claimsOf(own), admin, platformAdmin])
      expect(await list({}, claims)).toEqual(refused('forbidden'));
    const ids = got(await list({ limit: 100 })).items.map(({ id }) => id);
    expect(ids).toEqual(expect.arrayContaining([own.tenant_id, foreign.tenant_id, PLATFORM_ID]));
  });

  it('has users, active hostnames, and executions and cost of this month, in one round trip', async () => {
    const execution = (id: string, cost_micro_usd: number) =>
      insertRow(owner, 'ai_executions', {
        ...{
          tenant_id: foreign.tenant_id,
          user_id: foreign.user_id,
          id,
          status: 'succeeded',
          cost_micro_usd,
        },
      });
    await execution(uuidv7(), 700);
    await execution(uuidv7(), 50);
    await execution(uuidv7({ msecs: Date.now() - 40 * 86_400_000 }), 9_000);
    const domain = (hostname: string, status: string) =>
      insertRow(owner, 'tenant_domains', {
        ...{ tenant_id: foreign.tenant_id, id: uuidv7(), hostname, status, verification_token: 'token' },
      });
    await domain('ai.foreign.example', 'active');
    await domain('pending.foreign.example', 'issuing');
    let items: unknown[] = [];
    expect(
      await roundTripsOf(database, async () => {
        items = got(await list({ q: 'ai.foreign' })).items;
      }),
    ).toBe(1);
    expect(items).toEqual([
      expect.objectContaining({
        ...{ id: foreign.tenant_id, users: 2, month_executions: 2, month_cost_micro_usd: 750 },
        own_hostnames: ['ai.foreign.example'],
      }),
    ]);
  });

  it('is searched by a part of a slug, a name or a hostname, whatever its case, and takes wildcards literally', async () => {
    const slug = text('needle');
    const { id } = await found(slug, 'Grüße & 100%_Sons');
    const idsOf = async (q: string) => got(await list({ q })).items.map((tenant) => tenant.id);
    for (const q of [slug.slice(2), slug.toUpperCase(), 'grüße', '100%_s', `${slug}.vanilla.test`])
      expect(await idsOf(q), q).toEqual([id]);
    expect(await idsOf('1_0%')).toEqual([]);
    expect(await idsOf('vanilla.test.example')).toEqual([]);
  });

  it('is filtered by status, and hides deleted tenants unless they are asked for', async () => {
    const { id, slug } = await found();
    const has = async (query: Partial<TenantsQuery>) =>
      got(await list({ q: slug.slice(0, 15), ...query })).items.some((tenant) => tenant.id === id);
    got(await patch(id, { status: 'suspended', reason: 'unpaid' }));
    expect([await has({}), await has({ status: 'active' }), await has({ status: 'suspended' })]).toEqual([
      ...[true, false, true],
    ]);
  });

  it.each(['created_at', 'name'] as const)('is paged in the order of %s, each tenant once', async (sort) => {
    const all = got(await list({ limit: 100, sort })).items.map(({ id }) => id);
    const paged: string[] = [];
    let cursor: string | undefined;
    do {
      const part = got(await list({ limit: 2, sort, ...(cursor === undefined ? {} : { cursor }) }));
      paged.push(...part.items.map(({ id }) => id));
      cursor = part.next_cursor ?? undefined;
    } while (cursor !== undefined);
    expect(paged).toEqual(all);
    expect(new Set(all).size).toBe(all.length);
  });

  it('refuses a cursor that is none', async () => {
    expect(await list({ cursor: 'nonsense' })).toEqual(refused('invalid_cursor'));
  });
});

describe('a change of a tenant', () => {
  it('is made and audited in one round trip, and names what was before', async () => {
    const { id, slug } = await found();
    const change = { name: 'Renamed', branding: { primary_color: '#0f766e', tagline: 'Better' } };
    expect(
      await roundTripsOf(database, async () => {
        const { tenant } = got(await patch(id, change, 'change-1'));
        expect(tenant.branding).toEqual({
          ...{ name: 'Renamed', tagline: 'Better', logo_url: null, primary_color: '#0f766e' },
        });
      }),
    ).toBe(1);
    expect(await auditOf('change-1')).toEqual([
      {
        ...{ actor_user_id: superadmin.userId, actor_role: 'superadmin', action: 'tenant.changed' },
        ...{ target_type: 'tenant', target_id: id },
        details: {
          tenant_id: id,
          before: { name: 'A tenant', tagline: null, primary_color: '#4f46e5' },
          after: { name: 'Renamed', tagline: 'Better', primary_color: '#0f766e' },
        },
      },
    ]);
    expect((await loadTenant(worker, { slug }, null)).tenant?.branding.name).toBe('Renamed');
  });

  it.each([
    ['an admin of the platform', platformAdmin],
    ['an admin of that tenant', admin],
    ['a user', claimsOf(own)],
  ])('is refused to %s, and changes nothing', async (_, claims) => {
    const change = { name: 'Mine', status: 'suspended', reason: 'because' } as const;
    expect(await updateTenant(worker, claims, own.tenant_id, change, 'change-2')).toEqual(
      refused('forbidden'),
    );
    expect(await auditOf('change-2')).toEqual([]);
    expect(got(await getTenant(worker, superadmin, own.tenant_id))).toMatchObject({
      name: 'A tenant',
      status: 'active',
    });
  });

  it('of slug or status is refused to an admin of the tenant by the database itself', () =>
    rolledBack(database.worker, async () => {
      await database.worker.query('select app.enter($1, $2, 0)', [admin.tenantId, admin.userId]);
      for (const change of [`slug = 'taken-over'`, `status = 'suspended'`, `tenant_signups = 'reviewed'`]) {
        const attempt = () =>
          database.worker.query(`update tenants set ${change} where id = $1`, [own.tenant_id]);
        expect(await refusalOf(database.worker, attempt), change).toBe('VS010');
      }
    }));

  it('of an unknown tenant is not found', async () => {
    expect(await patch(nobody, { name: 'Nobody' })).toEqual(refused('not_found'));
    expect(await remove(nobody, 'nobody')).toEqual(refused('not_found'));
    expect(await getTenant(worker, superadmin, nobody)).toEqual(refused('not_found'));
  });

  it('of slug or status is refused for the platform’s own tenant; its name may change', async () => {
    expect(await patch(PLATFORM_ID, { status: 'suspended', reason: 'oops' })).toEqual(
      refused('platform_tenant'),
    );
    expect(await patch(PLATFORM_ID, { slug: 'other' })).toEqual(refused('platform_tenant'));
    expect(await remove(PLATFORM_ID, 'platform')).toEqual(refused('platform_tenant'));
    expect(got(await patch(PLATFORM_ID, { name: 'The shop' })).tenant).toMatchObject({
      slug: 'platform',
      status: 'active',
    });
    for (const change of [`status = 'suspended'`, `slug = 'other'`])
      await rolledBack(owner, async () => {
        const attempt = () => owner.query(`update tenants set ${change} where id = $1`, [PLATFORM_ID]);
        expect(await refusalOf(owner, attempt)).toBe('23514');
      });
  });
});

describe('a slug', () => {
  it('changes, and the former one is held for 30 days from everybody else', async () => {
    const [one, other] = [await found(), await found()];
    const slug = text('renamed');
    expect(got(await patch(one.id, { slug }))).toMatchObject({ tenant: { slug }, former_slug: one.slug });
    expect(await patch(other.id, { slug: one.slug })).toEqual(refused('name_taken'));
    expect(await foundTenant(worker, superadmin, newTenant(one.slug), uuidv7())).toEqual(
      refused('name_taken'),
    );
    expect(await patch(one.id, { slug: text('again') })).toEqual(refused('slug_held'));
    expect(await patch(one.id, { slug: one.slug })).toEqual(refused('slug_held'));
    expect(got(await patch(one.id, { slug })).tenant.slug).toBe(slug);
    expect((await loadTenant(worker, { slug: one.slug }, null)).tenant).toBeNull();
    await owner.query(`update tenants set former_slug_held_until = now() where id = $1`, [one.id]);
    got(await patch(other.id, { slug: one.slug }));
  });

  it('of another tenant is not taken, and the rest of the change is not made', async () => {
    const [one, other] = [await found(), await found()];
    expect(await patch(one.id, { slug: other.slug, name: 'Half' })).toEqual(refused('name_taken'));
    expect(got(await getTenant(worker, superadmin, one.id))).toMatchObject({
      slug: one.slug,
      name: 'A tenant',
    });
  });
});

describe('a suspended tenant', () => {
  it('refuses its users, tells why to superadmins, and is resumed; each status is later than the one before', async () => {
    const { id } = await found();
    const level_id = await defaultLevelOf(id);
    const user = userRow(id, level_id);
    await insertRow(owner, 'users', user);
    const me = () => getMe(worker, claimsOf({ tenant_id: id, user_id: user.id }));
    got(await me());
    const { tenant: suspended } = got(await patch(id, { status: 'suspended', reason: 'unpaid' }));
    expect(suspended).toMatchObject({ status: 'suspended', status_reason: 'unpaid' });
    expect(await me()).toEqual(refused('tenant_suspended'));
    const { tenant: resumed } = got(await patch(id, { status: 'active' }));
    expect(resumed).toMatchObject({ status: 'active', status_reason: null });
    expect(resumed.status_version).toBeGreaterThan(suspended.status_version);
    expect(await getTenantStanding(worker, id)).toEqual({
      ...{ id, status: 'active', status_version: resumed.status_version },
    });
    got(await me());
  });
});

describe('a tenant that is being deleted', () => {
  it('needs its slug as confirmation, refuses its users, keeps its slug and can be restored', async () => {
    const { id, slug } = await found();
    expect(await remove(id, 'another')).toEqual(refused('not_confirmed'));
    expect(got(await getTenant(worker, superadmin, id)).status).toBe('active');
    const { tenant } = got(await remove(id, slug, 10));
    const due = Date.parse(tenant.deletion_due_at ?? '') - Date.now();
    expect([tenant.status, Math.round(due / 86_400_000)]).toEqual(['deleting', 10]);
    expect(got(await remove(id, slug, 90)).tenant.deletion_due_at).toBe(tenant.deletion_due_at);
    expect((await loadTenant(worker, { slug }, null)).tenant?.status).toBe('deleting');
    expect(await foundTenant(worker, superadmin, newTenant(slug), uuidv7())).toEqual(refused('name_taken'));
    expect(got(await patch(id, { status: 'active', reason: 'a mistake' })).tenant).toMatchObject({
      ...{ status: 'active', deletion_due_at: null },
    });
  });

  it('cannot be restored once its grace period is over', async () => {
    const { id, slug } = await found();
    got(await remove(id, slug));
    await owner.query(`update tenants set deletion_due_at = now() where id = $1`, [id]);
    expect(await patch(id, { status: 'active' })).toEqual(refused('tenant_deleted'));
    expect(got(await getTenant(worker, superadmin, id)).status).toBe('deleting');
  });
});

describe('an export', () => {
  it('is for superadmins, and read page by page to the end', async () => {
    for (const claims of [claimsOf(foreign), admin, platformAdmin])
      expect(
        await readExportPage(worker, claims, foreign.tenant_id, { kind: 'user', after: null }, 10),
      ).toEqual(refused('forbidden'));
    const read = (after: (string | number)[] | null) =>
      readExportPage(worker, superadmin, foreign.tenant_id, { kind: 'user', after }, 1);
    const first = got(await read(null));
    const second = got(await read(first.next));
    const third = got(await read(second.next));
    expect([first.rows[0]?.id, second.rows[0]?.id].sort()).toEqual(
      [foreign.user_id, foreign.spare_user_id].sort(),
    );
    expect(third).toEqual({ rows: [], next: null });
  });

  it.each(['user', 'level', 'model', 'price', 'execution', 'ledger_entry', 'budget_ledger_entry'] as const)(
    'has every %s of the tenant, none of another, and no secret',
    async (kind) => {
      const { rows } = got(
        await readExportPage(worker, superadmin, foreign.tenant_id, { kind, after: null }, 100),
      );
      const written = JSON.stringify(rows);
      expect(written).not.toMatch(/password|hash":"not|ciphertext/);
      for (const id of [own.tenant_id, own.user_id, own.level_id, own.model_id])
        expect(written).not.toContain(id);
    },
  );
});
