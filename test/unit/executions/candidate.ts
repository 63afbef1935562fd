import type { AppliedPrice } from '../../../contracts/price.ts';
import type { Candidate } from '../../../worker/db/snapshots.ts';

/** Candidates for tests of plans and keys. */

const PLATFORM = '00000000-0000-7000-8000-000000000001';
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

export const candidate = (
  changes: Partial<Candidate> = {},
  provider: Partial<Candidate['provider']> = {},
): Candidate => ({
  public_name: 'auto',
  provider: {
    tenant_id: PLATFORM,
    id: '00000000-0000-7000-8000-00000000000a',
    name: 'OpenAI',
    kind: 'openai',
    base_url: null,
    api_key_ciphertext: null,
    api_key_version: 1,
    ...provider,
  },
  provider_model: 'gpt-5.4-mini',
  context_window_tokens: 100_000,
  max_output_tokens: 4_096,
  capabilities: {},
  price,
  ...changes,
});
