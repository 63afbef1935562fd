import { createRoute, OpenAPIHono } from '@hono/zod-openapi';
import { session as sessionShape } from '../../../../contracts/api/account/sessions.ts';
import { pageOf, pageParams } from '../../../../contracts/api/paging.ts';
import { listSessions } from '../../../db/users/sessions.ts';
import { endSession } from '../../../identity/own-account.ts';
import type { SessionEnv } from '../../app-env.ts';
import { dependenciesOf } from '../../dependencies-of.ts';
import { problem, refuseInvalid } from '../../errors.ts';
import { idParam, json, problems, session } from '../../openapi/responses.ts';

const tags = ['Identity'];

const list = createRoute({
  method: 'get',
  path: '/sessions',
  operationId: 'listSessions',
  tags,
  summary: 'List your sessions.',
  description:
    'Returns the sessions that are signed in now, the newest first, with the place they were started from.',
  security: session,
  request: { query: pageParams },
  responses: { 200: json(pageOf(sessionShape), 'A page of sessions.'), ...problems('invalid_cursor') },
});

const endCurrent = createRoute({
  method: 'delete',
  path: '/sessions/current',
  operationId: 'endCurrentSession',
  tags,
  summary: 'Sign out here.',
  description:
    'Ends the session of this request and keeps the others. `POST /api/auth/logout` ends all of them.',
  security: session,
  responses: { 204: { description: 'Ended.' }, ...problems('not_found') },
});

const end = createRoute({
  method: 'delete',
  path: '/sessions/{id}',
  operationId: 'endSession',
  tags,
  summary: 'Sign out one session.',
  description: 'The token of the session stops working at once. Executions that have begun go on.',
  security: session,
  request: { params: idParam('The id of the session.') },
  responses: { 204: { description: 'Ended.' }, ...problems('not_found') },
});

/** The caller's sessions. */
export const ownSessionRoutes = new OpenAPIHono<SessionEnv>({ defaultHook: refuseInvalid })
  .openapi(list, async (c) => {
    const listed = await listSessions(dependenciesOf(c).database, c.var.claims, c.req.valid('query'));
    return listed.ok ? c.json(listed.value, 200) : problem(c, listed.failure.code);
  })
  .openapi(endCurrent, async (c) => {
    const { claims } = c.var;
    if (claims.sessionId === undefined) return problem(c, 'not_found');
    const ended = await endSession(dependenciesOf(c), claims, claims.sessionId);
    return ended.ok ? c.body(null, 204) : problem(c, ended.failure.code);
  })
  .openapi(end, async (c) => {
    const ended = await endSession(dependenciesOf(c), c.var.claims, c.req.valid('param').id);
    return ended.ok ? c.body(null, 204) : problem(c, ended.failure.code);
  });
