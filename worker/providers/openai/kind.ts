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
import { openAiImageTokensBound } from './limits.ts';

/** OpenAI, and every server compatible with its chat completions. */
export const openAiKind: ProviderKindModule<KeyCredential> = {
  parseCredential: parseApiKey,
  unsupported: (request) => unsupportedToolName(request) ?? unsupportedDocumentUrl(request),
  unsupportedEmbedding: () => null,
  imageTokensBound: openAiImageTokensBound,
  sentExtra: ({ extra }) => (extra === undefined ? null : boundedExtra(extra)),
  models: {
    path: '/models',
    headers: ({ api_key }) => ({ authorization: `Bearer ${api_key}` }),
    names: modelIds,
  },
  async loadAdapter() {
    const [{ chatCompletionsAdapter }, { embedByOpenAi }] = await Promise.all([
      import('./adapter.ts'),
      import('./embeddings.ts'),
    ]);
    return { ...chatCompletionsAdapter(openAiDialect), embed: embedByOpenAi };
  },
};
