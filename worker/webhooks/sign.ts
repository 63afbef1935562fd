/** Signs events as Standard Webhooks says: HMAC-SHA256 of `id.timestamp.body` (standardwebhooks.com, "Signature scheme"). */

const fromBase64 = (text: string) => Uint8Array.from(atob(text), (character) => character.charCodeAt(0));

async function signature(secret: string, content: string): Promise<string> {
  const key = await crypto.subtle.importKey(
    'raw',
    fromBase64(secret.replace(/^whsec_/, '')),
    { name: 'HMAC', hash: 'SHA-256' },
    false,
    ['sign'],
  );
  const signed = await crypto.subtle.sign('HMAC', key, new TextEncoder().encode(content));
  return `v1,${btoa(String.fromCharCode(...new Uint8Array(signed)))}`;
}

/** An event as it is posted. `sent_at_s` is the time of the attempt, in seconds since 1970. */
export type Signed = { id: string; sent_at_s: number; body: string };

/** Returns the headers of an event. With two secrets, as during a rotation, it has a signature of each. */
export async function signedHeaders(
  secrets: readonly string[],
  { id, sent_at_s, body }: Signed,
): Promise<Record<string, string>> {
  const signatures = await Promise.all(
    secrets.map((secret) => signature(secret, `${id}.${sent_at_s}.${body}`)),
  );
  return {
    'webhook-id': id,
    'webhook-timestamp': String(sent_at_s),
    'webhook-signature': signatures.join(' '),
  };
}
