import type { SessionClaims } from '../../contracts/api/auth.ts';
import type { ProviderTest, TestProviderRequest } from '../../contracts/api/catalog.ts';
import { fail, ok, type Result } from '../../contracts/result.ts';
import type { EnterRefusal } from '../db/context.ts';
import { mayCallHost } from '../db/providers.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import { encryptProviderKey, type KeyBinding } from '../runtime/key-ring.ts';
import { refuseBaseUrl } from './base-url.ts';
import { testProvider } from './test-provider.ts';

/** Why a key was not tried: who asks may not, or where it is to go is no place for one. */
export type TryRefusal = { code: EnterRefusal | 'forbidden' } | { code: 'base_url_refused'; rule: string };

/** What a key at rest is bound to. `origin` null is the official endpoint. */
export const bindingOf = (provider: {
  tenant_id: string;
  id: string;
  kind: KeyBinding['kind'];
  base_url: string | null;
}): KeyBinding => ({
  tenant_id: provider.tenant_id,
  provider_id: provider.id,
  kind: provider.kind,
  origin: provider.base_url === null ? null : new URL(provider.base_url).origin,
});

/** Whether an administrator may have a provider at this address: public, somebody else's, and no tenant's hostname of ours. */
export async function checkAddress(
  deps: Dependencies,
  claims: SessionClaims,
  baseUrl: string | null,
): Promise<Result<null, TryRefusal>> {
  const { settings } = deps;
  const rule = baseUrl === null ? null : refuseBaseUrl(baseUrl, settings, settings.ALLOW_LOCAL_BASE_URLS);
  const hostname = baseUrl === null || rule !== null ? null : new URL(baseUrl).hostname.replace(/\.$/, '');
  // Who may not ask is told nothing else, so that is asked even when the rule has been broken.
  const may = await mayCallHost(deps.database, claims, hostname);
  if (!may.ok && may.failure.code !== 'own_host') return fail({ code: may.failure.code });
  const broken = rule ?? (may.ok ? null : 'must not be this platform itself');
  return broken === null ? ok(null) : fail({ code: 'base_url_refused', rule: broken });
}

/** Tries a key where an administrator says, and tells how it went. Nothing is saved. */
export async function tryProviderKey(
  deps: Dependencies,
  claims: SessionClaims,
  { test_model, ...target }: TestProviderRequest,
): Promise<Result<ProviderTest, TryRefusal>> {
  const address = await checkAddress(deps, claims, target.base_url);
  return address.ok ? ok(await testProvider(target, test_model)) : address;
}

/** A key that the provider took, encrypted for its place. */
export async function sealTestedKey(
  deps: Dependencies,
  binding: KeyBinding,
  { test_model, ...target }: TestProviderRequest,
): Promise<Result<string, { code: 'provider_test_failed'; test: ProviderTest }>> {
  const test = await testProvider(target, test_model);
  if (!test.ok) return fail({ code: 'provider_test_failed', test });
  return ok(await encryptProviderKey(deps.settings.KEY_RING, binding, target.api_key));
}
