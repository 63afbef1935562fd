import { createMiddleware } from 'hono/factory';
import type { SessionEnv } from '../app-env.ts';
import { forgetTenant } from '../services/tenant-directory.ts';

/** After a change of the catalog this colo loads it anew, so that whoever made the change sees it. */
export const forgetCatalog = createMiddleware<SessionEnv>(async (c, next) => {
  await next();
  if (c.req.method !== 'GET' && c.res.ok) await forgetTenant([{ slug: c.var.tenant.slug }, c.var.tenantKey]);
});
