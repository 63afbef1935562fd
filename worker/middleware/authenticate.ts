import { createMiddleware } from 'hono/factory';
import type { SessionEnv } from '../app-env.ts';
import { problem } from '../errors.ts';
import { bearerSubprotocol, bearerToken, verifySessionToken } from '../services/session-token.ts';

/**
 * Verifies the session token, locally: signature, expiry, exactly the four claims, and that it is this tenant's. Whether
 * the user is still active and not signed out is checked where it is always fresh: by `app.enter` in every database
 * batch, and by the wallet in every reservation.
 */
export const authenticate = createMiddleware<SessionEnv>(async (c, next) => {
  const token =
    bearerToken(c.req.header('authorization')) ?? bearerSubprotocol(c.req.header('sec-websocket-protocol'));
  if (token === null) return problem(c, 'unauthenticated');
  const session = await verifySessionToken(c.var.settings.JWT_SECRET, token);
  if (!session.ok) return problem(c, session.failure.code);
  if (session.value.tenantId !== c.var.tenant.id) return problem(c, 'wrong_tenant');
  c.set('claims', session.value);
  return next();
});
