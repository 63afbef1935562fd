import pg from 'pg';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, describe, expect, it } from 'vitest';
import {
  apiKeyPatch,
  type CreateApiKeyRequest,
  createApiKeyRequest,
} from '../../contracts/api/account/api-keys.ts';
import { fingerprintOf, newApiKey } from '../../worker/api-keys/secret.ts';
import { listExecutions } from '../../worker/db/executions/executions.ts';
import { loadCaller, loadTenant } from '../../worker/db/load-snapshots.ts';
import { callerSnapshot } from '../../worker/db/snapshots.ts';
import {
  insertApiKey,
  saveApiKeyPatch,
  saveApiKeyRevocation,
  saveApiKeyRotation,
} from '../../worker/db/users/api-key-changes.ts';
import { getApiKey, getApiKeyOfTenant, listApiKeys } from '../../worker/db/users/api-keys.ts';
import { roundTripsOf, someoneWaits } from './database.ts';
import { claimsOf, got, nobody, refused, startGovernedWorld } from './governed-world.ts';
import { text } from './world.ts';

const world = await startGovernedWorld();
const { database, owner, worker, own, colleague, foreign, admin, superadmin, auditOf } = world;
afterAll(() => database.stop());

const mine = claimsOf(own);
const page = { limit: 100 };
const request = (changes: Partial<CreateApiKeyRequest> = {}) =>
  createApiKeyRequest.parse({ name: text('key'), ...changes });

/** Creates a key and returns it with its secret and credential. */
async function make(changes: Partial<CreateApiKeyRequest> = {}, by = mine, requestId: string = uuidv7()) {
  const secret = newApiKey();
  const key = got(await insertApiKey(worker, by, request(changes), fingerprintOf(secret), requestId));
  return { key, secret, credential: { tenantId: by.tenantId, ...fingerprintOf(secret) } };
}

const principalOf = ({ key, credential }: Awaited<ReturnType<typeof make>>) => ({
  ...credential,
  userId: key.user_id,
  apiKeyId: key.id,
});

describe('a new key', () => {
  it('is its maker’s, holds what was asked for, and is written down without its secret', async () => {
    const limits = { requests_per_minute: 5, tokens_per_minute: 2 ** 50, monthly_budget_tokens: 0 };
    const { key, secret } = await make(
      { name: 'CI', scopes: ['models:read'], allowed_models: ['a "model", {really}'], ...limits },
      mine,
      'made-1',
    );
    expect(key).toMatchObject({
      user_id: own.user_id,
      name: 'CI',
      scopes: ['models:read'],
      allowed_models: ['a "model", {really}'],
      ...limits,
      prefix: secret.slice(0, 10),
      revoked_at: null,
      last_used_at: null,
    });
    const [entry] = await auditOf('made-1');
    expect(entry).toMatchObject({ action: 'api_key.created', target_type: 'api_key', target_id: key.id });
    expect(entry.details.after).toMatchObject({ name: 'CI', ...limits });
    const { rows } = await owner.query('select * from api_keys where id = $1', [key.id]);
    expect(JSON.stringify([rows, entry])).not.toContain(secret);
  });

  it('has a name that no other live key of its user has; others may, and it may when that one is revoked', async () => {
    const { key } = await make({ name: 'laptop' });
    const again = () =>
      insertApiKey(worker, mine, request({ name: 'laptop' }), fingerprintOf(newApiKey()), uuidv7());
    expect(await again()).toEqual(refused('name_taken'));
    await make({ name: 'laptop' }, claimsOf(colleague));
    got(await saveApiKeyRevocation(worker, mine, key.id, uuidv7()));
    expect(await again()).toMatchObject({ ok: true });
  });

  it('names only models that the level of its maker allows', async () => {
    await owner.query(`update levels set allowed_models = '{small,"with,comma"}' where id = $1`, [
      own.level_id,
    ]);
    const asking = (allowed_models: string[] | null) =>
      insertApiKey(worker, mine, request({ allowed_models }), fingerprintOf(newApiKey()), uuidv7());
    expect(await asking(['small', 'large'])).toEqual(refused('model_not_allowed'));
    expect(await asking(['with,comma'])).toMatchObject({ ok: true });
    const { key } = await make({ allowed_models: null });
    const patch = { allowed_models: ['large'] };
    expect(await saveApiKeyPatch(worker, mine, key.id, patch, uuidv7())).toEqual(
      refused('model_not_allowed'),
    );
    await owner.query('update levels set allowed_models = null where id = $1', [own.level_id]);
    expect(await saveApiKeyPatch(worker, mine, key.id, patch, uuidv7())).toMatchObject({ ok: true });
  });

  it('is one of at most a hundred, counted exactly when many are made at once', async () => {
    const by = claimsOf({ ...own, user_id: own.spare_user_id });
    await owner.query(
      `insert into api_keys (tenant_id, id, user_id, name, prefix, key_hash)
       select $1, gen_random_uuid(), $2, 'key ' || n, 'vsk_', sha256(('key' || n)::bytea) from generate_series(1, 98) n`,
      [own.tenant_id, own.spare_user_id],
    );
    const answers = await Promise.all(
      Array.from({ length: 6 }, () =>
        insertApiKey(worker, by, request(), fingerprintOf(newApiKey()), uuidv7()),
      ),
    );
    expect(answers.filter(({ ok }) => ok).length).toBe(2);
    expect(answers.filter(({ ok }) => !ok)).toEqual(Array(4).fill(refused('too_many_api_keys')));
  });

  it('waits for another that is made for the same user, so that none is left uncounted', async () => {
    const other = new pg.Client({ connectionString: database.ownerUrl });
    await other.connect();
    try {
      await other.query(`select set_config('app.role', 'operator', false)`);
      await other.query('begin');
      await other.query('select from users where id = $1 for no key update', [own.user_id]);
      const making = make();
      await someoneWaits(owner);
      await other.query('commit');
      await making;
    } finally {
      await other.end();
    }
  });

  it('is made, changed, rotated and revoked in one round trip each', async () => {
    const { key } = await make();
    const steps = [
      () => make(),
      () => saveApiKeyPatch(worker, mine, key.id, { name: text('key') }, uuidv7()),
      () => saveApiKeyRotation(worker, mine, key.id, fingerprintOf(newApiKey()), 60, uuidv7()),
      () => saveApiKeyRevocation(worker, mine, key.id, uuidv7()),
    ];
    for (const step of steps) expect(await roundTripsOf(database, step)).toBe(1);
  });
});

describe('a key that somebody shows', () => {
  it('tells who they are and what they may, with the tenant in one round trip or alone', async () => {
    const made = await make({ scopes: ['wallet:read'], allowed_models: ['m'], tokens_per_minute: 9 });
    const { rows } = await owner.query('select slug from tenants where id = $1', [own.tenant_id]);
    let caller: unknown;
    const trips = await roundTripsOf(database, async () => {
      ({ caller } = await loadTenant(worker, { slug: rows[0].slug }, fingerprintOf(made.secret)));
    });
    expect(trips).toBe(1);
    expect(caller).toEqual(await loadCaller(worker, made.credential));
    expect(caller).toMatchObject({
      ok: true,
      value: {
        user: { id: own.user_id },
        api_key: {
          id: made.key.id,
          scopes: ['wallet:read'],
          allowed_models: ['m'],
          valid_until_ms: null,
          limits: {
            id: made.key.id,
            requests_per_minute: null,
            tokens_per_minute: 9,
            monthly_budget_tokens: null,
          },
        },
      },
    });
    const known = got(await loadCaller(worker, made.credential));
    expect(callerSnapshot.parse(JSON.parse(JSON.stringify(known)))).toEqual(known);
  });

  it('is cached no longer than it lives', async () => {
    const expires_at = new Date(Date.now() + 90_000).toISOString();
    const { credential } = await make({ expires_at });
    expect(got(await loadCaller(worker, credential)).api_key?.valid_until_ms).toBe(Date.parse(expires_at));
  });

  it('is nobody’s in another tenant, and nobody’s when nobody made it', async () => {
    const { secret } = await make();
    for (const [tenantId, shown] of [
      [foreign.tenant_id, secret],
      [own.tenant_id, newApiKey()],
    ] as const) {
      expect(await loadCaller(worker, { tenantId, ...fingerprintOf(shown) })).toEqual(
        refused('unauthenticated'),
      );
    }
  });

  it('is refused as revoked, as expired, or as its user’s or tenant’s standing has it', async () => {
    const made = await make();
    const ask = () => loadCaller(worker, made.credential);
    const set = (table: string, change: string, id: string) =>
      owner.query(`update ${table} set ${change} where id = $1`, [id]);
    for (const [table, id, change, undo, code] of [
      ['users', own.user_id, `status = 'disabled'`, `status = 'active'`, 'user_disabled'],
      ['tenants', own.tenant_id, `status = 'suspended'`, `status = 'active'`, 'tenant_suspended'],
      ['api_keys', made.key.id, 'expires_at = now()', 'expires_at = null', 'api_key_expired'],
      ['api_keys', made.key.id, 'revoked_at = now()', 'revoked_at = null', 'api_key_revoked'],
    ] as const) {
      await set(table, change, id);
      expect(await ask()).toEqual(refused(code));
      expect(await listExecutions(worker, principalOf(made), page)).toEqual(refused(code));
      await set(table, undo, id);
    }
    expect(await ask()).toMatchObject({ ok: true });
  });

  it('goes on after its user has signed out: that ends sessions', async () => {
    const made = await make();
    await owner.query(`update users set signed_out_at = now() + interval '1 day' where id = $1`, [
      own.user_id,
    ]);
    expect(await loadCaller(worker, made.credential)).toMatchObject({ ok: true });
    await owner.query('update users set signed_out_at = null where id = $1', [own.user_id]);
  });
});

describe('rotating', () => {
  it('gives a new secret at once, and lets the one before it go on until its time is over', async () => {
    const made = await make({}, mine);
    const secret = newApiKey();
    const rotated = got(
      await saveApiKeyRotation(worker, mine, made.key.id, fingerprintOf(secret), 60, 'rotated-1'),
    );
    const endsMs = Date.parse(rotated.previous_valid_until ?? '');
    expect(Math.abs(endsMs - Date.now() - 60_000)).toBeLessThan(5_000);
    expect(rotated).toMatchObject({ id: made.key.id, prefix: secret.slice(0, 10) });
    const next = { ...made.credential, ...fingerprintOf(secret) };
    expect(got(await loadCaller(worker, next)).api_key).toMatchObject({ valid_until_ms: null });
    expect(got(await loadCaller(worker, made.credential)).api_key).toMatchObject({ valid_until_ms: endsMs });
    expect(await auditOf('rotated-1')).toMatchObject([{ action: 'api_key.rotated', target_id: made.key.id }]);
    await owner.query('update api_keys set previous_valid_until = now() where id = $1', [made.key.id]);
    expect(await loadCaller(worker, made.credential)).toEqual(refused('unauthenticated'));
    got(await saveApiKeyRevocation(worker, mine, made.key.id, uuidv7()));
    expect(await loadCaller(worker, next)).toEqual(refused('api_key_revoked'));
  });

  it('ends the secret before the last one, and does not wake a key that has ended', async () => {
    const made = await make();
    const rotate = () =>
      saveApiKeyRotation(worker, mine, made.key.id, fingerprintOf(newApiKey()), 600, uuidv7());
    got(await rotate());
    got(await rotate());
    expect(await loadCaller(worker, made.credential)).toEqual(refused('unauthenticated'));
    await owner.query('update api_keys set expires_at = now() where id = $1', [made.key.id]);
    expect(await rotate()).toEqual(refused('api_key_ended'));
  });
});

describe('changing a key', () => {
  it('keeps what is not named, makes limits newer each time, and is written down', async () => {
    const { key } = await make({ requests_per_minute: 3, name: 'before' });
    const expires_at = '2999-01-01T02:00:00+02:00';
    const change = (patch: unknown, requestId: string) =>
      saveApiKeyPatch(worker, mine, key.id, apiKeyPatch.parse(patch), requestId);
    const first = got(await change({ tokens_per_minute: 7, expires_at }, 'changed-1'));
    expect(first.key).toMatchObject({
      name: 'before',
      requests_per_minute: 3,
      tokens_per_minute: 7,
      expires_at: '2999-01-01T00:00:00.000Z',
    });
    const second = got(await change({ requests_per_minute: null }, 'changed-2'));
    expect(second.key.requests_per_minute).toBeNull();
    expect(second.limits_version).toBeGreaterThan(first.limits_version);
    expect(await auditOf('changed-2')).toMatchObject([
      {
        action: 'api_key.changed',
        details: { before: { requests_per_minute: 3 }, after: { requests_per_minute: null } },
      },
    ]);
    got(await change({ expires_at }, 'changed-3'));
    expect(await auditOf('changed-3')).toEqual([]);
    expect(got(await change({ name: 'after' }, 'changed-4')).limits_version).toBe(second.limits_version);
    await owner.query(`update api_keys set limits_changed_at = now() + interval '1 hour' where id = $1`, [
      key.id,
    ]);
    const early = got(await change({ tokens_per_minute: 8 }, 'changed-5'));
    const late = got(await change({ tokens_per_minute: 9 }, 'changed-6'));
    expect(late.limits_version, 'the clock stepped back').toBeGreaterThan(early.limits_version);
    expect(early.limits_version).toBeGreaterThan((Date.now() + 3_500_000) * 1_000);
  });

  it('is not possible once it is revoked', async () => {
    const { key } = await make();
    got(await saveApiKeyRevocation(worker, mine, key.id, uuidv7()));
    expect(await saveApiKeyPatch(worker, mine, key.id, { name: 'back' }, uuidv7())).toEqual(
      refused('api_key_ended'),
    );
  });
});

describe('keys of others', () => {
  it('are not there for a user; an admin sees and revokes those of the tenant, and changes none', async () => {
    const { key } = await make({}, claimsOf(colleague));
    const patch = { name: 'mine now' };
    for (const by of [mine, claimsOf(foreign)]) {
      expect(await getApiKey(worker, by, key.id)).toEqual(refused('not_found'));
      expect(await saveApiKeyRevocation(worker, by, key.id, uuidv7())).toEqual(refused('not_found'));
      const listed = got(await listApiKeys(worker, by, { ...page, user_id: colleague.user_id }));
      expect(listed.items).toEqual([]);
    }
    for (const by of [mine, admin, superadmin, claimsOf(foreign)]) {
      expect(await saveApiKeyPatch(worker, by, key.id, patch, uuidv7())).toEqual(refused('not_found'));
      const rotated = await saveApiKeyRotation(worker, by, key.id, fingerprintOf(newApiKey()), 60, uuidv7());
      expect(rotated).toEqual(refused('not_found'));
    }
    const { items } = got(await listApiKeys(worker, admin, { ...page, user_id: colleague.user_id }));
    const user = { id: colleague.user_id, name: 'Somebody', email: expect.stringContaining('@') };
    expect(items).toContainEqual(expect.objectContaining({ id: key.id, user_id: user.id, user }));
    expect(got(await saveApiKeyRevocation(worker, admin, key.id, 'revoked-1'))).toMatchObject({
      tenant_id: own.tenant_id,
      key: { user_id: colleague.user_id, revoked_at: expect.any(String) },
    });
    expect(got(await saveApiKeyRevocation(worker, admin, key.id, 'revoked-2')).key.revoked_at).not.toBeNull();
    expect([(await auditOf('revoked-1')).length, (await auditOf('revoked-2')).length]).toEqual([1, 0]);
  });

  it('are listed to a user without a gap or a repetition, and no key of anybody else among them', async () => {
    const seen: string[] = [];
    let cursor: string | null | undefined;
    do {
      const listed: { items: { id: string; user_id: string }[]; next_cursor: string | null } = got(
        await listApiKeys(worker, mine, { limit: 4, ...(cursor == null ? {} : { cursor }) }),
      );
      expect(listed.items.every(({ user_id }) => user_id === own.user_id)).toBe(true);
      seen.push(...listed.items.map(({ id }) => id));
      cursor = listed.next_cursor;
    } while (cursor !== null);
    expect(seen).toEqual([...new Set(seen)].toSorted().toReversed());
    expect(seen.length).toBeGreaterThan(4);
  });

  it('that nobody has are not there either', async () => {
    expect(await getApiKeyOfTenant(worker, own.tenant_id, nobody)).toBeNull();
    expect(await getApiKey(worker, superadmin, nobody)).toEqual(refused('not_found'));
  });
});
