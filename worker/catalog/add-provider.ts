import { v7 as uuidv7 } from 'uuid';
import type { SessionClaims } from '../../contracts/api/auth.ts';
import type { CreateProviderRequest, Provider, ProviderTest } from '../../contracts/api/catalog.ts';
import { fail, type Result } from '../../contracts/result.ts';
import { type CatalogRefusal, createProvider } from '../db/providers.ts';
import type { TenantSnapshot } from '../db/snapshots.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import { PLATFORM_SLUG } from '../tenants/tenant-key.ts';
import { bindingOf, checkAddress, sealTestedKey, type TryRefusal } from './provider-key.ts';

/** Why a provider was not saved. */
export type ProviderFailure =
  | TryRefusal
  | { code: CatalogRefusal | 'name_taken' | 'provider_key_required' }
  | { code: 'provider_test_failed'; test: ProviderTest };

/**
 * An administrator adds a provider. Its key is tried, then kept encrypted for this provider at this address. Only the platform
 * may do without: then the platform's own key is used, which goes to official endpoints alone.
 */
export async function addProvider(
  deps: Dependencies,
  tenant: TenantSnapshot,
  claims: SessionClaims,
  { api_key, test_model, ...provider }: CreateProviderRequest,
): Promise<Result<Provider, ProviderFailure>> {
  const address = await checkAddress(deps, claims, provider.base_url);
  if (!address.ok) return address;
  const row = { ...provider, id: uuidv7(), api_key_ciphertext: null };
  if (api_key === null) {
    const borrows = tenant.slug === PLATFORM_SLUG && provider.base_url === null;
    if (!borrows) return fail({ code: 'provider_key_required' });
    return createProvider(deps.database, claims, row, deps.requestId);
  }
  const binding = bindingOf({ ...row, tenant_id: claims.tenantId });
  const sealed = await sealTestedKey(deps, binding, { ...provider, api_key, test_model });
  if (!sealed.ok) return sealed;
  return createProvider(deps.database, claims, { ...row, api_key_ciphertext: sealed.value }, deps.requestId);
}
