import { afterAll, expect, it } from 'vitest';
import { loadTenant } from '../../worker/db/load-snapshots.ts';
import { getTenantSettings, updateTenantSettings } from '../../worker/db/tenant-settings.ts';
import { claimsOf, got, refused, startGovernedWorld } from './governed-world.ts';

const world = await startGovernedWorld();
const { database, owner, worker, own, foreign, admin, auditOf } = world;
afterAll(() => database.stop());

const support_email = 'help@example.com';

it('an admin changes one setting of their tenant; the others keep their value, and the change is audited', async () => {
  const changed = got(await updateTenantSettings(worker, admin, { support_email }, 'settings-1'));
  expect(changed).toEqual({ stores_contents: false, support_email });
  expect(await auditOf('settings-1')).toEqual([
    expect.objectContaining({
      action: 'tenant.settings_changed',
      details: {
        tenant_id: own.tenant_id,
        before: { stores_contents: false, support_email: null },
        after: { stores_contents: false, support_email },
      },
    }),
  ]);
  await updateTenantSettings(worker, admin, { support_email }, 'settings-2');
  expect(await auditOf('settings-2')).toEqual([]);
  expect(got(await getTenantSettings(worker, claimsOf(own)))).toEqual(changed);
  expect(got(await getTenantSettings(worker, claimsOf(foreign)))).toMatchObject({ support_email: null });
});

it('a plain user changes no setting', async () => {
  const before = got(await getTenantSettings(worker, claimsOf(own)));
  const refusal = await updateTenantSettings(worker, claimsOf(own), { stores_contents: true }, 'settings-3');
  expect(refusal).toEqual(refused('forbidden'));
  expect(got(await getTenantSettings(worker, claimsOf(own)))).toEqual(before);
});

it('every setting is part of the tenant’s snapshot', async () => {
  const { rows } = await owner.query('select slug from tenants where id = $1', [own.tenant_id]);
  const { tenant } = await loadTenant(worker, { slug: rows[0].slug }, null);
  expect(tenant).toMatchObject({ registration_open: true, stores_contents: false, support_email });
});
