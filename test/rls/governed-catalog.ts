import { v7 as uuidv7 } from 'uuid';
import type { SessionClaims } from '../../contracts/api/account/auth.ts';
import { createModelRequest, createPriceRequest } from '../../contracts/api/catalog.ts';
import { defaultSettings } from '../../contracts/catalog/provider-settings.ts';
import { createModel } from '../../worker/db/catalog/models.ts';
import { insertProvider } from '../../worker/db/catalog/providers.ts';
import type { Database } from '../../worker/db/client.ts';
import { got } from './governed-world.ts';
import { text } from './world.ts';

/** Shared by tests of the catalog: providers, models and prices as admins create them. */

export const SECRET = 'v1.1.ciphertext-of-a-key';

export const modelOf = (provider_id: string, changes = {}) =>
  createModelRequest.parse({
    ...{ provider_id, public_name: text('model'), provider_model: 'm', context_window_tokens: 1_000 },
    ...{ max_output_tokens: 100, ...changes },
  });

export const rates = { input: 1, cache_read: 2, cache_write: 3, output: 2 ** 50 };

export const priceOf = (output = 2 ** 50, effective_from: string | null = null) =>
  createPriceRequest.parse({
    micro_usd_per_million: rates,
    wallet_tokens_per_1000: { ...rates, output },
    effective_from,
  });

/** Creates catalog entries as `admin`, or as another caller, and throws when refused. */
export function governedCatalog(worker: Database, admin: SessionClaims) {
  const makeProvider = async (by = admin, changes = {}, requestId: string = uuidv7()) =>
    got(
      await insertProvider(
        worker,
        by,
        {
          ...{ id: uuidv7(), name: text('provider'), kind: 'openai', base_url: 'https://ai.example/v1' },
          ...{ priority: 100, enabled: true, api_key_ciphertext: SECRET, settings: defaultSettings },
          ...changes,
        },
        requestId,
      ),
    );
  return {
    makeProvider,
    async makeModel(by = admin, changes = {}) {
      const provider = await makeProvider(by);
      return { provider, model: got(await createModel(worker, by, modelOf(provider.id, changes), uuidv7())) };
    },
  };
}
