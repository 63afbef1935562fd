import { mutationOptions } from '@tanstack/react-query';
import type { ChangeEmailRequest, UpdateProfileRequest } from '../../../../../contracts/api/account.ts';
import { api, ask } from '../../../lib/api-client.ts';
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
