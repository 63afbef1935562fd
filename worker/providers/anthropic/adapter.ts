import Anthropic from '@anthropic-ai/sdk';
import type { Adapter, AdapterTarget } from '../provider-kind.ts';
import { preparedPost } from '../transport/prepared-post.ts';
import { cutServerSentEvents } from '../transport/server-sent-events.ts';
import { streamProvider } from '../transport/stream-provider.ts';
import { readMessage, readMessageError } from './answer.ts';
import { messageParams } from './request.ts';
import { readMessageStream } from './stream.ts';

/**
 * The SDK's client. Every setting that it would otherwise read from environment variables is given here: they hold the
 * platform's own credentials, which must not reach a tenant's base URL.
 */
const clientOf = ({ base_url, credential }: AdapterTarget): Anthropic =>
  new Anthropic({
    apiKey: credential.api_key,
    authToken: null,
    webhookKey: null,
    baseURL: base_url,
    openTelemetry: false,
  });

const post = preparedPost('/v1/messages', { clientOf, errorOf: Anthropic.APIError.generate });

/** Calls Anthropic's messages. */
export const anthropicAdapter: Adapter = {
  stream: (target, request, callerSignal, patience) =>
    streamProvider(target, callerSignal, patience, {
      open: (signal) => post(target, { ...messageParams(request), stream: true }, signal),
      readError: readMessageError,
      cutter: cutServerSentEvents,
      reader: readMessageStream,
      readWhole: readMessage,
    }),
};
