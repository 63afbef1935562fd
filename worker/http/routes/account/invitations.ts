import { createRoute, OpenAPIHono } from '@hono/zod-openapi';
import {
  createInvitationRequest,
  invitation,
  invitationWithLink,
} from '../../../../contracts/api/account/invitations.ts';
import { pageOf, pageParams } from '../../../../contracts/api/paging.ts';
import { listInvitations, saveInvitationRevocation } from '../../../db/users/invitations.ts';
import { createInvitation } from '../../../identity/invitations.ts';
import type { SessionEnv } from '../../app-env.ts';
import { dependenciesOf } from '../../dependencies-of.ts';
import { problem, refuseInvalid } from '../../errors.ts';
import { confirmationRefusal } from '../../middleware/confirmation.ts';
import { idParam, json, jsonBody, ofBody, problems, session } from '../../openapi/responses.ts';
import { tenantOrigin } from '../../tenant-origin.ts';

const tags = ['Users'];

const list = createRoute({
  method: 'get',
  path: '/',
  operationId: 'listInvitations',
  tags,
  summary: 'List the open invitations.',
  description: 'Returns the invitations of the tenant that can still be accepted. Admins only.',
  security: session,
  request: { query: pageParams },
  responses: {
    200: json(pageOf(invitation), 'A page of invitations, newest first.'),
    ...problems('invalid_cursor'),
  },
});

const create = createRoute({
  method: 'post',
  path: '/',
  operationId: 'createInvitation',
  tags,
  summary: 'Invite a user.',
  description:
    'Creates a link that makes one account, also where registration is closed. It is mailed to the person where the platform sends mail. An earlier invitation of the same email ends. An invitation to another role than `user` asks for a confirmation. Admins only.',
  security: session,
  request: jsonBody(createInvitationRequest, { email: 'grace@example.com', role: 'user' }),
  responses: {
    201: json(invitationWithLink, 'The invitation and its link.'),
    ...problems(...ofBody, 'confirmation_required', 'email_taken', 'mail_off', 'not_found'),
  },
});

const revoke = createRoute({
  method: 'delete',
  path: '/{id}',
  operationId: 'revokeInvitation',
  tags,
  summary: 'Revoke an invitation.',
  description: 'The link stops working at once. An accepted invitation is not found. Admins only.',
  security: session,
  request: { params: idParam('The id of the invitation.') },
  responses: { 204: { description: 'Revoked.' }, ...problems('not_found') },
});

/** Invitations, for the tenant's admins. The database checks the role. */
export const invitationRoutes = new OpenAPIHono<SessionEnv>({ defaultHook: refuseInvalid })
  .openapi(list, async (c) => {
    const page = await listInvitations(dependenciesOf(c).database, c.var.claims, c.req.valid('query'));
    return page.ok ? c.json(page.value, 200) : problem(c, page.failure.code);
  })
  .openapi(create, async (c) => {
    const request = c.req.valid('json');
    const unconfirmed = request.role === 'user' ? null : await confirmationRefusal(c);
    if (unconfirmed !== null) return unconfirmed;
    const created = await createInvitation(dependenciesOf(c), c.var.claims, request, tenantOrigin(c.var));
    if (created.ok) return c.json(created.value, 201);
    const { code } = created.failure;
    if (code === 'unknown_level') return problem(c, 'not_found', { details: { field: 'level_id' } });
    if (code === 'role_above_own')
      return problem(c, 'forbidden', {
        message: 'You cannot invite to a role above your own.',
        details: { field: 'role', rule: 'at_most_own' },
      });
    return code === 'email_taken'
      ? problem(c, code, {
          message: 'This tenant already has an account with this email.',
          details: { field: 'email' },
        })
      : problem(c, code);
  })
  .openapi(revoke, async (c) => {
    const { database, requestId } = dependenciesOf(c);
    const { id } = c.req.valid('param');
    const revoked = await saveInvitationRevocation(database, c.var.claims, id, requestId);
    return revoked.ok ? c.body(null, 204) : problem(c, revoked.failure.code);
  });
