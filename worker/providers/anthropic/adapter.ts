import Anthropic from '@anthropic-ai/sdk';
import type { Adapter, AdapterTarget } from '../provider-kind.ts';
import { guardedStreamFetch } from '../transport/guarded-fetch.ts';
import { readServerSentEvents } from '../transport/server-sent-events.ts';
import { streamProvider } from '../transport/stream-provider.ts';
import { readMessage, readMessageError } from './answer.ts';
import { messageParams } from './request.ts';
import { readMessageStream } from './stream.ts';

/**
 * The SDK's client. Every setting that it would otherwise read from environment variables is given here: they hold the
 * platform's own credentials, which must not reach a tenant's base URL. The timeout is required: without one the SDK refuses
 * large `max_tokens` before it calls.
 */
const clientOf = ({ base_url, credential, timeout_ms }: AdapterTarget): Anthropic =>
  new Anthropic({
    apiKey: credential.api_key,
    authToken: null,
    webhookKey: null,
    baseURL: base_url,
    fetch: guardedStreamFetch,
    maxRetries: 0,
    timeout: timeout_ms,
    logLevel: 'off',
    openTelemetry: false,
  });

/** Calls Anthropic's messages. */
export const anthropicAdapter: Adapter = {
  stream: (target, request, callerSignal, patience) =>
    streamProvider(target, callerSignal, patience, {
      open: async (signal) =>
        await clientOf(target)
          .messages.create({ ...messageParams(request), stream: true }, { signal })
          .asResponse(),
      readError: readMessageError,
      frames: readServerSentEvents,
      reader: readMessageStream,
      readWhole: readMessage,
    }),
};
