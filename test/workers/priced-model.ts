import { sql } from 'drizzle-orm';
import { asOwner } from './checked-wallet.ts';

const PLATFORM = '00000000-0000-7000-8000-000000000001';

/**
 * Adds a platform model at a provider of kind openai without a key of its own. One provider token costs one wallet token. `provider_model`
 * is its name at the provider.
 */
export async function addModel(name: string, provider_model = 'gpt'): Promise<void> {
  const [provider, model] = [crypto.randomUUID(), crypto.randomUUID()];
  await asOwner(
    sql`insert into ai_providers (tenant_id, id, name, kind, priority)
      values (${PLATFORM}, ${provider}, ${provider}, 'openai', 10)`,
    sql`insert into ai_models (tenant_id, id, provider_id, public_name, provider_model, context_window_tokens, max_output_tokens)
      values (${PLATFORM}, ${model}, ${provider}, ${name}, ${provider_model}, 8000, 1000)`,
    sql`insert into ai_model_prices (tenant_id, model_tenant_id, model_id, version,
        input_micro_usd_per_million, cache_read_micro_usd_per_million, cache_write_micro_usd_per_million,
        output_micro_usd_per_million, input_wallet_tokens_per_1000, cache_read_wallet_tokens_per_1000,
        cache_write_wallet_tokens_per_1000, output_wallet_tokens_per_1000)
      values (${PLATFORM}, ${PLATFORM}, ${model}, 1, 1, 1, 1, 1, 1000, 1000, 1000, 1000)`,
  );
}
