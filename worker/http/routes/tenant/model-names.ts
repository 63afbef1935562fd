import { createRoute, OpenAPIHono } from '@hono/zod-openapi';
import { z } from 'zod';
import { publicModelName, setModelNameRequest } from '../../../../contracts/api/model-names.ts';
import { listOf } from '../../../../contracts/api/paging.ts';
import { askedModel } from '../../../../contracts/catalog/model-routing.ts';
import { listModelNames, setModelName } from '../../../db/catalog/model-names.ts';
import type { SessionEnv } from '../../app-env.ts';
import { dependenciesOf } from '../../dependencies-of.ts';
import { problem, refuseInvalid } from '../../errors.ts';
import { json, jsonBody, ofBody, problems, session } from '../../openapi/responses.ts';

const tags = ['Models'];

const list = createRoute({
  method: 'get',
  path: '/',
  operationId: 'listModelNames',
  tags,
  summary: 'List the public names of models.',
  description:
    'Returns each name with its aliases, and the order in which its models are tried. Admins only.',
  security: session,
  responses: { 200: json(listOf(publicModelName), 'All names, sorted.'), ...problems() },
});

const set = createRoute({
  method: 'put',
  path: '/{name}',
  operationId: 'setModelName',
  tags,
  summary: 'Set the aliases and the routing of a name.',
  description:
    "Replaces your own aliases of the name, and sets the order in which its models are tried. A tenant's settings for a platform model apply in this tenant only. Admins only.",
  security: session,
  request: {
    params: z.object({ name: askedModel.describe('The public name, which can contain slashes.') }),
    ...jsonBody(setModelNameRequest, {
      aliases: ['gpt-5.4-mini-2026-03-17'],
      strategy: 'priority',
      keeps_provider: false,
    }),
  },
  responses: {
    200: json(publicModelName, 'The name with its settings after the change.'),
    ...problems(...ofBody, 'name_taken', 'not_found'),
  },
});

/** The public names of models, for the tenant's admins and, on the platform, for superadmins. The database checks the role. */
export const modelNameRoutes = new OpenAPIHono<SessionEnv>({ defaultHook: refuseInvalid })
  .openapi(list, async (c) => {
    const names = await listModelNames(dependenciesOf(c).database, c.var.claims);
    return names.ok ? c.json({ items: names.value }, 200) : problem(c, names.failure.code);
  })
  .openapi(set, async (c) => {
    const { database, requestId } = dependenciesOf(c);
    const { name } = c.req.valid('param');
    const changed = await setModelName(database, c.var.claims, name, c.req.valid('json'), requestId);
    if (changed.ok) return c.json(changed.value, 200);
    const { code } = changed.failure;
    if (code !== 'name_taken') return problem(c, code);
    return problem(c, code, {
      message: 'An alias is the name of a model, or an alias of another one. Choose another alias.',
      details: { field: 'aliases', rule: 'taken' },
    });
  });
