import { believedUsage, charsIn } from '../chat/said.ts';
import type { StreamEvent } from '../provider.ts';
import { isErrorText } from '../transport/body-error.ts';
import { invalidResponse } from '../transport/failure.ts';
import type { ServerSentEvent } from '../transport/server-sent-events.ts';
import { failed, jsonOf, type StreamReader, unreadable } from '../transport/stream-reader.ts';
import {
  endOfContent,
  errorInContent,
  eventsOfPart,
  isAnswer,
  readGenerated,
  readGoogleError,
} from './answer.ts';
import { mergeGoogleUsage, readGoogleUsage } from './usage.ts';

/**
 * Reads a stream of Google's generateContent: each event is an answer that holds the new parts. Only the end of the body marks
 * the end, so the answer is complete after a finish reason or a block reason, or a proxy's `[DONE]`. Every event reports the usage so far.
 * An event that is no JSON is passed over, and the answer fails if it cannot be told without it.
 */
class ContentReader {
  readonly #count = { calls: 0 };
  #hasAnswer = false;
  #spoke = false;
  #said_chars = 0;
  #reason: string | null = null;
  #isBlocked = false;
  #isMarked = false;
  /** True if nothing was said in the event that told the reason, nor after it: a reason beside text may be repeated. */
  #isOver = false;
  #usage: Record<string, unknown> | null = null;
  #unread: string | null = null;

  read({ data }: ServerSentEvent): StreamEvent[] {
    const json = jsonOf(data);
    if (json === undefined) return this.#readText(data.trim());
    const error = errorInContent(json);
    if (error !== undefined) return [failed(readGoogleError(error, null))];
    const generated = readGenerated(json);
    if (generated === null) return unreadable('An event is not generated content');
    this.#usage = mergeGoogleUsage(this.#usage, generated.usage);
    this.#reason = generated.reason ?? this.#reason;
    this.#isBlocked ||= generated.isBlocked;
    return this.#say(generated.parts.flatMap((part) => eventsOfPart(part, this.#count)));
  }

  end(): StreamEvent | null {
    const isTold = this.#reason !== null || this.#isBlocked || (this.#isMarked && this.#spoke);
    if (this.#unread !== null && (!isTold || !this.#spoke)) return failed(invalidResponse(this.#unread));
    return isTold ? this.#end() : null;
  }

  expects(): 'answer' | 'usage' | 'nothing' {
    if (this.#reason === null && !this.#isBlocked && !this.#isMarked) return 'answer';
    // A reason before anything was said may stand at the head of the answer.
    return this.#isOver && this.#spoke ? 'nothing' : 'usage';
  }

  #say(events: StreamEvent[]): StreamEvent[] {
    this.#hasAnswer ||= events.some(isAnswer);
    this.#spoke ||= events.some(({ type }) => type !== 'carried');
    this.#said_chars += charsIn(events);
    this.#isOver = events.length === 0;
    return events;
  }

  /** Some servers keep the connection alive with events that are no JSON, or end a stream as OpenAI does. */
  #readText(text: string): StreamEvent[] {
    if (isErrorText(text)) return [failed(readGoogleError(text, null))];
    this.#isMarked ||= text === '[DONE]';
    if (text.startsWith('{')) this.#unread ??= 'An event is not JSON';
    return [];
  }

  #end(): StreamEvent {
    const usage = readGoogleUsage(this.#usage, this.#hasAnswer);
    const end = endOfContent({
      ...{ reason: this.#reason, isBlocked: this.#isBlocked },
      ...{ spoke: this.#spoke, calls: this.#count.calls, usage },
    });
    if (typeof end === 'object') return failed(end);
    return { type: 'done', finish_reason: end, usage: believedUsage(usage, this.#said_chars) };
  }
}

/** A reader for one stream. */
export function readContentStream(): StreamReader<ServerSentEvent> {
  const content = new ContentReader();
  return {
    read: (event) => content.read(event),
    end: () => content.end(),
    expects: () => content.expects(),
  };
}
