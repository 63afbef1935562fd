import { v7 as uuidv7 } from 'uuid';
import type { SessionClaims } from '../../contracts/api/account/auth.ts';
import type { CreateProviderRequest, Provider, ProviderTest } from '../../contracts/api/catalog.ts';
import { changedSettings, defaultSettings } from '../../contracts/catalog/provider-settings.ts';
import { fail, type Result } from '../../contracts/result.ts';
import { type CatalogRefusal, insertProvider } from '../db/catalog/providers.ts';
import type { TenantSnapshot } from '../db/snapshots.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import { PLATFORM_SLUG } from '../tenants/tenant-key.ts';
import { bindingOf, checkAddress, sealTestedKey, type TryRefusal } from './provider-key.ts';

/** The reason why a provider was not saved. */
export type SaveProviderRefusal =
  | TryRefusal
  | { code: CatalogRefusal | 'name_taken' | 'provider_key_required' | 'header_values_required' }
  | { code: 'provider_test_failed'; test: ProviderTest };

/**
 * Adds a provider. Its key is tested, then stored encrypted for this provider at this address. Only a provider of the platform may
 * have no key: it is called with the platform's own, which is sent to official endpoints alone.
 */
export async function addProvider(
  deps: Dependencies,
  tenant: TenantSnapshot,
  claims: SessionClaims,
  { api_key, test_model, settings: chosen = {}, ...provider }: CreateProviderRequest,
): Promise<Result<Provider, SaveProviderRefusal>> {
  const address = await checkAddress(deps, claims, provider.base_url);
  if (!address.ok) return address;
  const settings = changedSettings(defaultSettings, chosen);
  const row = { ...provider, settings, id: uuidv7(), api_key_ciphertext: null };
  if (api_key === null) {
    const borrows = tenant.slug === PLATFORM_SLUG && provider.base_url === null;
    if (!borrows) return fail({ code: 'provider_key_required' });
    return insertProvider(deps.database, claims, row, deps.requestId);
  }
  const binding = bindingOf({ ...row, tenant_id: claims.tenantId });
  const sealed = await sealTestedKey(deps, binding, { ...provider, settings, api_key, test_model });
  if (!sealed.ok) return sealed;
  return insertProvider(deps.database, claims, { ...row, api_key_ciphertext: sealed.value }, deps.requestId);
}
