import { v7 as uuidv7 } from 'uuid';
import { afterAll, describe, expect, it } from 'vitest';
import { type CreateLevel, createLevelRequest, LEVELS_MAX } from '../../contracts/api/tenant/levels.ts';
import { ALL_FEATURES, features } from '../../contracts/tenants/level-features.ts';
import { insertLevel, orderLevels, updateLevel } from '../../worker/db/levels/level-changes.ts';
import { listLevels, saveLevelPolicy } from '../../worker/db/levels/levels.ts';
import { loadCaller, loadTenant } from '../../worker/db/load-snapshots.ts';
import { saveUserPatch } from '../../worker/db/users/user-admin.ts';
import { createUser } from '../../worker/db/users/users.ts';
import { insertRow } from '../support/test-database.ts';
import { roundTripsOf } from './database.ts';
import { claimsOf, got, nobody, policy, refused, startGovernedWorld } from './governed-world.ts';
import { levelRow, somewhere, text } from './world.ts';

const world = await startGovernedWorld();
const { database, owner, worker, own, colleague, foreign, admin, superadmin, auditOf } = world;
afterAll(() => database.stop());
await owner.query('update levels set is_default = true, position = 1 where id = $1', [own.level_id]);
await owner.query('update levels set position = 2 where id = $1', [colleague.level_id]);
await owner.query('delete from levels where id = any ($1)', [[own.spare_level_id, colleague.spare_level_id]]);

type Request = Partial<CreateLevel> & { name: string };
const create = (request: Request, requestId: string = uuidv7(), by = admin) =>
  insertLevel(worker, by, createLevelRequest.parse(request), requestId);
const change = (
  id: string,
  patch: Parameters<typeof updateLevel>[3],
  by = admin,
  requestId: string = uuidv7(),
) => updateLevel(worker, by, id, patch, requestId);
const idsInOrder = async () => got(await listLevels(worker, admin)).map(({ id }) => id);

describe('a new level', () => {
  it('has every feature, all models and the policy of the default level, comes last, and is written down, in one round trip', async () => {
    await saveLevelPolicy(worker, admin, own.level_id, { ...policy, allocation_tokens: 77 }, uuidv7());
    let created: Awaited<ReturnType<typeof create>> | undefined;
    const trips = await roundTripsOf(database, async () => {
      created = await create({ name: 'Équipe Pro' }, 'level-created');
    });
    expect(trips).toBe(1);
    const level = got(created ?? (refused('nothing') as never));
    expect(level).toMatchObject({
      slug: 'equipe-pro',
      name: 'Équipe Pro',
      features: ALL_FEATURES,
      allowed_models: null,
      default_output_limit: null,
      is_default: false,
      archived_at: null,
      user_count: 0,
      policy: { allocation_tokens: 77 },
    });
    expect((await idsInOrder()).at(-1)).toBe(level.id);
    expect(await auditOf('level-created')).toMatchObject([
      {
        action: 'level.created',
        target_id: level.id,
        details: { before: null, after: { name: 'Équipe Pro' } },
      },
    ]);
  });

  it('takes what it is given', async () => {
    const given = {
      slug: text('given'),
      allowed_models: ['a', 'b'],
      default_output_limit: 500,
      policy: { ...policy, allocation_tokens: 5 },
    };
    const level = got(await create({ name: text('Given'), ...given, features: { exports: false } }));
    expect(level).toMatchObject({ ...given, features: { ...ALL_FEATURES, exports: false } });
  });

  it('cannot take a name or a slug of the tenant, in other letters neither; another tenant’s are free', async () => {
    const { name, slug } = got(await create({ name: text('Taken') }));
    expect(await create({ name: name.toUpperCase() })).toEqual({
      ok: false,
      failure: { code: 'name_taken', field: 'name' },
    });
    expect(await create({ name: text('Other'), slug })).toEqual({
      ok: false,
      failure: { code: 'name_taken', field: 'slug' },
    });
    expect(await create({ name, slug }, uuidv7(), superadmin)).toMatchObject({ ok: true });
  });

  it('is refused to plain users', async () => {
    expect(await create({ name: text('Mine') }, uuidv7(), claimsOf(own))).toEqual(refused('forbidden'));
  });

  it('is one of two with one name, when two admins make it at once', async () => {
    const name = text('Twin');
    const answers = await Promise.all([
      create({ name, slug: text('one') }),
      create({ name, slug: text('two') }),
    ]);
    expect(answers.map(({ ok }) => ok).sort()).toEqual([false, true]);
  });
});

describe('a level', () => {
  it('is renamed, gets features and an output limit, and keeps the rest; the audit log has both', async () => {
    const level = got(await create({ name: text('Before'), allowed_models: ['a'] }));
    const renamed = text('After');
    const changed = got(
      await change(
        level.id,
        { name: renamed, features: { api_keys: false }, default_output_limit: 9 },
        admin,
        'l-1',
      ),
    );
    expect(changed).toEqual({
      ...level,
      name: renamed,
      features: { ...ALL_FEATURES, api_keys: false },
      default_output_limit: 9,
    });
    expect(await auditOf('l-1')).toMatchObject([
      {
        action: 'level.changed',
        details: {
          before: { name: level.name, features: ALL_FEATURES, default_output_limit: null },
          after: { name: renamed, features: { api_keys: false }, default_output_limit: 9 },
        },
      },
    ]);
    expect(await change(level.id, { name: renamed }, admin, 'l-2')).toMatchObject({ ok: true });
    expect(await auditOf('l-2'), 'the same again').toEqual([]);
    const other = got(await create({ name: text('Other') }));
    expect(await change(other.id, { name: renamed.toLowerCase() })).toMatchObject({
      failure: { code: 'name_taken', field: 'name' },
    });
  });

  it('of another tenant is not found, by superadmins it is', async () => {
    expect(await change(foreign.level_id, { name: 'Mine' })).toEqual(refused('not_found'));
    expect(await change(nobody, { name: 'Mine' })).toEqual(refused('not_found'));
    expect(await change(own.level_id, { name: 'Mine' }, claimsOf(own))).toEqual(refused('forbidden'));
    expect(await change(foreign.level_id, { default_output_limit: 3 }, superadmin)).toMatchObject({
      ok: true,
      value: { default_output_limit: 3 },
    });
  });

  it('that the caller is on is written down as changed by themselves', async () => {
    await change(own.level_id, { default_output_limit: 7 }, admin, 'self-1');
    await change(colleague.level_id, { default_output_limit: 7 }, admin, 'self-2');
    expect(await auditOf('self-1')).toMatchObject([{ details: { self: true } }]);
    expect((await auditOf('self-2'))[0].details).not.toHaveProperty('self');
  });

  it('tells callers its features and its output limit, and the tenant’s snapshot who offers what', async () => {
    const level = got(
      await create({ name: text('Few'), features: { exports: false }, default_output_limit: 8 }),
    );
    got(await saveUserPatch(worker, admin, colleague.user_id, { level_id: level.id }, uuidv7()));
    const caller = got(await loadCaller(worker, claimsOf(colleague)));
    expect(caller).toMatchObject({
      user: { level: { features: { ...ALL_FEATURES, exports: false } } },
      default_output_limit: 8,
    });
    const { rows } = await owner.query('select slug from tenants where id = $1', [own.tenant_id]);
    const { tenant } = await loadTenant(worker, { slug: rows[0].slug }, null);
    const offering = tenant?.levels.filter((one) => one.features.exports).map(({ slug }) => slug);
    expect(tenant?.levels.map(({ slug }) => slug)).toContain(level.slug);
    expect(offering).not.toContain(level.slug);
  });

  it('has the features it is known to have: what is not stored is off', async () => {
    const bare = { ...levelRow(own.tenant_id), features: '{"api_keys": true, "forgotten": true}' };
    await insertRow(owner, 'levels', bare);
    await insertRow(owner, 'level_token_policies', {
      tenant_id: own.tenant_id,
      level_id: bare.id,
      ...policy,
    });
    const listed = got(await listLevels(worker, admin)).find(({ id }) => id === bare.id);
    expect(listed?.features).toEqual(Object.fromEntries(features.map((name) => [name, name === 'api_keys'])));
  });
});

describe('the default level', () => {
  it('is one at a time: new accounts get the new one', async () => {
    const level = got(await create({ name: text('Default') }));
    expect(got(await change(level.id, { is_default: true })).is_default).toBe(true);
    const levels = got(await listLevels(worker, admin));
    expect(levels.filter(({ is_default }) => is_default).map(({ id }) => id)).toEqual([level.id]);
    const id = uuidv7();
    const email = `${text('new')}@example.test`;
    const account = { id, tenant_id: own.tenant_id, email, name: null, password_hash: '-', request_id: id };
    expect(got(await createUser(worker, { ...account, client: somewhere })).level.id).toBe(level.id);
    got(await change(own.level_id, { is_default: true }));
  });

  it('cannot be archived, and an archived level cannot become it unless it is restored', async () => {
    expect(await change(own.level_id, { archived: true })).toEqual(refused('level_is_default'));
    const level = got(await create({ name: text('Archived') }));
    got(await change(level.id, { archived: true }));
    expect(await change(level.id, { is_default: true })).toEqual(refused('level_archived'));
    expect(await change(level.id, { is_default: true, archived: true })).toEqual(refused('level_is_default'));
    expect(got(await change(level.id, { is_default: true, archived: false }))).toMatchObject({
      is_default: true,
      archived_at: null,
    });
    got(await change(own.level_id, { is_default: true }));
  });
});

describe('an archived level', () => {
  it('keeps its users, takes nobody, is listed last and offers nothing; restored, it comes last of the others', async () => {
    const level = got(await create({ name: text('Old') }));
    got(await saveUserPatch(worker, admin, colleague.user_id, { level_id: level.id }, uuidv7()));
    const after = got(await create({ name: text('Younger') }));
    const archived = got(await change(level.id, { archived: true }));
    expect(archived).toMatchObject({ user_count: 1, archived_at: expect.any(String) });
    expect(got(await change(level.id, { archived: true })).archived_at).toBe(archived.archived_at);
    expect(await loadCaller(worker, claimsOf(colleague))).toMatchObject({ ok: true });
    expect((await idsInOrder()).at(-1)).toBe(level.id);
    expect(await saveUserPatch(worker, admin, own.user_id, { level_id: level.id }, uuidv7())).toEqual(
      refused('level_archived'),
    );
    const stays = { level_id: level.id, status: 'active' as const };
    expect(await saveUserPatch(worker, admin, colleague.user_id, stays, uuidv7())).toMatchObject({
      ok: true,
    });
    expect(await change(level.id, { archived: false })).toMatchObject({ value: { archived_at: null } });
    const order = await idsInOrder();
    expect(order.indexOf(level.id)).toBeGreaterThan(order.indexOf(after.id));
  });
});

describe('the order of levels', () => {
  it('is set as a whole, in one round trip, and written down', async () => {
    const before = got(await listLevels(worker, admin));
    const ids = before.filter(({ archived_at }) => archived_at === null).map(({ id }) => id);
    const reversed = [...ids].reverse();
    expect(await roundTripsOf(database, () => orderLevels(worker, admin, reversed, 'order-1'))).toBe(1);
    expect((await idsInOrder()).slice(0, ids.length)).toEqual(reversed);
    expect(await auditOf('order-1')).toMatchObject([
      { action: 'levels.ordered', details: { before: ids, after: reversed } },
    ]);
  });

  it('names all of them and no other: else it stays, and the answer says which', async () => {
    const ids = await idsInOrder();
    const [first = '', ...rest] = ids;
    expect(await orderLevels(worker, admin, rest, uuidv7())).toEqual({
      ok: false,
      failure: { code: 'incomplete_order', missing: [first], unknown: [] },
    });
    expect(await orderLevels(worker, admin, [...ids, foreign.level_id], uuidv7())).toEqual({
      ok: false,
      failure: { code: 'incomplete_order', missing: [], unknown: [foreign.level_id] },
    });
    expect(await orderLevels(worker, claimsOf(own), ids, uuidv7())).toEqual(refused('forbidden'));
    expect(await idsInOrder()).toEqual(ids);
  });
});

it('a tenant has a hundred levels at most', async () => {
  const { rows } = await owner.query('select count(*)::int from levels where tenant_id = $1', [
    own.tenant_id,
  ]);
  await owner.query(
    `insert into levels (tenant_id, id, slug, name)
     select $1, gen_random_uuid(), 'many-' || n, 'Many ' || n from generate_series(1, $2) n`,
    [own.tenant_id, LEVELS_MAX - rows[0].count],
  );
  expect(await create({ name: text('One more') })).toEqual(refused('too_many_levels'));
});
