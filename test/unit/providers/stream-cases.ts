import { expect } from 'vitest';
import type { StreamEvent } from '../../../worker/providers/provider.ts';
import type { ServerSentEvent } from '../../../worker/providers/transport/server-sent-events.ts';
import type { StreamReader } from '../../../worker/providers/transport/stream-reader.ts';

/** An event of a stream: its data, or its name and its data. */
export type Frame = object | string | [string, object];

/** All that a reader makes of these events, up to the terminal one; then the body ends. */
export function readAll(reader: StreamReader<ServerSentEvent>, frames: readonly Frame[]): StreamEvent[] {
  const events: StreamEvent[] = [];
  for (const frame of frames) {
    const [event, data] = Array.isArray(frame) ? frame : [null, frame];
    events.push(...reader.read({ event, data: typeof data === 'string' ? data : JSON.stringify(data) }));
    if (events.at(-1)?.type === 'done' || events.at(-1)?.type === 'failed') return events;
  }
  const end = reader.end();
  return end === null ? events : [...events, ...(reader.rest?.() ?? []), end];
}

/** Usage without cached tokens and reasoning. */
export const plainUsage = (input_tokens: number, output_tokens: number) => ({
  input_tokens,
  cache_read_tokens: 0,
  cache_write_tokens: 0,
  output_tokens,
  reasoning_tokens: 0,
});

/** An id that was made for a call without one. */
export const anyCallId = expect.stringMatching(/^call_[0-9a-f]{24}$/);
