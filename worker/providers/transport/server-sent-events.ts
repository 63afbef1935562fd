import { createParser } from 'eventsource-parser';
import type { FrameCutter } from './stream-reader.ts';

/** One server-sent event: its name, or null when it has none, and its data. */
export type ServerSentEvent = { event: string | null; data: string };

/** The most characters read without a complete event. An event without an end would otherwise fill the isolate's memory. */
const EVENT_LENGTH_MAX = 8 * 1_024 * 1_024;

/** Cuts a body into server-sent events. Throws when 8 MiB hold no complete event. */
export function cutServerSentEvents(): FrameCutter<ServerSentEvent> {
  const decoder = new TextDecoder();
  let events: ServerSentEvent[] = [];
  let unfinished_chars = 0;
  const parser = createParser({
    onEvent: ({ event, data }) => events.push({ event: event ?? null, data }),
  });
  const feed = (text: string): ServerSentEvent[] => {
    parser.feed(text);
    const complete = events;
    events = [];
    unfinished_chars = complete.length > 0 ? 0 : unfinished_chars + text.length;
    if (unfinished_chars > EVENT_LENGTH_MAX) throw new Error('An event is longer than 8 MiB');
    return complete;
  };
  return {
    cut: (bytes) => feed(decoder.decode(bytes, { stream: true })),
    // An empty line completes the last event, which some servers leave open.
    end: () => feed(`${decoder.decode()}\n\n`),
  };
}
