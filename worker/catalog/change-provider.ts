import type { SessionClaims } from '../../contracts/api/account/auth.ts';
import type { Provider, ProviderPatch } from '../../contracts/api/catalog.ts';
import { changedSettings, keepsValues } from '../../contracts/catalog/provider-settings.ts';
import { fail, ok, type Result } from '../../contracts/result.ts';
import { getSavedProvider, updateProvider } from '../db/catalog/providers.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import type { SaveProviderRefusal } from './add-provider.ts';
import { bindingOf, checkAddress, sealTestedKey } from './provider-key.ts';

/**
 * Changes a provider. Another base URL requires the key and the values of extra headers again: nobody may send what they do not know to
 * an address of their choice. A new key is tested before it replaces the old one.
 */
export async function changeProvider(
  deps: Dependencies,
  claims: SessionClaims,
  id: string,
  { api_key, test_model, base_url, settings: asked, ...rest }: ProviderPatch,
): Promise<Result<Provider, SaveProviderRefusal>> {
  if (api_key === undefined && base_url === undefined && asked === undefined)
    return updateProvider(deps.database, claims, id, rest, deps.requestId);
  const found = await getSavedProvider(deps.database, claims, id);
  if (!found.ok) return found;
  const { shown: before, settings: saved } = found.value;
  const address = { kind: before.kind, base_url: base_url === undefined ? before.base_url : base_url };
  const isElsewhere = address.base_url !== before.base_url;
  if (isElsewhere && api_key === undefined) return fail({ code: 'provider_key_required' });
  if (isElsewhere && keepsValues(saved, asked)) return fail({ code: 'header_values_required' });
  const settings = asked === undefined ? undefined : changedSettings(saved, asked);
  const changed = { ...rest, settings };
  if (api_key === undefined) {
    const isChange = Object.values(changed).some((value) => value !== undefined);
    return isChange ? updateProvider(deps.database, claims, id, changed, deps.requestId) : ok(before);
  }
  const checked = await checkAddress(deps, claims, address.base_url);
  if (!checked.ok) return checked;
  const binding = bindingOf({ id, tenant_id: claims.tenantId, ...address });
  const tested = { ...address, api_key, test_model, settings: settings ?? saved };
  const sealed = await sealTestedKey(deps, binding, tested);
  if (!sealed.ok) return sealed;
  // The address is written with the key, which is bound to it, over any change made meanwhile.
  const change = { ...changed, base_url: address.base_url, api_key_ciphertext: sealed.value };
  return updateProvider(deps.database, claims, id, change, deps.requestId);
}
