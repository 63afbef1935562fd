import type { ChangeEmailRequest, UpdateProfileRequest } from '../../../../../contracts/api/account.ts';
import { api, ask } from '../../../lib/api-client.ts';

/** Changes of the caller's own account. The password is in AuthContext, because it begins another session. */

export const updateProfile = (request: UpdateProfileRequest) =>
  ask(api.auth.profile.$patch({ json: request }));
export const askForEmailChange = (request: ChangeEmailRequest) =>
  ask(api.auth.email.$post({ json: request }));
export const resendVerification = () => ask(api.auth['verify-email'].resend.$post());
