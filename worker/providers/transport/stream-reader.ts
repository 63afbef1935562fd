import type { Completion, ProviderFailure, StreamEvent } from '../provider.ts';
import { invalidResponse } from './failure.ts';

/**
 * Reads one provider's stream: each frame as it arrives, and the end of the body. A frame is the unit of the wire format, such as
 * a server-sent event. Pure.
 */
export type StreamReader<Frame> = {
  /** The events that a frame holds. A terminal event ends the stream. A frame that cannot be read is a failure, never thrown. */
  read(frame: Frame): StreamEvent[];
  /** The terminal event if the answer is complete although nothing follows; null when its end is missing. */
  end(): StreamEvent | null;
};

/** Cuts one body into frames, piece by piece. Throws for a frame that is too long to hold. */
export type FrameCutter<Frame> = {
  /** The frames that these bytes complete. */
  cut(bytes: Uint8Array): Frame[];
  /** The frames that the end of the body completes. */
  end(): Frame[];
};

/** The end of a stream that failed. */
export const failed = (failure: ProviderFailure): StreamEvent => ({ type: 'failed', failure });

/** A frame that cannot be read ends the stream: the answer would lack its content. */
export const unreadable = (message: string): StreamEvent[] => [failed(invalidResponse(message))];

/** The text as JSON; undefined when it is not. */
export function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** An answer that arrived in one piece, as the events of a stream. */
export const eventsOfCompletion = ({ text, tool_calls, finish_reason, usage }: Completion): StreamEvent[] => [
  ...(text === '' ? [] : [{ type: 'text' as const, text }]),
  ...tool_calls.flatMap(({ id, name, arguments: json }, index): StreamEvent[] => [
    { type: 'tool_call', index, id, name },
    { type: 'tool_arguments', index, json },
  ]),
  { type: 'done', finish_reason, usage },
];
