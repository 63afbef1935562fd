import Anthropic from '@anthropic-ai/sdk';
import type { Adapter, ProviderTarget } from '../provider.ts';
import { callProvider } from '../transport/call-provider.ts';
import { guardedFetch, guardedStreamFetch } from '../transport/guarded-fetch.ts';
import { streamProvider } from '../transport/stream-provider.ts';
import { readMessage, readMessageError } from './answer.ts';
import { messageParams } from './request.ts';
import { readMessageStream } from './stream.ts';

const OFFICIAL_BASE_URL = 'https://api.anthropic.com';

/**
 * The SDK's client. Every setting that it would otherwise take from environment variables is given here: they hold the
 * platform's own credentials, which must not reach a tenant's base URL. The timeout is not optional either: without one
 * the SDK refuses large `max_tokens` before it calls.
 */
const clientOf = (target: ProviderTarget, fetch: typeof guardedFetch): Anthropic =>
  new Anthropic({
    apiKey: target.api_key,
    authToken: null,
    webhookKey: null,
    baseURL: target.base_url ?? OFFICIAL_BASE_URL,
    fetch,
    maxRetries: 0,
    timeout: target.timeout_ms,
    logLevel: 'off',
    openTelemetry: false,
  });

/** Messages at Anthropic. */
export const anthropicAdapter: Adapter = {
  complete: (target, request, callerSignal) =>
    callProvider(target, callerSignal, {
      call: async (signal) =>
        await clientOf(target, guardedFetch).messages.create(messageParams(request), { signal }),
      readAnswer: readMessage,
      readError: readMessageError,
    }),
  stream: (target, request, callerSignal, patience) =>
    streamProvider(target, callerSignal, patience, {
      open: async (signal) =>
        await clientOf(target, guardedStreamFetch)
          .messages.create({ ...messageParams(request), stream: true }, { signal })
          .asResponse(),
      readError: readMessageError,
      reader: readMessageStream,
    }),
};
