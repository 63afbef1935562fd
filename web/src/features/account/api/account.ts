import { mutationOptions, queryOptions } from '@tanstack/react-query';
import type {
  ChangeEmailRequest,
  UpdateProfileRequest,
} from '../../../../../contracts/api/account/account.ts';
import { api, ask, askFile } from '../../../lib/api-client.ts';
import { pagedOptions, pageQuery } from '../../../lib/paging.ts';

/** Changes of the caller's own account. The password is in AuthContext, because it begins another session. */

export const updateProfile = (request: UpdateProfileRequest) =>
  ask(api.auth.profile.$patch({ json: request }));
export const askForEmailChange = (request: ChangeEmailRequest) =>
  ask(api.auth.email.$post({ json: request }));
export const resendVerification = () => ask(api.auth['verify-email'].resend.$post());

const SESSIONS_KEY = ['sessions'];

/** The sessions of the caller that are signed in, newest first. */
export const sessionsQuery = pagedOptions(SESSIONS_KEY, (cursor) =>
  ask(api.auth.sessions.$get({ query: pageQuery(cursor) })),
);
export const endSession = (id: string) =>
  mutationOptions({
    mutationFn: () => ask(api.auth.sessions[':id'].$delete({ param: { id } })),
    meta: { invalidates: [SESSIONS_KEY] },
  });

const WAYS_KEY = ['ways-to-sign-in'] as const;

/** The ways in which the user can sign in. */
export const waysToSignInQuery = queryOptions({
  queryKey: WAYS_KEY,
  queryFn: () => ask(api.auth.identities.$get()),
});

export const unlinkIdentity = (provider_id: string) =>
  mutationOptions({
    mutationFn: () => ask(api.auth.identities[':provider_id'].$delete({ param: { provider_id } })),
    meta: { invalidates: [WAYS_KEY] },
  });

/** Downloads all that is kept of the user. */
export const downloadAccount = mutationOptions({ mutationFn: () => askFile(api.auth.export.$get()) });
