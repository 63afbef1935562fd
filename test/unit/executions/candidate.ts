import type { AppliedPrice } from '../../../contracts/catalog/price.ts';
import { defaultSettings } from '../../../contracts/catalog/provider-settings.ts';
import { PLATFORM_TENANT_ID } from '../../../contracts/tenants/platform.ts';
import type { WholesaleHold } from '../../../contracts/wallet/budget-terms.ts';
import type { Candidate } from '../../../worker/db/snapshots.ts';
import { HARD_LIFETIME } from '../wallet/simulated-wallet.ts';

/** Candidates for tests of plans and keys. */

export const rates = { input: 1_000, cache_read: 100, cache_write: 1_000, output: 4_000 };
export const price: AppliedPrice = {
  list: 'tenant',
  model_id: '00000000-0000-7000-8000-00000000000b',
  version: 3,
  wallet_tokens_per_1000: rates,
  cost_list: 'platform',
  cost_version: 7,
  micro_usd_per_million: { input: 2_000_000, cache_read: 200_000, cache_write: 3_000_000, output: 8_000_000 },
};

/** A hold of `held` micro-USD on a tenant's budget, sold at the provider's price. */
export const wholesaleHold = (held: number): WholesaleHold => ({
  held,
  terms: { policy: HARD_LIFETIME, markup_basis_points: 0, own_key_fee_micro_usd: 0 },
});

export const candidate = (
  changes: Partial<Candidate> = {},
  provider: Partial<Candidate['provider']> = {},
): Candidate => ({
  public_name: 'auto',
  kind: 'chat',
  provider: {
    tenant_id: PLATFORM_TENANT_ID,
    id: '00000000-0000-7000-8000-00000000000a',
    name: 'OpenAI',
    kind: 'openai',
    base_url: null,
    api_key_ciphertext: null,
    api_key_version: 1,
    settings: defaultSettings,
    ...provider,
  },
  provider_model: 'gpt-5.4-mini',
  created_at_ms: 1_767_225_600_000,
  context_window_tokens: 100_000,
  max_output_tokens: 4_096,
  weight: 1,
  capabilities: {},
  price,
  ...changes,
});
