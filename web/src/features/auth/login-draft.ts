import type { LoginRequest } from '../../../../contracts/api/account/auth.ts';
import type { FormRead } from '../../lib/form-errors.ts';

/** The login form while it is filled in. Pure. It has no schema, since the login page is loaded without the library of schemas. */

export type LoginDraft = { email: string; password: string };
export const loginFields = ['email', 'password'] as const;

export const emptyLogin: LoginDraft = { email: '', password: '' };

/** Returns the request, or an error for what is missing. The API checks the rest. */
export function readLogin({ email, password }: LoginDraft): FormRead<LoginRequest, keyof LoginDraft> {
  const address = email.trim();
  const isAddress = /^\S+@\S+$/.test(address);
  if (isAddress && password !== '') return { ok: true, value: { email: address, password } };
  return {
    ok: false,
    errors: {
      ...(!isAddress && { email: 'Enter your email address' }),
      ...(password === '' && { password: 'Enter your password' }),
    },
  };
}
