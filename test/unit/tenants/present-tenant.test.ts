import { expect, it } from 'vitest';
import { publicTenant } from '../../../contracts/api/tenant.ts';
import { presentTenant } from '../../../worker/tenants/present-tenant.ts';

const branding = { name: 'Acme', tagline: null, logo_url: null, primary_color: '#0f766e' };
const tenant = {
  id: '01900000-0000-7000-8000-000000000001',
  slug: 'acme',
  status: 'active' as const,
  branding,
  registration_open: true,
  stores_contents: true,
  support_email: 'help@example.com',
  candidates: [],
};

it('a visitor sees the public settings of a tenant, and none of the others', () => {
  const shown = presentTenant(tenant, { SIMULATED_PROVIDERS: [] });
  expect(shown).toEqual({
    id: tenant.id,
    slug: 'acme',
    branding,
    registration_open: true,
    support_email: 'help@example.com',
    simulated_providers: [],
  });
  expect(publicTenant.strict().parse(shown)).toEqual(shown);
});
