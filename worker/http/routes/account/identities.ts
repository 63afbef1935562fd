import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import { waysToSignIn } from '../../../../contracts/api/account/sign-in.ts';
import { resourceId } from '../../../../contracts/resource-id.ts';
import { getWaysToSignIn, unlinkIdentity } from '../../../db/users/identities.ts';
import type { SessionEnv } from '../../app-env.ts';
import { dependenciesOf } from '../../dependencies-of.ts';
import { problem, refuseInvalid } from '../../errors.ts';
import { json, problems, session } from '../../openapi/responses.ts';

const tags = ['Identity'];

const list = createRoute({
  method: 'get',
  path: '/identities',
  operationId: 'getWaysToSignIn',
  tags,
  summary: 'Retrieve your ways to sign in.',
  description: 'Returns whether your account has a password, and your accounts at identity providers.',
  security: session,
  responses: { 200: json(waysToSignIn, 'Your ways to sign in.'), ...problems() },
});

const unlink = createRoute({
  method: 'delete',
  path: '/identities/{provider_id}',
  operationId: 'unlinkIdentity',
  tags,
  summary: 'Unlink an identity.',
  description: 'Refused if you could not sign in any more. Sessions that began with it go on.',
  security: session,
  request: { params: z.object({ provider_id: resourceId.describe('The id of the identity provider.') }) },
  responses: { 204: { description: 'Unlinked.' }, ...problems('last_way_to_sign_in', 'not_found') },
});

/** The caller's accounts at identity providers. */
export const identityRoutes = new OpenAPIHono<SessionEnv>({ defaultHook: refuseInvalid })
  .openapi(list, async (c) => {
    const ways = await getWaysToSignIn(dependenciesOf(c).database, c.var.claims);
    return ways.ok ? c.json(ways.value, 200) : problem(c, ways.failure.code);
  })
  .openapi(unlink, async (c) => {
    const { database, requestId } = dependenciesOf(c);
    const { provider_id } = c.req.valid('param');
    const unlinked = await unlinkIdentity(database, c.var.claims, provider_id, requestId);
    return unlinked.ok ? c.body(null, 204) : problem(c, unlinked.failure.code);
  });
