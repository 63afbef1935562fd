import { createRoute, OpenAPIHono } from '@hono/zod-openapi';
import {
  apiKey,
  apiKeyPatch,
  apiKeysQuery,
  apiKeyWithSecret,
  createApiKeyRequest,
  rotateApiKeyRequest,
} from '../../../contracts/api/api-keys.ts';
import { pageOf } from '../../../contracts/api/paging.ts';
import { createApiKey, revokeApiKey, rotateApiKey, updateApiKey } from '../../api-keys/lifecycle.ts';
import { getApiKey, listApiKeys } from '../../db/api-keys.ts';
import type { RequestContext, SessionEnv } from '../app-env.ts';
import { dependenciesOf } from '../dependencies-of.ts';
import { problem, refuseInvalid } from '../errors.ts';
import { idParam, json, jsonBody, ofBody, problems, session } from '../openapi/responses.ts';

const tags = ['API keys'];
const idOf = idParam('The key, as `GET /api/api-keys` lists it');

const list = createRoute({
  method: 'get',
  path: '/',
  tags,
  summary: "Your API keys, newest first; admins see the whole tenant's and may filter by user.",
  security: session,
  request: { query: apiKeysQuery },
  responses: {
    200: json(pageOf(apiKey), 'A page of keys, without their secrets'),
    ...problems('invalid_cursor'),
  },
});

const create = createRoute({
  method: 'post',
  path: '/',
  tags,
  summary: 'Makes an API key for you. Its secret is in this answer and nowhere else.',
  security: session,
  request: jsonBody(createApiKeyRequest, { name: 'My program' }),
  responses: {
    201: json(apiKeyWithSecret, 'The key and its secret'),
    ...problems(...ofBody, 'name_taken', 'too_many_api_keys'),
  },
});

const read = createRoute({
  method: 'get',
  path: '/{id}',
  tags,
  summary: "One API key: yours, or one of your tenant's if you are an admin.",
  security: session,
  request: { params: idOf },
  responses: { 200: json(apiKey, 'The key'), ...problems('not_found') },
});

const update = createRoute({
  method: 'patch',
  path: '/{id}',
  tags,
  summary: 'Changes a key of yours. Limits hold from its next execution on, the rest within a minute.',
  security: session,
  request: { params: idOf, ...jsonBody(apiKeyPatch) },
  responses: {
    200: json(apiKey, 'The key after it'),
    ...problems(...ofBody, 'api_key_ended', 'name_taken', 'not_found'),
  },
});

const rotate = createRoute({
  method: 'post',
  path: '/{id}/rotate',
  tags,
  summary: 'Gives a key of yours a new secret. The one before it goes on until previous_valid_until.',
  security: session,
  request: { params: idOf, ...jsonBody(rotateApiKeyRequest) },
  responses: {
    200: json(apiKeyWithSecret, 'The key and its new secret'),
    ...problems(...ofBody, 'api_key_ended', 'not_found'),
  },
});

const revoke = createRoute({
  method: 'delete',
  path: '/{id}',
  tags,
  summary: 'Revokes an API key for good, from the next request on. Admins may revoke any of their tenant.',
  security: session,
  request: { params: idOf },
  responses: { 204: { description: 'Revoked' }, ...problems('not_found') },
});

const modelNotAllowed = (c: RequestContext) => {
  const message = 'Your level does not allow all of these models. GET /api/ai/models lists those it allows.';
  return problem(c, 'invalid_request', {
    message,
    details: { in: 'json', issues: [{ field: 'allowed_models', rule: 'not_allowed', message }] },
  });
};

const nameTaken = (c: RequestContext) => problem(c, 'name_taken', { details: { field: 'name' } });

/** API keys. A key opens none of these: it cannot make or change keys. */
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
