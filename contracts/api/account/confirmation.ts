import { z } from 'zod';
import { passkeyProof } from './factors.ts';

/** Proves again who the caller is: by the password, a code of the app or a recovery code, or a passkey. */
export const confirmRequest = z
  .union([
    z
      .strictObject({ password: z.string().min(1).max(1_024).describe('Your password.') })
      .meta({ id: 'ConfirmByPassword' }),
    z
      .strictObject({
        code: z
          .string()
          .trim()
          .min(6)
          .max(40)
          .describe('A code of your authenticator app, or a recovery code.'),
      })
      .meta({ id: 'ConfirmByCode' }),
    z
      .strictObject({ passkey: passkeyProof.describe('The answer of one of your passkeys.') })
      .meta({ id: 'ConfirmByPasskey' }),
  ])
  .meta({ id: 'ConfirmRequest' });
export type ConfirmRequest = z.infer<typeof confirmRequest>;
