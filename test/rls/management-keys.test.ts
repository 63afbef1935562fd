import { createHash, randomBytes } from 'node:crypto';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, describe, expect, it } from 'vitest';
import {
  createManagementKeyRequest,
  type ManagementKeyScope,
} from '../../contracts/api/tenant/management-keys.ts';
import { fingerprintOf, newManagementKey } from '../../worker/api-keys/secret.ts';
import { listExecutions } from '../../worker/db/executions/executions.ts';
import {
  insertManagementKey,
  listManagementKeys,
  loadManagementKey,
  saveManagementKeyRevocation,
  saveManagementKeyRotation,
} from '../../worker/db/tenants/management-keys.ts';
import { provisionUser } from '../../worker/db/users/provision-user.ts';
import { saveUserPatch } from '../../worker/db/users/user-admin.ts';
import { getWalletOwner, listUsers } from '../../worker/db/users/users.ts';
import { refusalOf, rolledBack } from './database.ts';
import { claimsOf, got, refused, startGovernedWorld } from './governed-world.ts';
import { text } from './world.ts';

const world = await startGovernedWorld();
const { database, owner, worker, own, colleague, foreign, admin, superadmin, auditOf } = world;
afterAll(() => database.stop());

await owner.query('update levels set is_default = true where id = $1', [own.level_id]);
const page = { limit: 100 };

async function make(scopes: ManagementKeyScope[], requestId: string = uuidv7(), by = admin) {
  const secret = newManagementKey();
  const request = createManagementKeyRequest.parse({ name: text('key'), scopes });
  const key = got(await insertManagementKey(worker, by, request, fingerprintOf(secret), requestId));
  const credential = { tenantId: by.tenantId, managementKeyHash: fingerprintOf(secret).hash };
  return { key, secret, credential, manager: { ...credential, managementKeyId: key.id } };
}

describe('a new management key', () => {
  it('belongs to its tenant, and is written down without its secret', async () => {
    const { key, credential } = await make(['users:read', 'wallets:write'], 'made-1');
    expect(key).toMatchObject({ scopes: ['users:read', 'wallets:write'], created_by: { id: admin.userId } });
    expect(got(await loadManagementKey(worker, credential))).toEqual({ id: key.id, scopes: key.scopes });
    const [entry] = await auditOf('made-1');
    expect(entry).toMatchObject({ action: 'management_key.created', target_id: key.id });
    expect(JSON.stringify(entry)).not.toMatch(/vsm_/);
    const listed = got(await listManagementKeys(worker, admin, page));
    expect(listed.items.map(({ id }) => id)).toContain(key.id);
  });

  it('is made, seen, rotated and revoked by admins of its own tenant alone', async () => {
    const { key } = await make(['users:read']);
    const request = createManagementKeyRequest.parse({ name: text('key'), scopes: ['users:read'] });
    const stored = fingerprintOf(newManagementKey());
    for (const by of [claimsOf(own), superadmin]) {
      expect(await insertManagementKey(worker, by, request, stored, uuidv7())).toEqual(refused('forbidden'));
      expect(await listManagementKeys(worker, by, page)).toEqual(refused('forbidden'));
      expect(await saveManagementKeyRevocation(worker, by, key.id, uuidv7())).toEqual(refused('forbidden'));
      const rotation = { ...stored, graceS: 60 };
      expect(await saveManagementKeyRotation(worker, by, key.id, rotation, uuidv7())).toEqual(
        refused('forbidden'),
      );
    }
  });

  it('has a name of its own', async () => {
    const request = createManagementKeyRequest.parse({ name: 'The shop', scopes: ['users:read'] });
    const insert = () =>
      insertManagementKey(worker, admin, request, fingerprintOf(newManagementKey()), uuidv7());
    const first = got(await insert());
    expect(await insert()).toEqual(refused('name_taken'));
    got(await saveManagementKeyRevocation(worker, admin, first.id, uuidv7()));
    got(await insert());
  });
});

describe('a management key is refused', () => {
  it('in another tenant, revoked, expired, and in a tenant that is suspended', async () => {
    const { key, credential } = await make(['users:read']);
    const elsewhere = { ...credential, tenantId: foreign.tenant_id };
    expect(await loadManagementKey(worker, elsewhere)).toEqual(refused('unauthenticated'));
    const set = (change: string) =>
      owner.query(`update management_keys set ${change} where id = $1`, [key.id]);
    await set(`expires_at = now()`);
    expect(await loadManagementKey(worker, credential)).toEqual(refused('api_key_expired'));
    await set(`expires_at = null`);
    await owner.query(`update tenants set status = 'suspended' where id = $1`, [own.tenant_id]);
    expect(await loadManagementKey(worker, credential)).toEqual(refused('tenant_suspended'));
    await owner.query(`update tenants set status = 'active' where id = $1`, [own.tenant_id]);
    got(await saveManagementKeyRevocation(worker, admin, key.id, uuidv7()));
    expect(await loadManagementKey(worker, credential)).toEqual(refused('api_key_revoked'));
    expect(await listUsers(worker, { ...credential, managementKeyId: key.id }, page)).toEqual(
      refused('api_key_revoked'),
    );
  });

  it('with the secret before the last rotation, once the grace period is over', async () => {
    const { key, credential } = await make(['users:read']);
    const next = fingerprintOf(newManagementKey());
    got(await saveManagementKeyRotation(worker, admin, key.id, { ...next, graceS: 60 }, 'rotated-1'));
    expect((await auditOf('rotated-1'))[0]?.action).toBe('management_key.rotated');
    got(await loadManagementKey(worker, credential));
    got(await loadManagementKey(worker, { ...credential, managementKeyHash: next.hash }));
    await owner.query(`update management_keys set previous_valid_until = now() where id = $1`, [key.id]);
    expect(await loadManagementKey(worker, credential)).toEqual(refused('unauthenticated'));
  });
});

describe('a key that corrects wallets', () => {
  it('corrects those of plain users of its tenant, with the scope alone', async () => {
    const { manager } = await make(['wallets:write']);
    expect(got(await getWalletOwner(worker, manager, colleague.user_id)).actor_role).toBe('management_key');
    expect(await getWalletOwner(worker, manager, admin.userId)).toEqual(refused('forbidden'));
    expect(await getWalletOwner(worker, manager, foreign.user_id)).toEqual(refused('not_found'));
    const others = await make(['users:read', 'users:write', 'usage:read']);
    expect(await getWalletOwner(worker, others.manager, colleague.user_id)).toEqual(refused('forbidden'));
  });
});

describe('the database holds a key to its scopes', () => {
  /** Tries a statement as a key. Returns the rows it reached, or the SQLSTATE. */
  const asKey = async (scopes: ManagementKeyScope[], statement: string, values: unknown[] = []) => {
    const { secret } = await make(scopes);
    const hash = createHash('sha256').update(secret).digest();
    return rolledBack(database.worker, async () => {
      await database.worker.query('select app.enter_management_key($1, $2)', [own.tenant_id, hash]);
      let reached: number | null = null;
      const refusal = await refusalOf(database.worker, async () => {
        reached = (await database.worker.query(statement, values)).rowCount;
      });
      return refusal ?? reached;
    });
  };
  const insertUser = `insert into users (tenant_id, id, email, password_hash, level_id)
    select tenant_id, gen_random_uuid(), gen_random_uuid() || '@example.test', '-', level_id from users where id = $1`;
  const disable = `update users set status = 'disabled' where id = $1`;

  it('users:read and the others write no users; users:write does, plain ones of its tenant', async () => {
    for (const scope of ['users:read', 'wallets:write', 'usage:read'] as const) {
      expect(await asKey([scope], insertUser, [colleague.user_id]), scope).toBe('42501');
      expect(await asKey([scope], disable, [colleague.user_id]), scope).toBe(0);
    }
    expect(await asKey(['users:write'], insertUser, [colleague.user_id])).toBe(1);
    expect(await asKey(['users:write'], disable, [colleague.user_id])).toBe(1);
    for (const other of [admin.userId, foreign.user_id])
      expect(await asKey(['users:write'], disable, [other])).toBe(0);
    const promote = `update users set role = 'admin' where id = $1`;
    expect(await asKey(['users:write'], promote, [colleague.user_id])).toMatch(/42501|VS004/);
  });

  it('policies are locked and never changed', async () => {
    const lock = `select from level_token_policies where tenant_id = $1 for share`;
    const change = `update level_token_policies set allocation_tokens = 1 where tenant_id = $1`;
    expect(await asKey(['users:write'], lock, [own.tenant_id])).toBeGreaterThan(0);
    expect(await asKey(['users:write'], change, [own.tenant_id])).toBe('42501');
    expect(await asKey(['wallets:write'], change, [own.tenant_id])).toBe(0);
  });

  it.each(['ai_executions', 'user_token_ledger'])('%s are read with usage:read alone', async (table) => {
    const seen = `select from (values (1)) as one where exists (select from pg_policies where tablename = '${table}'
      and qual like '%usage:read%')`;
    expect((await owner.query(seen)).rowCount).toBe(1);
    for (const scope of ['users:read', 'users:write', 'wallets:write'] as const)
      expect(await asKey([scope], `select from ${table}`)).toBe(0);
  });

  it.each([
    'api_keys',
    'sessions',
    'invitations',
    'account_tokens',
    'management_keys',
    'ai_providers',
    'ai_execution_contents',
    'audit_clients',
    'tenant_budgets',
  ])('%s are seen by no key', async (table) => {
    const all: ManagementKeyScope[] = ['users:read', 'users:write', 'wallets:write', 'usage:read'];
    expect([0, '42501']).toContain(await asKey(all, `select tenant_id from ${table}`));
  });

  it('nobody gives themselves a scope without a key', async () => {
    const { rows } = await rolledBack(database.worker, async () => {
      await database.worker.query(`select set_config('app.scopes', 'users:write', true)`);
      await database.worker.query(`select app.enter_service($1)`, [own.tenant_id]);
      return database.worker.query(
        `select app.has_scope('users:write') as has, app.management_key_id() as id`,
      );
    });
    expect(rows).toEqual([{ has: false, id: null }]);
  });
});

describe('a server', () => {
  it('creates a user once, however often it asks at once, and the log names the key', async () => {
    const { manager, key } = await make(['users:write']);
    const email = `${text('grace')}@example.test`;
    const requestId = uuidv7();
    const answers = await Promise.all(
      Array.from({ length: 12 }, () => provisionUser(worker, manager, { email }, requestId)),
    );
    const made = answers.map(got);
    expect(made.filter(({ is_new }) => is_new)).toHaveLength(1);
    expect(new Set(made.map(({ user }) => user.id)).size).toBe(1);
    expect(made[0]?.user).toMatchObject({
      email,
      role: 'user',
      email_verified: false,
      allocation_awaits: null,
    });
    const { rows } = await owner.query(
      'select actor_user_id, management_key_id, actor_role, action from audit_log where request_id = $1',
      [requestId],
    );
    const actor = { actor_user_id: null, management_key_id: key.id, actor_role: 'management_key' };
    expect(rows).toEqual([{ ...actor, action: 'user.created' }]);
  });

  it('refuses a level of another tenant', async () => {
    const { manager } = await make(['users:write']);
    const request = { email: `${text('ada')}@example.test`, level_id: foreign.level_id };
    expect(await provisionUser(worker, manager, request, uuidv7())).toEqual(refused('unknown_level'));
  });

  it('disables a plain user, and no administrator', async () => {
    const { manager } = await make(['users:write']);
    const disable = (id: string) => saveUserPatch(worker, manager, id, { status: 'disabled' }, uuidv7());
    expect(got(await disable(colleague.user_id)).user.status).toBe('disabled');
    expect(await disable(admin.userId)).toEqual(refused('forbidden'));
    expect(await disable(foreign.user_id)).toEqual(refused('not_found'));
    await owner.query(`update users set status = 'active' where id = $1`, [colleague.user_id]);
    const { rows } = await owner.query(
      `select target_id from audit_log where management_key_id = $1 and action = 'user.changed'`,
      [manager.managementKeyId],
    );
    expect(rows).toEqual([{ target_id: colleague.user_id }]);
  });

  it('reads the executions of all users without what the platform charges the tenant', async () => {
    const { manager } = await make(['usage:read']);
    const { items } = got(await listExecutions(worker, manager, page));
    for (const item of items) expect(item.wholesale_micro_usd).toBeNull();
  });

  it('finds nothing by an invented hash', async () => {
    const credential = { tenantId: own.tenant_id, managementKeyHash: randomBytes(32).toString('hex') };
    expect(await loadManagementKey(worker, credential)).toEqual(refused('unauthenticated'));
  });
});
