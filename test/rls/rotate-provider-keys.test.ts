import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, expect, it } from 'vitest';
import { bindingOf } from '../../worker/catalog/provider-key.ts';
import { sealerOf } from '../../worker/conversations/seal.ts';
import { makeTotpSecret, resealTotpSecret } from '../../worker/identity/factors/totp.ts';
import {
  decryptProviderKey,
  encryptProviderKey,
  type KeyRing,
  keyRing,
  ringVersionOf,
} from '../../worker/runtime/key-ring.ts';
import { openWebhookSecret, sealWebhookSecret } from '../../worker/webhooks/secret.ts';
import { insertRow } from '../support/test-database.ts';
import { startTestDatabase } from './database.ts';
import { makeWorld, providerRow, webhookEndpointRow } from './world.ts';

const script = fileURLToPath(new URL('../../dev/rotate-provider-keys.ts', import.meta.url));
const database = await startTestDatabase();
const { owner } = database;
const { places } = await makeWorld(owner);
afterAll(() => database.stop());

const keyText = (version: number) => `${version}:${Buffer.alloc(32, version).toString('base64')}`;
const oldRing = keyRing.parse(keyText(1));
const bothText = `${keyText(2)} ${keyText(1)}`;

type Stored = ReturnType<typeof providerRow> & { kind: 'openai'; base_url: string };

async function store(tenantId: string, secret: string, ring: KeyRing = oldRing): Promise<Stored> {
  const row: Stored = { ...providerRow(tenantId), kind: 'openai', base_url: 'https://ai.example/v1' };
  const api_key_ciphertext = await encryptProviderKey(ring, bindingOf(row), secret);
  await insertRow(owner, 'ai_providers', { ...row, api_key_ciphertext });
  return row;
}

const sealedOf = async ({ id }: { id: string }): Promise<string> =>
  (await owner.query('select api_key_ciphertext from ai_providers where id = $1', [id])).rows[0]
    .api_key_ciphertext;

const everything = async () => (await owner.query('select * from ai_providers order by tenant_id, id')).rows;

async function rotate(ring: string, ...args: string[]) {
  const env = { ...process.env, DATABASE_OWNER_URL: database.ownerUrl, KEY_RING: ring };
  const gateway = `127.0.0.1:${database.gateway.port}`;
  return promisify(execFile)(process.execPath, [script, '--gateway', gateway, ...args], { env }).then(
    ({ stdout }) => ({ code: 0, stdout, stderr: '' }),
    ({ code, stdout, stderr }) => ({ code, stdout, stderr }),
  );
}

it('rotating encrypts every key anew under the newest of the ring, of all tenants, and a second run finds nothing to do', async () => {
  await owner.query('delete from ai_models');
  await owner.query('delete from ai_providers');
  await owner.query('delete from sign_in_providers');
  await owner.query('delete from webhook_endpoints');
  await owner.query('delete from conversations');
  const made = new Map<Stored, string>();
  for (let count = 0; count < 120; count++) {
    const { tenant_id } = count % 2 === 0 ? places.own : places.platform;
    made.set(await store(tenant_id, `sk-${count}`), `sk-${count}`);
  }
  await insertRow(owner, 'ai_providers', {
    ...providerRow(places.platform.tenant_id),
    api_key_ciphertext: null,
  });

  const dry = await rotate(bothText, '--dry-run');
  expect(dry).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('120 would be encrypted anew, 0 already used the newest key'),
  });
  for (const row of made.keys()) expect(ringVersionOf(await sealedOf(row))).toBe(1);

  expect(await rotate(bothText)).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('120 were encrypted'),
  });
  const newRing = keyRing.parse(keyText(2));
  for (const [row, secret] of made) {
    const opened = await decryptProviderKey(newRing, bindingOf(row), await sealedOf(row));
    expect(opened).toEqual({ ok: true, value: secret });
  }
  const before = await everything();
  expect(await rotate(bothText)).toMatchObject({
    stdout: expect.stringContaining('0 were encrypted anew, 120 already used the newest key'),
  });
  expect(await everything()).toEqual(before);
});

it('rotating encrypts the secrets of authenticator apps anew, of all tenants', async () => {
  for (const { tenant_id, user_id } of [places.own, places.foreign]) {
    const names = { issuer: 'Acme', label: 'ada@example.test' };
    const { ciphertext: secret_ciphertext } = await makeTotpSecret(oldRing, { tenant_id, user_id }, names);
    const row = { tenant_id, id: uuidv7(), user_id, kind: 'totp', name: 'App', secret_ciphertext };
    await insertRow(owner, 'user_factors', row);
  }
  const sealed = async () =>
    (await owner.query('select tenant_id, user_id, secret_ciphertext as text from user_factors')).rows;
  const answer = 'Of authenticator apps, 2 were encrypted anew, 0 already used';
  expect((await rotate(bothText)).stdout).toContain(answer);
  for (const { tenant_id, user_id, text } of await sealed()) {
    expect(ringVersionOf(text)).toBe(2);
    expect(await resealTotpSecret(keyRing.parse(keyText(2)), { tenant_id, user_id }, text)).toMatchObject({
      ok: true,
    });
  }
  expect((await rotate(bothText)).stdout).toContain('0 were encrypted anew, 2 already used');
});

it('rotating encrypts the secrets of webhooks anew, those that were replaced as well', async () => {
  const row = webhookEndpointRow(places.own.tenant_id);
  const [secret_ciphertext, previous_secret_ciphertext] = await Promise.all(
    ['whsec_new', 'whsec_old'].map((secret) => sealWebhookSecret(oldRing, row, secret)),
  );
  const previous = { previous_secret_ciphertext, previous_secret_valid_until: '2100-01-01T00:00:00Z' };
  await insertRow(owner, 'webhook_endpoints', { ...row, secret_ciphertext, ...previous });
  await rotate(bothText);
  const { rows } = await owner.query(
    'select secret_ciphertext as newest, previous_secret_ciphertext as replaced from webhook_endpoints where id = $1',
    [row.id],
  );
  const newRing = keyRing.parse(keyText(2));
  expect(await openWebhookSecret(newRing, row, rows[0].newest)).toEqual({ ok: true, value: 'whsec_new' });
  expect(await openWebhookSecret(newRing, row, rows[0].replaced)).toEqual({ ok: true, value: 'whsec_old' });
  await owner.query('delete from webhook_endpoints');
});

it('rotating encrypts conversations anew, which decrypt without the old key afterwards', async () => {
  const { tenant_id, user_id, conversation_id } = places.own;
  await owner.query('delete from conversations');
  const old = await sealerOf(oldRing, { tenant_id, user_id });
  const parts = [
    { conversation_id, column: 'title' as const },
    { conversation_id, column: 'settings' as const },
  ];
  const [title_ciphertext, settings_ciphertext] = await Promise.all(
    parts.map((part) => old.seal(part, `A ${part.column}`)),
  );
  await insertRow(owner, 'conversations', {
    ...{ tenant_id, user_id, id: conversation_id, title_ciphertext, settings_ciphertext },
  });
  const message_ids = Array.from({ length: 45 }, () => uuidv7());
  for (const id of message_ids)
    await insertRow(owner, 'conversation_messages', {
      ...{ tenant_id, user_id, conversation_id, id, role: 'user', bytes: 1 },
      content_ciphertext: await old.seal({ conversation_id, message_id: id }, id),
    });
  expect((await rotate(bothText)).stdout).toContain('Of texts of conversations, 47 were encrypted anew, 0');
  const { rows } = await owner.query('select id, content_ciphertext as sealed from conversation_messages');
  const fresh = await sealerOf(keyRing.parse(keyText(2)), { tenant_id, user_id });
  for (const { id, sealed } of rows)
    expect(await fresh.open({ conversation_id, message_id: id }, sealed)).toBe(id);
  expect((await rotate(bothText)).stdout).toContain('0 were encrypted anew, 47 already used');
  await owner.query('delete from conversations');
});

it('a key that was moved to another row is named and left, and no other key waits for it', async () => {
  const good = await store(places.own.tenant_id, 'sk-good');
  const moved = { ...providerRow(places.own.tenant_id), base_url: 'https://ai.example/v1' };
  await insertRow(owner, 'ai_providers', { ...moved, api_key_ciphertext: await sealedOf(good) });
  const { code, stderr } = await rotate(bothText);
  expect(code).toBe(1);
  expect(stderr).toContain(
    `Provider ${moved.id} of tenant ${places.own.tenant_id} cannot be decrypted: not_authentic`,
  );
  expect(stderr.trim().split('\n')).toHaveLength(1);
  expect(ringVersionOf(await sealedOf(good))).toBe(2);
});

it('a ring that lacks the key of what is stored says so and changes nothing', async () => {
  const row = await store(places.own.tenant_id, 'sk-lost');
  const before = await sealedOf(row);
  const { code, stderr } = await rotate(keyText(3));
  expect([code, stderr]).toEqual([1, expect.stringContaining('unknown_ring_key')]);
  expect(await sealedOf(row)).toBe(before);
});

it('without a ring it explains itself and does nothing', async () => {
  expect(await rotate('1:short')).toMatchObject({ code: 2, stdout: expect.stringContaining('--dry-run') });
});
