import { createExecutionContext, createMessageBatch, getQueueResult } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { sql } from 'drizzle-orm';
import { afterEach, expect, it } from 'vitest';
import { tenantWallet } from '../../contracts/wallet/journal.ts';
import type { PolicyUpdate } from '../../contracts/wallet/policy-update.ts';
import type { StoredTenant } from '../../worker/db/tenants/tenants.ts';
import { consumePolicyUpdates } from '../../worker/queues/policy-updates.ts';
import type { Dependencies } from '../../worker/runtime/dependencies.ts';
import { createLog } from '../../worker/runtime/log.ts';
import { resolveTenant } from '../../worker/tenants/tenant-lookup.ts';
import { applyTenantChange } from '../../worker/tenants/tenant-standing.ts';
import { asOwner, dependencies, holdTheQueue, home } from './checked-wallet.ts';
import { database } from './own-database.ts';
import { objectName, policy } from './wallet/wallet-commands.ts';

const { tenant_id } = home;
const log = createLog('error', {});
holdTheQueue();

/** Sets the status in Postgres and returns the tenant as the change returns it. */
async function save(status: 'active' | 'suspended' | 'deleting'): Promise<StoredTenant> {
  const due = status === 'deleting' ? sql`now() + interval '30 days'` : sql`null`;
  const [[row]] = (await asOwner(
    sql`update tenants set status = ${status}, deletion_due_at = ${due} where id = ${tenant_id}
      returning id, slug, status, (extract(epoch from status_changed_at) * 1000000)::float8 as status_version`,
  )) as [[StoredTenant]];
  return { ...row, own_hostnames: [] };
}

const wallet = tenantWallet(tenant_id);

/** Returns the code with which the tenant's wallet refuses a lease that costs nothing; undefined if it grants it. */
async function refusal(): Promise<string | undefined> {
  const answer = await env.TENANT_WALLET.getByName(objectName(wallet)).lease({
    ...{
      wallet,
      policy,
      lease_id: crypto.randomUUID(),
      user_id: home.user_id,
      least: 0,
      amount: 0,
      ends: [],
    },
  });
  return answer.ok ? undefined : answer.code;
}

/** A queue that records its messages, and dependencies in which the tenants' wallets cannot be reached. */
function outOfReach(send: (message: PolicyUpdate) => Promise<void>): Dependencies {
  const unreachable = {
    getByName: () => ({ setTenantStanding: () => Promise.reject(new Error('out of reach')) }),
  };
  return dependencies({
    tenantWallets: unreachable as unknown as Env['TENANT_WALLET'],
    policyUpdates: { send } as unknown as Queue<PolicyUpdate>,
  });
}

async function deliver(body: PolicyUpdate, bindings: Partial<Env> = {}) {
  const batch = createMessageBatch('policy-updates', [{ id: '0', timestamp: new Date(), attempts: 1, body }]);
  const where = { DATABASE_URL: database.worker_url, NEON_FETCH_ENDPOINT: `${database.gateway_origin}/sql` };
  await consumePolicyUpdates(batch, { ...env, ...where, ...bindings }, log);
  return (await getQueueResult(batch, createExecutionContext())).explicitAcks;
}

afterEach(async () => {
  const tenant = await save('active');
  await applyTenantChange(dependencies(), tenant, tenant.slug);
});

it.each(['suspended', 'deleting'] as const)(
  'a tenant that is %s: its wallet refuses leases at once, and its cached snapshot is gone',
  async (status) => {
    const lookup = async () => {
      const { slug } = await save(status);
      return (await resolveTenant(dependencies(), { slug }, async () => null))?.status;
    };
    expect(await refusal()).toBeUndefined();
    const active = await save('active');
    expect((await resolveTenant(dependencies(), { slug: active.slug }, async () => null))?.status).toBe(
      'active',
    );
    expect(await lookup(), 'a snapshot is a minute old').toBe('active');
    const tenant = await save(status);
    expect(await applyTenantChange(dependencies(), tenant, tenant.slug)).toEqual({ ok: true, value: null });
    expect(await refusal()).toBe('tenant_suspended');
    expect(await lookup()).toBe(status);
  },
);

it('an older status that arrives late changes nothing', async () => {
  const older = await save('suspended');
  const newer = await save('active');
  await applyTenantChange(dependencies(), newer, newer.slug);
  await applyTenantChange(dependencies(), older, older.slug);
  expect(await refusal()).toBeUndefined();
});

it('a wallet that cannot be reached is told by the queue, with the status that is stored then', async () => {
  const sent: PolicyUpdate[] = [];
  const tenant = await save('suspended');
  const deps = outOfReach(async (message) => void sent.push(message));
  expect(await applyTenantChange(deps, tenant, tenant.slug)).toEqual({ ok: true, value: null });
  expect(sent).toEqual([{ version: 1, kind: 'tenant', tenant_id }]);
  expect(await refusal()).toBeUndefined();
  const [message] = sent;
  if (message === undefined) throw new Error('Nothing was sent');
  expect(await deliver(message, { TENANT_WALLET: deps.tenantWallets })).toEqual([]);
  expect(await deliver(message)).toEqual(['0']);
  expect(await refusal()).toBe('tenant_suspended');
  expect(await deliver({ ...message, tenant_id: crypto.randomUUID() }), 'nobody to tell').toEqual(['0']);
});

it('the change is unavailable when neither wallet nor queue can be reached, and can be repeated', async () => {
  const tenant = await save('suspended');
  const deps = outOfReach(() => Promise.reject(new Error('out of reach')));
  expect(await applyTenantChange(deps, tenant, tenant.slug)).toEqual({
    ...{ ok: false, failure: { code: 'unavailable' } },
  });
  expect((await applyTenantChange(dependencies(), tenant, tenant.slug)).ok).toBe(true);
  expect(await refusal()).toBe('tenant_suspended');
});
