import { z } from 'zod';
import { resourceId } from '../../resource-id.ts';
import { isStorable, STORABLE_RULE } from '../../storable-text.ts';
import { authResponse } from './auth.ts';

/** Second factors of accounts: an authenticator app, passkeys, and codes for when both are lost. */

/** The kinds of second factors. */
export const factorKind = z
  .enum(['totp', 'passkey'])
  .describe(
    'The kind of the factor: `totp`: an authenticator app, whose codes change every 30 seconds; `passkey`: a key in a device or a password manager.',
  )
  .meta({ id: 'FactorKind' });

/** The ways to prove a second factor. */
export const secondFactorMethod = z
  .enum(['totp', 'recovery_code', 'passkey'])
  .meta({ id: 'SecondFactorMethod' });
export type SecondFactorMethod = z.infer<typeof secondFactorMethod>;

const factorName = z
  .string()
  .trim()
  .min(1)
  .max(60)
  .refine(isStorable, STORABLE_RULE)
  .describe('A name by which you know the factor again.');

/** A second factor as its user and their admins see it. */
export const factor = z
  .object({
    id: resourceId.describe('The id of the factor.'),
    kind: factorKind,
    name: z
      .string()
      .describe('The name of the factor.')
      .meta({ examples: ['Work laptop'] }),
    hostname: z
      .string()
      .nullable()
      .describe('The hostname at which a passkey works. Null for an authenticator app, which works at all.'),
    created_at: z.iso.datetime().describe('The time the factor was added.'),
    last_used_at: z.iso
      .datetime()
      .nullable()
      .describe('The time of the last sign-in with the factor. Null if there was none.'),
  })
  .meta({ id: 'Factor' });
export type Factor = z.infer<typeof factor>;

/** All second factors of a user. */
export const factorList = z
  .object({
    factors: z.array(factor).describe('The factors, the oldest first.'),
    recovery_codes_left: z.int().describe('The number of recovery codes that were not used.'),
    required: z.boolean().describe('True if the tenant requires a second factor of this user.'),
  })
  .meta({ id: 'FactorList' });
export type FactorList = z.infer<typeof factorList>;

/** New recovery codes. */
const recoveryCodes = z
  .array(z.string())
  .describe('The recovery codes, each of which replaces a second factor once. Only shown in this response.')
  .meta({ examples: [['7KQ2-M9TX-4WBN-HZ3D']] });

export const newRecoveryCodes = z.object({ recovery_codes: recoveryCodes }).meta({ id: 'RecoveryCodes' });

/** A factor that was added. */
export const addedFactor = z
  .object({
    factor: factor.describe('The factor.'),
    recovery_codes: recoveryCodes
      .nullable()
      .describe(
        'The recovery codes, which come with the first factor. Only shown in this response. Null if you have codes already.',
      ),
  })
  .meta({ id: 'AddedFactor' });
export type AddedFactor = z.infer<typeof addedFactor>;

/** The secret of an authenticator app that is being set up. Nothing is stored before a code confirms it. */
export const totpEnrolment = z
  .object({
    secret: z.string().describe('The secret in base32, to type into the app.'),
    uri: z.string().describe('The secret as an `otpauth` address, to show as a QR code.'),
    enrolment: z.string().describe('Send it with the first code. Valid for 10 minutes.'),
  })
  .meta({ id: 'TotpEnrolment' });
export type TotpEnrolment = z.infer<typeof totpEnrolment>;

const signedText = z.string().min(1).max(4_096);
const totpCode = z
  .string()
  .max(20)
  .transform((code) => code.replaceAll(/\s/g, ''))
  .pipe(z.string().regex(/^\d{6}$/, 'must have 6 digits'))
  .describe('The 6 digits that the app shows. Blanks do not matter.');

/** Confirms an authenticator app by its first code. */
export const confirmTotpRequest = z
  .strictObject({
    enrolment: signedText.describe('The `enrolment` of the answer with the secret.'),
    code: totpCode,
  })
  .meta({ id: 'ConfirmTotpRequest' });
export type ConfirmTotpRequest = z.infer<typeof confirmTotpRequest>;

/** Values of WebAuthn (https://www.w3.org/TR/webauthn-3/), bytes as base64url. */
const bytes = z
  .string()
  .max(16_384)
  .regex(/^[A-Za-z0-9_-]+$/, 'must be base64url');
const credentialId = bytes.max(1_400).describe('The id of the credential.');
const credentialFields = {
  id: credentialId,
  rawId: credentialId,
  type: z.literal('public-key').describe('The type of the credential.'),
  authenticatorAttachment: z
    .enum(['platform', 'cross-platform'])
    .nullish()
    .describe('Where the authenticator is.'),
  clientExtensionResults: z.looseObject({}).describe('The results of extensions.'),
};

/** A new passkey, as `navigator.credentials.create()` returns it, as JSON. */
export const passkeyCreation = z
  .object({
    ...credentialFields,
    response: z
      .object({
        clientDataJSON: bytes.describe('The data that the browser signed.'),
        attestationObject: bytes.describe('The new public key.'),
        transports: z
          .array(z.string().max(20))
          .max(10)
          .optional()
          .describe('The ways in which the authenticator is reached.'),
      })
      .describe('The answer of the authenticator.'),
  })
  .meta({ id: 'PasskeyCreation' });
export type PasskeyCreation = z.infer<typeof passkeyCreation>;

/** A proof by a passkey, as `navigator.credentials.get()` returns it, as JSON. */
export const passkeyProof = z
  .object({
    ...credentialFields,
    response: z
      .object({
        clientDataJSON: bytes.describe('The data that the browser signed.'),
        authenticatorData: bytes.describe('The data that the authenticator signed.'),
        signature: bytes.describe('The signature.'),
        userHandle: bytes.nullish().describe('The user of the passkey.'),
      })
      .describe('The answer of the authenticator.'),
  })
  .meta({ id: 'PasskeyProof' });
export type PasskeyProof = z.infer<typeof passkeyProof>;

/** Options of `navigator.credentials.create()` and `.get()`, as JSON. */
export const passkeyOptions = z
  .looseObject({ challenge: z.string().describe('The challenge. Valid for 5 minutes, once.') })
  .meta({ id: 'PasskeyOptions' });
export type PasskeyOptions = z.infer<typeof passkeyOptions>;

/** Adds a passkey. */
export const addPasskeyRequest = z
  .strictObject({ name: factorName, passkey: passkeyCreation.describe('The new passkey.') })
  .meta({ id: 'AddPasskeyRequest' });
export type AddPasskeyRequest = z.infer<typeof addPasskeyRequest>;

/** Renames a factor. */
export const renameFactorRequest = z.strictObject({ name: factorName }).meta({ id: 'RenameFactorRequest' });

const ticket = signedText.describe('The ticket of the refused sign-in. Valid for 5 minutes.');
const code = z
  .string()
  .trim()
  .min(6)
  .max(40)
  .describe('The 6 digits that the app shows, or a recovery code. Blanks, hyphens and case do not matter.');
const proof = passkeyProof.describe('The answer of a passkey.');

/** Ends a sign-in with a code or a passkey. */
export const secondFactorRequest = z
  .union([
    z.strictObject({ ticket, code }).meta({ id: 'SecondFactorByCode' }),
    z.strictObject({ ticket, passkey: proof }).meta({ id: 'SecondFactorByPasskey' }),
  ])
  .meta({ id: 'SecondFactorRequest' });
export type SecondFactorRequest = z.infer<typeof secondFactorRequest>;

/** Asks for the options of a sign-in by passkey: of anybody, or of the user of a ticket. */
export const passkeyOptionsRequest = z
  .strictObject({
    ticket: ticket.optional().describe('The ticket of a sign-in that waits for its second factor.'),
  })
  .meta({ id: 'PasskeyOptionsRequest' });

/** Signs in by a passkey alone. */
export const passkeySignInRequest = z.strictObject({ passkey: proof }).meta({ id: 'PasskeySignInRequest' });

/** Requests of a sign-in that has to set up a second factor first. */
export const setupRequest = z.strictObject({ ticket }).meta({ id: 'FactorSetupRequest' });
export const setUpTotpRequest = confirmTotpRequest.extend({ ticket }).meta({ id: 'SetUpTotpRequest' });
export const setUpPasskeyRequest = addPasskeyRequest.extend({ ticket }).meta({ id: 'SetUpPasskeyRequest' });

/** A session whose user has just set up a second factor. */
export const setUpResponse = authResponse
  .extend({ recovery_codes: recoveryCodes })
  .meta({ id: 'FactorSetupResponse' });
export type SetUpResponse = z.infer<typeof setUpResponse>;
