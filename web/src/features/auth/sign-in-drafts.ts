import {
  type PasswordResetConfirmation,
  type PasswordResetRequest,
  passwordResetConfirmation,
  passwordResetRequest,
} from '../../../../contracts/api/account/account.ts';
import {
  newPassword,
  type RegisterRequest,
  registerRequest,
} from '../../../../contracts/api/account/auth.ts';
import {
  type AcceptInvitationRequest,
  acceptInvitationRequest,
} from '../../../../contracts/api/account/invitations.ts';
import { type FormRead, readForm } from '../../lib/form-errors.ts';
import type { LoginDraft } from './login-draft.ts';

/** The registration and password forms while they are filled in. Pure. */

export type RegistrationDraft = LoginDraft & { name: string };
export const registrationFields = ['name', 'email', 'password'] as const;

export const emptyRegistration: RegistrationDraft = { name: '', email: '', password: '' };

export const PASSWORD_RULE = `Use at least ${newPassword.minLength} characters`;

export type ForgottenDraft = { email: string };
export const forgottenFields = ['email'] as const;
export const emptyForgotten: ForgottenDraft = { email: '' };

export const readForgotten = (draft: ForgottenDraft): FormRead<PasswordResetRequest, 'email'> =>
  readForm(passwordResetRequest, draft, { email: 'Enter your email address' });

export type NewPasswordDraft = { password: string };
export const newPasswordFields = ['password'] as const;
export const emptyNewPassword: NewPasswordDraft = { password: '' };

export const readNewPassword = (
  token: string,
  draft: NewPasswordDraft,
): FormRead<PasswordResetConfirmation, 'password'> =>
  readForm(passwordResetConfirmation, { token, ...draft }, { password: PASSWORD_RULE });

const namedDraft = <Draft extends { name: string }>({ name, ...draft }: Draft) => ({
  ...draft,
  ...(name.trim() === '' ? {} : { name }),
});
const NAME_RULE = 'Use at most 100 characters';

/** An empty name is left out. */
export const readRegistration = (
  draft: RegistrationDraft,
): FormRead<RegisterRequest, keyof RegistrationDraft> =>
  readForm(registerRequest, namedDraft(draft), {
    name: NAME_RULE,
    email: 'Enter an email address',
    password: PASSWORD_RULE,
  });

export type AcceptanceDraft = { name: string; password: string };
export const acceptanceFields = ['name', 'password'] as const;

export const emptyAcceptance: AcceptanceDraft = { name: '', password: '' };

/** An empty name is left out. */
export const readAcceptance = (
  token: string,
  draft: AcceptanceDraft,
): FormRead<AcceptInvitationRequest, keyof AcceptanceDraft> =>
  readForm(
    acceptInvitationRequest,
    { token, ...namedDraft(draft) },
    { name: NAME_RULE, password: PASSWORD_RULE },
  );
