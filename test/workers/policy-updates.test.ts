import { createExecutionContext, createMessageBatch, getQueueResult } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { sql } from 'drizzle-orm';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { createApiKeyRequest } from '../../contracts/api/account/api-keys.ts';
import type { WalletIdentity } from '../../contracts/wallet/journal.ts';
import type { PolicyUpdate } from '../../contracts/wallet/policy-update.ts';
import { createApiKey, revokeApiKey, updateApiKey } from '../../worker/api-keys/lifecycle.ts';
import { connect } from '../../worker/db/client.ts';
import { logOut } from '../../worker/identity/accounts.ts';
import { setLevelPolicy } from '../../worker/levels/level-policy.ts';
import { consumePolicyUpdates } from '../../worker/queues/policy-updates.ts';
import { createLog } from '../../worker/runtime/log.ts';
import { settingsOf } from '../../worker/runtime/settings.ts';
import { signOutUser, updateUser } from '../../worker/users/manage-users.ts';
import { database } from './own-database.ts';
import { policy, reserveCommandOf } from './wallet/wallet-commands.ts';

const { owner_url, worker_url, gateway_origin, wallets } = database;
const [home] = wallets;
if (home === undefined) throw new Error('No tenant is there');
const { tenant_id } = home.own;
const log = createLog('error', {});

// The journal's consumer would run here too and set the driver's only endpoint to one without Postgres.
Object.defineProperty(env, 'JOURNAL_QUEUE', { value: { sendBatch: async () => undefined } });

const databaseAs = (databaseUrl: string) =>
  connect({ databaseUrl, fetchEndpoint: `${gateway_origin}/sql`, applicationName: 'vanilla-request' });

const owner = databaseAs(owner_url);
const asOwner = (...statements: ReturnType<typeof sql>[]) =>
  owner.batch([
    owner.execute(sql`select set_config('app.role', 'operator', true)`),
    ...statements.map((statement) => owner.execute(statement)),
  ]);

let level_id: string;
let admin: WalletIdentity;
let user: WalletIdentity;

const insertUser = ({ user_id }: WalletIdentity, role: string) =>
  sql`insert into users (tenant_id, id, email, password_hash, role, level_id)
    values (${tenant_id}, ${user_id}, ${`${user_id}@example.test`}, '-', ${role}, ${level_id})`;

beforeEach(async () => {
  level_id = crypto.randomUUID();
  admin = { tenant_id, user_id: crypto.randomUUID() };
  user = { tenant_id, user_id: crypto.randomUUID() };
  await asOwner(
    sql`insert into levels (tenant_id, id, slug, name) values (${tenant_id}, ${level_id}, ${level_id}, 'A level')`,
    sql`insert into level_token_policies (tenant_id, level_id, mode, allocation_tokens, rollover_cap_tokens, enforcement,
        warning_thresholds_percent, reservation_lifetime_ms, in_flight_max)
      values (${tenant_id}, ${level_id}, 'lifetime', 1000, 0, 'hard', '{80}', 60000, 100)`,
    insertUser(user, 'user'),
    insertUser(admin, 'admin'),
  );
});

const stubOf = (wallet: WalletIdentity) => env.WALLET.getByName(`${wallet.tenant_id}/${wallet.user_id}`);
const reserve = (wallet: WalletIdentity, amount = 1) =>
  stubOf(wallet).reserve(reserveCommandOf(wallet, amount));

/** Returns a namespace in which the wallets of some users cannot be reached. */
function namespaceWithout(...unreachable: WalletIdentity[]): Env['WALLET'] {
  const names = unreachable.map(({ user_id }) => `${tenant_id}/${user_id}`);
  const fail = () => Promise.reject(new Error('out of reach'));
  const told = {
    adoptPolicy: fail,
    setStanding: fail,
    revokeSessions: fail,
    setKeyLimits: fail,
    revokeKey: fail,
  };
  const nobody = { ...told, read: fail };
  return {
    getByName: (name: string) => (names.includes(name) ? nobody : env.WALLET.getByName(name)),
  } as unknown as Env['WALLET'];
}

/** A queue that records its messages. */
function keepingQueue() {
  const kept: PolicyUpdate[] = [];
  const queue = {
    send: async (message: PolicyUpdate) => void kept.push(message),
    sendBatch: async (messages: { body: PolicyUpdate }[]) =>
      void kept.push(...messages.map(({ body }) => body)),
  } as unknown as Queue<PolicyUpdate>;
  return { kept, queue };
}

/** Delivers messages to the consumer and returns the outcome of each. */
async function deliver(bodies: unknown[], bindings: Partial<Env> = {}) {
  const messages = bodies.map((body, index) => ({
    id: String(index),
    timestamp: new Date(),
    attempts: 1,
    body,
  }));
  const batch = createMessageBatch('policy-updates', messages);
  const where = { DATABASE_URL: worker_url, NEON_FETCH_ENDPOINT: `${gateway_origin}/sql` };
  await consumePolicyUpdates(batch, { ...env, ...where, ...bindings }, log);
  const { explicitAcks, retryMessages } = await getQueueResult(batch, createExecutionContext());
  return { acked: explicitAcks, retried: retryMessages.map(({ msgId }: { msgId: string }) => msgId) };
}

const aboutUser = (wallet: WalletIdentity): PolicyUpdate => ({ version: 1, kind: 'user', ...wallet });
const aboutLevel = (after_user_id: string | null = null): PolicyUpdate => ({
  ...{ version: 1, kind: 'level', tenant_id, level_id },
  ...{ fields: ['in_flight_max'], after_user_id },
});

describe('a message about a user', () => {
  it('applies the current state of Postgres to their wallet, even if it is late or duplicated', async () => {
    await asOwner(sql`update users set status = 'disabled' where id = ${user.user_id}`);
    expect(await deliver([aboutUser(user), aboutUser(user)])).toEqual({ acked: ['0', '1'], retried: [] });
    expect(await reserve(user)).toEqual({ ok: false, code: 'user_disabled' });
    await asOwner(
      sql`update users set status = 'active', signed_out_at = to_timestamp(1000.5) where id = ${user.user_id}`,
      sql`insert into user_token_policies (tenant_id, user_id, enforcement) values (${tenant_id}, ${user.user_id}, 'warn')`,
    );
    await deliver([aboutUser(user)]);
    expect(await reserve(user)).toEqual({ ok: false, code: 'session_revoked' });
    const later = { ...reserveCommandOf(user, 1_001), session_issued_at_s: 1_001 };
    expect(await stubOf(user).reserve(later)).toMatchObject({ ok: true, shortfall: 1 });
  });

  it('is retried while the wallet or the database cannot be reached, and delays no other message', async () => {
    const WALLET = namespaceWithout(user);
    expect(await deliver([aboutUser(user), aboutUser(admin)], { WALLET })).toEqual({
      acked: ['1'],
      retried: ['0'],
    });
    const DATABASE_URL = worker_url.replace('app_worker', 'nobody');
    expect(await deliver([aboutUser(user)], { DATABASE_URL })).toEqual({ acked: [], retried: ['0'] });
  });

  it('who no longer exists is acknowledged', async () => {
    const gone = { tenant_id, user_id: crypto.randomUUID() };
    expect(await deliver([aboutUser(gone)])).toEqual({ acked: ['0'], retried: [] });
  });
});

describe('a message about a level', () => {
  const change = () =>
    asOwner(sql`update level_token_policies set in_flight_max = 1 where level_id = ${level_id}`);

  it('applies to the wallets of its users, even if callers still have the old policy cached', async () => {
    await change();
    expect(await deliver([aboutLevel()])).toEqual({ acked: ['0'], retried: [] });
    expect(await reserve(user)).toMatchObject({ ok: true });
    expect(await reserve(user)).toEqual({ ok: false, code: 'too_many_in_flight', in_flight_max: 1 });
  });

  it('sends separate messages for wallets that cannot be reached, and continues with the others', async () => {
    await change();
    const { kept, queue } = keepingQueue();
    const bindings = { WALLET: namespaceWithout(admin), POLICY_UPDATES_QUEUE: queue };
    expect(await deliver([aboutLevel()], bindings)).toEqual({ acked: ['0'], retried: [] });
    expect(kept).toEqual([aboutUser(admin)]);
    await reserve(user);
    expect(await reserve(user)).toMatchObject({ code: 'too_many_in_flight' });
  });

  it('updates a page of a hundred wallets, and sends a message for the next page', async () => {
    await asOwner(sql`insert into users (tenant_id, id, email, password_hash, level_id)
      select ${tenant_id}, gen_random_uuid(), n || ${`${level_id}@example.test`}, '-', ${level_id} from generate_series(1, 108) n`);
    const { kept, queue } = keepingQueue();
    await deliver([aboutLevel()], { POLICY_UPDATES_QUEUE: queue });
    expect(kept).toEqual([aboutLevel(expect.any(String))]);
    const pages = await deliver(kept, { POLICY_UPDATES_QUEUE: queue });
    expect([pages.acked, kept.length]).toEqual([['0'], 1]);
  });
});

it('a malformed message is logged and dropped, and delays no other message', async () => {
  const error = vi.spyOn(console, 'error').mockImplementation(() => undefined);
  const bodies = [{ version: 2 }, 'nonsense', null, { ...aboutLevel(), fields: [] }, aboutUser(user)];
  expect((await deliver(bodies)).acked).toEqual(['0', '1', '2', '3', '4']);
  expect(error).toHaveBeenCalledTimes(4);
  error.mockRestore();
});

describe('a decision whose wallet cannot be reached', () => {
  const claimsOf = ({ user_id }: WalletIdentity) => ({
    ...{ tenantId: tenant_id, userId: user_id },
    ...{ iat: 1_000_000, exp: 2_000_000 },
  });
  const dependencies = (policyUpdates: Queue<PolicyUpdate>) => ({
    settings: settingsOf(env),
    log,
    policyUpdates,
    executionJobs: env.EXECUTIONS_QUEUE,
    mailQueue: env.MAIL_QUEUE,
    webhooksQueue: env.WEBHOOKS_QUEUE,
    guards: env.GUESS_GUARD,
    objects: env.OBJECTS,
    database: databaseAs(worker_url),
    wallets: namespaceWithout(user),
    tenantWallets: env.TENANT_WALLET,
    waitUntil: () => undefined,
    requestId: crypto.randomUUID(),
  });
  const deadQueue = () => {
    const fail = () => Promise.reject(new Error('no queue'));
    return { send: fail, sendBatch: fail } as unknown as Queue<PolicyUpdate>;
  };

  it('is stored in the database and sent to the queue, and the answer says that the wallet is not updated yet', async () => {
    const { kept, queue } = keepingQueue();
    const disabled = await updateUser(dependencies(queue), claimsOf(admin), user.user_id, {
      status: 'disabled',
    });
    expect(disabled).toMatchObject({ ok: true, value: { user: { status: 'disabled' }, wallet: null } });
    expect(kept).toEqual([aboutUser(user)]);
    await deliver(kept);
    expect(await reserve(user)).toEqual({ ok: false, code: 'user_disabled' });
  });

  it('can be a sign-out, by an admin or by the user', async () => {
    const { kept, queue } = keepingQueue();
    expect(await signOutUser(dependencies(queue), claimsOf(admin), user.user_id)).toEqual({
      ok: true,
      value: null,
    });
    const again = { ...claimsOf(user), iat: Math.floor(Date.now() / 1_000) + 100 };
    expect(await logOut(dependencies(queue), again)).toEqual({ ok: true, value: null });
    expect(kept).toEqual([aboutUser(user), aboutUser(user)]);
  });

  it('can be a level’s policy, whose answer counts the wallet as pending', async () => {
    const { kept, queue } = keepingQueue();
    const { version: _, ...levelPolicy } = { ...policy, in_flight_max: 5 };
    const set = await setLevelPolicy(dependencies(queue), claimsOf(admin), level_id, {
      ...levelPolicy,
      reservation_lifetime_ms: 60_000,
    });
    expect(set).toMatchObject({ ok: true, value: { rollout: { told: 1, on_the_way: 1 } } });
    expect(kept).toEqual([aboutUser(user)]);
  });

  it('can be a key’s new limits or its revocation, even if the message is late or duplicated', async () => {
    const { kept, queue } = keepingQueue();
    const deps = dependencies(queue);
    const request = createApiKeyRequest.parse({ name: 'CI' });
    const created = await createApiKey(deps, claimsOf(user), request);
    if (!created.ok) throw new Error(created.failure.code);
    const { id } = created.value;
    const none = { requests_per_minute: null, tokens_per_minute: null, monthly_budget_tokens: null };
    const reserveByKey = () => {
      const command = reserveCommandOf(user, 5);
      const execution = { ...command.execution, api_key_id: id };
      return stubOf(user).reserve({ ...command, key: { id, version: 0, ...none }, execution });
    };
    expect(await reserveByKey()).toMatchObject({ ok: true });
    const limited = await updateApiKey(deps, claimsOf(user), id, { monthly_budget_tokens: 5 });
    expect(limited).toMatchObject({ ok: true, value: { monthly_budget_tokens: 5 } });
    expect(kept).toEqual([{ version: 1, kind: 'api_key', tenant_id, api_key_id: id }]);
    await deliver([...kept, ...kept]);
    expect(await reserveByKey()).toMatchObject({ ok: false, scope: 'api_key_month', limit: 5 });
    expect(await revokeApiKey(deps, claimsOf(admin), id)).toEqual({ ok: true, value: null });
    await deliver(kept);
    expect(await reserveByKey()).toEqual({ ok: false, code: 'api_key_revoked' });
    const dead = dependencies(deadQueue());
    const error = vi.spyOn(console, 'error').mockImplementation(() => undefined);
    expect(await revokeApiKey(dead, claimsOf(user), id)).toEqual({
      ok: false,
      failure: { code: 'unavailable' },
    });
    error.mockRestore();
  });

  it('fails as unavailable if the queue cannot be reached either, so that the client retries', async () => {
    const error = vi.spyOn(console, 'error').mockImplementation(() => undefined);
    const deps = dependencies(deadQueue());
    const patch = { status: 'disabled' } as const;
    expect(await updateUser(deps, claimsOf(admin), user.user_id, patch)).toEqual({
      ok: false,
      failure: { code: 'unavailable' },
    });
    expect(error).toHaveBeenCalledWith(expect.stringContaining('policy_update_not_queued'));
    error.mockRestore();
    const { kept, queue } = keepingQueue();
    expect(await updateUser(dependencies(queue), claimsOf(admin), user.user_id, patch)).toMatchObject({
      ok: true,
    });
    expect(kept).toEqual([aboutUser(user)]);
  });
});
