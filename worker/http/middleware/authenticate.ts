import { createMiddleware } from 'hono/factory';
import { identify } from '../../identity/identify.ts';
import type { SessionEnv } from '../app-env.ts';
import { dependenciesOf } from '../dependencies-of.ts';
import { problem } from '../errors.ts';
import { scopeOfRoute } from './key-routes.ts';
import { requestToken } from './request-token.ts';

/**
 * Finds out who asks: by a session token, verified locally, or by an API key, on the routes that one opens. Whether either was
 * revoked since is checked where it is always fresh: in every database batch, and by the wallet in every reservation.
 */
export const authenticate = createMiddleware<SessionEnv>(async (c, next) => {
  const token = requestToken(c);
  if (token === null) return problem(c, 'unauthenticated');
  const identified = await identify(dependenciesOf(c), c.var.tenant.id, token);
  if (!identified.ok) return problem(c, identified.failure.code);
  const { principal, scopes } = identified.value;
  c.set('principal', principal);
  if (!('hash' in principal)) c.set('claims', principal);
  const scope = scopes === null ? null : scopeOfRoute(c.req.method, c.req.path);
  // All of /v1 is open to keys: what they do not open, there is not.
  if (scopes !== null && scope === null && c.req.path.startsWith('/v1/')) return problem(c, 'not_found');
  if (scopes !== null && scope === null)
    return problem(c, 'forbidden', {
      message: 'An API key does not open this. Sign in.',
      details: { scope, scopes },
    });
  if (scopes !== null && scope !== null && !scopes.includes(scope))
    return problem(c, 'forbidden', {
      message: `This API key lacks the scope ${scope}.`,
      details: { scope, scopes },
    });
  return next();
});
