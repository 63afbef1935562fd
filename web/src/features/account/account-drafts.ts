import {
  type ChangeEmailRequest,
  type ChangePasswordRequest,
  type CloseAccountRequest,
  changeEmailRequest,
  changePasswordRequest,
  closeAccountRequest,
  type UpdateProfileRequest,
  updateProfileRequest,
} from '../../../../contracts/api/account/account.ts';
import { newPassword } from '../../../../contracts/api/account/auth.ts';
import { type FormRead, readForm } from '../../lib/form-errors.ts';

/** The forms of the account page while they are filled in. Pure. */

export type ProfileDraft = { name: string };
export const profileFields = ['name'] as const;

/** An empty name removes it. */
export const readProfile = ({ name }: ProfileDraft): FormRead<UpdateProfileRequest, 'name'> =>
  readForm(
    updateProfileRequest,
    { name: name.trim() === '' ? null : name },
    { name: 'Use at most 100 characters' },
  );

export type PasswordDraft = { current_password: string; password: string };
export const passwordFields = ['current_password', 'password'] as const;
export const emptyPassword: PasswordDraft = { current_password: '', password: '' };

export const PASSWORD_RULE = `Use at least ${newPassword.minLength} characters`;

export const readPassword = (draft: PasswordDraft): FormRead<ChangePasswordRequest, keyof PasswordDraft> =>
  readForm(changePasswordRequest, draft, {
    current_password: 'Enter your current password',
    password: PASSWORD_RULE,
  });

export type EmailDraft = { email: string; password: string };
export const emailFields = ['email', 'password'] as const;
export const emptyEmail: EmailDraft = { email: '', password: '' };

export const readEmail = (draft: EmailDraft): FormRead<ChangeEmailRequest, keyof EmailDraft> =>
  readForm(changeEmailRequest, draft, {
    email: 'Enter an email address',
    password: 'Enter your current password',
  });

export type ClosingDraft = { password: string; email: string };
export const closingFields = ['password', 'email'] as const;
export const emptyClosing: ClosingDraft = { password: '', email: '' };

/** Asks for the password, or for the address of an account without one. */
export const readClosing = (
  { password, email }: ClosingDraft,
  hasPassword: boolean,
): FormRead<CloseAccountRequest, keyof ClosingDraft> =>
  readForm(closeAccountRequest, hasPassword ? { password } : { email }, {
    password: 'Enter your current password',
    email: 'Enter your email address',
  });
