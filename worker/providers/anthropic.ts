import Anthropic from '@anthropic-ai/sdk';
import { messageParams, readMessage, readMessageError } from './anthropic-wire.ts';
import { callProvider } from './call-provider.ts';
import { guardedFetch } from './guarded-fetch.ts';
import type { CompleteCall } from './provider.ts';

const OFFICIAL_BASE_URL = 'https://api.anthropic.com';

/**
 * One message at Anthropic. Every setting that the SDK would otherwise take from environment variables is given here:
 * they hold the platform's own credentials, which must not reach a tenant's base URL. The timeout is not optional
 * either: without one the SDK refuses large `max_tokens` before it calls.
 */
export const completeWithAnthropic: CompleteCall = (target, request, callerSignal) =>
  callProvider(target, callerSignal, {
    call: async (signal) => {
      const client = new Anthropic({
        apiKey: target.api_key,
        authToken: null,
        webhookKey: null,
        baseURL: target.base_url ?? OFFICIAL_BASE_URL,
        fetch: guardedFetch,
        maxRetries: 0,
        timeout: target.timeout_ms,
        logLevel: 'off',
        openTelemetry: false,
      });
      return await client.messages.create(messageParams(request), { signal });
    },
    readAnswer: readMessage,
    readError: readMessageError,
  });
