import type { Completion, ProviderResult, StreamEvent, StreamStart } from '../provider.ts';

/** An answer in one piece as the events of a stream, for those who asked for one. */
async function* eventsOf({
  text,
  tool_calls,
  finish_reason,
  usage,
}: Completion): AsyncGenerator<StreamEvent, void> {
  if (text !== '') yield { type: 'text', text };
  for (const [index, { id, name, arguments: json }] of tool_calls.entries()) {
    yield { type: 'tool_call', index, id, name };
    yield { type: 'tool_arguments', index, json };
  }
  yield { type: 'done', finish_reason, usage };
}

/** What came in one piece, told as a stream that has begun, or has not. */
export const wholeAsStream = (result: ProviderResult): StreamStart =>
  result.ok ? { ok: true, events: eventsOf(result.completion) } : { ...result, asked_whole: true };
