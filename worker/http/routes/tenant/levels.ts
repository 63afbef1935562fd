import { createRoute, OpenAPIHono } from '@hono/zod-openapi';
import { listOf } from '../../../../contracts/api/paging.ts';
import {
  createLevelRequest,
  level,
  levelOrder,
  levelPatch,
  levelPolicyResponse,
  offeredFeature,
} from '../../../../contracts/api/tenant/levels.ts';
import { tokenPolicy } from '../../../../contracts/api/tenant/policies.ts';
import { insertLevel, orderLevels, updateLevel } from '../../../db/levels/level-changes.ts';
import { listLevels } from '../../../db/levels/levels.ts';
import { setLevelPolicy } from '../../../levels/level-policy.ts';
import { offeredFeatures } from '../../../levels/offered-features.ts';
import { invalidateLevel, invalidateTenant } from '../../../tenants/tenant-lookup.ts';
import type { SessionEnv } from '../../app-env.ts';
import { dependenciesOf } from '../../dependencies-of.ts';
import { problem, refuseInvalid } from '../../errors.ts';
import { idParam, json, jsonBody, ofBody, problems, session } from '../../openapi/responses.ts';

const tags = ['Levels'];
const idOf = idParam('The id of the level.');
const levelList = listOf(level);

const list = createRoute({
  method: 'get',
  path: '/',
  operationId: 'listLevels',
  tags,
  summary: 'List the levels.',
  description:
    'Returns every level in the order of the tenant, archived ones last, with its features, its token policy and its number of users. Admins only.',
  security: session,
  responses: {
    200: json(levelList, 'All of them, in one page.'),
    ...problems(),
  },
});

const create = createRoute({
  method: 'post',
  path: '/',
  operationId: 'createLevel',
  tags,
  summary: 'Create a level.',
  description: 'Adds a level after the others. Nobody is on it yet. Admins only.',
  security: session,
  request: jsonBody(createLevelRequest, { name: 'Pro' }),
  responses: {
    201: json(level, 'The new level.'),
    ...problems(...ofBody, 'name_taken', 'too_many_levels'),
  },
});

const update = createRoute({
  method: 'patch',
  path: '/{id}',
  operationId: 'updateLevel',
  tags,
  summary: 'Update a level.',
  description:
    'Renames a level, sets its models, its features and its output limit, makes it the default, archives or restores it. Takes effect within a minute. Admins only.',
  security: session,
  request: { params: idOf, ...jsonBody(levelPatch) },
  responses: {
    200: json(level, 'The level after the change.'),
    ...problems(...ofBody, 'level_archived', 'level_is_default', 'name_taken', 'not_found'),
  },
});

const order = createRoute({
  method: 'put',
  path: '/order',
  operationId: 'orderLevels',
  tags,
  summary: 'Order the levels.',
  description: 'Sets the order in which levels are listed. Archived levels stay at the end. Admins only.',
  security: session,
  request: jsonBody(levelOrder),
  responses: { 200: json(levelList, 'All levels in their new order.'), ...problems(...ofBody) },
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
    ...problems(...ofBody, 'not_found', 'self_made_changes_off'),
  },
});

const listFeatures = createRoute({
  method: 'get',
  path: '/',
  operationId: 'listFeatures',
  tags,
  summary: 'List the features.',
  description: 'Returns the features you have, and the levels that offer each. Up to a minute old.',
  security: session,
  responses: { 200: json(listOf(offeredFeature), 'All features.'), ...problems() },
});

/** Levels, for the tenant's admins. The database checks the role. */
export const levelRoutes = new OpenAPIHono<SessionEnv>({ defaultHook: refuseInvalid })
  .openapi(list, async (c) => {
    const levels = await listLevels(dependenciesOf(c).database, c.var.claims);
    return levels.ok ? c.json({ items: levels.value }, 200) : problem(c, levels.failure.code);
  })
  .openapi(create, async (c) => {
    const { database, requestId } = dependenciesOf(c);
    const created = await insertLevel(database, c.var.claims, c.req.valid('json'), requestId);
    if (created.ok) {
      await invalidateTenant([{ slug: c.var.tenant.slug }, c.var.tenantKey]);
      return c.json(created.value, 201);
    }
    const { failure } = created;
    return failure.code === 'name_taken'
      ? problem(c, failure.code, { details: { field: failure.field, rule: 'unique' } })
      : problem(c, failure.code);
  })
  .openapi(order, async (c) => {
    const { database, requestId } = dependenciesOf(c);
    const ordered = await orderLevels(database, c.var.claims, c.req.valid('json').ids, requestId);
    if (ordered.ok) {
      await invalidateTenant([{ slug: c.var.tenant.slug }, c.var.tenantKey]);
      return c.json({ items: ordered.value }, 200);
    }
    const { failure } = ordered;
    if (failure.code !== 'incomplete_order') return problem(c, failure.code);
    const message = 'must name every level that is not archived, and no other';
    const { missing, unknown } = failure;
    return problem(c, 'invalid_request', {
      message: `ids: ${message}`,
      details: { in: 'json', issues: [{ field: 'ids', rule: 'all_levels', message }], missing, unknown },
    });
  })
  .openapi(update, async (c) => {
    const { id } = c.req.valid('param');
    const { database, requestId } = dependenciesOf(c);
    const changed = await updateLevel(database, c.var.claims, id, c.req.valid('json'), requestId);
    if (changed.ok) {
      await Promise.all([
        invalidateTenant([{ slug: c.var.tenant.slug }, c.var.tenantKey]),
        invalidateLevel(id),
      ]);
      return c.json(changed.value, 200);
    }
    const { failure } = changed;
    switch (failure.code) {
      case 'name_taken':
        return problem(c, failure.code, { details: { field: failure.field, rule: 'unique' } });
      case 'level_is_default':
        return problem(c, failure.code, { details: { field: 'archived', rule: failure.code } });
      case 'level_archived':
        return problem(c, failure.code, { details: { field: 'is_default', rule: failure.code } });
      default:
        return problem(c, failure.code);
    }
  })
  .openapi(setPolicy, async (c) => {
    const { id } = c.req.valid('param');
    const changed = await setLevelPolicy(dependenciesOf(c), c.var.claims, id, c.req.valid('json'));
    if (changed.ok) return c.json(changed.value, 200);
    const { code } = changed.failure;
    return code === 'self_made_changes_off'
      ? problem(c, code, {
          message: 'You are on this level. An administrator on another level has to change its policy.',
        })
      : problem(c, code);
  });

/** The features, for everyone. */
export const featureRoutes = new OpenAPIHono<SessionEnv>({ defaultHook: refuseInvalid }).openapi(
  listFeatures,
  async (c) => {
    const offered = await offeredFeatures(dependenciesOf(c), c.var.tenant, c.var.claims);
    return offered.ok ? c.json({ items: offered.value }, 200) : problem(c, offered.failure.code);
  },
);
