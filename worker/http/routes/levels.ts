import { createRoute, OpenAPIHono } from '@hono/zod-openapi';
import { z } from 'zod';
import { level, levelPatch, levelPolicyResponse, tokenPolicy } from '../../../contracts/api/policies.ts';
import { listLevels, updateLevel } from '../../db/levels.ts';
import { setLevelPolicy } from '../../levels/level-policy.ts';
import { invalidateCaller } from '../../tenants/tenant-lookup.ts';
import type { SessionEnv } from '../app-env.ts';
import { dependenciesOf } from '../dependencies-of.ts';
import { problem, refuseInvalid } from '../errors.ts';
import { idParam, json, jsonBody, ofBody, problems, session } from '../openapi/responses.ts';

const tags = ['Levels'];
const idOf = idParam('The level, as `GET /api/levels` lists it');

const list = createRoute({
  method: 'get',
  path: '/',
  tags,
  summary: "The tenant's levels, their token policies and how many users are on each. Admins only.",
  security: session,
  responses: {
    200: json(z.object({ items: z.array(level).describe('Every level') }), 'All of them: they are few'),
    ...problems(),
  },
});

const update = createRoute({
  method: 'patch',
  path: '/{id}',
  tags,
  summary:
    "Says which models a level's users may call, by their public names; null is all. Within a minute everywhere. Admins only.",
  security: session,
  request: { params: idOf, ...jsonBody(levelPatch) },
  responses: { 200: json(level, 'The level after it'), ...problems(...ofBody, 'not_found') },
});

const setPolicy = createRoute({
  method: 'put',
  path: '/{id}/token-policy',
  tags,
  summary:
    "Sets the whole token policy of a level. A hundred of its users' wallets obey before the answer, the rest soon. Admins only.",
  security: session,
  request: { params: idOf, ...jsonBody(tokenPolicy) },
  responses: {
    200: json(levelPolicyResponse, 'The level, and how far the change has come'),
    ...problems(...ofBody, 'not_found'),
  },
});

/** Levels of the tenant, for its admins. Who may is decided in the database, from the role it holds. */
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
    await invalidateCaller(c.var.claims);
    return c.json(changed.value, 200);
  })
  .openapi(setPolicy, async (c) => {
    const { id } = c.req.valid('param');
    const changed = await setLevelPolicy(dependenciesOf(c), c.var.claims, id, c.req.valid('json'));
    return changed.ok ? c.json(changed.value, 200) : problem(c, changed.failure.code);
  });
