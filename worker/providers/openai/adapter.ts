import OpenAI from 'openai';
import type { Adapter, ProviderTarget } from '../provider.ts';
import { callProvider } from '../transport/call-provider.ts';
import { guardedFetch, guardedStreamFetch } from '../transport/guarded-fetch.ts';
import { streamProvider } from '../transport/stream-provider.ts';
import { wholeAsStream } from '../transport/whole-as-stream.ts';
import { readChatCompletion, readChatError, refusesStreams } from './answer.ts';
import { chatCompletionParams } from './request.ts';
import { readChatStream } from './stream.ts';

const OFFICIAL_BASE_URL = 'https://api.openai.com/v1';

/**
 * The SDK's client. Every setting that it would otherwise take from environment variables is given here: they hold the
 * platform's own credentials, which must not reach a tenant's base URL.
 */
const clientOf = (target: ProviderTarget, fetch: typeof guardedFetch): OpenAI =>
  new OpenAI({
    apiKey: target.api_key,
    adminAPIKey: null,
    organization: null,
    project: null,
    webhookSecret: null,
    baseURL: target.base_url ?? OFFICIAL_BASE_URL,
    fetch,
    maxRetries: 0,
    timeout: target.timeout_ms,
    logLevel: 'off',
  });

const complete: Adapter['complete'] = (target, request, callerSignal) =>
  callProvider(target, callerSignal, {
    call: async (signal) =>
      await clientOf(target, guardedFetch).chat.completions.create(
        chatCompletionParams(request, target.base_url),
        { signal },
      ),
    readAnswer: readChatCompletion,
    readError: readChatError,
  });

/** Chat completions at OpenAI or a compatible server. A model that is not streamed answers in one piece. */
export const openAiAdapter: Adapter = {
  complete,
  async stream(target, request, callerSignal, patience) {
    const start = await streamProvider(target, callerSignal, patience, {
      open: async (signal) =>
        await clientOf(target, guardedStreamFetch)
          .chat.completions.create(
            {
              ...chatCompletionParams(request, target.base_url),
              stream: true,
              stream_options: { include_usage: true },
            },
            { signal },
          )
          .asResponse(),
      readError: readChatError,
      reader: readChatStream,
    });
    if (start.ok || !refusesStreams(start.failure)) return start;
    const timeout_ms = patience.first_event_timeout_ms;
    return wholeAsStream(await complete({ ...target, timeout_ms }, request, callerSignal));
  },
};
