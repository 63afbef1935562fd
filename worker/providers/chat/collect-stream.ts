import { eventBytes, outputBytesMax } from '../metering/token-bound.ts';
import type { ProviderResult, StreamStart } from '../provider.ts';
import { appendEvent, emptyCompletion, truncated } from './collect.ts';

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
