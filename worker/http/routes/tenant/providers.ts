import { createRoute, OpenAPIHono } from '@hono/zod-openapi';
import {
  createProviderRequest,
  orderRequest,
  provider,
  providerPatch,
  providerTest,
  testProviderRequest,
} from '../../../../contracts/api/catalog.ts';
import { listOf } from '../../../../contracts/api/paging.ts';
import { addProvider, type SaveProviderRefusal } from '../../../catalog/add-provider.ts';
import { changeProvider } from '../../../catalog/change-provider.ts';
import { tryProviderKey } from '../../../catalog/provider-key.ts';
import { deleteProvider, getProvider, listProviders, orderProviders } from '../../../db/catalog/providers.ts';
import type { RequestContext, SessionEnv } from '../../app-env.ts';
import { dependenciesOf } from '../../dependencies-of.ts';
import { problem, refuseInvalid } from '../../errors.ts';
import { confirmationRefusal } from '../../middleware/confirmation.ts';
import { idParam, json, jsonBody, ofBody, problems, session } from '../../openapi/responses.ts';

const tags = ['Providers'];
const idOf = idParam('The id of the provider.');

const list = createRoute({
  method: 'get',
  path: '/',
  operationId: 'listProviders',
  tags,
  summary: 'List the providers.',
  description:
    "Returns the tenant's providers in order of failover. On the platform's hostname, returns the global providers. Admins only.",
  security: session,
  responses: {
    200: json(listOf(provider), 'All of them, in one page.'),
    ...problems(),
  },
});

const create = createRoute({
  method: 'post',
  path: '/',
  operationId: 'createProvider',
  'x-confirm': true,
  'x-feature': 'own_providers',
  tags,
  summary: 'Create a provider.',
  description: 'The API key is tested first, then encrypted. It is never returned. Admins only.',
  security: session,
  request: jsonBody(createProviderRequest, { name: 'OpenAI', kind: 'openai', api_key: 'sk-...' }),
  responses: {
    201: json(provider, 'The provider.'),
    ...problems(
      ...ofBody,
      'confirmation_required',
      'name_taken',
      'not_found',
      'provider_key_required',
      'provider_test_failed',
    ),
  },
});

const test = createRoute({
  method: 'post',
  path: '/test',
  operationId: 'testProvider',
  'x-feature': 'own_providers',
  tags,
  summary: 'Test a provider.',
  description:
    "Lists the provider's models, or streams a short prompt with a tool, and returns the result. Nothing is saved. Admins only.",
  security: session,
  request: jsonBody(testProviderRequest, { kind: 'openai', api_key: 'sk-...' }),
  responses: {
    200: json(providerTest, 'The result of the test.'),
    ...problems(...ofBody, 'name_taken', 'not_found', 'provider_key_required', 'provider_test_failed'),
  },
});

const order = createRoute({
  method: 'put',
  path: '/order',
  operationId: 'orderProviders',
  'x-feature': 'own_providers',
  tags,
  summary: 'Set the order of providers.',
  description: 'Providers are tried in this order. Send all ids. Admins only.',
  security: session,
  request: jsonBody(orderRequest),
  responses: { 204: { description: 'The order was set.' }, ...problems(...ofBody, 'not_found') },
});

const read = createRoute({
  method: 'get',
  path: '/{id}',
  operationId: 'getProvider',
  tags,
  summary: 'Retrieve a provider.',
  description: 'Admins only.',
  security: session,
  request: { params: idOf },
  responses: { 200: json(provider, 'The provider.'), ...problems('not_found') },
});

const update = createRoute({
  method: 'patch',
  path: '/{id}',
  operationId: 'updateProvider',
  'x-feature': 'own_providers',
  tags,
  summary: 'Update a provider.',
  description:
    'To change the base URL, send the API key again. A new key is tested first, and asks for a confirmation. Admins only.',
  security: session,
  request: { params: idOf, ...jsonBody(providerPatch) },
  responses: {
    200: json(provider, 'The provider after the change.'),
    ...problems(
      ...ofBody,
      'confirmation_required',
      'name_taken',
      'not_found',
      'provider_key_required',
      'provider_test_failed',
    ),
  },
});

const remove = createRoute({
  method: 'delete',
  path: '/{id}',
  operationId: 'deleteProvider',
  tags,
  summary: 'Delete a provider.',
  description: 'Only providers without models can be deleted. Disable the others instead. Admins only.',
  security: session,
  request: { params: idOf },
  responses: { 204: { description: 'Deleted.' }, ...problems('in_use', 'not_found') },
});

function refuse(c: RequestContext, failure: SaveProviderRefusal) {
  switch (failure.code) {
    case 'base_url_refused': {
      const { rule } = failure;
      const issues = [{ field: 'base_url', rule: 'not_allowed', message: rule }];
      return problem(c, 'invalid_request', { message: `base_url: ${rule}`, details: { in: 'json', issues } });
    }
    case 'provider_test_failed': {
      if (failure.test.ok) throw new Error('A test that passed refuses nothing');
      const { message, ...details } = failure.test.failure;
      return problem(c, failure.code, { message, details });
    }
    case 'header_values_required': {
      const message = 'Send the values of the headers again for another base URL';
      const issues = [{ field: 'settings.extra_headers', rule: 'required', message }];
      const details = { in: 'json', issues };
      return problem(c, 'invalid_request', { message: `settings.extra_headers: ${message}`, details });
    }
    case 'provider_key_required':
      return problem(c, failure.code, { details: { field: 'api_key' } });
    case 'name_taken':
      return problem(c, failure.code, { details: { field: 'name' } });
    default:
      return problem(c, failure.code);
  }
}

/** AI providers, for the tenant's admins and, on the platform, for superadmins. The database checks the role. */
export const providerRoutes = new OpenAPIHono<SessionEnv>({ defaultHook: refuseInvalid })
  .openapi(list, async (c) => {
    const providers = await listProviders(dependenciesOf(c).database, c.var.claims);
    return providers.ok ? c.json({ items: providers.value }, 200) : problem(c, providers.failure.code);
  })
  .openapi(create, async (c) => {
    const added = await addProvider(dependenciesOf(c), c.var.tenant, c.var.claims, c.req.valid('json'));
    return added.ok ? c.json(added.value, 201) : refuse(c, added.failure);
  })
  .openapi(test, async (c) => {
    const tested = await tryProviderKey(dependenciesOf(c), c.var.claims, c.req.valid('json'));
    return tested.ok ? c.json(tested.value, 200) : refuse(c, tested.failure);
  })
  .openapi(order, async (c) => {
    const { database, requestId } = dependenciesOf(c);
    const ordered = await orderProviders(database, c.var.claims, c.req.valid('json').ids, requestId);
    return ordered.ok ? c.body(null, 204) : problem(c, ordered.failure.code);
  })
  .openapi(read, async (c) => {
    const found = await getProvider(dependenciesOf(c).database, c.var.claims, c.req.valid('param').id);
    return found.ok ? c.json(found.value, 200) : problem(c, found.failure.code);
  })
  .openapi(update, async (c) => {
    const { id } = c.req.valid('param');
    const patch = c.req.valid('json');
    const changesKey = patch.api_key !== undefined || patch.base_url !== undefined;
    const unconfirmed = changesKey ? await confirmationRefusal(c) : null;
    if (unconfirmed !== null) return unconfirmed;
    const changed = await changeProvider(dependenciesOf(c), c.var.claims, id, patch);
    return changed.ok ? c.json(changed.value, 200) : refuse(c, changed.failure);
  })
  .openapi(remove, async (c) => {
    const { database, requestId } = dependenciesOf(c);
    const removed = await deleteProvider(database, c.var.claims, c.req.valid('param').id, requestId);
    return removed.ok ? c.body(null, 204) : problem(c, removed.failure.code);
  });
