import { type KeyCredential, modelIds, type ProviderKindModule, parseApiKey } from '../provider-kind.ts';
import { anthropicImageTokensBound, unsupportedByAnthropic } from './limits.ts';

/** Anthropic's messages. */
export const anthropicKind: ProviderKindModule<KeyCredential> = {
  parseCredential: parseApiKey,
  unsupported: unsupportedByAnthropic,
  imageTokensBound: anthropicImageTokensBound,
  stops_max: null,
  keeps_to_one_call: true,
  takes_instructions_apart: true,
  sentExtra: () => null,
  models: {
    path: '/v1/models?limit=1000',
    headers: ({ api_key }) => ({ 'x-api-key': api_key, 'anthropic-version': '2023-06-01' }),
    names: modelIds,
  },
  loadAdapter: async () => (await import('./adapter.ts')).anthropicAdapter,
};
