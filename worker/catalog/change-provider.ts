import type { SessionClaims } from '../../contracts/api/auth.ts';
import type { Provider, ProviderPatch } from '../../contracts/api/catalog.ts';
import { fail, type Result } from '../../contracts/result.ts';
import { getProvider, updateProvider } from '../db/providers.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import type { SaveProviderRefusal } from './add-provider.ts';
import { bindingOf, checkAddress, sealTestedKey } from './provider-key.ts';

/**
 * Changes a provider. Another base URL requires the key again: nobody may send a key that they do not know to an address of their
 * choice. A new key is tested before it replaces the old one.
 */
export async function changeProvider(
  deps: Dependencies,
  claims: SessionClaims,
  id: string,
  { api_key, test_model, base_url, ...rest }: ProviderPatch,
): Promise<Result<Provider, SaveProviderRefusal>> {
  if (api_key === undefined && base_url === undefined)
    return updateProvider(deps.database, claims, id, rest, deps.requestId);
  const found = await getProvider(deps.database, claims, id);
  if (!found.ok) return found;
  const before = found.value;
  const address = { kind: before.kind, base_url: base_url === undefined ? before.base_url : base_url };
  if (api_key === undefined) {
    if (address.base_url !== before.base_url) return fail({ code: 'provider_key_required' });
    const isChange = Object.values(rest).some((value) => value !== undefined);
    return isChange ? updateProvider(deps.database, claims, id, rest, deps.requestId) : found;
  }
  const checked = await checkAddress(deps, claims, address.base_url);
  if (!checked.ok) return checked;
  const binding = bindingOf({ id, tenant_id: claims.tenantId, ...address });
  const sealed = await sealTestedKey(deps, binding, { ...address, api_key, test_model });
  if (!sealed.ok) return sealed;
  // The address is written with the key, which is bound to it, over any change made meanwhile.
  const change = { ...rest, base_url: address.base_url, api_key_ciphertext: sealed.value };
  return updateProvider(deps.database, claims, id, change, deps.requestId);
}
