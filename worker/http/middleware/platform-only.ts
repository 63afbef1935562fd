import { createMiddleware } from 'hono/factory';
import { PLATFORM_TENANT_ID } from '../../db/tenants/tenants.ts';
import type { TenantEnv } from '../app-env.ts';
import { problem } from '../errors.ts';

/** Answers 404 everywhere but at the platform's hostnames. */
export const platformOnly = createMiddleware<TenantEnv>(async (c, next) => {
  if (c.get('tenant').id === PLATFORM_TENANT_ID) return next();
  return problem(c, 'not_found', { message: "This endpoint is available at the platform's hostname." });
});
