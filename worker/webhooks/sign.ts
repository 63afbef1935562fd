import { createHmac } from 'node:crypto';

/** Signs events as Standard Webhooks says: HMAC-SHA256 of `id.timestamp.body` (standardwebhooks.com, "Signature scheme"). */

const signature = (secret: string, content: string): string => {
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  return `v1,${createHmac('sha256', key).update(content).digest('base64')}`;
};

/** An event as it is posted. `sent_at_s` is the time of the attempt, in seconds since 1970. */
export type Signed = { id: string; sent_at_s: number; body: string };

/** Returns the headers of an event. With two secrets, as during a rotation, it has a signature of each. Pure. */
export function signedHeaders(
  secrets: readonly string[],
  { id, sent_at_s, body }: Signed,
): Record<string, string> {
  const signatures = secrets.map((secret) => signature(secret, `${id}.${sent_at_s}.${body}`));
  return {
    'webhook-id': id,
    'webhook-timestamp': String(sent_at_s),
    'webhook-signature': signatures.join(' '),
  };
}
