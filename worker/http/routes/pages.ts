import { type Context, Hono } from 'hono';
import type { PublicTenant } from '../../../contracts/api/tenant/tenant.ts';
import { presentTenant } from '../../tenants/present-tenant.ts';
import { turnstileSettings } from '../../tenants/turnstile-settings.ts';
import type { TenantEnv } from '../app-env.ts';
import { problem } from '../errors.ts';

/**
 * A strict policy: nothing from other origins, no inline scripts, and inline styles only with this response's nonce. Turnstile's origin, where
 * the platform has it, may add its script and frames.
 */
const pagePolicy = (nonce: string, turnstileOrigin: string | null) =>
  [
    "default-src 'self'",
    turnstileOrigin === null ? "script-src 'self'" : `script-src 'self' ${turnstileOrigin}`,
    ...(turnstileOrigin === null ? [] : [`frame-src ${turnstileOrigin}`]),
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self' data: https:",
    "font-src 'self'",
    "connect-src 'self'",
    "object-src 'none'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
    "form-action 'self'",
  ].join('; ');

/** Returns JSON in which `<` is escaped, so that it cannot close the script element. */
const embeddable = (value: unknown) => JSON.stringify(value).replaceAll('<', '\\u003c');

function brandPage(page: Response, tenant: PublicTenant, nonce: string): Response {
  return new HTMLRewriter()
    .on('meta[name="csp-nonce"]', { element: (meta) => void meta.setAttribute('content', nonce) })
    .on('meta[name="theme-color"]', {
      element: (meta) => void meta.setAttribute('content', tenant.branding.primary_color),
    })
    .on('title', { element: (title) => void title.setInnerContent(tenant.branding.name) })
    .on('script#tenant', {
      element: (script) => void script.setInnerContent(embeddable(tenant), { html: true }),
    })
    .transform(page);
}

/**
 * Serves the web app's page, whose router shows what belongs to the path. It is branded before it is sent, so that users never see
 * another name. It has a new nonce and is therefore not cached.
 */
async function servePage(c: Context<TenantEnv>): Promise<Response> {
  // A file that exists does not come here (wrangler.toml).
  if (c.req.path.startsWith('/assets/'))
    return problem(c, 'not_found', { message: 'There is no file at this path.' });
  const asset = await c.env.ASSETS.fetch(new Request(new URL('/', c.var.url), c.req.raw));
  const nonce = crypto.getRandomValues(new Uint8Array(16)).toBase64();
  const page = brandPage(asset, presentTenant(c.var.tenant, c.var.settings), nonce);
  const turnstile = turnstileSettings(c.var.settings);
  const headers = new Headers(page.headers);
  headers.set('content-security-policy', pagePolicy(nonce, turnstile?.origin ?? null));
  headers.set('cache-control', 'no-store');
  headers.delete('etag');
  return new Response(page.body, { status: page.status, headers });
}

/** The web app's page, at all other paths. */
export const pageRoutes = new Hono<TenantEnv>().get('*', servePage);
