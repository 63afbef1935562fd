import { createRoute, OpenAPIHono } from '@hono/zod-openapi';
import { factorList } from '../../../../contracts/api/account/factors.ts';
import { readFactors, removeFactors } from '../../../identity/factors/factors-of-users.ts';
import type { SessionEnv } from '../../app-env.ts';
import { dependenciesOf } from '../../dependencies-of.ts';
import { problem, refuseInvalid } from '../../errors.ts';
import { idParam, json, problems, session } from '../../openapi/responses.ts';
import { tenantOrigin } from '../../tenant-origin.ts';

const tags = ['Users'];
const idOf = idParam('The id of the user.');

const list = createRoute({
  method: 'get',
  path: '/{id}/factors',
  operationId: 'listUserFactors',
  tags,
  summary: "List a user's second factors.",
  description: 'Returns their names and times. Admins only.',
  security: session,
  request: { params: idOf },
  responses: { 200: json(factorList, 'The factors.'), ...problems('not_found') },
});

const remove = createRoute({
  method: 'delete',
  path: '/{id}/factors',
  operationId: 'deleteUserFactors',
  'x-confirm': true,
  tags,
  summary: "Remove a user's second factors.",
  description:
    'For a user who lost their phone and their recovery codes. Removes the authenticator app, the passkeys and the recovery codes, ends every session, and mails the user. Make sure first that it is really them who asks. Admins only, and for others only.',
  security: session,
  request: { params: idOf },
  responses: { 204: { description: 'Removed.' }, ...problems('confirmation_required', 'not_found') },
});

/** Second factors of users, for the tenant's admins. */
export const userFactorRoutes = new OpenAPIHono<SessionEnv>({ defaultHook: refuseInvalid })
  .openapi(list, async (c) => {
    const factors = await readFactors(dependenciesOf(c), c.var.claims, c.req.valid('param').id);
    return factors.ok ? c.json(factors.value, 200) : problem(c, factors.failure.code);
  })
  .openapi(remove, async (c) => {
    const { id } = c.req.valid('param');
    const removed = await removeFactors(dependenciesOf(c), c.var.claims, id, tenantOrigin(c.var));
    return removed.ok ? c.body(null, 204) : problem(c, removed.failure.code);
  });
