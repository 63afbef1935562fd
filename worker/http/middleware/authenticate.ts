import type { RouteConfig } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { createMiddleware } from 'hono/factory';
import { matchedRoutes } from 'hono/route';
import type { ApiKeyScope } from '../../../contracts/api/api-keys.ts';
import { identify } from '../../identity/identify.ts';
import type { RequestContext, SessionEnv } from '../app-env.ts';
import { dependenciesOf } from '../dependencies-of.ts';
import { problem } from '../errors.ts';
import { keyScopesOf, scopeOfMatched } from './key-scopes.ts';

/** True for the only request that a ticket authenticates. */
const opensSocket = ({ req }: RequestContext): boolean =>
  req.method === 'GET' && req.path === '/api/wallet/live' && req.header('upgrade') !== undefined;

/**
 * Authenticates a request by a session token, verified locally, by an API key with the scope that the route's definition names, or by a
 * ticket for a WebSocket. `notThere` answers a key's request that no route takes.
 * Revocation is checked where it is always fresh: in every database batch, and by the wallet in every reservation.
 */
export function authenticate(
  routes: () => readonly RouteConfig[],
  notThere: (c: RequestContext) => Response,
) {
  let scopesOfRoutes: ReturnType<typeof keyScopesOf> | undefined;

  /** Returns the refusal of a key that does not open the route, or null. */
  function refuseKey(c: Context<SessionEnv>, scopes: readonly ApiKeyScope[]): Response | null {
    scopesOfRoutes ??= keyScopesOf(routes());
    const matched = matchedRoutes(c);
    // The web app's pages match every path.
    if (matched.every(({ method, path }) => method === 'ALL' || path === '/*')) return notThere(c);
    const scope = scopeOfMatched(scopesOfRoutes, matched);
    if (scope !== null && scopes.includes(scope)) return null;
    return problem(c, 'forbidden', {
      message:
        scope === null
          ? 'API keys cannot be used here. Sign in instead.'
          : `This API key does not have the scope ${scope}.`,
      details: { scope, scopes },
    });
  }

  return createMiddleware<SessionEnv>(async (c, next) => {
    const { tenant, token, ticket } = c.var;
    if (ticket !== null && opensSocket(c)) {
      if (ticket.claims.tenantId !== tenant.id) return problem(c, 'wrong_tenant');
      c.set('principal', ticket.claims);
      c.set('claims', ticket.claims);
      return next();
    }
    if (token === null) return problem(c, 'unauthenticated');
    const identified = await identify(dependenciesOf(c), tenant.id, token);
    if (!identified.ok) return problem(c, identified.failure.code);
    const { principal, scopes } = identified.value;
    c.set('principal', principal);
    if (!('hash' in principal)) c.set('claims', principal);
    return (scopes === null ? null : refuseKey(c, scopes)) ?? next();
  });
}
