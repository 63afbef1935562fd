import type {
  AccountTokenRequest,
  PasswordResetConfirmation,
  PasswordResetRequest,
  VerificationRequest,
} from '../../../../../contracts/api/account/account.ts';
import { api, ask } from '../../../lib/api-client.ts';

/** Uses of the links in mails, without a session. */

export const askForPasswordReset = (request: PasswordResetRequest) =>
  ask(api.auth['password-reset'].$post({ json: request }));
export const askForVerification = (request: VerificationRequest) =>
  ask(api.auth['verify-email'].request.$post({ json: request }));
export const resetPassword = (request: PasswordResetConfirmation) =>
  ask(api.auth['password-reset'].confirm.$post({ json: request }));
export const verifyEmail = (request: AccountTokenRequest) =>
  ask(api.auth['verify-email'].$post({ json: request }));
export const confirmEmail = (request: AccountTokenRequest) =>
  ask(api.auth.email.confirm.$post({ json: request }));
