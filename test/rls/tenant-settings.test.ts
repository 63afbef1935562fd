import { afterAll, expect, it } from 'vitest';
import { tenantFields } from '../../contracts/api/tenant/tenant.ts';
import { fieldNames } from '../../contracts/fields.ts';
import { loadTenant } from '../../worker/db/load-snapshots.ts';
import { getTenantSettings, updateTenantSettings } from '../../worker/db/tenants/tenant-settings.ts';
import { claimsOf, got, refused, startGovernedWorld } from './governed-world.ts';

const world = await startGovernedWorld();
const { database, owner, worker, own, foreign, admin, auditOf } = world;
afterAll(() => database.stop());

const support_email = 'help@example.com';

it('an admin changes one setting of their tenant; the others keep their value, and the change is audited', async () => {
  const before = got(await getTenantSettings(worker, admin));
  const changed = got(await updateTenantSettings(worker, admin, { support_email }, 'settings-1'));
  expect(changed).toEqual({ ...before, support_email });
  expect(await auditOf('settings-1')).toEqual([
    expect.objectContaining({
      action: 'tenant.settings_changed',
      details: {
        tenant_id: own.tenant_id,
        before: expect.objectContaining({ stores_contents: false, support_email: null }),
        after: expect.objectContaining({ stores_contents: false, support_email }),
      },
    }),
  ]);
  await updateTenantSettings(worker, admin, { support_email }, 'settings-2');
  expect(await auditOf('settings-2')).toEqual([]);
  expect(got(await getTenantSettings(worker, claimsOf(own)))).toEqual(changed);
  expect(got(await getTenantSettings(worker, claimsOf(foreign)))).toMatchObject({ support_email: null });
});

it('an admin changes all of them at once, and each is part of the tenant’s snapshot', async () => {
  const settings = {
    registration: 'email_domains' as const,
    registration_email_domains: ['acme.example', 'acme.test'],
    allowed_origins: ['https://shop.acme.example'],
    default_output_limit: 2_000,
    fits_to_balance: false,
    response_cache: { ttl_s: 60, scope: 'tenant' as const, price_percent: 0 },
    shows_provider_cost: true,
    stores_contents: true,
    content_retention_days: 7,
    support_email,
  };
  const branding = { name: 'Acme Inc.', tagline: 'Ideas', primary_color: '#123abc' };
  const changed = got(await updateTenantSettings(worker, admin, { branding, ...settings }, 'settings-3'));
  expect(changed).toMatchObject({ branding, ...settings });
  const { rows } = await owner.query('select slug from tenants where id = $1', [own.tenant_id]);
  const { tenant } = await loadTenant(worker, { slug: rows[0].slug }, null);
  expect(tenant).toMatchObject(changed);
  expect(Object.keys(tenant ?? {})).toEqual(expect.arrayContaining(fieldNames(tenantFields)));
});

it('email domains that could register are never none, and the whole change is refused', async () => {
  const missing = refused('email_domains_missing');
  const before = got(await getTenantSettings(worker, admin));
  const none = { registration_email_domains: [], support_email: null };
  expect(await updateTenantSettings(worker, admin, none, 'settings-4')).toEqual(missing);
  expect(got(await getTenantSettings(worker, admin))).toEqual(before);
  expect(await auditOf('settings-4')).toEqual([]);
  await updateTenantSettings(worker, admin, { ...none, registration: 'invitation' }, 'settings-5');
  expect(await updateTenantSettings(worker, admin, { registration: 'email_domains' }, 'settings-6')).toEqual(
    missing,
  );
});

it('a plain user changes no setting', async () => {
  const before = got(await getTenantSettings(worker, claimsOf(own)));
  const refusal = await updateTenantSettings(worker, claimsOf(own), { stores_contents: false }, 'settings-7');
  expect(refusal).toEqual(refused('forbidden'));
  expect(got(await getTenantSettings(worker, claimsOf(own)))).toEqual(before);
});
