import OpenAI from 'openai';
import type { Adapter, AdapterTarget } from '../provider-kind.ts';
import { preparedPost } from '../transport/prepared-post.ts';
import { cutServerSentEvents } from '../transport/server-sent-events.ts';
import { streamProvider } from '../transport/stream-provider.ts';
import { readChatCompletion, refusesStreams } from './answer.ts';
import type { ChatDialect } from './dialect.ts';
import { readChatStream } from './stream.ts';

/**
 * The SDK's client. Every setting that it would otherwise read from environment variables is given here: they hold the
 * platform's own credentials, which must not reach a tenant's base URL.
 */
const clientOf = ({ base_url, credential }: AdapterTarget): OpenAI =>
  new OpenAI({
    apiKey: credential.api_key,
    adminAPIKey: null,
    organization: null,
    project: null,
    webhookSecret: null,
    baseURL: base_url,
  });

const post = preparedPost('/chat/completions', { clientOf, errorOf: OpenAI.APIError.generate });

/** Calls chat completions. A model that refuses to stream is asked for its answer in one piece within the same attempt. */
export const chatCompletionsAdapter = ({ params, readError, quirks }: ChatDialect): Adapter => ({
  async stream(target, request, callerSignal, patience) {
    const body = params(request, target.base_url);
    const dialect = {
      readError,
      cutter: cutServerSentEvents,
      reader: () => readChatStream(quirks),
      readWhole: (answer: unknown) => readChatCompletion(answer, quirks),
    };
    const start = await streamProvider(target, callerSignal, patience, {
      ...dialect,
      open: (signal) =>
        post(target, { ...body, stream: true, stream_options: { include_usage: true } }, signal),
    });
    if (start.ok || !refusesStreams(start.failure)) return start;
    const whole = await streamProvider(target, callerSignal, patience, {
      ...dialect,
      open: (signal) => post(target, body, signal),
    });
    return whole.ok ? whole : { ...whole, asked_whole: true };
  },
});
