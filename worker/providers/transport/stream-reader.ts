import type { ProviderFailure, StreamEvent } from '../provider.ts';
import { invalidResponse } from './failure.ts';
import type { ServerSentEvent } from './server-sent-events.ts';

/** How one provider's stream is understood: each event as it comes, and what the end of the body means. No I/O. */
export type StreamReader = {
  /** What an event says. A terminal event ends the stream. Throws nothing: what cannot be read is a failure. */
  read(event: ServerSentEvent): StreamEvent[];
  /** The answer's own end, when it is known to be whole although nothing more comes; null when its end is missing. */
  end(): StreamEvent | null;
};

/** The end of a stream that failed. */
export const failed = (failure: ProviderFailure): StreamEvent => ({ type: 'failed', failure });

/** An event that cannot be read makes the rest worthless: what it said is missing from the answer. */
export const unreadable = (message: string): StreamEvent[] => [failed(invalidResponse(message))];

/** The data of an event as JSON; undefined when it is not. */
export function jsonOf(data: string): unknown {
  try {
    return JSON.parse(data);
  } catch {
    return undefined;
  }
}
