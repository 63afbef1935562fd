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
  keeps_to_one_call: true,
  takes_instructions_apart: false,
  sentExtra: ({ extra }) => (extra === undefined ? null : boundedExtra(extra)),
  models: {
    path: '/models',
    headers: ({ api_key }) => ({ authorization: `Bearer ${api_key}` }),
    names: modelIds,
  },
  async loadAdapter() {
    const [chat, embeddings, images, speech, transcriptions, moderations] = await Promise.all([
      import('./adapter.ts'),
      import('./endpoints/embeddings.ts'),
      import('./endpoints/images.ts'),
      import('./endpoints/speech.ts'),
      import('./endpoints/transcriptions.ts'),
      import('./endpoints/moderations.ts'),
    ]);
    return {
      ...chat.chatCompletionsAdapter(openAiDialect),
      embed: embeddings.embedByOpenAi,
      generateImages: images.generateImagesByOpenAi,
      speak: speech.speakByOpenAi,
      transcribe: transcriptions.transcribeByOpenAi,
      moderate: moderations.moderateByOpenAi,
    };
  },
};
