import type { SessionClaims } from '../../contracts/api/account/auth.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import { type Binding, decryptSecret, deriveRing, encryptSecret, type KeyRing } from '../runtime/key-ring.ts';

/**
 * Encrypts conversations at rest, under keys that are derived from the ring for one user. A ciphertext is bound to its row and column: one
 * that was moved does not decrypt. `npm run rotate:provider-keys` encrypts all of them anew under the newest key of the ring.
 */

/** The user of a conversation. */
export type Owner = { tenant_id: string; user_id: string };

/** The column of a conversation, or a message of it, that a ciphertext belongs to. */
export type SealedPart = { conversation_id: string } & (
  | { column: 'title' | 'settings' }
  | { message_id: string }
);

/** Encrypts and decrypts the conversations of one user. */
export type Sealer = {
  seal(part: SealedPart, text: string): Promise<string>;
  /** Throws when the text does not decrypt: it was moved or changed, or its key has left the ring too early. */
  open(part: SealedPart, ciphertext: string): Promise<string>;
};

const bindingOf = (part: SealedPart): Binding => [
  part.conversation_id,
  ...('column' in part ? [part.column] : ['message', part.message_id]),
];

/** Returns what encrypts and decrypts the conversations of a user. */
export async function sealerOf(ring: KeyRing, { tenant_id, user_id }: Owner): Promise<Sealer> {
  const own = await deriveRing(ring, ['conversations', tenant_id, user_id]);
  return {
    seal: (part, text) => encryptSecret(own, bindingOf(part), text),
    async open(part, ciphertext) {
      const opened = await decryptSecret(own, bindingOf(part), ciphertext);
      if (!opened.ok) throw new Error(`A conversation does not decrypt: ${opened.failure.code}`);
      return opened.value;
    },
  };
}

/** The dependencies of keeping conversations. */
export type Storage = Pick<Dependencies, 'database' | 'settings'>;

/** Returns what encrypts and decrypts the caller's conversations. */
export const ownSealer = ({ settings }: Storage, { tenantId, userId }: SessionClaims): Promise<Sealer> =>
  sealerOf(settings.KEY_RING, { tenant_id: tenantId, user_id: userId });
