import { createRoute, OpenAPIHono } from '@hono/zod-openapi';
import { z } from 'zod';
import {
  adminModel,
  createModelRequest,
  createPriceRequest,
  modelPatch,
  modelPrice,
  orderRequest,
} from '../../../contracts/api/catalog.ts';
import {
  createModel,
  deleteModel,
  getCatalogModel,
  listCatalogModels,
  orderModels,
  updateModel,
} from '../../db/models.ts';
import { createPrice, listPrices } from '../../db/price-versions.ts';
import type { RequestContext, SessionEnv } from '../app-env.ts';
import { dependenciesOf } from '../dependencies-of.ts';
import { problem, refuseInvalid } from '../errors.ts';
import { idParam, json, jsonBody, ofBody, problems, session } from '../openapi/responses.ts';

const tags = ['Models'];
const idOf = idParam('The model, as `GET /api/admin/models` lists it');

const list = createRoute({
  method: 'get',
  path: '/',
  tags,
  summary: "Your tenant's models and the platform's that serve it, with the prices in force. Admins only.",
  security: session,
  responses: {
    200: json(
      z.object({ items: z.array(adminModel).describe('Every model') }),
      'All of them, by public name',
    ),
    ...problems(),
  },
});

const create = createRoute({
  method: 'post',
  path: '/',
  tags,
  summary: 'Adds a way to serve a public model name. It can be used once it has a price. Admins only.',
  security: session,
  request: jsonBody(createModelRequest),
  responses: { 201: json(adminModel, 'The model'), ...problems(...ofBody, 'name_taken', 'not_found') },
});

const order = createRoute({
  method: 'put',
  path: '/order',
  tags,
  summary:
    'Sets the order in which models are tried, where their providers have equal priority. Admins only.',
  security: session,
  request: jsonBody(orderRequest),
  responses: { 204: { description: 'Ordered' }, ...problems(...ofBody, 'not_found') },
});

const read = createRoute({
  method: 'get',
  path: '/{id}',
  tags,
  summary: 'One model, with the price in force. Admins only.',
  security: session,
  request: { params: idOf },
  responses: { 200: json(adminModel, 'The model'), ...problems('not_found') },
});

const update = createRoute({
  method: 'patch',
  path: '/{id}',
  tags,
  summary: "Changes a model of your tenant's own. Admins only.",
  security: session,
  request: { params: idOf, ...jsonBody(modelPatch) },
  responses: {
    200: json(adminModel, 'The model after it'),
    ...problems(...ofBody, 'name_taken', 'not_found'),
  },
});

const remove = createRoute({
  method: 'delete',
  path: '/{id}',
  tags,
  summary: 'Removes a model that was never priced; one that was is disabled instead. Admins only.',
  security: session,
  request: { params: idOf },
  responses: { 204: { description: 'Removed' }, ...problems('in_use', 'not_found') },
});

const prices = createRoute({
  method: 'get',
  path: '/{id}/prices',
  tags,
  summary: "Every version of a model's price: your tenant's own list first, newest first. Admins only.",
  security: session,
  request: { params: idOf },
  responses: {
    200: json(
      z.object({ items: z.array(modelPrice).describe('Every version, newest first') }),
      'All versions',
    ),
    ...problems('not_found'),
  },
});

const price = createRoute({
  method: 'post',
  path: '/{id}/prices',
  tags,
  summary:
    "Puts a new version of a model's price on your tenant's list, from now or from a moment to come. Admins only.",
  security: session,
  request: { params: idOf, ...jsonBody(createPriceRequest) },
  responses: {
    201: json(modelPrice, 'The newest version'),
    ...problems(...ofBody, 'model_unpriced', 'not_found'),
  },
});

const nameTaken = (c: RequestContext) =>
  problem(c, 'name_taken', {
    message: 'This provider serves that model under this public name already.',
    details: { field: 'public_name' },
  });

const platformHasNoPrice = (c: RequestContext) =>
  problem(c, 'model_unpriced', { message: 'The platform has not priced this model of its yet.' });

const costRules = {
  cost_missing: { rule: 'required', message: 'say what the provider of your own model charges' },
  cost_not_yours: {
    rule: 'forbidden',
    message:
      'what the platform’s model costs stands on the platform’s list; send wallet_tokens_per_1000 alone',
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

/** Models and prices, for the admins of their tenant and, on the platform, for superadmins. Who may is decided in the database. */
export const modelRoutes = new OpenAPIHono<SessionEnv>({ defaultHook: refuseInvalid })
  .openapi(list, async (c) => {
    const models = await listCatalogModels(dependenciesOf(c).database, c.var.claims);
    return models.ok ? c.json({ items: models.value }, 200) : problem(c, models.failure.code);
  })
  .openapi(create, async (c) => {
    const { database, requestId } = dependenciesOf(c);
    const created = await createModel(database, c.var.claims, c.req.valid('json'), requestId);
    if (created.ok) return c.json(created.value, 201);
    const { code } = created.failure;
    if (code === 'unknown_provider') return problem(c, 'not_found', { details: { field: 'provider_id' } });
    return code === 'name_taken' ? nameTaken(c) : problem(c, code);
  })
  .openapi(order, async (c) => {
    const { database, requestId } = dependenciesOf(c);
    const ordered = await orderModels(database, c.var.claims, c.req.valid('json').ids, requestId);
    return ordered.ok ? c.body(null, 204) : problem(c, ordered.failure.code);
  })
  .openapi(read, async (c) => {
    const found = await getCatalogModel(dependenciesOf(c).database, c.var.claims, c.req.valid('param').id);
    return found.ok ? c.json(found.value, 200) : problem(c, found.failure.code);
  })
  .openapi(update, async (c) => {
    const { database, requestId } = dependenciesOf(c);
    const { id } = c.req.valid('param');
    const changed = await updateModel(database, c.var.claims, id, c.req.valid('json'), requestId);
    if (changed.ok) return c.json(changed.value, 200);
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
