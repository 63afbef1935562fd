import { boundedExtra } from '../chat/extra-parameters.ts';
import {
  type KeyCredential,
  modelIds,
  type ProviderKindModule,
  parseApiKey,
  unsupportedDocumentUrl,
  unsupportedToolName,
} from '../provider-kind.ts';
import { openAiDialect } from './dialect.ts';
import { OPENAI_STOPS_MAX, openAiImageTokensBound } from './limits.ts';

/** OpenAI, and every server compatible with its chat completions. */
export const openAiKind: ProviderKindModule<KeyCredential> = {
  parseCredential: parseApiKey,
  unsupported: (request) => unsupportedToolName(request) ?? unsupportedDocumentUrl(request),
  imageTokensBound: openAiImageTokensBound,
  stops_max: OPENAI_STOPS_MAX,
  sentExtra: ({ extra }) => (extra === undefined ? null : boundedExtra(extra)),
  models: {
    path: '/models',
    headers: ({ api_key }) => ({ authorization: `Bearer ${api_key}` }),
    names: modelIds,
  },
  loadAdapter: async () => (await import('./adapter.ts')).chatCompletionsAdapter(openAiDialect),
};
