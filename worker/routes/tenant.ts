import { createRoute, OpenAPIHono } from '@hono/zod-openapi';
import { publicTenant } from '../../contracts/api/tenant.ts';
import type { TenantEnv } from '../app-env.ts';
import { presentTenant } from '../services/present-tenant.ts';
import { json, problems } from './responses.ts';

const read = createRoute({
  method: 'get',
  path: '/',
  tags: ['Tenant'],
  summary: 'Who answers at this hostname: name, brand, and whether it takes registrations.',
  responses: { 200: json(publicTenant, 'The tenant, as anybody may see it'), ...problems },
});

/** The public face of the hostname's tenant. */
export const tenantRoutes = new OpenAPIHono<TenantEnv>().openapi(read, (c) =>
  c.json(presentTenant(c.var.tenant, c.var.settings), 200),
);
