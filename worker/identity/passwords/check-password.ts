import { fail, ok, type Result } from '../../../contracts/result.ts';
import type { FieldRefusal } from '../field-refusal.ts';
import { commonPasswords } from './common-passwords.ts';
import { refuseGuessable, wordsAbout } from './guessable.ts';

/** Whose password it will be. */
export type PasswordOwner = { email: string; name?: string | null | undefined; tenant_name: string };

/** Checks that a new password is not among the first that somebody would guess. Every way to set a password asks here. */
export async function checkPassword(
  password: string,
  { email, name, tenant_name }: PasswordOwner,
): Promise<Result<null, FieldRefusal>> {
  const common = await commonPasswords();
  const refusal = refuseGuessable(password, (text) => common.has(text), wordsAbout(email, name, tenant_name));
  return refusal === null ? ok(null) : fail({ code: 'field_refused', field: 'password', ...refusal });
}
