import type { Adapter } from '../provider-kind.ts';
import { adjusted, adjustmentsOf } from '../transport/adjustments.ts';
import { preparedPost } from '../transport/prepared-post.ts';
import { postAdjusted } from '../transport/quirks.ts';
import { cutServerSentEvents } from '../transport/server-sent-events.ts';
import { streamProvider } from '../transport/stream-provider.ts';
import { readChatCompletion } from './answer.ts';
import type { ChatDialect } from './dialect.ts';
import { refusesStreams } from './errors.ts';
import { sdk } from './sdk.ts';
import { readChatStream } from './stream.ts';

const post = preparedPost('/chat/completions', sdk);

/**
 * Calls chat completions, in the way that the provider's settings and the quirks of its server ask for. A model that refuses to stream
 * is asked for its answer in one piece within the same attempt.
 */
export const chatCompletionsAdapter = ({ params, readError }: ChatDialect): Adapter => ({
  async stream(target, request, callerSignal, patience) {
    const { settings } = target;
    const body = params(request, target.base_url, settings);
    const streamed = {
      ...body,
      stream: true,
      ...(settings.stream_usage && { stream_options: { include_usage: true } }),
    };
    const owner = { provider_id: target.provider_id, model: request.model };
    const ask = (asked: object) =>
      streamProvider(target, callerSignal, patience, {
        readError,
        cutter: cutServerSentEvents,
        reader: readChatStream,
        readWhole: readChatCompletion,
        open: (signal) =>
          postAdjusted(
            owner,
            adjusted(asked, adjustmentsOf(settings)),
            (sent) => post(target, sent, signal),
            readError,
          ),
      });
    const start = await ask(streamed);
    if (start.ok || !refusesStreams(start.failure)) return start;
    const whole = await ask(body);
    return whole.ok ? whole : { ...whole, asked_whole: true };
  },
});
