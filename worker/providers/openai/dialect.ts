import type { ChatCompletionCreateParamsNonStreaming } from 'openai/resources/chat/completions';
import type { ProviderSettings } from '../../../contracts/catalog/provider-settings.ts';
import type { NeutralRequest, ProviderFailure } from '../provider.ts';
import { readChatError } from './errors.ts';
import { chatCompletionParams } from './request.ts';

/** Chat completions as one kind speaks them: OpenAI, or a compatible provider with a kind of its own. Pure. */
export type ChatDialect = {
  params(
    request: NeutralRequest,
    base_url: string,
    settings?: ProviderSettings,
  ): ChatCompletionCreateParamsNonStreaming;
  /** Reads an error that the SDK threw. */
  readError(error: unknown, now_ms: number): ProviderFailure;
};

/** OpenAI's own dialect, which compatible servers without a kind of their own share. */
export const openAiDialect: ChatDialect = {
  params: chatCompletionParams,
  readError: readChatError,
};
