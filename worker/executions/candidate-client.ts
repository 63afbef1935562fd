import type { ReadyCandidate } from '../catalog/candidates.ts';
import { type ProviderClient, providerClient } from '../providers/provider-client.ts';

/** Returns a client for the provider of a candidate. Its calls last at most `timeout_ms`. */
export function clientOf({ provider, credential }: ReadyCandidate, timeout_ms: number): ProviderClient {
  const { tenant_id, id, settings } = provider;
  return providerClient({ ...credential, provider_id: `${tenant_id}/${id}`, settings, timeout_ms });
}
