import { createRoute, OpenAPIHono } from '@hono/zod-openapi';
import { listOf } from '../../../contracts/api/paging.ts';
import { level, levelPatch, levelPolicyResponse, tokenPolicy } from '../../../contracts/api/policies.ts';
import { listLevels, updateLevel } from '../../db/levels.ts';
import { setLevelPolicy } from '../../levels/level-policy.ts';
import { invalidateUser } from '../../tenants/tenant-lookup.ts';
import type { SessionEnv } from '../app-env.ts';
import { dependenciesOf } from '../dependencies-of.ts';
import { problem, refuseInvalid } from '../errors.ts';
import { idParam, json, jsonBody, ofBody, problems, session } from '../openapi/responses.ts';

const tags = ['Levels'];
const idOf = idParam('The id of the level.');

const list = createRoute({
  method: 'get',
  path: '/',
  operationId: 'listLevels',
  tags,
  summary: 'List the levels.',
  description: 'Returns every level with its token policy and its number of users. Admins only.',
  security: session,
  responses: {
    200: json(listOf(level), 'All of them, in one page.'),
    ...problems(),
  },
});

const update = createRoute({
  method: 'patch',
  path: '/{id}',
  operationId: 'updateLevel',
  tags,
  summary: 'Update a level.',
  description: 'Sets the models its users may call. Takes effect within a minute. Admins only.',
  security: session,
  request: { params: idOf, ...jsonBody(levelPatch) },
  responses: { 200: json(level, 'The level after the change.'), ...problems(...ofBody, 'not_found') },
});

const setPolicy = createRoute({
  method: 'put',
  path: '/{id}/token-policy',
  operationId: 'setLevelTokenPolicy',
  tags,
  summary: "Set a level's token policy.",
  description:
    'Replaces the whole policy. Up to 100 wallets follow it before the response, the others soon after. Admins only.',
  security: session,
  request: { params: idOf, ...jsonBody(tokenPolicy) },
  responses: {
    200: json(levelPolicyResponse, 'The level and the progress of the change.'),
    ...problems(...ofBody, 'not_found'),
  },
});

/** Levels, for the tenant's admins. The database checks the role. */
export const levelRoutes = new OpenAPIHono<SessionEnv>({ defaultHook: refuseInvalid })
  .openapi(list, async (c) => {
    const levels = await listLevels(dependenciesOf(c).database, c.var.claims);
    return levels.ok ? c.json({ items: levels.value }, 200) : problem(c, levels.failure.code);
  })
  .openapi(update, async (c) => {
    const { id } = c.req.valid('param');
    const { database, requestId } = dependenciesOf(c);
    const changed = await updateLevel(database, c.var.claims, id, c.req.valid('json'), requestId);
    if (!changed.ok) return problem(c, changed.failure.code);
    const { tenantId: tenant_id, userId: user_id } = c.var.claims;
    await invalidateUser({ tenant_id, user_id });
    return c.json(changed.value, 200);
  })
  .openapi(setPolicy, async (c) => {
    const { id } = c.req.valid('param');
    const changed = await setLevelPolicy(dependenciesOf(c), c.var.claims, id, c.req.valid('json'));
    return changed.ok ? c.json(changed.value, 200) : problem(c, changed.failure.code);
  });
