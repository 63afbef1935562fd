import { createParser } from 'eventsource-parser';
import { fieldsOf } from '../metering/reported-usage.ts';
import { type FrameCutter, jsonOf } from './stream-reader.ts';

/** One server-sent event: its name, or null when it has none, and its data. */
export type ServerSentEvent = { event: string | null; data: string };

/** The most characters read without a complete event. An event without an end would otherwise fill the isolate's memory. */
const EVENT_LENGTH_MAX = 8 * 1_024 * 1_024;

const hasError = (line: string): boolean => {
  const { error, type } = fieldsOf(jsonOf(line)) ?? {};
  return (error !== undefined && error !== null) || type === 'error';
};

const isWhole = (line: string): boolean =>
  line === '[DONE]' || (line.startsWith('{') && jsonOf(line) !== undefined);

/**
 * The data of an event, or of several: some servers leave out the empty line between them, write the name of the field twice, or put
 * an error into an event that they have begun.
 */
function dataOf(data: string): string[] {
  if (!data.includes('\n') && !data.startsWith('data:')) return [data];
  const lines = data.split('\n').map((line) => line.replace(/^(data: ?)+/, ''));
  const said = lines.filter((line) => line.trim() !== '');
  return said.length > 1 && (said.every(isWhole) || said.some(hasError)) ? said : [lines.join('\n')];
}

/** Cuts a body into server-sent events. Throws when 8 MiB hold no complete event. */
export function cutServerSentEvents(): FrameCutter<ServerSentEvent> {
  const decoder = new TextDecoder();
  let events: ServerSentEvent[] = [];
  let unfinished_chars = 0;
  const parser = createParser({
    onEvent: ({ event = null, data }) => events.push(...dataOf(data).map((one) => ({ event, data: one }))),
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
