import { audiosOf, documentsOf, imagesOf } from '../chat/conversation.ts';
import { openAiKind } from '../openai/kind.ts';
import type { NeutralRequest } from '../provider.ts';
import { type KeyCredential, type ProviderKindModule, unsupportedToolName } from '../provider-kind.ts';
import { DEEPSEEK_STOPS_MAX, deepSeekDialect } from './dialect.ts';

/**
 * The reason why no DeepSeek model can serve the request; null when it can be served. Messages hold text only, and the response
 * formats are `text` and `json_object` (https://api-docs.deepseek.com/api/create-chat-completion, guides/json_mode).
 */
function unsupportedByDeepSeek(request: NeutralRequest): string | null {
  if (imagesOf(request).length > 0) return 'This model takes no images';
  if (documentsOf(request).length > 0) return 'This model takes no documents';
  if (audiosOf(request).length > 0) return 'This model takes no audio';
  if (request.response_format?.type === 'json_schema')
    return 'This model answers any JSON object, not JSON of a schema: use json_object';
  return unsupportedToolName(request);
}

/** DeepSeek: OpenAI's chat completions with a dialect of its own. */
export const deepSeekKind: ProviderKindModule<KeyCredential> = {
  ...openAiKind,
  unsupported: unsupportedByDeepSeek,
  imageTokensBound: () => 0,
  stops_max: DEEPSEEK_STOPS_MAX,
  keeps_to_one_call: false,
  loadAdapter: async () => (await import('../openai/adapter.ts')).chatCompletionsAdapter(deepSeekDialect),
};
