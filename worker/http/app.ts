import { OpenAPIHono } from '@hono/zod-openapi';
import { createMiddleware } from 'hono/factory';
import type { AppEnv, SessionEnv, TenantEnv } from './app-env.ts';
import { onError } from './errors.ts';
import { limitActing } from './middleware/acting.ts';
import { authenticate } from './middleware/authenticate.ts';
import { limitBody, limitJson } from './middleware/body-limit.ts';
import { requireConfirmation } from './middleware/confirmation.ts';
import { crossOrigin, crossOriginOfTenant } from './middleware/cors.ts';
import { requireFeatures } from './middleware/level-features.ts';
import { platformOnly } from './middleware/platform-only.ts';
import { rateLimit } from './middleware/rate-limit.ts';
import { requestContext } from './middleware/request-context.ts';
import { sdkErrors } from './middleware/sdk-errors.ts';
import { securityHeaders } from './middleware/security-headers.ts';
import { invalidateTenantCache, resolveTenantOfRequest } from './middleware/tenant.ts';
import { noEndpoint } from './no-endpoint.ts';
import { openApiDocument } from './openapi/document.ts';
import { accountLinkRoutes } from './routes/account/account-links.ts';
import { apiKeyRoutes } from './routes/account/api-keys.ts';
import { sessionRoutes, signInRoutes } from './routes/account/auth.ts';
import { closingRoutes } from './routes/account/closing.ts';
import { conversationMessageRoutes } from './routes/account/conversation-messages.ts';
import { conversationRoutes } from './routes/account/conversations.ts';
import { confirmRoutes, factorRoutes } from './routes/account/factors.ts';
import { identityRoutes } from './routes/account/identities.ts';
import { invitationRoutes } from './routes/account/invitations.ts';
import { ownAccountRoutes } from './routes/account/own-account.ts';
import { secondStepRoutes, setUpRoutes } from './routes/account/second-step.ts';
import { ownSessionRoutes } from './routes/account/sessions.ts';
import { identitySignInRoutes } from './routes/account/sign-in.ts';
import { walletRoutes } from './routes/account/wallet.ts';
import { executionListRoutes } from './routes/ai/execution-lists.ts';
import { aiRoutes } from './routes/ai/executions.ts';
import { v1Routes } from './routes/ai/v1-chat-completions.ts';
import { embeddingsRoutes } from './routes/ai/v1-embeddings.ts';
import { filesRoutes } from './routes/ai/v1-files.ts';
import { imagesRoutes } from './routes/ai/v1-images.ts';
import { messagesRoutes } from './routes/ai/v1-messages.ts';
import { v1ModelRoutes } from './routes/ai/v1-models.ts';
import { moderationsRoutes } from './routes/ai/v1-moderations.ts';
import { responsesRoutes } from './routes/ai/v1-responses.ts';
import { speechRoutes } from './routes/ai/v1-speech.ts';
import { transcriptionsRoutes } from './routes/ai/v1-transcriptions.ts';
import { embedContentRoutes } from './routes/ai/v1beta-embeddings.ts';
import { generateContentRoutes } from './routes/ai/v1beta-generate-content.ts';
import { googleModelRoutes } from './routes/ai/v1beta-models.ts';
import { healthRoutes } from './routes/health.ts';
import { pageRoutes } from './routes/pages.ts';
import { platformRoutes } from './routes/platform/platform.ts';
import { ownBudgetRoutes, tenantBudgetRoutes } from './routes/platform/tenant-budgets.ts';
import { tenantSignupRoutes, tenantSignupSettingRoutes } from './routes/platform/tenant-signups.ts';
import {
  tenantReconciliationRoutes,
  tenantWalletCheckRoutes,
} from './routes/platform/tenant-wallet-checks.ts';
import { tenantsRoutes } from './routes/platform/tenants.ts';
import { actingSessionRoutes } from './routes/tenant/acting-sessions.ts';
import { alertRoutes, alertRuleRoutes } from './routes/tenant/alerts.ts';
import { auditRoutes, selfMadeChangesRoutes } from './routes/tenant/audit.ts';
import { domainRoutes } from './routes/tenant/domains.ts';
import { featureRoutes, levelRoutes } from './routes/tenant/levels.ts';
import { listPriceRoutes, providerCatalogRoutes } from './routes/tenant/list-prices.ts';
import { managementKeyRoutes } from './routes/tenant/management-keys.ts';
import { modelNameRoutes } from './routes/tenant/model-names.ts';
import { modelRoutes } from './routes/tenant/models.ts';
import { providerRoutes } from './routes/tenant/providers.ts';
import {
  ledgerExportRoutes,
  reconciliationRoutes,
  userReconciliationRoutes,
} from './routes/tenant/reconciliation.ts';
import { signInProviderRoutes } from './routes/tenant/sign-in-providers.ts';
import { tenantRoutes, tenantSettingsRoutes } from './routes/tenant/tenant.ts';
import { tenantLogoChangeRoutes, tenantLogoRoutes } from './routes/tenant/tenant-logo.ts';
import { usageRoutes } from './routes/tenant/usage.ts';
import { userFactorRoutes } from './routes/tenant/user-factors.ts';
import { userRoutes } from './routes/tenant/users.ts';
import { webhookRoutes } from './routes/tenant/webhooks.ts';
import { routingPath } from './routing-path.ts';

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

/** Answers requests that no route takes. */
const notThere = noEndpoint(routeDefinitions);

/** Stands before every operation that is not public. */
export const authenticated = authenticate(routeDefinitions, notThere);

/** Refuses operations that the caller's level does not offer. */
const featuresOffered = requireFeatures(routeDefinitions);

/** Refuses operations that ask again who the caller is. */
const confirmed = requireConfirmation(routeDefinitions);

/** Routes that need a tenant and no session. Each is listed here, so that a new route is closed by default. */
const publicApi = new OpenAPIHono<TenantEnv>();
publicApi.use('/auth/*', limitJson);
publicApi.use('/tenant-signups/*', platformOnly, limitJson);
const openApi = publicApi
  .route('/tenant', tenantRoutes)
  .route('/tenant', tenantLogoRoutes)
  .route('/auth', signInRoutes)
  .route('/auth', secondStepRoutes)
  .route('/auth', setUpRoutes)
  .route('/auth', accountLinkRoutes)
  .route('/auth', identitySignInRoutes)
  .route('/tenant-signups', tenantSignupRoutes);

/** Routes that need a session of this tenant, or an API key where the route's definition names a scope. */
const closedApi = new OpenAPIHono<SessionEnv>();
closedApi.use(authenticated, limitActing, featuresOffered, confirmed, limitJson);
closedApi.use('/tenants/*', platformOnly);
closedApi.use('/platform/*', platformOnly);
closedApi.use('/admin/*', invalidateTenantCache);
closedApi.use('/tenant/sign-in-providers/*', invalidateTenantCache);
const sessionApi = closedApi
  .route('/auth', sessionRoutes)
  .route('/auth', ownAccountRoutes)
  .route('/auth', factorRoutes)
  .route('/auth', confirmRoutes)
  .route('/auth', ownSessionRoutes)
  .route('/auth', identityRoutes)
  .route('/auth', closingRoutes)
  .route('/tenant', tenantSettingsRoutes)
  .route('/tenant', tenantLogoChangeRoutes)
  .route('/tenant', ownBudgetRoutes)
  .route('/tenants', tenantBudgetRoutes)
  .route('/tenants', tenantWalletCheckRoutes)
  .route('/tenant/acting-sessions', actingSessionRoutes)
  .route('/tenant/sign-in-providers', signInProviderRoutes)
  .route('/tenant/webhooks', webhookRoutes)
  .route('/tenant/alert-rules', alertRuleRoutes)
  .route('/alerts', alertRoutes)
  .route('/tenants', tenantsRoutes)
  .route('/platform', platformRoutes)
  .route('/tenant-signups', tenantSignupSettingRoutes)
  .route('/ai', executionListRoutes)
  .route('/ai', aiRoutes)
  .route('/usage', usageRoutes)
  .route('/conversations', conversationRoutes)
  .route('/conversations', conversationMessageRoutes)
  .route('/wallet', walletRoutes)
  .route('/wallet', ledgerExportRoutes)
  .route('/users', userRoutes)
  .route('/users', userFactorRoutes)
  .route('/users', userReconciliationRoutes)
  .route('/invitations', invitationRoutes)
  .route('/reconciliation', reconciliationRoutes)
  .route('/reconciliation', tenantReconciliationRoutes)
  .route('/levels', levelRoutes)
  .route('/features', featureRoutes)
  .route('/domains', domainRoutes)
  .route('/audit-log', auditRoutes)
  .route('/tenants', selfMadeChangesRoutes)
  .route('/api-keys', apiKeyRoutes)
  .route('/management-keys', managementKeyRoutes)
  .route('/admin/providers', providerRoutes)
  .route('/admin/providers', providerCatalogRoutes)
  .route('/admin/models', modelRoutes)
  .route('/admin/models', listPriceRoutes)
  .route('/admin/model-names', modelNameRoutes);

/** Refuses pages to a request with a key. */
const refusePages = createMiddleware<TenantEnv>(async (c, next) =>
  c.get('token') === null ? next() : notThere(c),
);

const api = new OpenAPIHono<TenantEnv>().route('/', openApi).route('/', sessionApi);

/** The HTTP app: the middleware in the order of the specification, and the routes. */
export const app = new OpenAPIHono<AppEnv>({ getPath: routingPath });
app.onError(onError);
app.notFound(notThere);
app.use(requestContext, securityHeaders, crossOrigin);
app.use('/v1/*', sdkErrors);
app.use('/v1beta/*', sdkErrors);
app.use(limitBody, rateLimit);
app.route('/api', healthRoutes);
app.get('/api/openapi.json', (c) => c.json(apiDocument(c.var.url.origin)));
app.use(resolveTenantOfRequest);
app.use('/v1/*', crossOriginOfTenant);
app.use('/v1beta/*', crossOriginOfTenant);
const routes = app.route('/api', api);
const v1 = new OpenAPIHono<SessionEnv>();
v1.use(authenticated, limitActing, featuresOffered, limitJson);
app.route(
  '/v1',
  v1
    .route('/', v1Routes)
    .route('/', v1ModelRoutes)
    .route('/', messagesRoutes)
    .route('/', responsesRoutes)
    .route('/', embeddingsRoutes)
    .route('/', imagesRoutes)
    .route('/', speechRoutes)
    .route('/', transcriptionsRoutes)
    .route('/', moderationsRoutes)
    .route('/', filesRoutes),
);
const v1beta = new OpenAPIHono<SessionEnv>();
v1beta.use(authenticated, limitActing, featuresOffered, limitJson);
app.route(
  '/v1beta',
  v1beta.route('/', generateContentRoutes).route('/', embedContentRoutes).route('/', googleModelRoutes),
);
app.all('/api/*', notThere);
app.all('/v1/*', notThere);
app.all('/v1beta/*', notThere);
// A browser asks for a page without a key. This is a client whose base URL is wrong.
app.get('*', refusePages);
app.route('/', pageRoutes);

/** The API's types, from which the web app's client is inferred. */
export type AppType = typeof routes;
