import { createRoute, OpenAPIHono } from '@hono/zod-openapi';
import { listOf } from '../../../../contracts/api/paging.ts';
import { actingSession } from '../../../../contracts/api/tenant/acting-sessions.ts';
import { listActingSessions } from '../../../db/users/acting-sessions.ts';
import type { SessionEnv } from '../../app-env.ts';
import { dependenciesOf } from '../../dependencies-of.ts';
import { problem, refuseInvalid } from '../../errors.ts';
import { json, problems, session } from '../../openapi/responses.ts';

const list = createRoute({
  method: 'get',
  path: '/',
  operationId: 'listActingSessions',
  tags: ['Tenant'],
  summary: 'List the sessions of superadmins.',
  description:
    'Returns the sessions in which superadmins of the platform acted inside this tenant, newest first, 100 at most. Admins only.',
  security: session,
  responses: { 200: json(listOf(actingSession), 'The sessions.'), ...problems() },
});

/** Sessions of superadmins inside the tenant, for its admins. The database checks the role. */
export const actingSessionRoutes = new OpenAPIHono<SessionEnv>({ defaultHook: refuseInvalid }).openapi(
  list,
  async (c) => {
    const sessions = await listActingSessions(dependenciesOf(c).database, c.var.claims);
    return sessions.ok ? c.json({ items: sessions.value }, 200) : problem(c, sessions.failure.code);
  },
);
