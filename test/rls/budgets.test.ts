import { afterAll, describe, expect, it } from 'vitest';
import { loadTenant } from '../../worker/db/load-snapshots.ts';
import { insertRow } from '../support/test-database.ts';
import { connectAsWorker, refusalOf, rolledBack, startTestDatabase } from './database.ts';
import { fixtures } from './fixtures.ts';
import { makeWorld, PLATFORM_ID, tenantRow } from './world.ts';

const database = await startTestDatabase();
const { owner, worker } = database;
const { places, admin_id } = await makeWorld(owner);
const { own, platform } = places;
afterAll(() => database.stop());

const CHECK = '23514';

const budgetOf = async (tenantId: string) =>
  (await owner.query('select * from tenant_budgets where tenant_id = $1', [tenantId])).rows[0];

const asSuperadmin = (test: () => Promise<void>) =>
  rolledBack(worker, async () => {
    await worker.query('select app.enter($1, $2, 0)', [platform.tenant_id, platform.user_id]);
    await test();
  });

describe('the budget of a tenant', () => {
  it('that is new is prepaid and hard, with nothing to spend', async () => {
    const row = tenantRow();
    await insertRow(owner, 'tenants', row);
    expect(await budgetOf(row.id)).toMatchObject({
      ...{ mode: 'prepaid', enforcement: 'hard', limit_micro_usd: null },
      ...{ markup_basis_points: 0, own_key_fee_micro_usd: '0' },
    });
    const { tenant } = await loadTenant(connectAsWorker(database), { slug: row.slug }, null);
    expect(tenant?.budget).toEqual({
      policy: {
        version: expect.any(Number),
        ...{ mode: 'lifetime', allocation_tokens: 0, rollover_cap_tokens: 0, enforcement: 'hard' },
        ...{
          warning_thresholds_percent: [80, 95],
          reservation_lifetime_ms: 3_600_000,
          in_flight_max: 10_000,
        },
      },
      markup_basis_points: 0,
      own_key_fee_micro_usd: 0,
    });
  });

  it('of the platform itself is only watched', async () => {
    expect(await budgetOf(PLATFORM_ID)).toMatchObject({ mode: 'prepaid', enforcement: 'monitor' });
  });

  it('leaves the role of whoever inserts the tenant as it was', async () => {
    await rolledBack(owner, async () => {
      await insertRow(owner, 'tenants', tenantRow());
      expect((await owner.query('select app.role() as role')).rows).toEqual([{ role: 'operator' }]);
    });
  });

  it('with a limit by the month is the policy of the tenant’s wallet', async () => {
    const { rows } = await owner.query('select slug from tenants where id = $1', [own.tenant_id]);
    const { tenant } = await loadTenant(connectAsWorker(database), { slug: rows[0].slug }, null);
    expect(tenant?.budget.policy).toMatchObject({ mode: 'monthly', allocation_tokens: 1_000_000_000 });
  });

  it('has a higher version after every change, and keeps one that was named if it is higher', () =>
    asSuperadmin(async () => {
      const change = async (assignment: string): Promise<number> => {
        const { rows } = await worker.query(
          `update tenant_budgets set ${assignment} where tenant_id = $1
           returning (extract(epoch from changed_at) * 1000000)::float8 as version`,
          [own.tenant_id],
        );
        return rows[0].version;
      };
      const first = await change('markup_basis_points = 1');
      const second = await change('markup_basis_points = 2');
      expect(second).toBeGreaterThan(first);
      expect(await change(`changed_at = '2020-01-01T00:00:00Z'`)).toBeGreaterThan(second);
      expect(await change(`changed_at = '2999-01-01T00:00:00Z'`)).toBe(Date.parse('2999-01-01') * 1_000);
      expect(await change('markup_basis_points = 3')).toBe(Date.parse('2999-01-01') * 1_000 + 1);
    }));

  it.each([
    ['a month without a limit', `mode = 'monthly', limit_micro_usd = null`],
    ['a prepaid budget with a limit', `mode = 'prepaid', limit_micro_usd = 1`],
    ['a limit below zero', `mode = 'monthly', limit_micro_usd = -1`],
    ['a markup below zero', 'markup_basis_points = -1'],
    ['a fee past 2^50', `own_key_fee_micro_usd = ${2 ** 50 + 1}`],
    ['a warning at 101 percent', `warning_thresholds_percent = '{101}'`],
    ['a mode that is none', `mode = 'yearly'`],
  ])('is never %s', (_, assignment) =>
    asSuperadmin(async () => {
      const change = () =>
        worker.query(`update tenant_budgets set ${assignment} where tenant_id = $1`, [own.tenant_id]);
      expect(await refusalOf(worker, change)).toBe(CHECK);
    }),
  );

  it('is not raised by an admin of the tenant', () =>
    rolledBack(worker, async () => {
      await worker.query('select app.enter($1, $2, 0)', [own.tenant_id, admin_id]);
      const { rowCount } = await worker.query('update tenant_budgets set limit_micro_usd = 2000000000');
      expect(rowCount).toBe(0);
    }));
});

describe('the ledger of a tenant', () => {
  const entry = (): Record<string, unknown> => {
    const row = fixtures['public.tenant_ledger']?.newRow(own, 'service');
    if (row === undefined) throw new Error('tenant_ledger has no fixture');
    return row;
  };

  it.each([
    ['an update', 'update tenant_ledger set amount = amount'],
    ['a delete', 'delete from tenant_ledger'],
    ['a truncate', 'truncate tenant_ledger'],
  ])('is append-only for its owner too, who is refused %s', async (_, statement) => {
    await rolledBack(owner, async () => {
      await insertRow(owner, 'tenant_ledger', entry());
      expect(await refusalOf(owner, () => owner.query(statement))).toBe('VS001');
    });
  });

  it('refuses an entry that forks its chain', async () => {
    await rolledBack(owner, async () => {
      const first: Record<string, unknown> = { ...entry(), seq: 7 };
      await insertRow(owner, 'tenant_ledger', first);
      for (const fork of [{ seq: 7 }, { seq: 8 }, { seq: 6 }])
        expect(await refusalOf(owner, () => insertRow(owner, 'tenant_ledger', { ...entry(), ...fork }))).toBe(
          'VS003',
        );
      const next = { ...entry(), seq: 8, prev_hash: first.hash };
      expect(await refusalOf(owner, () => insertRow(owner, 'tenant_ledger', next))).toBeNull();
    });
  });
});
