import pg from 'pg';
import { afterAll, describe, expect, it } from 'vitest';
import { insertRow } from '../support/test-database.ts';
import { refusalOf, rolledBack, startTestDatabase } from './database.ts';
import { makeWorld, text } from './world.ts';

const database = await startTestDatabase();
const { owner, worker } = database;
const { places, admin_id } = await makeWorld(owner);
const { own, foreign, platform } = places;
afterAll(() => database.stop());

const enter = (tenantId = own.tenant_id, userId = own.user_id, issuedAtS = 1_000_000) =>
  worker.query('select * from app.enter($1, $2, $3)', [tenantId, userId, issuedAtS]);
const context = async (client = worker) =>
  (await client.query('select app.tenant_id() as tenant_id, app.user_id() as user_id, app.role() as role'))
    .rows[0];
const nowhere = { tenant_id: null, user_id: null, role: null };

/** Changes the user or tenant for the length of one test. */
async function meanwhile(change: string, values: unknown[], undo: string, test: () => Promise<void>) {
  await owner.query(change, values);
  try {
    await test();
  } finally {
    await owner.query(undo, values);
  }
}

describe('app.enter', () => {
  it('takes the tenant, the user and the role the database has for them', async () => {
    await rolledBack(worker, async () => {
      expect((await enter(own.tenant_id, admin_id)).rows).toEqual([
        { role: 'admin', tenant_id: own.tenant_id, user_id: admin_id },
      ]);
      expect(await context()).toEqual({ tenant_id: own.tenant_id, user_id: admin_id, role: 'admin' });
    });
  });

  it('sees a changed role at once', async () => {
    const change = `update users set role = 'admin' where id = $1`;
    await meanwhile(change, [own.user_id], `update users set role = 'user' where id = $1`, async () => {
      await rolledBack(worker, async () => {
        await enter();
        expect((await context()).role).toBe('admin');
      });
    });
  });

  it.each([
    ['a user nobody knows', () => enter(own.tenant_id, '01900000-0000-7000-8000-000000000000')],
    ['a user of another tenant', () => enter(own.tenant_id, foreign.user_id)],
    ['a tenant nobody knows', () => enter('01900000-0000-7000-8000-000000000000', own.user_id)],
    ['no user', () => worker.query('select app.enter($1, null, 0)', [own.tenant_id])],
    ['no tenant', () => worker.query('select app.enter(null, $1, 0)', [own.user_id])],
  ])('refuses %s as VS401, unauthenticated', async (_, attempt) => {
    await rolledBack(worker, async () => {
      expect(await refusalOf(worker, attempt)).toBe('VS401');
      expect(await context()).toEqual(nowhere);
    });
  });

  it('refuses as VS402 a session issued up to the second of signing out, and takes one issued after it', async () => {
    const change = `update users set signed_out_at = '2026-11-01T12:00:00.9Z' where id = $1`;
    const signedOutAtS = Date.parse('2026-11-01T12:00:00Z') / 1_000;
    await meanwhile(
      change,
      [own.user_id],
      'update users set signed_out_at = null where id = $1',
      async () => {
        await rolledBack(worker, async () => {
          expect(await refusalOf(worker, () => enter(own.tenant_id, own.user_id, signedOutAtS - 1))).toBe(
            'VS402',
          );
          expect(await refusalOf(worker, () => enter(own.tenant_id, own.user_id, signedOutAtS))).toBe(
            'VS402',
          );
          expect(
            await refusalOf(worker, () => enter(own.tenant_id, own.user_id, signedOutAtS + 1)),
          ).toBeNull();
        });
      },
    );
  });

  it('refuses a disabled user as VS403', async () => {
    const undo = `update users set status = 'active' where id = $1`;
    await meanwhile(`update users set status = 'disabled' where id = $1`, [own.user_id], undo, async () => {
      await rolledBack(worker, async () => expect(await refusalOf(worker, enter)).toBe('VS403'));
    });
  });

  it('refuses everybody of a suspended tenant as VS404', async () => {
    const undo = `update tenants set status = 'active' where id = $1`;
    await meanwhile(
      `update tenants set status = 'suspended' where id = $1`,
      [own.tenant_id],
      undo,
      async () => {
        await rolledBack(worker, async () => expect(await refusalOf(worker, enter)).toBe('VS404'));
      },
    );
  });

  it.each(['commit', 'rollback'])('leaves nothing behind on the connection after %s', async (end) => {
    await worker.query('begin');
    await enter();
    expect((await worker.query('select from users')).rowCount).toBe(1);
    await worker.query(end);
    expect(await context()).toEqual(nowhere);
    expect((await worker.query('select from users')).rowCount).toBe(0);
  });

  it('moves as a whole from one tenant to the next within a transaction', async () => {
    await rolledBack(worker, async () => {
      await enter(platform.tenant_id, platform.user_id);
      await worker.query('select app.enter_service($1)', [foreign.tenant_id]);
      expect(await context()).toEqual({ tenant_id: foreign.tenant_id, user_id: null, role: 'service' });
      const { rows } = await worker.query('select distinct tenant_id from users');
      expect(rows).toEqual([{ tenant_id: foreign.tenant_id }]);
    });
  });
});

describe('a role that bypasses row security', () => {
  const superuserUrl = new URL(database.ownerUrl);
  superuserUrl.username = 'postgres';

  async function asSuperuser(work: (client: pg.Client) => Promise<void>) {
    const client = new pg.Client({ connectionString: superuserUrl.href });
    await client.connect();
    await client.query('begin');
    try {
      await work(client);
    } finally {
      await client.end();
    }
  }

  const ways = [
    ['app.enter', `select app.enter('${own.tenant_id}', '${own.user_id}', 0)`],
    ['app.enter_service', `select app.enter_service('${own.tenant_id}')`],
    ['app.enter_slug', `select app.enter_slug('platform')`],
    ['the health check', 'select app.assert_safe_role()'],
  ] as const;

  it.each(ways)('is refused by %s as a superuser', (_, statement) =>
    asSuperuser(async (client) => {
      expect(await refusalOf(client, () => client.query(statement))).toBe('VS002');
    }),
  );

  it.each(ways)('is refused by %s even when it has put on the Worker’s role', (_, statement) =>
    asSuperuser(async (client) => {
      await client.query('set role app_worker');
      expect(await refusalOf(client, () => client.query(statement))).toBe('VS002');
    }),
  );

  it.each(ways)('is refused by %s with BYPASSRLS alone', (_, statement) =>
    asSuperuser(async (client) => {
      await client.query('create role unbound bypassrls');
      await client.query('grant app_worker to unbound');
      await client.query('set session authorization unbound');
      expect(await refusalOf(client, () => client.query(statement))).toBe('VS002');
    }),
  );
});

describe('before any context', () => {
  const domain = (status: string) => ({
    tenant_id: own.tenant_id,
    id: crypto.randomUUID(),
    hostname: `${text('host')}.example`,
    verification_token: 'token',
    status,
  });

  it('a hostname that is active leads to its tenant, as the service; a pending one leads nowhere', async () => {
    const active = domain('active');
    const pending = domain('waiting_for_txt');
    await insertRow(owner, 'tenant_domains', active);
    await insertRow(owner, 'tenant_domains', pending);
    await rolledBack(worker, async () => {
      await worker.query('select app.enter_hostname($1)', [pending.hostname]);
      expect(await context()).toEqual(nowhere);
      await worker.query('select app.enter_hostname($1)', [active.hostname]);
      expect(await context()).toEqual({ tenant_id: own.tenant_id, user_id: null, role: 'service' });
    });
  });

  it('a hostname is active for one tenant only, however many ask for it', async () => {
    const active = domain('active');
    await insertRow(owner, 'tenant_domains', active);
    const rival = { ...active, tenant_id: foreign.tenant_id, id: crypto.randomUUID() };
    await rolledBack(owner, async () => {
      expect(
        await refusalOf(owner, () =>
          insertRow(owner, 'tenant_domains', { ...rival, status: 'waiting_for_txt' }),
        ),
      ).toBeNull();
      expect(await refusalOf(owner, () => insertRow(owner, 'tenant_domains', rival))).toBe('23505');
    });
  });

  it('a slug leads to its tenant, an unknown one nowhere', async () => {
    await rolledBack(worker, async () => {
      expect((await worker.query(`select app.enter_slug('nobody') as id`)).rows).toEqual([{ id: null }]);
      expect(await context()).toEqual(nowhere);
      await worker.query(`select app.enter_slug('platform')`);
      expect((await context()).tenant_id).toBe(platform.tenant_id);
    });
  });

  it('a login is found in its own tenant only, and leaves the context as it was', async () => {
    const { email } = (await owner.query('select email from users where id = $1', [own.user_id])).rows[0];
    const find = (tenantId: string) =>
      worker.query('select * from app.find_login($1, $2)', [tenantId, email]);
    await rolledBack(worker, async () => {
      await enter();
      expect((await find(own.tenant_id)).rows).toEqual([
        {
          ...{ user_id: own.user_id, password_hash: 'not-a-hash', status: 'active', signed_out_at_s: null },
          allocation_awaits: null,
        },
      ]);
      expect((await find(foreign.tenant_id)).rows).toEqual([]);
      expect((await context()).role).toBe('user');
    });
    expect(await context()).toEqual(nowhere);
  });

  it('an API key is found by its hash and by nothing less', async () => {
    const key = {
      tenant_id: own.tenant_id,
      id: crypto.randomUUID(),
      user_id: own.user_id,
      name: 'key',
      prefix: 'vk',
      key_hash: Buffer.alloc(32, 7),
    };
    await insertRow(owner, 'api_keys', key);
    const find = (hash: Buffer) =>
      worker.query('select api_key_id, user_id from app.find_api_key($1)', [hash]);
    expect((await find(key.key_hash)).rows).toEqual([{ api_key_id: key.id, user_id: own.user_id }]);
    expect((await find(Buffer.alloc(31, 7))).rows).toEqual([]);
    expect(await context()).toEqual(nowhere);
  });
});
