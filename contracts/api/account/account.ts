import { z } from 'zod';
import { accountToken } from '../../account-token.ts';
import { emailAddress, newPassword, user, userName } from './auth.ts';
import { turnstileToken } from './turnstile.ts';

const currentPassword = z.string().min(1).max(1_024).describe('Your current password.');

/** Uses the token of a link. */
export const accountTokenRequest = z
  .strictObject({ token: accountToken })
  .meta({ id: 'AccountTokenRequest' });
export type AccountTokenRequest = z.infer<typeof accountTokenRequest>;

/** The account that a link changed. */
export const accountTokenResponse = z
  .object({ email: user.shape.email.describe('The email address of the account, in lower case.') })
  .meta({ id: 'AccountTokenResponse' });

/** Asks for a link to reset a password. */
export const passwordResetRequest = z
  .strictObject({ email: emailAddress, turnstile_token: turnstileToken })
  .meta({ id: 'PasswordResetRequest' });
export type PasswordResetRequest = z.infer<typeof passwordResetRequest>;

/** Asks for the link that verifies an address. */
export const verificationRequest = z
  .strictObject({ email: emailAddress })
  .meta({ id: 'VerificationRequest' });
export type VerificationRequest = z.infer<typeof verificationRequest>;

/** Sets a password by the token of a link. */
export const passwordResetConfirmation = z
  .strictObject({ token: accountToken, password: newPassword })
  .meta({ id: 'PasswordResetConfirmation' });
export type PasswordResetConfirmation = z.infer<typeof passwordResetConfirmation>;

/** Changes the caller's password. */
export const changePasswordRequest = z
  .strictObject({ current_password: currentPassword, password: newPassword })
  .meta({ id: 'ChangePasswordRequest' });
export type ChangePasswordRequest = z.infer<typeof changePasswordRequest>;

/** Asks for another email address of the caller's account. */
export const changeEmailRequest = z
  .strictObject({ email: emailAddress, password: currentPassword })
  .meta({ id: 'ChangeEmailRequest' });
export type ChangeEmailRequest = z.infer<typeof changeEmailRequest>;

/** Closes the caller's account. */
export const closeAccountRequest = z
  .strictObject({
    password: currentPassword.optional().describe('Your current password, if your account has one.'),
    email: emailAddress.optional().describe('Your email address, if your account has no password.'),
  })
  .refine(
    ({ password, email }) => (password === undefined) !== (email === undefined),
    'Send either the password or the email',
  )
  .meta({ id: 'CloseAccountRequest' });
export type CloseAccountRequest = z.infer<typeof closeAccountRequest>;

/** Changes the caller's profile. */
export const updateProfileRequest = z
  .strictObject({ name: userName.nullable().describe("The user's display name. Null removes it.") })
  .meta({ id: 'UpdateProfileRequest' });
export type UpdateProfileRequest = z.infer<typeof updateProfileRequest>;
