import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { UsageFilter } from '../../contracts/api/platform/platform.ts';
import { readPlatformHealth } from '../../worker/db/usage/platform-health.ts';
import { listUsage, readAllUsage, readDays } from '../../worker/db/usage/platform-usage.ts';
import { insertRow } from '../support/test-database.ts';
import { roundTripsOf } from './database.ts';
import { got, refused, startGovernedWorld } from './governed-world.ts';
import { PLATFORM_ID, tenantRow } from './world.ts';

/** Reports that superadmins read of all tenants. */

const world = await startGovernedWorld();
const { database, owner, worker, own, foreign, admin, superadmin, platformAdmin } = world;
afterAll(() => database.stop());

const period = { from: '2026-11-01', to: '2026-11-30' };
const byTenant: UsageFilter = { ...period, group_by: 'tenant', order: 'desc' };

type Used = {
  tenant_id: string;
  day?: string;
  model?: string;
  key_owner?: 'tenant';
  cost: number;
  wholesale: number;
};
const use = ({ cost, wholesale, ...row }: Used, executions = 1) =>
  insertRow(owner, 'daily_usage', {
    ...{ day: '2026-11-23', model: 'auto', provider_id: own.provider_id, key_owner: 'platform', executions },
    ...row,
    ...{ cost_micro_usd: cost, wholesale_micro_usd: wholesale, input_tokens: 5, output_tokens: 3 },
  });

beforeAll(async () => {
  await use({ tenant_id: own.tenant_id, cost: 100, wholesale: 120 }, 3);
  await use({
    tenant_id: own.tenant_id,
    model: 'large',
    day: '2026-11-24',
    cost: 2 ** 52,
    wholesale: 2 ** 52 - 1,
  });
  await use({ tenant_id: own.tenant_id, key_owner: 'tenant', cost: 9_000, wholesale: 2 });
  await use({ tenant_id: foreign.tenant_id, cost: 0, wholesale: 7 });
  await use({ tenant_id: PLATFORM_ID, cost: 50, wholesale: 50 });
  await use({ tenant_id: foreign.tenant_id, day: '2026-12-01', cost: 1, wholesale: 1 });
  await use({ tenant_id: foreign.tenant_id, model: '', cost: 0, wholesale: 0 }, 0);
});

describe('usage across tenants', () => {
  it('has cost without executions on tenants’ own keys, and no revenue of the platform’s own tenant', async () => {
    const items = got(await readAllUsage(worker, superadmin, byTenant));
    expect(
      items.map(
        ({ tenant, executions, own_key_executions, cost_micro_usd, revenue_micro_usd, margin_micro_usd }) => [
          ...[
            tenant?.id,
            executions,
            own_key_executions,
            cost_micro_usd,
            revenue_micro_usd,
            margin_micro_usd,
          ],
        ],
      ),
    ).toEqual([
      [own.tenant_id, 5, 1, 2 ** 52 + 100, 2 ** 52 + 121, 21],
      [foreign.tenant_id, 1, 0, 0, 7, 7],
      [PLATFORM_ID, 1, 0, 50, 0, -50],
    ]);
  });

  it('by day is in one round trip, and has only the days of the period', async () => {
    const days = async () => got(await readDays(worker, superadmin, period));
    expect(await roundTripsOf(database, days)).toBe(1);
    expect(
      (await days()).map(({ day, executions, margin_micro_usd }) => [day, executions, margin_micro_usd]),
    ).toEqual([
      ['2026-11-23', 6, -21],
      ['2026-11-24', 1, -1],
    ]);
  });

  it('of one tenant by model names the models, the dearest first', async () => {
    const filter = {
      ...period,
      tenant_id: own.tenant_id,
      group_by: 'model',
      sort: 'cost_micro_usd',
    } as const;
    const items = got(await readAllUsage(worker, superadmin, { ...filter, order: 'desc' }));
    expect(items.map(({ model, executions }) => [model, executions])).toEqual([
      ['large', 1],
      ['auto', 4],
    ]);
  });

  it.each(['asc', 'desc'] as const)(
    'is paged without a gap or a repetition, also where figures are equal (%s)',
    async (order) => {
      const tenants = Array.from({ length: 7 }, () => tenantRow());
      for (const tenant of tenants) {
        await insertRow(owner, 'tenants', tenant);
        await use({ tenant_id: tenant.id, day: '2025-05-05', cost: 5, wholesale: 4 });
      }
      const filter = {
        from: '2025-05-01',
        to: '2025-05-31',
        group_by: 'tenant',
        sort: 'margin_micro_usd',
        order,
      } as const;
      const seen: (string | undefined)[] = [];
      let cursor: string | undefined;
      do {
        const page = got(await listUsage(worker, superadmin, { ...filter, limit: 3, cursor }));
        seen.push(...page.items.map(({ tenant }) => tenant?.id));
        cursor = page.next_cursor ?? undefined;
      } while (cursor !== undefined);
      expect(seen.toSorted()).toEqual(tenants.map(({ id }) => id).toSorted());
      await owner.query(`delete from daily_usage where day = '2025-05-05'`);
    },
  );

  it('orders days by themselves, the newest first', async () => {
    const items = got(await readAllUsage(worker, superadmin, { ...period, group_by: 'day', order: 'desc' }));
    expect(items.map(({ day }) => day)).toEqual(['2026-11-24', '2026-11-23']);
  });

  it('refuses a cursor that no list has returned', async () => {
    for (const cursor of ['1', btoa('1:x'), btoa(`x:${'0'.repeat(32)}`), btoa(`1;drop:${'0'.repeat(32)}`)])
      expect(await listUsage(worker, superadmin, { ...byTenant, limit: 5, cursor })).toEqual(
        refused('invalid_cursor'),
      );
  });

  it('is refused to everybody but superadmins', async () => {
    for (const claims of [admin, platformAdmin]) {
      expect(await readDays(worker, claims, period)).toEqual(refused('forbidden'));
      expect(await readAllUsage(worker, claims, byTenant)).toEqual(refused('forbidden'));
      expect(await readPlatformHealth(worker, claims)).toEqual(refused('forbidden'));
    }
  });
});

describe('the health of the platform', () => {
  const hour = Math.floor(Date.now() / 3_600_000);
  const callsAt = (back: number, provider_id: string, failures: number) =>
    insertRow(owner, 'provider_calls', {
      ...{
        tenant_id: own.tenant_id,
        provider_id,
        hour: hour - back,
        slot: (hour - back) % 48,
        calls: 10,
        failures,
      },
      ...(failures === 0
        ? {}
        : {
            last_failure: back === 0 ? 'timeout' : 'overloaded',
            last_failed_at_ms: (hour - back) * 3_600_000,
          }),
    });

  it('names what failed in the last day, wallets with a difference and suspended tenants, in one round trip', async () => {
    await callsAt(0, own.provider_id, 4);
    await callsAt(2, own.provider_id, 1);
    await callsAt(30, own.provider_id, 9);
    await callsAt(0, world.platform.provider_id, 0);
    await callsAt(0, uuidv7(), 3);
    const finding = {
      status: 'different',
      checkpoint: '{}',
      wallet_seq: 1,
      checked_at: '2026-11-23T00:00:00Z',
    };
    const differences = JSON.stringify([
      { kind: 'entry_missing' },
      { kind: 'entry_missing' },
      { kind: 'hash_broken' },
    ]);
    const { tenant_id, user_id } = own;
    await insertRow(owner, 'wallet_reconciliations', { ...finding, tenant_id, user_id, differences });
    await insertRow(owner, 'wallet_reconciliations', {
      ...{ ...finding, status: 'healing', tenant_id, differences },
      user_id: own.spare_user_id,
    });
    await insertRow(owner, 'tenant_wallet_reconciliations', {
      ...{ ...finding, checked_at: '2026-11-22T00:00:00Z', tenant_id: foreign.tenant_id, differences: '[]' },
    });
    await owner.query(`update tenants set status = 'suspended', status_reason = 'unpaid' where id = $1`, [
      foreign.tenant_id,
    ]);
    const read = async () => got(await readPlatformHealth(worker, superadmin));
    expect(await roundTripsOf(database, read)).toBe(1);
    const health = await read();
    expect(health).toMatchObject({
      failing_providers: [
        {
          ...{ tenant: { id: own.tenant_id }, provider_id: own.provider_id, key_owner: 'tenant' },
          ...{ calls: 20, failures: 5, recent_calls: 10, recent_failures: 4, last_failure: 'timeout' },
          last_failed_at: new Date(hour * 3_600_000).toISOString(),
        },
      ],
      open_drifts: [
        { tenant: { id: own.tenant_id }, user_id, differences: ['entry_missing', 'hash_broken'] },
        { tenant: { id: foreign.tenant_id }, user_id: null, differences: [] },
      ],
      suspended_tenants: [{ tenant: { id: foreign.tenant_id, status: 'suspended' }, reason: 'unpaid' }],
      totals: { failing_providers: 1, open_drifts: 2, suspended_tenants: 1 },
    });
    expect([health.failing_providers.length, health.open_drifts.length]).toEqual([1, 2]);
  });
});
