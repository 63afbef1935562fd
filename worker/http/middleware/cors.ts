import type { Context } from 'hono';
import { cors } from 'hono/cors';
import { createMiddleware } from 'hono/factory';
import { allowsOrigin } from '../../../contracts/tenants/browser-origin.ts';
import { tenantKeyOf } from '../../tenants/tenant-key.ts';
import { knownTenant } from '../../tenants/tenant-lookup.ts';
import type { AppEnv, TenantEnv } from '../app-env.ts';

/** Variables before and after the tenant is resolved. */
type EarlyEnv = AppEnv & { Variables: AppEnv['Variables'] & Partial<Pick<TenantEnv['Variables'], 'tenant'>> };
type Asking = Pick<Context<EarlyEnv>, 'req' | 'var'>;

/** True for the surfaces that pages of a tenant's own sites call. */
const isSurface = (path: string): boolean => /^\/v1(beta)?\//.test(path);

/** True for an origin that the operator allows, for every tenant. */
const isOperators = ({ var: { settings } }: Asking, origin = ''): boolean =>
  settings.CORS_ALLOWED_ORIGINS.includes(origin);

function isAllowed(origin: string, c: Asking): boolean {
  if (isOperators(c, origin)) return true;
  const { tenant } = c.var;
  return isSurface(c.req.path) && tenant !== undefined && allowsOrigin(tenant.allowed_origins, origin);
}

/** Answers preflights, and adds the headers of CORS for allowed origins. */
const answered = cors({
  origin: (origin, c) => (isAllowed(origin, c as Context<EarlyEnv>) ? origin : null),
  allowMethods: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'],
  exposeHeaders: [
    'x-request-id',
    'request-id',
    'x-execution-id',
    'x-wallet-tokens-reserved',
    'x-wallet-tokens-charged',
    'x-wallet-balance-after',
    'x-wallet-warning',
    'x-attempts',
    'x-max-output-tokens-fitted',
    'x-stop-sequences-fitted',
    'x-tool-calls-fitted',
    'x-input-tokens-source',
    'x-response-cache',
    ...['limit', 'remaining', 'reset'].flatMap((part) => [
      `x-ratelimit-${part}-requests`,
      `x-ratelimit-${part}-tokens`,
    ]),
    'idempotency-replayed',
    'location',
    'retry-after',
    'x-should-retry',
  ],
  maxAge: 600,
});

/** True for a request that comes from no page: it has no `Origin`, and no preflight is one. */
const isOfNoPage = ({ req }: Asking): boolean =>
  req.header('origin') === undefined && req.method !== 'OPTIONS';

/** Adds the headers of CORS to a refusal from before the tenant was resolved, if a cache knows the tenant. */
async function answerEarlyRefusal(c: Context<EarlyEnv>): Promise<void> {
  const { settings, url } = c.var;
  const key = tenantKeyOf(url.hostname, c.req.header('x-tenant-slug') ?? null, settings);
  const tenant = key.ok ? await knownTenant(key.value) : undefined;
  if (tenant === undefined) return;
  c.set('tenant', tenant);
  await answered(c, async () => undefined);
}

/**
 * Allows CORS for the origins in CORS_ALLOWED_ORIGINS. The web app is same-origin and needs none. No credentials: tokens are sent in a
 * header, not in cookies. Any header is allowed, because SDKs add headers of their own with each version. A request without an
 * `Origin` comes from no page: its answer only tells caches that another one may differ.
 */
export const crossOrigin = createMiddleware<EarlyEnv>(async (c, next) => {
  if (isOfNoPage(c)) {
    await next();
    c.res.headers.append('vary', 'Origin');
    return;
  }
  if (!isSurface(c.req.path) || isOperators(c, c.req.header('origin'))) return answered(c, next);
  await next();
  if (c.var.tenant === undefined && c.req.method !== 'OPTIONS') await answerEarlyRefusal(c);
});

/** Allows CORS on `/v1` and `/v1beta` for the origins of the tenant. Answers preflights, which have no token. */
export const crossOriginOfTenant = createMiddleware<TenantEnv>((c, next) =>
  isOfNoPage(c) || isOperators(c, c.req.header('origin')) ? next() : answered(c, next),
);
