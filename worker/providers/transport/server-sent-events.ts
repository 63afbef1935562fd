import { createParser } from 'eventsource-parser';

/** One server-sent event: its name, or null when it has none, and its data. */
export type ServerSentEvent = { event: string | null; data: string };

/** The most characters read without a complete event. An event without an end would otherwise fill the isolate's memory. */
const EVENT_LENGTH_MAX = 8 * 1_024 * 1_024;

/**
 * Reads server-sent events, one chunk of the body at a time and only when asked, so that unread data stays with the provider.
 * Yields null as a sign of life for a chunk that completes no event, such as a keep-alive comment. Throws when 8 MiB hold no
 * complete event.
 */
export async function* readServerSentEvents(
  body: ReadableStreamDefaultReader<Uint8Array>,
): AsyncGenerator<ServerSentEvent | null, void> {
  const decoder = new TextDecoder();
  let events: ServerSentEvent[] = [];
  let unfinished_chars = 0;
  const parser = createParser({
    onEvent: ({ event, data }) => events.push({ event: event ?? null, data }),
  });
  while (true) {
    const { done, value } = await body.read();
    const text = done ? decoder.decode() : decoder.decode(value, { stream: true });
    // An empty line completes the last event, which some servers leave open.
    parser.feed(done ? `${text}\n\n` : text);
    unfinished_chars = events.length > 0 ? 0 : unfinished_chars + text.length;
    if (unfinished_chars > EVENT_LENGTH_MAX) throw new Error('An event is longer than 8 MiB');
    yield* events;
    if (done) return;
    if (events.length === 0) yield null;
    events = [];
  }
}
