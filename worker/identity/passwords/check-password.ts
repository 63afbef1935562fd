import { fail, ok, type Result } from '../../../contracts/result.ts';
import type { FieldRefusal } from '../field-refusal.ts';
import { commonPasswords } from './common-passwords.ts';
import { refuseGuessable, wordsAbout } from './guessable.ts';

/** The user whose password it will be. A link that resets one does not say whose it is. */
export type PasswordOwner = { email: string | null; name?: string | null | undefined; tenant_name: string };

/** Checks that a new password is not among the first that somebody would guess. Every way to set a password asks here. */
export async function checkPassword(
  password: string,
  { email, name, tenant_name }: PasswordOwner,
): Promise<Result<null, FieldRefusal>> {
  const common = await commonPasswords();
  const refusal = refuseGuessable(password, (text) => common.has(text), wordsAbout(email, name, tenant_name));
  return refusal === null ? ok(null) : fail({ code: 'field_refused', field: 'password', ...refusal });
}
