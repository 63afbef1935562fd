import { createRoute, OpenAPIHono } from '@hono/zod-openapi';
import { adminModel, adminModels } from '../../../../contracts/api/catalog.ts';
import {
  addListedModelsRequest,
  listedModel,
  listPriceRequest,
} from '../../../../contracts/api/list-prices.ts';
import { listOf } from '../../../../contracts/api/paging.ts';
import { addListedModels, decideListPrice, listListedModels } from '../../../catalog/add-listed-models.ts';
import type { SessionEnv } from '../../app-env.ts';
import { dependenciesOf } from '../../dependencies-of.ts';
import { problem, refuseInvalid } from '../../errors.ts';
import { idParam, json, jsonBody, ofBody, problems, session } from '../../openapi/responses.ts';
import { refuseField } from '../../refuse-field.ts';

const providerId = idParam('The id of the provider.');
const modelId = idParam('The id of the model.');

const list = createRoute({
  method: 'get',
  path: '/{id}/catalog',
  operationId: 'listListedModels',
  tags: ['Providers'],
  summary: 'List the models of a provider that the catalog knows.',
  description:
    "Returns the provider's current models with their limits, capabilities and list prices, as the platform's catalog file has them. Empty for a server at an address of its own, whose prices the catalog does not know. Admins only.",
  security: session,
  request: { params: providerId },
  responses: { 200: json(listOf(listedModel), 'All of them, in one page.'), ...problems('not_found') },
});

const add = createRoute({
  method: 'post',
  path: '/{id}/catalog',
  operationId: 'addListedModels',
  tags: ['Providers'],
  summary: 'Add models of the catalog to a provider.',
  description:
    'Adds the models with their limits, capabilities and prices: all of them, or none. Each has a price at once, so it can be used at once. Admins only.',
  security: session,
  request: {
    params: providerId,
    ...jsonBody(addListedModelsRequest, {
      models: [{ provider_model: 'gpt-5.4-mini', markup_basis_points: 2_500 }],
    }),
  },
  responses: {
    201: json(adminModels, 'The models, in the order of the request.'),
    ...problems(...ofBody, 'name_taken', 'not_found'),
  },
});

const decide = createRoute({
  method: 'put',
  path: '/{id}/list-price',
  operationId: 'decideListPrice',
  tags: ['Models'],
  summary: 'Accept or decline a new list price.',
  description:
    "A model whose provider changed the list price has a `list_price_change`. Accept it to make it the model's cost, or keep the cost as it is. Admins only.",
  security: session,
  request: { params: modelId, ...jsonBody(listPriceRequest, { decision: 'accept' }) },
  responses: {
    200: json(adminModel, 'The model after the change.'),
    ...problems(...ofBody, 'list_price_unchanged', 'model_unpriced', 'not_found'),
  },
});

const misfits = {
  not_listed: { rule: 'not_listed', message: 'is not in the catalog of this provider. List it first.' },
  named_twice: { rule: 'repeated', message: 'is in the request twice under the same public name' },
};

/** Models that the catalog file knows, for the providers of the tenant. The database checks the role. */
export const providerCatalogRoutes = new OpenAPIHono<SessionEnv>({ defaultHook: refuseInvalid })
  .openapi(list, async (c) => {
    const listed = await listListedModels(dependenciesOf(c), c.var.claims, c.req.valid('param').id);
    return listed.ok ? c.json({ items: listed.value }, 200) : problem(c, listed.failure.code);
  })
  .openapi(add, async (c) => {
    const { id } = c.req.valid('param');
    const added = await addListedModels(dependenciesOf(c), c.var.claims, id, c.req.valid('json'));
    if (added.ok) return c.json({ items: added.value }, 201);
    const { failure } = added;
    if ('index' in failure)
      return refuseField(c, { field: `models.${failure.index}.provider_model`, ...misfits[failure.code] });
    if (failure.code !== 'name_taken') return problem(c, failure.code);
    return problem(c, 'name_taken', {
      message: 'This provider already serves one of the models under this public name. No model was added.',
      details: { field: 'models' },
    });
  });

/** Decisions about list prices of models. */
export const listPriceRoutes = new OpenAPIHono<SessionEnv>({ defaultHook: refuseInvalid }).openapi(
  decide,
  async (c) => {
    const { id } = c.req.valid('param');
    const decided = await decideListPrice(dependenciesOf(c), c.var.claims, id, c.req.valid('json'));
    if (decided.ok) return c.json(decided.value, 200);
    const { code } = decided.failure;
    if (code === 'no_change') return problem(c, 'list_price_unchanged');
    if (code === 'cost_missing' || code === 'cost_not_yours')
      throw new Error('A list price is a cost, of a model of the tenant');
    return problem(c, code);
  },
);
