import { expect, it } from 'vitest';
import { publicTenant } from '../../../contracts/api/tenant/tenant.ts';
import { presentTenant } from '../../../worker/tenants/present-tenant.ts';

const branding = { name: 'Acme', tagline: null, logo_url: null, primary_color: '#0f766e' };
const tenant = {
  id: '01900000-0000-7000-8000-000000000001',
  slug: 'acme',
  status: 'active' as const,
  branding,
  registration: 'email_domains' as const,
  registration_email_domains: ['acme.example'],
  allocation_after: 'verification' as const,
  require_mfa: 'off' as const,
  allowed_origins: ['https://shop.acme.example'],
  default_output_limit: 2_000,
  fits_to_balance: true,
  response_cache: null,
  shows_provider_cost: false,
  stores_contents: true,
  allows_self_made_changes: true,
  content_retention_days: 30,
  keeps_conversations: true,
  support_email: 'help@example.com',
  currency_name: 'stars',
  currency_name_singular: 'star',
  wallet_tokens_per_usd: 1_000,
  budget: {
    policy: {
      ...{ version: 1, mode: 'monthly' as const, allocation_tokens: 1_000, rollover_cap_tokens: 0 },
      ...{ enforcement: 'hard' as const, warning_thresholds_percent: [80] },
      ...{ reservation_lifetime_ms: 3_600_000, in_flight_max: 10_000 },
    },
    markup_basis_points: 2_000,
    own_key_fee_micro_usd: 0,
  },
  levels: [],
  sign_in_providers: [
    { id: '01900000-0000-7000-8000-000000000601', kind: 'oidc' as const, name: 'Example ID' },
  ],
  candidates: [],
  model_aliases: {},
  model_routes: {},
};

const settings = {
  ...{ OPENAI_BASE_URL: null, ANTHROPIC_BASE_URL: null, GOOGLE_BASE_URL: null, DEEPSEEK_BASE_URL: null },
  ...{ SIMULATED_PROVIDERS: [], TURNSTILE_SITE_KEY: null, TURNSTILE_SECRET_KEY: null },
  TURNSTILE_BASE_URL: null,
};

it('a visitor sees the public settings of a tenant, and none of the others', () => {
  const shown = presentTenant(tenant, { ...settings, MAIL_FROM: 'no-reply@example.com' });
  expect(shown).toEqual({
    id: tenant.id,
    slug: 'acme',
    branding,
    registration: 'email_domains',
    registration_open: true,
    support_email: 'help@example.com',
    currency_name: 'stars',
    currency_name_singular: 'star',
    sends_mail: true,
    requires_verification: true,
    sign_in_providers: tenant.sign_in_providers,
    turnstile: null,
    simulated_providers: [],
    simulator_base_urls: {},
  });
  expect(publicTenant.strict().parse(shown)).toEqual(shown);
});

it.each([
  ['open', true],
  ['email_domains', true],
  ['invitation', false],
  ['closed', false],
] as const)('registration by %s is open to people without an invitation: %s', (registration, is_open) => {
  const shown = presentTenant({ ...tenant, registration }, { ...settings, MAIL_FROM: null });
  expect(shown.registration_open).toBe(is_open);
});

it('a page gets the site key of Turnstile and its script, and never the secret', () => {
  const keys = { TURNSTILE_SITE_KEY: 'site', TURNSTILE_SECRET_KEY: 'secret' };
  const shown = presentTenant(tenant, { ...settings, ...keys, MAIL_FROM: null });
  expect(shown.turnstile).toEqual({
    site_key: 'site',
    script_url: 'https://challenges.cloudflare.com/turnstile/v0/api.js?render=explicit',
  });
  expect(JSON.stringify(shown)).not.toContain('secret');
});
