import type { RouteConfig } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { createMiddleware } from 'hono/factory';
import { matchedRoutes } from 'hono/route';
import type { ErrorCode } from '../../../contracts/errors.ts';
import { identify, identifyManagementKey, looksLikeManagementKey } from '../../identity/identify.ts';
import type { RequestContext, SessionEnv } from '../app-env.ts';
import { dependenciesOf } from '../dependencies-of.ts';
import { problem } from '../errors.ts';
import { type KeyKind, keyScopesOf, scopeOfMatched } from './key-scopes.ts';

const sentenceStart = (text: string) => `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;

/** Refuses a key or a token that is not valid. */
const refuseToken = (c: RequestContext, code: ErrorCode) =>
  code === 'unauthenticated'
    ? problem(c, code, {
        message:
          'The API key or session token is not valid. Check that it is complete, and that it belongs to this hostname.',
      })
    : problem(c, code);

/** True for the only request that a ticket authenticates. */
const opensSocket = ({ req }: RequestContext): boolean =>
  req.method === 'GET' && req.path === '/api/wallet/live' && req.header('upgrade') !== undefined;

/**
 * Authenticates a request by a session token, verified locally, by an API key or a management key with the scope that the route's
 * definition names, or by a ticket for a WebSocket. `notThere` answers a key's request that no route takes.
 * Revocation is checked where it is always fresh: in every database batch, and by the wallet in every reservation.
 */
export function authenticate(
  routes: () => readonly RouteConfig[],
  notThere: (c: RequestContext) => Response,
) {
  const scopesOfRoutes = new Map<KeyKind, ReturnType<typeof keyScopesOf>>();

  function scopesFor(kind: KeyKind) {
    const known = scopesOfRoutes.get(kind) ?? keyScopesOf(routes(), kind);
    scopesOfRoutes.set(kind, known);
    return known;
  }

  /** Returns the refusal of a key that does not open the route, or null. */
  function refuseKey(c: Context<SessionEnv>, kind: KeyKind, scopes: readonly string[]): Response | null {
    const matched = matchedRoutes(c);
    // The web app's pages match every path.
    if (matched.every(({ method, path }) => method === 'ALL' || path === '/*')) return notThere(c);
    const scope = scopeOfMatched(scopesFor(kind), matched);
    if (scope !== null && scopes.includes(scope)) return null;
    const name = kind === 'api_key' ? 'API key' : 'management key';
    return problem(c, 'forbidden', {
      message:
        scope === null
          ? `${sentenceStart(name)}s cannot be used here. Sign in instead.`
          : `This ${name} does not have the scope ${scope}.`,
      details: { scope, scopes },
    });
  }

  /** Identifies a management key. Returns the refusal of one that does not open the route, or null. */
  async function admitManagementKey(c: Context<SessionEnv>, token: string): Promise<Response | null> {
    const found = await identifyManagementKey(dependenciesOf(c), c.get('tenant').id, token);
    if (!found.ok) return refuseToken(c, found.failure.code);
    c.set('manager', found.value.manager);
    return refuseKey(c, 'management_key', found.value.scopes);
  }

  return createMiddleware<SessionEnv>(async (c, next) => {
    const tenant = c.get('tenant');
    const token = c.get('token');
    const ticket = c.get('ticket');
    c.set('manager', null);
    c.set('keyScopes', null);
    if (ticket !== null && opensSocket(c)) {
      if (ticket.claims.tenantId !== tenant.id) return problem(c, 'wrong_tenant');
      c.set('principal', ticket.claims);
      c.set('claims', ticket.claims);
      return next();
    }
    if (token === null) return problem(c, 'unauthenticated');
    if (looksLikeManagementKey(token)) return (await admitManagementKey(c, token)) ?? next();
    const identified = await identify(dependenciesOf(c), tenant.id, token);
    if (!identified.ok) return refuseToken(c, identified.failure.code);
    const { principal, scopes } = identified.value;
    c.set('principal', principal);
    c.set('keyScopes', scopes);
    if (!('hash' in principal)) c.set('claims', principal);
    return (scopes === null ? null : refuseKey(c, 'api_key', scopes)) ?? next();
  });
}
