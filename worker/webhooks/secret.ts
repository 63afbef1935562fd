import { randomBytes } from 'node:crypto';
import type { Result } from '../../contracts/result.ts';
import { decryptSecret, encryptSecret, type KeyRing } from '../runtime/key-ring.ts';

/** The secrets of webhook endpoints, as Standard Webhooks writes them: `whsec_` and the base64 of 32 random bytes. */

const SECRET_BYTES = 32;

/** Makes a secret. */
export const newWebhookSecret = (): string => `whsec_${randomBytes(SECRET_BYTES).toString('base64')}`;

/** The row that a secret is encrypted for: one that was moved to another row does not decrypt. */
export type WebhookPlace = { tenant_id: string; id: string };
const bindingOf = ({ tenant_id, id }: WebhookPlace) => ['webhook', tenant_id, id] as const;

/** Encrypts a secret for its row. */
export const sealWebhookSecret = (ring: KeyRing, place: WebhookPlace, secret: string): Promise<string> =>
  encryptSecret(ring, bindingOf(place), secret);

/** Decrypts the secret of a row. */
export const openWebhookSecret = (
  ring: KeyRing,
  place: WebhookPlace,
  ciphertext: string,
): Promise<Result<string, { code: string }>> => decryptSecret(ring, bindingOf(place), ciphertext);
