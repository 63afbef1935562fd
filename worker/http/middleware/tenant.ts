import { createMiddleware } from 'hono/factory';
import { credentialOf } from '../../identity/identify.ts';
import { type GenuineTicket, offeredTicket, verifyLiveTicket } from '../../identity/live-tickets.ts';
import { bearerToken } from '../../identity/sessions.ts';
import { tenantKeyOf } from '../../tenants/tenant-key.ts';
import { invalidateTenant, resolveTenant } from '../../tenants/tenant-lookup.ts';
import type { RequestContext, SessionEnv, TenantEnv } from '../app-env.ts';
import { dependenciesOf } from '../dependencies-of.ts';
import { problem } from '../errors.ts';
import { unknownHost } from '../unknown-host.ts';

/** The headers in which SDKs send a key alone: Anthropic's, Azure's and Google's. */
const KEY_HEADERS = ['x-api-key', 'api-key', 'x-goog-api-key'];

/** Returns the keys in the query, where Google's clients send them. The log has paths without their query. */
const queryKeys = ({ req }: RequestContext): string[] =>
  req.path.startsWith('/v1beta/') ? (req.queries('key') ?? []) : [];

/** Returns the token of a request, or null: from `Authorization: Bearer`, from a header of a key, or from the query. */
function requestToken(c: RequestContext): string | null {
  const { req } = c;
  const headers = KEY_HEADERS.flatMap((name) => req.header(name)?.trim() ?? []);
  const keys = [...headers, ...queryKeys(c)];
  return bearerToken(req.header('authorization')) ?? keys[0] ?? null;
}

/** Returns the genuine ticket of a WebSocket's handshake, or null. */
async function requestTicket({ req, var: { settings } }: RequestContext): Promise<GenuineTicket | null> {
  const offered = offeredTicket(req.header('sec-websocket-protocol'));
  return offered === null ? null : verifyLiveTicket(settings.JWT_SECRET, offered);
}

/**
 * Finds the tenant of a request: from the hostname of its URL or, on the platform's own hostnames, from `X-Tenant-Slug`. Headers such
 * as X-Forwarded-Host are ignored. If the lookup has to ask the database, the caller is loaded in the same round trip.
 */
export const resolveTenantOfRequest = createMiddleware<TenantEnv>(async (c, next) => {
  const settings = c.get('settings');
  const { hostname } = c.get('url');
  const key = tenantKeyOf(hostname, c.req.header('x-tenant-slug') ?? null, settings);
  if (!key.ok) {
    return key.failure.code === 'unknown_host'
      ? unknownHost(c, hostname)
      : problem(c, key.failure.code, { details: key.failure.details });
  }

  const token = requestToken(c);
  const ticket = token === null ? await requestTicket(c) : null;
  const readCredential = async () =>
    token === null ? (ticket?.claims ?? null) : credentialOf(settings.JWT_SECRET, token);
  const tenant = await resolveTenant(dependenciesOf(c), key.value, readCredential);
  if (tenant === null) return unknownHost(c, hostname);
  if (tenant.status !== 'active') return problem(c, 'tenant_suspended');
  c.set('tenant', tenant);
  c.set('tenantKey', key.value);
  c.set('token', token);
  c.set('ticket', ticket);
  return next();
});

/** Drops the tenant from this colo's cache after a change of the catalog, so that the admin who made the change sees it. */
export const invalidateTenantCache = createMiddleware<SessionEnv>(async (c, next) => {
  await next();
  if (c.req.method !== 'GET' && c.res.ok)
    await invalidateTenant([{ slug: c.var.tenant.slug }, c.var.tenantKey]);
});
