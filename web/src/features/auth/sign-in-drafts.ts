import {
  type LoginRequest,
  loginRequest,
  newPassword,
  type RegisterRequest,
  registerRequest,
} from '../../../../contracts/api/auth.ts';
import { type FormRead, readForm } from '../../lib/form-errors.ts';

/** The login and registration forms while they are filled in. Pure. */

export type LoginDraft = { email: string; password: string };
export const loginFields = ['email', 'password'] as const;

export const emptyLogin: LoginDraft = { email: '', password: '' };

export const readLogin = (draft: LoginDraft): FormRead<LoginRequest, keyof LoginDraft> =>
  readForm(loginRequest, draft, { email: 'Enter your email address', password: 'Enter your password' });

export type RegistrationDraft = LoginDraft & { name: string };
export const registrationFields = ['name', 'email', 'password'] as const;

export const emptyRegistration: RegistrationDraft = { name: '', email: '', password: '' };

export const PASSWORD_RULE = `Use at least ${newPassword.minLength} characters`;

/** An empty name is left out. */
export const readRegistration = ({
  name,
  ...draft
}: RegistrationDraft): FormRead<RegisterRequest, keyof RegistrationDraft> =>
  readForm(
    registerRequest,
    { ...draft, ...(name.trim() === '' ? {} : { name }) },
    {
      name: 'Use at most 100 characters',
      email: 'Enter an email address',
      password: PASSWORD_RULE,
    },
  );
