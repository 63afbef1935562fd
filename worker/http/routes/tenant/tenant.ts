import { createRoute, OpenAPIHono } from '@hono/zod-openapi';
import {
  publicTenant,
  tenantSettings,
  tenantSettingsPatch,
} from '../../../../contracts/api/tenant/tenant.ts';
import { getTenantSettings } from '../../../db/tenants/tenant-settings.ts';
import { isMailOn } from '../../../mail/mail.ts';
import { changeSettings } from '../../../tenants/change-settings.ts';
import { presentTenant } from '../../../tenants/present-tenant.ts';
import { invalidateTenant } from '../../../tenants/tenant-lookup.ts';
import type { SessionEnv, TenantEnv } from '../../app-env.ts';
import { dependenciesOf } from '../../dependencies-of.ts';
import { problem, refuseInvalid } from '../../errors.ts';
import { confirmationRefusal } from '../../middleware/confirmation.ts';
import { json, jsonBody, ofBody, open, openProblems, problems, session } from '../../openapi/responses.ts';

const read = createRoute({
  method: 'get',
  path: '/',
  operationId: 'getTenant',
  tags: ['Tenant'],
  summary: 'Retrieve the tenant.',
  description:
    'Returns the public profile of the tenant at this hostname: its branding and its public settings.',
  security: open,
  responses: { 200: json(publicTenant, 'The tenant.'), ...openProblems() },
});

const readSettings = createRoute({
  method: 'get',
  path: '/settings',
  operationId: 'getTenantSettings',
  tags: ['Tenant'],
  summary: "Retrieve the tenant's settings.",
  security: session,
  responses: { 200: json(tenantSettings, 'The settings.'), ...problems('not_found') },
});

const update = createRoute({
  method: 'patch',
  path: '/',
  operationId: 'updateTenantSettings',
  tags: ['Tenant'],
  summary: "Update the tenant's settings.",
  description:
    'Settings you leave out keep their value. Takes effect within a minute. Admins only. A change of `require_mfa` asks for a confirmation.',
  security: session,
  request: jsonBody(tenantSettingsPatch),
  responses: {
    200: json(tenantSettings, 'The settings after the change.'),
    ...problems(...ofBody, 'confirmation_required', 'mail_off', 'second_factor_missing'),
  },
});

const VERIFICATION_NEEDS_MAIL = {
  message: 'This platform sends no mail, so nobody could verify their address.',
  details: { field: 'allocation_after', rule: 'needs_mail' },
};

const noEmailDomain = {
  field: 'registration_email_domains',
  rule: 'too_small',
  message: 'must name at least one domain while `registration` is `email_domains`',
};
const NO_EMAIL_DOMAIN = {
  message: `${noEmailDomain.field}: ${noEmailDomain.message}`,
  details: { in: 'json', issues: [noEmailDomain] },
};

/** The public profile of the hostname's tenant. */
export const tenantRoutes = new OpenAPIHono<TenantEnv>().openapi(read, (c) =>
  c.json(presentTenant(c.var.tenant, c.var.settings), 200),
);

/** The tenant's settings. The database checks the role before a change. */
export const tenantSettingsRoutes = new OpenAPIHono<SessionEnv>({ defaultHook: refuseInvalid })
  .openapi(readSettings, async (c) => {
    const settings = await getTenantSettings(dependenciesOf(c).database, c.var.claims);
    return settings.ok ? c.json(settings.value, 200) : problem(c, settings.failure.code);
  })
  .openapi(update, async (c) => {
    const patch = c.req.valid('json');
    const unconfirmed = patch.require_mfa === undefined ? null : await confirmationRefusal(c);
    if (unconfirmed !== null) return unconfirmed;
    if (patch.allocation_after === 'verification' && !isMailOn(c.var.settings))
      return problem(c, 'mail_off', VERIFICATION_NEEDS_MAIL);
    const changed = await changeSettings(dependenciesOf(c), c.var.claims, patch);
    if (!changed.ok)
      return changed.failure.code === 'email_domains_missing'
        ? problem(c, 'invalid_request', NO_EMAIL_DOMAIN)
        : problem(c, changed.failure.code);
    await invalidateTenant([{ slug: c.var.tenant.slug }, c.var.tenantKey]);
    return c.json(changed.value, 200);
  });
