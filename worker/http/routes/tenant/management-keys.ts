import { createRoute, OpenAPIHono } from '@hono/zod-openapi';
import { pageOf, pageParams } from '../../../../contracts/api/paging.ts';
import {
  createManagementKeyRequest,
  managementKey,
  managementKeyWithSecret,
  rotateManagementKeyRequest,
} from '../../../../contracts/api/tenant/management-keys.ts';
import { createManagementKey, rotateManagementKey } from '../../../api-keys/management-keys.ts';
import { listManagementKeys, saveManagementKeyRevocation } from '../../../db/tenants/management-keys.ts';
import type { SessionEnv } from '../../app-env.ts';
import { dependenciesOf } from '../../dependencies-of.ts';
import { problem, refuseInvalid } from '../../errors.ts';
import { idParam, json, jsonBody, ofBody, problems, session } from '../../openapi/responses.ts';

const tags = ['Management keys'];
const idOf = idParam('The id of the key.');

const list = createRoute({
  method: 'get',
  path: '/',
  operationId: 'listManagementKeys',
  tags,
  summary: 'List the management keys.',
  description: 'Returns the keys of the tenant, the newest first, without secrets. Admins only.',
  security: session,
  request: { query: pageParams },
  responses: { 200: json(pageOf(managementKey), 'A page of keys.'), ...problems('invalid_cursor') },
});

const create = createRoute({
  method: 'post',
  path: '/',
  operationId: 'createManagementKey',
  'x-confirm': true,
  tags,
  summary: 'Create a management key.',
  description:
    'A key belongs to the tenant: it works when the admin who created it is gone. The secret is returned only in this response. Store it safely. Admins only.',
  security: session,
  request: jsonBody(createManagementKeyRequest, {
    name: 'Our shop',
    scopes: ['users:write', 'wallets:write'],
  }),
  responses: {
    201: json(managementKeyWithSecret, 'The key and its secret.'),
    ...problems(...ofBody, 'confirmation_required', 'name_taken', 'too_many_api_keys'),
  },
});

const rotate = createRoute({
  method: 'post',
  path: '/{id}/rotate',
  operationId: 'rotateManagementKey',
  'x-confirm': true,
  tags,
  summary: 'Rotate the secret of a management key.',
  description:
    'Returns a new secret, once. The previous one keeps working for a while, so that your servers can change over. Admins only.',
  security: session,
  request: { params: idOf, ...jsonBody(rotateManagementKeyRequest) },
  responses: {
    200: json(managementKeyWithSecret, 'The key and its new secret.'),
    ...problems(...ofBody, 'api_key_ended', 'confirmation_required', 'not_found'),
  },
});

const revoke = createRoute({
  method: 'delete',
  path: '/{id}',
  operationId: 'revokeManagementKey',
  tags,
  summary: 'Revoke a management key.',
  description: 'Ends all secrets of the key with the next request. It cannot be undone. Admins only.',
  security: session,
  request: { params: idOf },
  responses: { 204: { description: 'Revoked.' }, ...problems('not_found') },
});

/** Management keys, for the tenant's own admins. The database checks the role. */
export const managementKeyRoutes = new OpenAPIHono<SessionEnv>({ defaultHook: refuseInvalid })
  .openapi(list, async (c) => {
    const page = await listManagementKeys(dependenciesOf(c).database, c.var.claims, c.req.valid('query'));
    return page.ok ? c.json(page.value, 200) : problem(c, page.failure.code);
  })
  .openapi(create, async (c) => {
    const created = await createManagementKey(dependenciesOf(c), c.var.claims, c.req.valid('json'));
    if (created.ok) return c.json(created.value, 201);
    const { code } = created.failure;
    if (code === 'name_taken') return problem(c, code, { details: { field: 'name' } });
    return code === 'too_many_api_keys'
      ? problem(c, code, {
          message: 'A tenant has at most 50 management keys. Revoke one that you no longer need.',
        })
      : problem(c, code);
  })
  .openapi(rotate, async (c) => {
    const { grace_s } = c.req.valid('json');
    const { id } = c.req.valid('param');
    const rotated = await rotateManagementKey(dependenciesOf(c), c.var.claims, id, grace_s);
    return rotated.ok ? c.json(rotated.value, 200) : problem(c, rotated.failure.code);
  })
  .openapi(revoke, async (c) => {
    const { database, requestId } = dependenciesOf(c);
    const { id } = c.req.valid('param');
    const revoked = await saveManagementKeyRevocation(database, c.var.claims, id, requestId);
    return revoked.ok ? c.body(null, 204) : problem(c, revoked.failure.code);
  });
