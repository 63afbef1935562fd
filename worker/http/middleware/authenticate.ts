import type { RouteConfig } from '@hono/zod-openapi';
import { createMiddleware } from 'hono/factory';
import { matchedRoutes } from 'hono/route';
import { identify } from '../../identity/identify.ts';
import type { SessionEnv } from '../app-env.ts';
import { dependenciesOf } from '../dependencies-of.ts';
import { problem } from '../errors.ts';
import { keyScopesOf, scopeOfMatched } from './key-scopes.ts';

/**
 * Authenticates a request by a session token, verified locally, or by an API key with the scope that the route's definition names.
 * Revocation is checked where it is always fresh: in every database batch, and by the wallet in every reservation.
 */
export function authenticate(routes: () => readonly RouteConfig[]) {
  let scopesOfRoutes: ReturnType<typeof keyScopesOf> | undefined;
  return createMiddleware<SessionEnv>(async (c, next) => {
    const { tenant, token } = c.var;
    if (token === null) return problem(c, 'unauthenticated');
    const identified = await identify(dependenciesOf(c), tenant.id, token);
    if (!identified.ok) return problem(c, identified.failure.code);
    const { principal, scopes } = identified.value;
    c.set('principal', principal);
    if (!('hash' in principal)) c.set('claims', principal);
    if (scopes === null) return next();
    scopesOfRoutes ??= keyScopesOf(routes());
    const scope = scopeOfMatched(scopesOfRoutes, matchedRoutes(c));
    // Every operation of /v1 takes a key, so a path without a scope does not exist.
    if (scope === null && c.req.path.startsWith('/v1/')) return problem(c, 'not_found');
    if (scope === null)
      return problem(c, 'forbidden', {
        message: 'API keys cannot be used here. Sign in instead.',
        details: { scope, scopes },
      });
    if (!scopes.includes(scope))
      return problem(c, 'forbidden', {
        message: `This API key does not have the scope ${scope}.`,
        details: { scope, scopes },
      });
    return next();
  });
}
