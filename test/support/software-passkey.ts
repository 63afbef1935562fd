import { base64url } from 'jose';
import type { PasskeyCreation, PasskeyOptions, PasskeyProof } from '../../contracts/api/account/factors.ts';

/** An authenticator in software, for tests without a browser: it makes a passkey and proves it, and can misbehave. */

const encoder = new TextEncoder();
const bytesOf = (...parts: (Uint8Array | number[])[]): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(parts.flatMap((part) => [...part]));
const sha256 = async (bytes: Uint8Array) =>
  new Uint8Array(await crypto.subtle.digest('SHA-256', bytesOf(bytes)));

/** CBOR (RFC 8949) of the few things that a passkey consists of. */
const head = (type: number, length: number): number[] =>
  length < 24
    ? [(type << 5) | length]
    : length < 256
      ? [(type << 5) | 24, length]
      : [(type << 5) | 25, length >> 8, length & 255];
const cborText = (text: string) => [...head(3, text.length), ...encoder.encode(text)];
const cborBytes = (bytes: Uint8Array) => [...head(2, bytes.length), ...bytes];
const cborInteger = (value: number) => (value < 0 ? head(1, -1 - value) : head(0, value));
const cborMap = (...entries: number[][][]) => [...head(5, entries.length), ...entries.flat(2)];

/** Flags of the authenticator's data: the user is present, was verified, and there is a new key. */
const PRESENT = 1;
const VERIFIED = 4;
const NEW_KEY = 64;

/** Writes an ECDSA signature in DER, as authenticators do. */
function derOf(raw: Uint8Array): Uint8Array<ArrayBuffer> {
  const integer = (part: Uint8Array) => {
    const value = [...part];
    while (value.length > 1 && value[0] === 0) value.shift();
    if ((value[0] ?? 0) > 127) value.unshift(0);
    return [2, value.length, ...value];
  };
  const parts = [...integer(raw.subarray(0, 32)), ...integer(raw.subarray(32))];
  return bytesOf([48, parts.length], parts);
}

/** The claims of an honest browser at `origin` and an honest authenticator; tests change them. */
export type Conduct = { origin: string; rpId?: string; isVerified?: boolean; count?: number };

const clientData = (type: string, { challenge }: PasskeyOptions, { origin }: Conduct) =>
  encoder.encode(JSON.stringify({ type, challenge, origin, crossOrigin: false }));

async function authenticatorData({ origin, rpId, isVerified = true, count = 0 }: Conduct, flags: number) {
  const hash = await sha256(encoder.encode(rpId ?? new URL(origin).hostname));
  return bytesOf(hash, [PRESENT | (isVerified ? VERIFIED : 0) | flags, 0, 0, count >> 8, count & 255]);
}

/** Makes an authenticator with one passkey. */
export async function softwarePasskey() {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256' };
  const keys = (await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])) as CryptoKeyPair;
  const { x = '', y = '' } = (await crypto.subtle.exportKey('jwk', keys.publicKey)) as JsonWebKey;
  const id = crypto.getRandomValues(new Uint8Array(16));
  const publicKey = cborMap(
    [cborInteger(1), cborInteger(2)],
    [cborInteger(3), cborInteger(-7)],
    [cborInteger(-1), cborInteger(1)],
    [cborInteger(-2), cborBytes(base64url.decode(x))],
    [cborInteger(-3), cborBytes(base64url.decode(y))],
  );
  const name = base64url.encode(id);
  const common = { id: name, rawId: name, type: 'public-key' as const, clientExtensionResults: {} };
  return {
    async create(options: PasskeyOptions, conduct: Conduct): Promise<PasskeyCreation> {
      const data = await authenticatorData(conduct, NEW_KEY);
      const authData = bytesOf(data, new Array(16).fill(0), [0, id.length], id, publicKey);
      const attestation = cborMap(
        [cborText('fmt'), cborText('none')],
        [cborText('attStmt'), cborMap()],
        [cborText('authData'), cborBytes(authData)],
      );
      return {
        ...common,
        response: {
          clientDataJSON: base64url.encode(clientData('webauthn.create', options, conduct)),
          attestationObject: base64url.encode(bytesOf(attestation)),
          transports: ['internal'],
        },
      };
    },
    async prove(options: PasskeyOptions, conduct: Conduct): Promise<PasskeyProof> {
      const json = clientData('webauthn.get', options, conduct);
      const data = await authenticatorData(conduct, 0);
      const signed = bytesOf(data, await sha256(json));
      const signature = await crypto.subtle.sign({ name: 'ECDSA', hash: 'SHA-256' }, keys.privateKey, signed);
      return {
        ...common,
        response: {
          clientDataJSON: base64url.encode(json),
          authenticatorData: base64url.encode(data),
          signature: base64url.encode(derOf(new Uint8Array(signature))),
        },
      };
    },
  };
}
