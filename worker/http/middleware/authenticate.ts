import type { RouteConfig } from '@hono/zod-openapi';
import { createMiddleware } from 'hono/factory';
import { matchedRoutes } from 'hono/route';
import { identify } from '../../identity/identify.ts';
import type { RequestContext, SessionEnv } from '../app-env.ts';
import { dependenciesOf } from '../dependencies-of.ts';
import { problem } from '../errors.ts';
import { keyScopesOf, scopeOfMatched } from './key-scopes.ts';

/**
 * Authenticates a request by a session token, verified locally, or by an API key with the scope that the route's definition names.
 * `notThere` answers a key's request that no route takes.
 * Revocation is checked where it is always fresh: in every database batch, and by the wallet in every reservation.
 */
export function authenticate(
  routes: () => readonly RouteConfig[],
  notThere: (c: RequestContext) => Response,
) {
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
    const matched = matchedRoutes(c);
    // The web app's pages match every path.
    if (matched.every(({ method, path }) => method === 'ALL' || path === '/*')) return notThere(c);
    const scope = scopeOfMatched(scopesOfRoutes, matched);
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
