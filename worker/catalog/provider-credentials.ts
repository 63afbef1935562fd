import { BoundedMap } from '../../contracts/bounded-map.ts';
import type { Candidate } from '../db/snapshots.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import { decryptProviderKey } from '../runtime/key-ring.ts';
import { bindingOf } from './provider-key.ts';

/** Keys that this isolate has decrypted, by binding and ciphertext. In memory only. */
const opened = new BoundedMap<string, string>(500);

/**
 * The decrypted key of a provider, or null when it does not decrypt: its row was moved, its base URL was changed without the key,
 * or its ring key is missing. That is logged for the operator; executions go to the next candidate.
 */
export async function openProviderKey(
  { settings, log }: Pick<Dependencies, 'settings' | 'log'>,
  provider: Candidate['provider'],
  ciphertext: string,
): Promise<string | null> {
  const binding = bindingOf(provider);
  const sealed = JSON.stringify([binding, ciphertext]);
  const known = opened.get(sealed);
  if (known !== undefined) return known;
  const decrypted = await decryptProviderKey(settings.KEY_RING, binding, ciphertext);
  if (!decrypted.ok) {
    const { tenant_id, id } = provider;
    log.error('provider_key_not_decrypted', { tenant_id, provider_id: id, reason: decrypted.failure.code });
    return null;
  }
  opened.set(sealed, decrypted.value);
  return decrypted.value;
}
