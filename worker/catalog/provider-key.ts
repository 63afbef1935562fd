import type { SessionClaims } from '../../contracts/api/account/auth.ts';
import type { ProviderTest, TestProviderRequest } from '../../contracts/api/catalog.ts';
import {
  changedSettings,
  defaultSettings,
  type ProviderSettings,
} from '../../contracts/catalog/provider-settings.ts';
import { fail, ok, type Result } from '../../contracts/result.ts';
import { mayCallHost } from '../db/catalog/providers.ts';
import type { EnterRefusal } from '../db/context.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import { encryptProviderKey, type KeyBinding } from '../runtime/key-ring.ts';
import { refuseBaseUrl } from './base-url.ts';
import { testProvider } from './test-provider.ts';

/** The reason why a key was not tested: the caller lacks the right, or the base URL is not allowed. */
export type TryRefusal = { code: EnterRefusal | 'forbidden' } | { code: 'base_url_refused'; rule: string };

/** The binding of a stored key. `origin` null is the official endpoint. */
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

/** Checks that an administrator may add a provider at this address: a public host that is neither this platform nor a tenant of it. */
export async function checkAddress(
  deps: Dependencies,
  claims: SessionClaims,
  baseUrl: string | null,
): Promise<Result<null, TryRefusal>> {
  const { settings } = deps;
  const rule = baseUrl === null ? null : refuseBaseUrl(baseUrl, settings, settings.ALLOW_LOCAL_BASE_URLS);
  const hostname = baseUrl === null || rule !== null ? null : new URL(baseUrl).hostname.replace(/\.$/, '');
  // Checked even when the rule is broken: a caller without the right learns nothing else.
  const may = await mayCallHost(deps.database, claims, hostname);
  if (!may.ok && may.failure.code !== 'own_host') return fail({ code: may.failure.code });
  const broken = rule ?? (may.ok ? null : 'must not be this platform itself');
  return broken === null ? ok(null) : fail({ code: 'base_url_refused', rule: broken });
}

/** An address with its key and settings, and the model that gets a test prompt. */
type TestedProvider = Omit<TestProviderRequest, 'settings'> & { settings: ProviderSettings };

const test = ({ kind, base_url, api_key, settings, test_model }: TestedProvider) =>
  testProvider({ kind, base_url, secret: api_key, settings }, test_model);

/** Tests a key at an address and returns the outcome. Nothing is stored. */
export async function tryProviderKey(
  deps: Dependencies,
  claims: SessionClaims,
  { settings = {}, ...request }: TestProviderRequest,
): Promise<Result<ProviderTest, TryRefusal>> {
  const address = await checkAddress(deps, claims, request.base_url);
  if (!address.ok) return address;
  return ok(await test({ ...request, settings: changedSettings(defaultSettings, settings) }));
}

/** Tests a key and encrypts it for its provider and address. Fails when the test does. */
export async function sealTestedKey(
  deps: Dependencies,
  binding: KeyBinding,
  provider: TestedProvider,
): Promise<Result<string, { code: 'provider_test_failed'; test: ProviderTest }>> {
  const outcome = await test(provider);
  if (!outcome.ok) return fail({ code: 'provider_test_failed', test: outcome });
  return ok(await encryptProviderKey(deps.settings.KEY_RING, binding, provider.api_key));
}
