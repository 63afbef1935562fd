import { OpenAPIHono } from '@hono/zod-openapi';
import type { AppEnv, SessionEnv, TenantEnv } from './app-env.ts';
import { onError, problem } from './errors.ts';
import { authenticate } from './middleware/authenticate.ts';
import { limitBody, limitDepth } from './middleware/body-limit.ts';
import { crossOrigin } from './middleware/cors.ts';
import { rateLimit } from './middleware/rate-limit.ts';
import { requestContext } from './middleware/request-context.ts';
import { sdkErrors } from './middleware/sdk-errors.ts';
import { securityHeaders } from './middleware/security-headers.ts';
import { invalidateTenantCache, resolveTenantOfRequest } from './middleware/tenant.ts';
import { openApiDocument } from './openapi/document.ts';
import { apiKeyRoutes } from './routes/api-keys.ts';
import { sessionRoutes, signInRoutes } from './routes/auth.ts';
import { aiRoutes } from './routes/executions.ts';
import { healthRoutes } from './routes/health.ts';
import { levelRoutes } from './routes/levels.ts';
import { modelRoutes } from './routes/models.ts';
import { pageRoutes } from './routes/pages.ts';
import { providerRoutes } from './routes/providers.ts';
import {
  ledgerExportRoutes,
  reconciliationRoutes,
  userReconciliationRoutes,
} from './routes/reconciliation.ts';
import { tenantRoutes, tenantSettingsRoutes } from './routes/tenant.ts';
import { userRoutes } from './routes/users.ts';
import { v1Routes } from './routes/v1-chat-completions.ts';
import { messagesRoutes } from './routes/v1-messages.ts';
import { walletRoutes } from './routes/wallet.ts';

/** Returns the definitions of all routes: the document is written from them, and the scope an API key needs is read from them. */
const routeDefinitions = () =>
  app.openAPIRegistry.definitions.flatMap((definition) =>
    definition.type === 'route' ? [definition.route] : [],
  );

let document: ReturnType<typeof openApiDocument> | undefined;

/** Returns the API's OpenAPI document. `origin` is its server: the hostname at which the document is read. */
export function apiDocument(origin: string) {
  document ??= openApiDocument(routeDefinitions());
  return { ...document, servers: [{ url: origin, description: "The tenant's hostname" }] };
}

/** Stands before every operation that is not public. */
export const authenticated = authenticate(routeDefinitions);

/** Routes that need a tenant and no session. Each is listed here, so that a new route is closed by default. */
const publicApi = new OpenAPIHono<TenantEnv>();
publicApi.use('/auth/*', limitDepth);
const openApi = publicApi.route('/tenant', tenantRoutes).route('/auth', signInRoutes);

/** Routes that need a session of this tenant, or an API key where the route's definition names a scope. */
const closedApi = new OpenAPIHono<SessionEnv>();
closedApi.use(authenticated, limitDepth);
closedApi.use('/admin/*', invalidateTenantCache);
const sessionApi = closedApi
  .route('/auth', sessionRoutes)
  .route('/tenant', tenantSettingsRoutes)
  .route('/ai', aiRoutes)
  .route('/wallet', walletRoutes)
  .route('/wallet', ledgerExportRoutes)
  .route('/users', userRoutes)
  .route('/users', userReconciliationRoutes)
  .route('/reconciliation', reconciliationRoutes)
  .route('/levels', levelRoutes)
  .route('/api-keys', apiKeyRoutes)
  .route('/admin/providers', providerRoutes)
  .route('/admin/models', modelRoutes);

const api = new OpenAPIHono<TenantEnv>().route('/', openApi).route('/', sessionApi);

/** The HTTP app: the middleware in the order of the specification, and the routes. */
export const app = new OpenAPIHono<AppEnv>();
app.onError(onError);
app.notFound((c) => problem(c, 'not_found'));
app.use(requestContext, securityHeaders, crossOrigin);
app.use('/v1/*', sdkErrors);
app.use(limitBody, rateLimit);
app.route('/api', healthRoutes);
app.get('/api/openapi.json', (c) => c.json(apiDocument(c.var.url.origin)));
app.use(resolveTenantOfRequest);
const routes = app.route('/api', api);
const v1 = new OpenAPIHono<SessionEnv>();
v1.use(authenticated, limitDepth);
app.route('/v1', v1.route('/', v1Routes).route('/', messagesRoutes));
app.all('/api/*', (c) => problem(c, 'not_found'));
app.all('/v1/*', (c) => problem(c, 'not_found'));
app.route('/', pageRoutes);

/** The API's types, from which the web app's client is inferred. */
export type AppType = typeof routes;
