import pg from 'pg';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { listLevels, listUsersInheriting, saveLevelPolicy } from '../../worker/db/levels/levels.ts';
import { getUserWithPolicy, saveUserOverride, saveUserPatch } from '../../worker/db/users/user-admin.ts';
import { insertRow } from '../support/test-database.ts';
import { roundTripsOf, someoneWaits } from './database.ts';
import { claimsOf, got, NO_OVERRIDE, nobody, policy, refused, startGovernedWorld } from './governed-world.ts';
import { levelRow, userRow } from './world.ts';

const world = await startGovernedWorld();
const { database, owner, worker, own, colleague, foreign, platform, admin } = world;
const { auditOf, expectUntouched } = world;
beforeEach(world.putBack);
afterAll(() => database.stop());

describe('the version of a user’s policy', () => {
  it('rises with every change, though the clock steps back an hour', async () => {
    const aheadUs = (Date.now() + 3_600_000) * 1_000;
    await owner.query(`select setval('app.policy_clock', $1)`, [aheadUs]);
    const who = colleague.user_id;
    const allocate = (allocation_tokens: number) => ({ ...policy, allocation_tokens });
    const changes: (() => Promise<unknown>)[] = [
      () => saveLevelPolicy(worker, admin, colleague.level_id, allocate(1), uuidv7()),
      () => saveUserOverride(worker, admin, who, { ...NO_OVERRIDE, in_flight_max: 3 }, uuidv7()),
      () => saveUserPatch(worker, admin, who, { level_id: own.level_id }, uuidv7()),
      () => saveLevelPolicy(worker, admin, own.level_id, allocate(2), uuidv7()),
      () => saveUserOverride(worker, admin, who, NO_OVERRIDE, uuidv7()),
    ];
    const versions = [aheadUs];
    for (const change of changes) {
      await change();
      versions.push(got(await getUserWithPolicy(worker, admin, who)).policy.version);
    }
    expect(versions).toEqual([...new Set(versions)].sort((a, b) => a - b));
    const longAgo = 1_000_000_000;
    await owner.query(`select setval('app.policy_clock', $1)`, [longAgo]);
    await saveLevelPolicy(worker, admin, own.level_id, allocate(3), uuidv7());
    const { rows } = await owner.query(
      `select updated_at > now() - interval '1 minute' as is_now from level_token_policies where level_id = $1`,
      [own.level_id],
    );
    expect(rows, 'and else tells the time').toEqual([{ is_now: true }]);
  });
});

describe('levels', () => {
  it('are listed to admins, their own tenant’s, with policies and users counted', async () => {
    const levels = got(await listLevels(worker, admin));
    expect(levels.map(({ id }) => id)).toEqual([own.level_id, colleague.level_id].sort());
    const { rows } = await owner.query('select count(*)::int from users where level_id = $1', [own.level_id]);
    expect(levels.find(({ id }) => id === own.level_id)).toMatchObject({ policy, user_count: rows[0].count });
  });

  it('are read in one round trip, and refused to plain users', async () => {
    expect(await roundTripsOf(database, () => listLevels(worker, admin))).toBe(1);
    expect(await listLevels(worker, claimsOf(own))).toEqual(refused('forbidden'));
  });
});

describe('the policy of a level', () => {
  const changed = { ...policy, allocation_tokens: 400, warning_thresholds_percent: [50] };

  it('is set as a whole in one round trip, written down, and names whom it concerns', async () => {
    let set: Awaited<ReturnType<typeof saveLevelPolicy>> | undefined;
    const trips = await roundTripsOf(database, async () => {
      set = await saveLevelPolicy(worker, admin, colleague.level_id, changed, 'policy-1');
    });
    expect(trips).toBe(1);
    if (set === undefined) throw new Error('nothing was set');
    const { level, fields, affected, first } = got(set);
    expect(level).toMatchObject({ id: colleague.level_id, policy: changed });
    expect(fields.toSorted()).toEqual(['allocation_tokens', 'warning_thresholds_percent']);
    expect(affected).toBe(2);
    expect(first.next).toBeNull();
    expect(first.users.map(({ user }) => user.id)).toEqual(
      [colleague.user_id, colleague.spare_user_id].sort(),
    );
    for (const { policy: told } of first.users)
      expect(told).toEqual({
        ...changed,
        version: Date.parse(level.policy_changed_at) * 1_000 + (told.version % 1_000),
      });
    expect(await auditOf('policy-1')).toMatchObject([
      {
        actor_user_id: admin.userId,
        action: 'level.token_policy_changed',
        target_type: 'level',
        target_id: colleague.level_id,
        details: { tenant_id: own.tenant_id, before: policy, after: changed },
      },
    ]);
  });

  it('that is set to what it was changes nothing and concerns nobody', () =>
    expectUntouched(async () => {
      const set = got(await saveLevelPolicy(worker, admin, own.level_id, policy, uuidv7()));
      expect(set).toMatchObject({ fields: [], affected: 0, first: { users: [], next: null } });
    }));

  it('does not concern who overrides all that changes', async () => {
    const override = { ...NO_OVERRIDE, allocation_tokens: 9, warning_thresholds_percent: [] };
    await saveUserOverride(worker, admin, colleague.user_id, override, uuidv7());
    const part = { ...NO_OVERRIDE, allocation_tokens: 9 };
    await saveUserOverride(worker, admin, colleague.spare_user_id, part, uuidv7());
    const set = got(await saveLevelPolicy(worker, admin, colleague.level_id, changed, uuidv7()));
    expect(set.affected).toBe(1);
    expect(set.first.users).toMatchObject([
      {
        user: { id: colleague.spare_user_id },
        policy: { allocation_tokens: 9, warning_thresholds_percent: [50] },
      },
    ]);
  });

  it('is not theirs to set: a plain user is refused, a foreign level and an unknown one are not found', () =>
    expectUntouched(async () => {
      expect(await saveLevelPolicy(worker, claimsOf(own), own.level_id, changed, uuidv7())).toEqual(
        refused('forbidden'),
      );
      for (const id of [foreign.level_id, platform.level_id, nobody])
        expect(await saveLevelPolicy(worker, admin, id, changed, uuidv7())).toEqual(refused('not_found'));
    }));

  it('reaches a crowd page by page, each user once', async () => {
    const crowded = levelRow(own.tenant_id);
    await insertRow(owner, 'levels', crowded);
    await insertRow(owner, 'level_token_policies', {
      tenant_id: own.tenant_id,
      level_id: crowded.id,
      ...policy,
    });
    await owner.query(
      `insert into users (tenant_id, id, email, password_hash, level_id)
       select $1, gen_random_uuid(), 'crowd-' || n || '@example.test', '-', $2 from generate_series(1, 230) n`,
      [own.tenant_id, crowded.id],
    );
    const { affected, fields, first } = got(
      await saveLevelPolicy(worker, admin, crowded.id, changed, uuidv7()),
    );
    expect([affected, first.users.length]).toEqual([230, 100]);
    const level = { tenant_id: own.tenant_id, level_id: crowded.id, fields };
    const seen = first.users.map(({ user }) => user.id);
    for (let next = first.next; next !== null; ) {
      const page = await listUsersInheriting(worker, { ...level, after_user_id: next });
      seen.push(...page.users.map(({ user }) => user.id));
      next = page.next;
    }
    expect(seen.length).toBe(230);
    expect(new Set(seen).size).toBe(230);
    expect(
      await listUsersInheriting(worker, { ...level, tenant_id: foreign.tenant_id, after_user_id: null }),
    ).toEqual({
      users: [],
      next: null,
    });
  });
});

describe('of two changes at once', () => {
  /** Locks a row in another admin's transaction, starts `work`, and changes the row while `work` waits. */
  async function meanwhile<Value>(lock: string, change: string, work: () => Promise<Value>): Promise<Value> {
    const other = new pg.Client({ connectionString: database.workerUrl });
    await other.connect();
    try {
      await other.query('begin');
      await other.query('select app.enter($1, $2, 1000000)', [own.tenant_id, admin.userId]);
      await other.query(lock, [own.level_id]);
      const waiting = work();
      await someoneWaits(owner);
      await other.query(change, [own.level_id]);
      await other.query('commit');
      return await waiting;
    } finally {
      await other.end();
    }
  }

  const levelVersion = async (): Promise<number> => {
    const { rows } = await owner.query<{ version: string }>(
      'select (extract(epoch from updated_at) * 1000000)::bigint as version from level_token_policies where level_id = $1',
      [own.level_id],
    );
    return Number(rows[0]?.version);
  };

  const lock = 'select 1 from level_token_policies where level_id = $1 for no key update';
  const change = 'update level_token_policies set in_flight_max = 5 where level_id = $1';

  it('an override that waited for the policy of its level holds under the later version, be it the first or not', async () => {
    const newcomer = userRow(own.tenant_id, own.level_id);
    await insertRow(owner, 'users', newcomer);
    await saveUserOverride(worker, admin, own.user_id, { ...NO_OVERRIDE, allocation_tokens: 2 }, uuidv7());
    for (const id of [newcomer.id, own.user_id]) {
      const override = { ...NO_OVERRIDE, allocation_tokens: 3 };
      const { policy: after } = got(
        await meanwhile(lock, change, () => saveUserOverride(worker, admin, id, override, uuidv7())),
      );
      expect(after).toMatchObject({ allocation_tokens: 3, in_flight_max: 5 });
      expect(after.version).toBeGreaterThan(await levelVersion());
    }
  });

  it('a move to a level whose policy is changing waits for it, and holds under the later version', async () => {
    const { policy: after } = got(
      await meanwhile(lock, change, () =>
        saveUserPatch(worker, admin, colleague.user_id, { level_id: own.level_id }, uuidv7()),
      ),
    );
    expect(after).toMatchObject({ in_flight_max: 5 });
    expect(after.version).toBeGreaterThan(await levelVersion());
  });

  it('registering never passes for a change of the policy: a newcomer’s is as old as their level’s', async () => {
    const newcomer = userRow(own.tenant_id, own.level_id);
    await insertRow(owner, 'users', newcomer);
    const { policy: newest } = got(await getUserWithPolicy(worker, admin, newcomer.id));
    expect(newest.version).toBe(await levelVersion());
  });

  it('the policy of a level waits for an override that is being written, and tells it along', async () => {
    await saveUserOverride(worker, admin, own.user_id, { ...NO_OVERRIDE, allocation_tokens: 2 }, uuidv7());
    const overriding = `with written as (update user_token_policies set allocation_tokens = 4 returning 1)
      select 1 from level_token_policies where level_id = $1 for share`;
    const { first } = got(
      await meanwhile(overriding, 'select $1::uuid', () =>
        saveLevelPolicy(worker, admin, own.level_id, { ...policy, in_flight_max: 6 }, uuidv7()),
      ),
    );
    expect(first.users.find(({ user }) => user.id === own.user_id)?.policy).toEqual({
      ...policy,
      ...{ allocation_tokens: 4, in_flight_max: 6 },
      version: await levelVersion(),
    });
  });
});
