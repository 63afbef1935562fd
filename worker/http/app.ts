import { OpenAPIHono } from '@hono/zod-openapi';
import type { AppEnv, SessionEnv, TenantEnv } from './app-env.ts';
import { onError, problem } from './errors.ts';
import { authenticate } from './middleware/authenticate.ts';
import { limitBody, limitDepth } from './middleware/body-limit.ts';
import { crossOrigin } from './middleware/cors.ts';
import { invalidateTenantCache } from './middleware/invalidate-tenant-cache.ts';
import { rateLimit } from './middleware/rate-limit.ts';
import { requestContext } from './middleware/request-context.ts';
import { sdkErrors } from './middleware/sdk-errors.ts';
import { securityHeaders } from './middleware/security-headers.ts';
import { resolveTenantOfRequest } from './middleware/tenant.ts';
import { openApiHead } from './openapi/head.ts';
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

/** Routes that need a tenant and no session: named here one by one, so that a new route is closed unless someone opens it. */
const publicApi = new OpenAPIHono<TenantEnv>();
publicApi.use('/auth/*', limitDepth);
const openApi = publicApi.route('/tenant', tenantRoutes).route('/auth', signInRoutes);

/** Everything else of the API: a session of this tenant, or an API key where it opens the route (middleware/key-routes.ts). */
const closedApi = new OpenAPIHono<SessionEnv>();
closedApi.use(authenticate, limitDepth);
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

/** The Worker's HTTP side: the middleware stack in the order of the specification, and the routes behind it. */
export const app = new OpenAPIHono<AppEnv>();
app.onError(onError);
app.notFound((c) => problem(c, 'not_found'));
app.use(requestContext, securityHeaders, crossOrigin);
app.use('/v1/*', sdkErrors);
app.use(limitBody, rateLimit);
app.route('/api', healthRoutes);
app.doc31('/api/openapi.json', openApiHead);
app.use(resolveTenantOfRequest);
const routes = app.route('/api', api);
app.openAPIRegistry.registerComponent('securitySchemes', 'session', {
  type: 'http',
  scheme: 'bearer',
  bearerFormat: 'JWT',
  description: 'The token that `POST /api/auth/login` answers.',
});
app.openAPIRegistry.registerComponent('securitySchemes', 'api_key', {
  type: 'apiKey',
  in: 'header',
  name: 'x-api-key',
  description:
    'A key of `POST /api/api-keys` with the scope that is named. `Authorization: Bearer` takes it too, as SDKs send it.',
});
const v1 = new OpenAPIHono<SessionEnv>();
v1.use(authenticate, limitDepth);
app.route('/v1', v1.route('/', v1Routes).route('/', messagesRoutes));
app.all('/api/*', (c) => problem(c, 'not_found'));
app.all('/v1/*', (c) => problem(c, 'not_found'));
app.route('/', pageRoutes);

/** The API's types, from which the web app's client is inferred. */
export type AppType = typeof routes;
