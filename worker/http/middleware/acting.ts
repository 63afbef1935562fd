import { createMiddleware } from 'hono/factory';
import type { PrincipalEnv } from '../app-env.ts';
import { problem } from '../errors.ts';

/** The requests of a superadmin inside a tenant: its administration. They have no wallet, keys or contents there. */
const allowed: readonly { methods?: readonly string[]; path: RegExp }[] = [
  { path: /^\/api\/auth\/(me|logout)$/ },
  {
    path: /^\/api\/(tenant|users|invitations|levels|domains|reconciliation|admin\/providers|admin\/models|admin\/model-names)(\/|$)/,
  },
  { methods: ['GET'], path: /^\/api\/(audit-log|audit-log\/export|features)$/ },
  { methods: ['GET'], path: /^\/api\/ai\/executions(\/[^/]+)?$/ },
  { methods: ['GET'], path: /^\/api\/usage(\/(summary|export))?$/ },
  { methods: ['GET'], path: /^\/api\/wallet\/ledger$/ },
  { methods: ['GET'], path: /^\/api\/alerts$/ },
];

/** Refuses requests that a superadmin inside a tenant may not make. New routes are closed to them by default. */
export const limitActing = createMiddleware<PrincipalEnv>(async (c, next) => {
  // A management key opens the routes that name its scope, and nothing else.
  if (c.get('manager') !== null) return next();
  const principal = c.get('principal');
  if ('hash' in principal || principal.actingSessionId === undefined) return next();
  const { method, path } = c.req;
  const isAllowed = allowed.some((one) => one.path.test(path) && (one.methods?.includes(method) ?? true));
  if (isAllowed) return next();
  return problem(c, 'forbidden', {
    message: 'You act inside this tenant without an account in it. Only its users can do this.',
  });
});
