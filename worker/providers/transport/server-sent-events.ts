/** One server-sent event: its name, or null where the provider gives none, and its data. */
export type ServerSentEvent = { event: string | null; data: string };

/** No event of an answer is longer. Without a bound, one event without an end would take the isolate's memory. */
const EVENT_LENGTH_MAX = 8 * 1_024 * 1_024;

const lineEnd = /\r\n|\n|\r/;

/** Puts lines together to events, as the standard says; comments and unknown fields are passed over. */
function eventAssembler() {
  let event: string | null = null;
  let data: string[] = [];
  let length = 0;
  return (line: string): ServerSentEvent | null => {
    if (line === '') {
      const whole = data.length === 0 ? null : { event, data: data.join('\n') };
      event = null;
      data = [];
      length = 0;
      return whole;
    }
    length += line.length;
    if (length > EVENT_LENGTH_MAX) throw new Error('An event is longer than 8 MiB');
    const colon = line.indexOf(':');
    const field = colon === -1 ? line : line.slice(0, colon);
    const value = colon === -1 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (field === 'event') event = value;
    if (field === 'data') data.push(value);
    return null;
  };
}

/** Cuts text that arrives in chunks into lines. Only new text is searched, so that a long line costs no more than its length. */
function lineSplitter() {
  let begun: string[] = [];
  let length = 0;
  // A carriage return at the end of a chunk may be half of a line's end.
  let held = '';
  return (chunk: string, isLast: boolean): string[] => {
    const text = held + chunk;
    held = !isLast && text.endsWith('\r') ? '\r' : '';
    const [first = '', ...others] = text.slice(0, text.length - held.length).split(lineEnd);
    begun.push(first);
    length += first.length;
    if (length > EVENT_LENGTH_MAX) throw new Error('An event is longer than 8 MiB');
    if (others.length === 0 && !isLast) return [];
    const lines = [begun.join(''), ...others];
    if (isLast) return [...lines, ''];
    const rest = lines.pop() ?? '';
    begun = [rest];
    length = rest.length;
    return lines;
  };
}

/**
 * Reads server-sent events, one chunk of the body at a time and only when asked: what nobody asks for stays with the
 * provider. Yields null for a chunk that completed no event, such as a keep-alive comment: a sign of life.
 */
export async function* readServerSentEvents(
  body: ReadableStreamDefaultReader<Uint8Array>,
): AsyncGenerator<ServerSentEvent | null, void> {
  const decoder = new TextDecoder();
  const split = lineSplitter();
  const assemble = eventAssembler();
  while (true) {
    const { done, value } = await body.read();
    const text = done ? decoder.decode() : decoder.decode(value, { stream: true });
    const events = split(text, done).flatMap((line) => assemble(line) ?? []);
    yield* events;
    if (done) return;
    if (events.length === 0) yield null;
  }
}
