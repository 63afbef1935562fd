import { Secret, TOTP } from 'otpauth';
import { fail, ok, type Result } from '../../../contracts/result.ts';
import { decryptSecret, encryptSecret, type KeyRing } from '../../runtime/key-ring.ts';

/** Codes of authenticator apps (RFC 6238), with the values that every app knows: SHA-1, 6 digits, 30 seconds. */

const PERIOD_S = 30;
/** The size of the hash, as RFC 4226 asks for. */
const SECRET_BYTES = 20;
/** Steps before and after the present one whose codes are accepted: clocks differ, and people type slowly. */
const STEPS_OFF = 1;

/** The user of a secret. */
export type FactorOwner = { tenant_id: string; user_id: string };

const bindingOf = ({ tenant_id, user_id }: FactorOwner) => ['totp', tenant_id, user_id];

const totpOf = (base32: string, names: { issuer?: string; label?: string } = {}) =>
  new TOTP({ ...names, secret: Secret.fromBase32(base32), algorithm: 'SHA1', digits: 6, period: PERIOD_S });

/** Makes a secret: as people type it, as a QR code shows it, and encrypted for its user. */
export async function makeTotpSecret(
  ring: KeyRing,
  owner: FactorOwner,
  { issuer, label }: { issuer: string; label: string },
): Promise<{ secret: string; uri: string; ciphertext: string }> {
  const secret = new Secret({ size: SECRET_BYTES }).base32;
  // A colon separates issuer and label.
  const uri = totpOf(secret, { issuer: issuer.replaceAll(':', ' '), label }).toString();
  return { secret, uri, ciphertext: await encryptSecret(ring, bindingOf(owner), secret) };
}

/** Returns the step of a code, which is its time in units of 30 seconds, or `wrong_code`. */
export async function stepOfCode(
  ring: KeyRing,
  owner: FactorOwner,
  ciphertext: string,
  code: string,
  nowMs: number,
): Promise<Result<number, { code: 'wrong_code' }>> {
  const secret = await decryptSecret(ring, bindingOf(owner), ciphertext);
  if (!secret.ok)
    throw new Error(`The secret of an authenticator app cannot be read: ${secret.failure.code}`);
  const stepsOff = totpOf(secret.value).validate({ token: code, timestamp: nowMs, window: STEPS_OFF });
  if (stepsOff === null) return fail({ code: 'wrong_code' });
  return ok(Math.floor(nowMs / (PERIOD_S * 1_000)) + stepsOff);
}

/** Encrypts a secret anew under the newest key of the ring. */
export async function resealTotpSecret(ring: KeyRing, owner: FactorOwner, ciphertext: string) {
  const secret = await decryptSecret(ring, bindingOf(owner), ciphertext);
  return secret.ok ? ok(await encryptSecret(ring, bindingOf(owner), secret.value)) : secret;
}
