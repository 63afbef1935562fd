import { createRoute, OpenAPIHono } from '@hono/zod-openapi';
import { publicTenant, tenantSettings, tenantSettingsPatch } from '../../../contracts/api/tenant.ts';
import { getTenantSettings, updateTenantSettings } from '../../db/tenant-settings.ts';
import { presentTenant } from '../../tenants/present-tenant.ts';
import { invalidateTenant } from '../../tenants/tenant-lookup.ts';
import type { SessionEnv, TenantEnv } from '../app-env.ts';
import { dependenciesOf } from '../dependencies-of.ts';
import { problem, refuseInvalid } from '../errors.ts';
import { json, jsonBody, ofBody, openProblems, problems, session } from '../openapi/responses.ts';

const read = createRoute({
  method: 'get',
  path: '/',
  tags: ['Tenant'],
  summary: 'Returns the tenant of this hostname: its brand and its public settings.',
  responses: { 200: json(publicTenant, 'The tenant, as anybody may see it'), ...openProblems() },
});

const readSettings = createRoute({
  method: 'get',
  path: '/settings',
  tags: ['Tenant'],
  summary: 'Returns the settings of your tenant that admins can change.',
  security: session,
  responses: { 200: json(tenantSettings, 'The settings'), ...problems('not_found') },
});

const update = createRoute({
  method: 'patch',
  path: '/',
  tags: ['Tenant'],
  summary:
    'Changes settings of your tenant; those you do not send keep their value. In force within a minute. Admins only.',
  security: session,
  request: jsonBody(tenantSettingsPatch),
  responses: { 200: json(tenantSettings, 'The settings after the change'), ...problems(...ofBody) },
});

/** The tenant of the hostname, readable by anyone. */
export const tenantRoutes = new OpenAPIHono<TenantEnv>().openapi(read, (c) =>
  c.json(presentTenant(c.var.tenant, c.var.settings), 200),
);

/** The settings of the caller's tenant. The database decides who may change them, by the caller's role. */
export const tenantSettingsRoutes = new OpenAPIHono<SessionEnv>({ defaultHook: refuseInvalid })
  .openapi(readSettings, async (c) => {
    const settings = await getTenantSettings(dependenciesOf(c).database, c.var.claims);
    return settings.ok ? c.json(settings.value, 200) : problem(c, settings.failure.code);
  })
  .openapi(update, async (c) => {
    const { database, requestId } = dependenciesOf(c);
    const changed = await updateTenantSettings(database, c.var.claims, c.req.valid('json'), requestId);
    if (!changed.ok) return problem(c, changed.failure.code);
    await invalidateTenant([{ slug: c.var.tenant.slug }, c.var.tenantKey]);
    return c.json(changed.value, 200);
  });
