import { mutationOptions } from '@tanstack/react-query';
import type { CreateInvitationRequest } from '../../../../../contracts/api/account/invitations.ts';
import { api, ask } from '../../../lib/api-client.ts';
import { pagedOptions, pageQuery } from '../../../lib/paging.ts';

const INVITATIONS_KEY = ['invitations'];
const meta = { invalidates: [INVITATIONS_KEY] };

/** The invitations of the tenant that can be accepted. */
export const invitationsQuery = pagedOptions(INVITATIONS_KEY, (cursor) =>
  ask(api.invitations.$get({ query: pageQuery(cursor) })),
);

const postInvitation = (request: CreateInvitationRequest) => ask(api.invitations.$post({ json: request }));

/** Invites somebody. The answer has the link, which is shown once. */
export const createInvitation = mutationOptions({ mutationFn: postInvitation, meta });

/** Makes a new link for an invitation. The earlier one ends. */
export const renewInvitation = (request: CreateInvitationRequest) =>
  mutationOptions({ mutationFn: () => postInvitation(request), meta });

export const revokeInvitation = (id: string) =>
  mutationOptions({ mutationFn: () => ask(api.invitations[':id'].$delete({ param: { id } })), meta });
