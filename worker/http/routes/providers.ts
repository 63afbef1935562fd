import { createRoute, OpenAPIHono } from '@hono/zod-openapi';
import { z } from 'zod';
import {
  createProviderRequest,
  orderRequest,
  provider,
  providerPatch,
  providerTest,
  testProviderRequest,
} from '../../../contracts/api/catalog.ts';
import { addProvider, type SaveProviderRefusal } from '../../catalog/add-provider.ts';
import { changeProvider } from '../../catalog/change-provider.ts';
import { tryProviderKey } from '../../catalog/provider-key.ts';
import { deleteProvider, getProvider, listProviders, orderProviders } from '../../db/providers.ts';
import type { RequestContext, SessionEnv } from '../app-env.ts';
import { dependenciesOf } from '../dependencies-of.ts';
import { problem, refuseInvalid } from '../errors.ts';
import { idParam, json, jsonBody, ofBody, problems, session } from '../openapi/responses.ts';

const tags = ['Providers'];
const idOf = idParam('The provider, as `GET /api/admin/providers` lists it');

const list = createRoute({
  method: 'get',
  path: '/',
  tags,
  summary:
    "Your tenant's AI providers in the order in which they are tried; on the platform, the global ones. Admins only.",
  security: session,
  responses: {
    200: json(z.object({ items: z.array(provider).describe('Every provider') }), 'All of them: they are few'),
    ...problems(),
  },
});

const create = createRoute({
  method: 'post',
  path: '/',
  tags,
  summary: 'Adds a provider. Its key is tested, then kept encrypted and never shown again. Admins only.',
  security: session,
  request: jsonBody(createProviderRequest, { name: 'OpenAI', kind: 'openai', api_key: 'sk-...' }),
  responses: {
    201: json(provider, 'The provider'),
    ...problems(...ofBody, 'name_taken', 'not_found', 'provider_key_required', 'provider_test_failed'),
  },
});

const test = createRoute({
  method: 'post',
  path: '/test',
  tags,
  summary:
    'Calls a provider once with a key and tells how it went, in plain words. Saves nothing. Admins only.',
  security: session,
  request: jsonBody(testProviderRequest, { kind: 'openai', api_key: 'sk-...' }),
  responses: {
    200: json(providerTest, 'How the provider answered'),
    ...problems(...ofBody, 'name_taken', 'not_found', 'provider_key_required', 'provider_test_failed'),
  },
});

const order = createRoute({
  method: 'put',
  path: '/order',
  tags,
  summary: 'Sets the order in which providers are tried: the ids in that order, all or none. Admins only.',
  security: session,
  request: jsonBody(orderRequest),
  responses: { 204: { description: 'Ordered' }, ...problems(...ofBody, 'not_found') },
});

const read = createRoute({
  method: 'get',
  path: '/{id}',
  tags,
  summary: 'One provider. Admins only.',
  security: session,
  request: { params: idOf },
  responses: { 200: json(provider, 'The provider'), ...problems('not_found') },
});

const update = createRoute({
  method: 'patch',
  path: '/{id}',
  tags,
  summary:
    'Changes a provider. Another base URL takes the key again; a new key is tested first. Admins only.',
  security: session,
  request: { params: idOf, ...jsonBody(providerPatch) },
  responses: {
    200: json(provider, 'The provider after it'),
    ...problems(...ofBody, 'name_taken', 'not_found', 'provider_key_required', 'provider_test_failed'),
  },
});

const remove = createRoute({
  method: 'delete',
  path: '/{id}',
  tags,
  summary: 'Removes a provider that serves no model; one that does is disabled instead. Admins only.',
  security: session,
  request: { params: idOf },
  responses: { 204: { description: 'Removed' }, ...problems('in_use', 'not_found') },
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
    case 'provider_key_required':
      return problem(c, failure.code, { details: { field: 'api_key' } });
    case 'name_taken':
      return problem(c, failure.code, { details: { field: 'name' } });
    default:
      return problem(c, failure.code);
  }
}

/** AI providers, for the admins of their tenant and, on the platform, for superadmins. Who may is decided in the database. */
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
    const changed = await changeProvider(dependenciesOf(c), c.var.claims, id, c.req.valid('json'));
    return changed.ok ? c.json(changed.value, 200) : refuse(c, changed.failure);
  })
  .openapi(remove, async (c) => {
    const { database, requestId } = dependenciesOf(c);
    const removed = await deleteProvider(database, c.var.claims, c.req.valid('param').id, requestId);
    return removed.ok ? c.body(null, 204) : problem(c, removed.failure.code);
  });
