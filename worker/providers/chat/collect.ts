import { eventBytes, outputBytesMax } from '../metering/token-bound.ts';
import type { Completion, ProviderResult, StreamEvent, StreamStart } from '../provider.ts';

/** Collects the events of a stream into one answer. */

/** The answer before its first event. `usage` is null until the stream reports it. */
export const emptyCompletion: Completion = { text: '', tool_calls: [], finish_reason: 'stop', usage: null };

/** An answer that was stopped because it took too long or grew too long. It ends as one that reached its output limit. */
export const truncated = (collected: Completion): Completion => ({ ...collected, finish_reason: 'length' });

/** The answer with one more event. Reasoning is not part of the answer. Pure. */
export function appendEvent(collected: Completion, event: StreamEvent): Completion {
  switch (event.type) {
    case 'text':
      return { ...collected, text: collected.text + event.text };
    case 'tool_call': {
      const { id, name } = event;
      return { ...collected, tool_calls: [...collected.tool_calls, { id, name, arguments: '' }] };
    }
    case 'tool_arguments':
      return {
        ...collected,
        tool_calls: collected.tool_calls.map((call, index) =>
          index === event.index ? { ...call, arguments: call.arguments + event.json } : call,
        ),
      };
    case 'done':
      return { ...collected, finish_reason: event.finish_reason, usage: event.usage };
    case 'reasoning':
    case 'failed':
      return collected;
  }
}

/**
 * Reads a stream to its end as one answer. A failure on the way is the result. An answer that exceeds the bytes of its output
 * limit is truncated.
 */
export async function collectStream(start: StreamStart, max_output_tokens: number): Promise<ProviderResult> {
  if (!start.ok) return { ok: false, failure: start.failure };
  let completion = emptyCompletion;
  let output_bytes = 0;
  for await (const event of start.events) {
    if (event.type === 'failed') return { ok: false, failure: event.failure };
    completion = appendEvent(completion, event);
    output_bytes += eventBytes(event);
    if (output_bytes > outputBytesMax(max_output_tokens))
      return { ok: true, completion: truncated(completion) };
  }
  return { ok: true, completion };
}
