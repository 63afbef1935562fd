import { z } from 'zod';
import type { SignInProviderKind } from '../../contracts/api/account/sign-in.ts';
import { fail, ok, type Result } from '../../contracts/result.ts';
import type { ProviderKind } from '../../contracts/usage.ts';
import { type Ring, ringOf } from './secret-ring.ts';

/**
 * Encrypts secrets at rest: credentials of AI providers and of identity providers, second factors, and conversations. AES-256-GCM under a ring of versioned
 * keys. The newest key encrypts, all of them decrypt.
 * To rotate, add a key, encrypt everything again, and drop the old key. The binding of a ciphertext is authenticated with it: one
 * that was moved to another row, or whose base URL was changed, does not decrypt.
 */

const KEY_BYTES = 32;
/** NIST SP 800-38D, section 8.2.2: random, 96 bits. */
const IV_BYTES = 12;

/** The versioned keys, newest first. */
export type KeyRing = Ring<RingKey>;
type RingKey = { version: number; key: Uint8Array<ArrayBuffer> };

/** The place a key is encrypted for: an AI provider, or an identity provider with its client secret. `origin` null is the official endpoint. */
export type KeyBinding = {
  tenant_id: string;
  provider_id: string;
  kind: ProviderKind | SignInProviderKind;
  origin: string | null;
};

function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  const characters = atob(text);
  const bytes = new Uint8Array(characters.length);
  for (let at = 0; at < bytes.length; at++) bytes[at] = characters.charCodeAt(at);
  return bytes;
}

const toBase64 = (bytes: ArrayBuffer | Uint8Array<ArrayBuffer>): string =>
  Buffer.from(new Uint8Array(bytes)).toString('base64');

const ringKey = z.string().transform((text, context): RingKey => {
  const [, version = '', base64 = ''] = /^([1-9]\d{0,5}):([A-Za-z0-9+/]{43}=)$/.exec(text) ?? [];
  if (version === '') {
    context.addIssue({ code: 'custom', message: `expects <version>:<base64 of ${KEY_BYTES} bytes>` });
    return z.NEVER;
  }
  return { version: Number(version), key: fromBase64(base64) };
});

/** Parses the secret KEY_RING: `2:<base64> 1:<base64>`, in any order. Versions must differ. */
export const keyRing = ringOf(ringKey);

/** Imported keys, so that a list of many ciphertexts imports each key once. */
const imported = new WeakMap<RingKey, Promise<CryptoKey>>();

function importKey(ringKeyUsed: RingKey): Promise<CryptoKey> {
  const known = imported.get(ringKeyUsed);
  if (known !== undefined) return known;
  const key = crypto.subtle.importKey('raw', ringKeyUsed.key, 'AES-GCM', false, ['encrypt', 'decrypt']);
  imported.set(ringKeyUsed, key);
  return key;
}

/** Names the place a secret is encrypted for. No two places have the same parts. */
export type Binding = readonly (string | null)[];

const associatedData = (binding: Binding) => new TextEncoder().encode(JSON.stringify(binding));

/**
 * Derives a ring of keys for one purpose, with the versions of the ring: HKDF with SHA-256 (RFC 5869), without salt, since the keys of a
 * ring are uniformly random. Purposes with different parts have independent keys.
 */
export async function deriveRing(ring: KeyRing, purpose: Binding): Promise<KeyRing> {
  const derive = async ({ version, key }: RingKey): Promise<RingKey> => {
    const base = await crypto.subtle.importKey('raw', key, 'HKDF', false, ['deriveBits']);
    const parameters = {
      name: 'HKDF',
      hash: 'SHA-256',
      salt: new Uint8Array(),
      info: associatedData(purpose),
    };
    return { version, key: new Uint8Array(await crypto.subtle.deriveBits(parameters, base, KEY_BYTES * 8)) };
  };
  const [newest, ...older] = ring;
  return [await derive(newest), ...(await Promise.all(older.map(derive)))];
}

const bindingOfKey = ({ tenant_id, provider_id, kind, origin }: KeyBinding): Binding => [
  ...[tenant_id, provider_id, kind, origin],
];

/** Encrypts a secret under the newest key of the ring: `v1.<ring version>.<iv>.<ciphertext and tag>`. */
export async function encryptSecret([newest]: KeyRing, binding: Binding, secret: string): Promise<string> {
  const iv = crypto.getRandomValues(new Uint8Array(IV_BYTES));
  const sealed = await crypto.subtle.encrypt(
    { name: 'AES-GCM', iv, additionalData: associatedData(binding) },
    await importKey(newest),
    new TextEncoder().encode(secret),
  );
  return ['v1', newest.version, toBase64(iv), toBase64(sealed)].join('.');
}

/** Encrypts a provider's key. */
export const encryptProviderKey = (
  ring: KeyRing,
  binding: KeyBinding,
  providerKey: string,
): Promise<string> => encryptSecret(ring, bindingOfKey(binding), providerKey);

type Undecryptable = { code: 'malformed' | 'unknown_ring_key' | 'not_authentic' };

/** The ring version that encrypted a ciphertext, or null when it has another format. */
export function ringVersionOf(ciphertext: string): number | null {
  const [, version] = /^v1\.([1-9]\d{0,5})\.[A-Za-z0-9+/=]+\.[A-Za-z0-9+/=]+$/.exec(ciphertext) ?? [];
  return version === undefined ? null : Number(version);
}

/**
 * Decrypts a secret for its binding. Fails with `not_authentic` when it was moved, its binding was changed or it was tampered with, and
 * with `unknown_ring_key` when its ring key was dropped too early.
 */
export async function decryptSecret(
  ring: KeyRing,
  binding: Binding,
  ciphertext: string,
): Promise<Result<string, Undecryptable>> {
  const version = ringVersionOf(ciphertext);
  const [, , iv = '', sealed = ''] = ciphertext.split('.');
  if (version === null) return fail({ code: 'malformed' });
  const used = ring.find((key) => key.version === version);
  if (used === undefined) return fail({ code: 'unknown_ring_key' });
  try {
    const opened = await crypto.subtle.decrypt(
      { name: 'AES-GCM', iv: fromBase64(iv), additionalData: associatedData(binding) },
      await importKey(used),
      fromBase64(sealed),
    );
    return ok(new TextDecoder().decode(opened));
  } catch {
    return fail({ code: 'not_authentic' });
  }
}

/** Decrypts a provider's key. `not_authentic` if its base URL was changed. */
export const decryptProviderKey = (
  ring: KeyRing,
  binding: KeyBinding,
  ciphertext: string,
): Promise<Result<string, Undecryptable>> => decryptSecret(ring, bindingOfKey(binding), ciphertext);
