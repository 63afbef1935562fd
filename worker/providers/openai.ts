import OpenAI from 'openai';
import { callProvider } from './call-provider.ts';
import { guardedFetch } from './guarded-fetch.ts';
import { chatCompletionParams, readChatCompletion, readChatError } from './openai-wire.ts';
import type { CompleteCall } from './provider.ts';

const OFFICIAL_BASE_URL = 'https://api.openai.com/v1';

/**
 * One chat completion at OpenAI or a compatible server. Every setting that the SDK would otherwise take from environment
 * variables is given here: they hold the platform's own credentials, which must not reach a tenant's base URL.
 */
export const completeWithOpenAi: CompleteCall = (target, request, callerSignal) =>
  callProvider(target, callerSignal, {
    call: async (signal) => {
      const client = new OpenAI({
        apiKey: target.api_key,
        adminAPIKey: null,
        organization: null,
        project: null,
        webhookSecret: null,
        baseURL: target.base_url ?? OFFICIAL_BASE_URL,
        fetch: guardedFetch,
        maxRetries: 0,
        timeout: target.timeout_ms,
        logLevel: 'off',
      });
      return await client.chat.completions.create(chatCompletionParams(request, target.base_url), { signal });
    },
    readAnswer: readChatCompletion,
    readError: readChatError,
  });
