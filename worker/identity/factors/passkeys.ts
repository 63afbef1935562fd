import { base64url } from 'jose';
import type {
  PasskeyCreation,
  PasskeyOptions,
  PasskeyProof,
} from '../../../contracts/api/account/factors.ts';
import { fail, ok, type Result } from '../../../contracts/result.ts';
import type { NewFactor, StoredPasskey } from '../../db/users/factors.ts';
import type { SecretRing } from '../../runtime/secret-ring.ts';
import { type ChallengeUse, makeChallenge, readChallenge } from './tickets.ts';
import type { FactorOwner } from './totp.ts';

/**
 * Passkeys (WebAuthn): what a browser is asked for, and what it answers. Every use asks for the user's verification, by a PIN or a
 * fingerprint, so that a passkey counts as both factors.
 */

/** The origin at which the browser is. Its hostname is the one that the passkey works for. */
export type PasskeyPlace = Pick<URL, 'origin' | 'hostname'>;
type Refused = { code: 'passkey_refused' };

/** Read when it is first needed: it takes time to start, and most requests have nothing to do with passkeys. */
const webAuthn = () => import('@simplewebauthn/server');

/** Returns the options with which a browser makes a passkey. */
export async function optionsToAdd(
  secrets: SecretRing,
  { hostname }: PasskeyPlace,
  user: FactorOwner & { email: string; name: string | null; tenant_name: string },
  existing: readonly Pick<StoredPasskey, 'credential_id'>[],
): Promise<PasskeyOptions> {
  const { generateRegistrationOptions } = await webAuthn();
  const { tenant_id, user_id } = user;
  const options = await generateRegistrationOptions({
    rpName: user.tenant_name,
    rpID: hostname,
    userID: Uint8Array.from(new TextEncoder().encode(user_id)),
    userName: user.email,
    userDisplayName: user.name ?? user.email,
    challenge: await makeChallenge(secrets, { tenant_id, user_id, use: 'add' }),
    attestationType: 'none',
    excludeCredentials: existing.map(({ credential_id: id }) => ({ id })),
    authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
  });
  return { ...options };
}

/** Returns the options with which a browser proves a passkey: one of the given, or, without any, whichever it has. */
export async function optionsToProve(
  secrets: SecretRing,
  { hostname }: PasskeyPlace,
  use: Omit<ChallengeUse, 'use'>,
  passkeys: readonly StoredPasskey[],
): Promise<PasskeyOptions> {
  const { generateAuthenticationOptions } = await webAuthn();
  const options = await generateAuthenticationOptions({
    rpID: hostname,
    challenge: await makeChallenge(secrets, { ...use, use: 'prove' }),
    userVerification: 'required',
    allowCredentials: passkeys.map(({ credential_id: id }) => ({ id })),
  });
  return { ...options };
}

/** Checks a challenge as an answer repeats it, in base64url, and keeps the time at which it was made. */
function challengeCheck(secrets: SecretRing, use: ChallengeUse) {
  const made = { atMs: 0 };
  const check = async (encoded: string): Promise<boolean> => {
    const atMs = await readChallenge(secrets, use, new TextDecoder().decode(base64url.decode(encoded)));
    made.atMs = atMs ?? 0;
    return atMs !== null;
  };
  return { made, check };
}

/** Checks a new passkey. Returns what is stored of it. */
export async function checkCreation(
  secrets: SecretRing,
  { origin, hostname }: PasskeyPlace,
  { tenant_id, user_id }: FactorOwner,
  passkey: PasskeyCreation,
): Promise<Result<Omit<Extract<NewFactor, { kind: 'passkey' }>, 'id' | 'name'>, Refused>> {
  const { verifyRegistrationResponse } = await webAuthn();
  const { check } = challengeCheck(secrets, { tenant_id, user_id, use: 'add' });
  const { authenticatorAttachment: _, ...response } = passkey;
  const { transports = [] } = passkey.response;
  try {
    const { verified, registrationInfo } = await verifyRegistrationResponse({
      response: response as Parameters<typeof verifyRegistrationResponse>[0]['response'],
      expectedChallenge: check,
      expectedOrigin: origin,
      expectedRPID: hostname,
      requireUserVerification: true,
    });
    if (!verified) return fail({ code: 'passkey_refused' });
    const { id: credential_id, publicKey, counter: sign_count } = registrationInfo.credential;
    const public_key = base64url.encode(publicKey);
    return ok({ kind: 'passkey', credential_id, public_key, sign_count, transports, hostname });
  } catch {
    // The library throws for everything that is not as it should be.
    return fail({ code: 'passkey_refused' });
  }
}

/** The parts of a proof that it uses up: the factor, the count of its authenticator and the time of the challenge. */
export type ProvedPasskey = { id: string; sign_count: number; used_up_to: number };

/** Checks the proof of a stored passkey for the challenge of a use. */
export async function checkProof(
  secrets: SecretRing,
  { origin, hostname }: PasskeyPlace,
  use: Omit<ChallengeUse, 'use'>,
  stored: StoredPasskey,
  { authenticatorAttachment: _, ...proof }: PasskeyProof,
): Promise<Result<ProvedPasskey, Refused>> {
  const { verifyAuthenticationResponse } = await webAuthn();
  const { made, check } = challengeCheck(secrets, { ...use, use: 'prove' });
  try {
    const { verified, authenticationInfo } = await verifyAuthenticationResponse({
      response: proof as Parameters<typeof verifyAuthenticationResponse>[0]['response'],
      expectedChallenge: check,
      expectedOrigin: origin,
      expectedRPID: hostname,
      requireUserVerification: true,
      credential: {
        id: stored.credential_id,
        publicKey: Uint8Array.from(base64url.decode(stored.public_key)),
        counter: stored.sign_count,
      },
    });
    if (!verified) return fail({ code: 'passkey_refused' });
    return ok({ id: stored.id, sign_count: authenticationInfo.newCounter, used_up_to: made.atMs });
  } catch {
    return fail({ code: 'passkey_refused' });
  }
}
