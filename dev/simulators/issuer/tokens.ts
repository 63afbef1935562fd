import { type CryptoKey, exportJWK, generateKeyPair, type JWK, SignJWT, UnsecuredJWT } from 'jose';

/** Keys and tokens of the simulated issuer of OpenID Connect. */

/** Ways in which an issuer misbehaves. `slow` and `failing` are about the endpoint for tokens. */
const issuerModes = [
  'none',
  'wrong_nonce',
  'wrong_audience',
  'wrong_party',
  'wrong_issuer',
  'expired',
  'unsigned',
  'unknown_key',
  'hmac',
  'no_token',
  'slow',
  'failing',
  'other_discovery',
  'private_endpoint',
  'no_keys',
  'failing_discovery',
  'huge_discovery',
] as const;
export type IssuerMode = (typeof issuerModes)[number];
export const isIssuerMode = (text: string): text is IssuerMode =>
  (issuerModes as readonly string[]).includes(text);

/** A person who signs in. `email_verified` absent leaves the claim out. */
export type Person = {
  sub: string;
  email?: string | undefined;
  email_verified?: boolean | undefined;
  name?: string | undefined;
};

const KID = 'simulated-1';

type Keys = { published: JWK; signing: CryptoKey; unknown: CryptoKey };

/** Makes the key that the issuer publishes, and one that it does not. */
export async function makeKeys(): Promise<Keys> {
  const [known, unknown] = await Promise.all([generateKeyPair('RS256'), generateKeyPair('RS256')]);
  const published = { ...(await exportJWK(known.publicKey)), kid: KID, alg: 'RS256', use: 'sig' };
  return { published, signing: known.privateKey, unknown: unknown.privateKey };
}

type Token = { issuer: string; client_id: string; nonce: string; person: Person; mode: IssuerMode };

/** Makes an ID token, wrong in one way if the issuer misbehaves. */
export async function makeIdToken(
  keys: Keys,
  { issuer, client_id, nonce, person, mode }: Token,
): Promise<string> {
  const nowS = Math.floor(Date.now() / 1_000);
  const { sub, ...profile } = person;
  const claims = {
    ...profile,
    nonce: mode === 'wrong_nonce' ? 'another' : nonce,
    ...(mode === 'wrong_party' ? { azp: 'another-client' } : {}),
  };
  const audience =
    mode === 'wrong_audience'
      ? 'another-client'
      : mode === 'wrong_party'
        ? [client_id, 'another-client']
        : client_id;
  const issued = mode === 'expired' ? nowS - 7_200 : nowS;
  const described = <Builder extends SignJWT | UnsecuredJWT>(token: Builder) =>
    token
      .setIssuer(mode === 'wrong_issuer' ? 'https://issuer.example' : issuer)
      .setSubject(sub)
      .setAudience(audience)
      .setIssuedAt(issued)
      .setExpirationTime(issued + 3_600) as Builder;
  if (mode === 'unsigned') return described(new UnsecuredJWT(claims)).encode();
  const token = described(new SignJWT(claims));
  if (mode === 'hmac')
    return token
      .setProtectedHeader({ alg: 'HS256' })
      .sign(new TextEncoder().encode('simulated-secret'.repeat(2)));
  return token
    .setProtectedHeader({ alg: 'RS256', kid: KID })
    .sign(mode === 'unknown_key' ? keys.unknown : keys.signing);
}
