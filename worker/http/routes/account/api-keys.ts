import { createRoute, OpenAPIHono } from '@hono/zod-openapi';
import {
  apiKey,
  apiKeyListParams,
  apiKeyPatch,
  apiKeyWithSecret,
  createApiKeyRequest,
  rotateApiKeyRequest,
} from '../../../../contracts/api/account/api-keys.ts';
import { pageOf } from '../../../../contracts/api/paging.ts';
import { createApiKey, revokeApiKey, rotateApiKey, updateApiKey } from '../../../api-keys/lifecycle.ts';
import { getApiKey, listApiKeys } from '../../../db/users/api-keys.ts';
import type { RequestContext, SessionEnv } from '../../app-env.ts';
import { dependenciesOf } from '../../dependencies-of.ts';
import { problem, refuseInvalid } from '../../errors.ts';
import { idParam, json, jsonBody, ofBody, problems, session } from '../../openapi/responses.ts';

const tags = ['API keys'];
const idOf = idParam('The id of the key.');

const list = createRoute({
  method: 'get',
  path: '/',
  operationId: 'listApiKeys',
  tags,
  summary: 'List your API keys.',
  description:
    'Returns the newest key first, without secrets. Admins see all keys of the tenant and can filter by user.',
  security: session,
  request: { query: apiKeyListParams },
  responses: {
    200: json(pageOf(apiKey), 'A page of keys.'),
    ...problems('invalid_cursor'),
  },
});

const create = createRoute({
  method: 'post',
  path: '/',
  operationId: 'createApiKey',
  'x-feature': 'api_keys',
  tags,
  summary: 'Create an API key.',
  description: 'The secret is returned only in this response. Store it safely.',
  security: session,
  request: jsonBody(createApiKeyRequest, { name: 'My program' }),
  responses: {
    201: json(apiKeyWithSecret, 'The key and its secret.'),
    ...problems(...ofBody, 'name_taken', 'too_many_api_keys'),
  },
});

const read = createRoute({
  method: 'get',
  path: '/{id}',
  operationId: 'getApiKey',
  tags,
  summary: 'Retrieve an API key.',
  description: 'Admins can retrieve any key of their tenant.',
  security: session,
  request: { params: idOf },
  responses: { 200: json(apiKey, 'The key.'), ...problems('not_found') },
});

const update = createRoute({
  method: 'patch',
  path: '/{id}',
  operationId: 'updateApiKey',
  'x-feature': 'api_keys',
  tags,
  summary: 'Update one of your API keys.',
  description: 'New limits apply from the next execution on. Other changes take up to a minute.',
  security: session,
  request: { params: idOf, ...jsonBody(apiKeyPatch) },
  responses: {
    200: json(apiKey, 'The key after the change.'),
    ...problems(...ofBody, 'api_key_ended', 'name_taken', 'not_found'),
  },
});

const rotate = createRoute({
  method: 'post',
  path: '/{id}/rotate',
  operationId: 'rotateApiKey',
  'x-feature': 'api_keys',
  tags,
  summary: 'Rotate one of your API keys.',
  description: 'Creates a new secret. The previous secret works until `previous_valid_until`.',
  security: session,
  request: { params: idOf, ...jsonBody(rotateApiKeyRequest) },
  responses: {
    200: json(apiKeyWithSecret, 'The key and its new secret.'),
    ...problems(...ofBody, 'api_key_ended', 'not_found'),
  },
});

const revoke = createRoute({
  method: 'delete',
  path: '/{id}',
  operationId: 'revokeApiKey',
  tags,
  summary: 'Revoke an API key.',
  description:
    'The key stops working at once and cannot be restored. Admins can revoke any key of their tenant.',
  security: session,
  request: { params: idOf },
  responses: { 204: { description: 'Revoked.' }, ...problems('not_found') },
});

const modelNotAllowed = (c: RequestContext) => {
  const message =
    'Your level does not allow all of these models. List the models you can use with GET /api/ai/models.';
  return problem(c, 'invalid_request', {
    message,
    details: { in: 'json', issues: [{ field: 'allowed_models', rule: 'not_allowed', message }] },
  });
};

const nameTaken = (c: RequestContext) => problem(c, 'name_taken', { details: { field: 'name' } });

/** API keys. These routes need a session: a key cannot create or change keys. */
export const apiKeyRoutes = new OpenAPIHono<SessionEnv>({ defaultHook: refuseInvalid })
  .openapi(list, async (c) => {
    const keys = await listApiKeys(dependenciesOf(c).database, c.var.claims, c.req.valid('query'));
    return keys.ok ? c.json(keys.value, 200) : problem(c, keys.failure.code);
  })
  .openapi(create, async (c) => {
    const created = await createApiKey(dependenciesOf(c), c.var.claims, c.req.valid('json'));
    if (created.ok) return c.json(created.value, 201);
    const { code } = created.failure;
    if (code === 'model_not_allowed') return modelNotAllowed(c);
    return code === 'name_taken' ? nameTaken(c) : problem(c, code);
  })
  .openapi(read, async (c) => {
    const key = await getApiKey(dependenciesOf(c).database, c.var.claims, c.req.valid('param').id);
    return key.ok ? c.json(key.value, 200) : problem(c, key.failure.code);
  })
  .openapi(update, async (c) => {
    const { id } = c.req.valid('param');
    const changed = await updateApiKey(dependenciesOf(c), c.var.claims, id, c.req.valid('json'));
    if (changed.ok) return c.json(changed.value, 200);
    const { code } = changed.failure;
    if (code === 'model_not_allowed') return modelNotAllowed(c);
    return code === 'name_taken' ? nameTaken(c) : problem(c, code);
  })
  .openapi(rotate, async (c) => {
    const { id } = c.req.valid('param');
    const { grace_s } = c.req.valid('json');
    const rotated = await rotateApiKey(dependenciesOf(c), c.var.claims, id, grace_s);
    return rotated.ok ? c.json(rotated.value, 200) : problem(c, rotated.failure.code);
  })
  .openapi(revoke, async (c) => {
    const revoked = await revokeApiKey(dependenciesOf(c), c.var.claims, c.req.valid('param').id);
    return revoked.ok ? c.body(null, 204) : problem(c, revoked.failure.code);
  });
