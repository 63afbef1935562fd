import { createMiddleware } from 'hono/factory';
import { invalidateTenant } from '../../tenants/tenant-lookup.ts';
import type { SessionEnv } from '../app-env.ts';

/** Drops the tenant from this colo's cache after a change of the catalog, so that the admin who made the change sees it. */
export const invalidateTenantCache = createMiddleware<SessionEnv>(async (c, next) => {
  await next();
  if (c.req.method !== 'GET' && c.res.ok)
    await invalidateTenant([{ slug: c.var.tenant.slug }, c.var.tenantKey]);
});
