import { createRoute, OpenAPIHono } from '@hono/zod-openapi';
import {
  adminModel,
  adminModels,
  createModelRequest,
  createPriceRequest,
  modelPatch,
  modelPrice,
  orderRequest,
} from '../../../../contracts/api/catalog.ts';
import { listOf } from '../../../../contracts/api/paging.ts';
import { presentCatalogModel } from '../../../catalog/list-prices.ts';
import {
  createModel,
  deleteModel,
  getCatalogModel,
  listCatalogModels,
  orderModels,
  updateModel,
} from '../../../db/catalog/models.ts';
import { createPrice, listPrices } from '../../../db/catalog/price-versions.ts';
import type { RequestContext, SessionEnv } from '../../app-env.ts';
import { dependenciesOf } from '../../dependencies-of.ts';
import { problem, refuseInvalid } from '../../errors.ts';
import { idParam, json, jsonBody, ofBody, problems, session } from '../../openapi/responses.ts';
import { refuseField } from '../../refuse-field.ts';

const tags = ['Models'];
const idOf = idParam('The id of the model.');

const list = createRoute({
  method: 'get',
  path: '/',
  operationId: 'listCatalogModels',
  tags,
  summary: 'List the catalog.',
  description: "Returns the tenant's models and the platform's, with their current prices. Admins only.",
  security: session,
  responses: {
    200: json(adminModels, 'All models, sorted by public name.'),
    ...problems(),
  },
});

const create = createRoute({
  method: 'post',
  path: '/',
  operationId: 'createCatalogModel',
  tags,
  summary: 'Create a model.',
  description:
    "Adds a provider's model under a public name. It needs a price before it can be used. Admins only.",
  security: session,
  request: jsonBody(createModelRequest),
  responses: { 201: json(adminModel, 'The model.'), ...problems(...ofBody, 'name_taken', 'not_found') },
});

const order = createRoute({
  method: 'put',
  path: '/order',
  operationId: 'orderCatalogModels',
  tags,
  summary: 'Set the order of models.',
  description: 'Models whose providers have the same priority are tried in this order. Admins only.',
  security: session,
  request: jsonBody(orderRequest),
  responses: { 204: { description: 'The order was set.' }, ...problems(...ofBody, 'not_found') },
});

const read = createRoute({
  method: 'get',
  path: '/{id}',
  operationId: 'getCatalogModel',
  tags,
  summary: 'Retrieve a model of the catalog.',
  description: 'Returns the model with its current price. Admins only.',
  security: session,
  request: { params: idOf },
  responses: { 200: json(adminModel, 'The model.'), ...problems('not_found') },
});

const update = createRoute({
  method: 'patch',
  path: '/{id}',
  operationId: 'updateCatalogModel',
  tags,
  summary: 'Update a model.',
  description: "Changes one of the tenant's own models. Admins only.",
  security: session,
  request: { params: idOf, ...jsonBody(modelPatch) },
  responses: {
    200: json(adminModel, 'The model after the change.'),
    ...problems(...ofBody, 'name_taken', 'not_found'),
  },
});

const remove = createRoute({
  method: 'delete',
  path: '/{id}',
  operationId: 'deleteCatalogModel',
  tags,
  summary: 'Delete a model.',
  description: 'Only models that never had a price can be deleted. Disable the others instead. Admins only.',
  security: session,
  request: { params: idOf },
  responses: { 204: { description: 'Deleted.' }, ...problems('in_use', 'not_found') },
});

const prices = createRoute({
  method: 'get',
  path: '/{id}/prices',
  operationId: 'listModelPrices',
  tags,
  summary: 'List the prices of a model.',
  description:
    "Returns every version, newest first, with the tenant's own list before the platform's. Admins only.",
  security: session,
  request: { params: idOf },
  responses: {
    200: json(listOf(modelPrice), 'All versions, newest first.'),
    ...problems('not_found'),
  },
});

const price = createRoute({
  method: 'post',
  path: '/{id}/prices',
  operationId: 'createModelPrice',
  tags,
  summary: 'Create a price.',
  description: "Adds a version to the tenant's price list, from now or from a later time. Admins only.",
  security: session,
  request: { params: idOf, ...jsonBody(createPriceRequest) },
  responses: {
    201: json(modelPrice, 'The new version.'),
    ...problems(...ofBody, 'model_unpriced', 'not_found'),
  },
});

const nameTaken = (c: RequestContext) =>
  problem(c, 'name_taken', {
    message: 'This provider already serves the model under this public name.',
    details: { field: 'public_name' },
  });

const platformHasNoPrice = (c: RequestContext) =>
  problem(c, 'model_unpriced', { message: 'The platform has no price for this model yet.' });

const costRules = {
  cost_missing: { rule: 'required', message: 'is required for your own models' },
  cost_not_yours: {
    rule: 'forbidden',
    message: 'cannot be set for platform models. Send only wallet_tokens_per_1000.',
  },
};

function costRefused(c: RequestContext, code: keyof typeof costRules) {
  const field = 'micro_usd_per_million';
  const { rule, message } = costRules[code];
  return problem(c, 'invalid_request', {
    message: `${field}: ${message}`,
    details: { in: 'json', issues: [{ field, rule, message }] },
  });
}

/** Models and prices, for the tenant's admins and, on the platform, for superadmins. The database checks the role. */
export const modelRoutes = new OpenAPIHono<SessionEnv>({ defaultHook: refuseInvalid })
  .openapi(list, async (c) => {
    const { database, settings } = dependenciesOf(c);
    const models = await listCatalogModels(database, c.var.claims);
    if (!models.ok) return problem(c, models.failure.code);
    return c.json({ items: models.value.map((model) => presentCatalogModel(model, settings)) }, 200);
  })
  .openapi(create, async (c) => {
    const { database, requestId, settings } = dependenciesOf(c);
    const created = await createModel(database, c.var.claims, c.req.valid('json'), requestId);
    if (created.ok) return c.json(presentCatalogModel(created.value, settings), 201);
    const { code } = created.failure;
    if (code === 'unknown_provider') return problem(c, 'not_found', { details: { field: 'provider_id' } });
    if (code === 'kind_not_served')
      return refuseField(c, {
        field: 'kind',
        rule: 'unsupported',
        message: 'Providers of this protocol have no models of this kind',
      });
    return code === 'name_taken' ? nameTaken(c) : problem(c, code);
  })
  .openapi(order, async (c) => {
    const { database, requestId } = dependenciesOf(c);
    const ordered = await orderModels(database, c.var.claims, c.req.valid('json').ids, requestId);
    return ordered.ok ? c.body(null, 204) : problem(c, ordered.failure.code);
  })
  .openapi(read, async (c) => {
    const { database, settings } = dependenciesOf(c);
    const found = await getCatalogModel(database, c.var.claims, c.req.valid('param').id);
    return found.ok
      ? c.json(presentCatalogModel(found.value, settings), 200)
      : problem(c, found.failure.code);
  })
  .openapi(update, async (c) => {
    const { database, requestId, settings } = dependenciesOf(c);
    const { id } = c.req.valid('param');
    const changed = await updateModel(database, c.var.claims, id, c.req.valid('json'), requestId);
    if (changed.ok) return c.json(presentCatalogModel(changed.value, settings), 200);
    const { code } = changed.failure;
    if (code === 'output_exceeds_context') {
      const message = 'must not exceed context_window_tokens';
      const issues = [{ field: 'max_output_tokens', rule: 'too_big', message }];
      return problem(c, 'invalid_request', {
        message: `max_output_tokens: ${message}`,
        details: { in: 'json', issues },
      });
    }
    return code === 'name_taken' ? nameTaken(c) : problem(c, code);
  })
  .openapi(remove, async (c) => {
    const { database, requestId } = dependenciesOf(c);
    const removed = await deleteModel(database, c.var.claims, c.req.valid('param').id, requestId);
    return removed.ok ? c.body(null, 204) : problem(c, removed.failure.code);
  })
  .openapi(prices, async (c) => {
    const { id } = c.req.valid('param');
    const versions = await listPrices(dependenciesOf(c).database, c.var.claims, id);
    return versions.ok ? c.json({ items: versions.value }, 200) : problem(c, versions.failure.code);
  })
  .openapi(price, async (c) => {
    const { database, requestId } = dependenciesOf(c);
    const { id } = c.req.valid('param');
    const priced = await createPrice(database, c.var.claims, id, c.req.valid('json'), requestId);
    if (priced.ok) return c.json(priced.value, 201);
    const { code } = priced.failure;
    if (code === 'model_unpriced') return platformHasNoPrice(c);
    return code === 'cost_missing' || code === 'cost_not_yours' ? costRefused(c, code) : problem(c, code);
  });
