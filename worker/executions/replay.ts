import type { Executed } from './complete-execution.ts';
import type { LiveEvent } from './stream-execution.ts';

/** An answer that was given before, as a stream would have given it. Pure. */
export function replayOf(executed: Executed): LiveEvent[] {
  const { output_text, tool_calls } = executed.execution;
  const calls = tool_calls.flatMap(({ id, name, arguments: json }, index): LiveEvent[] => [
    { type: 'tool_call', index, id, name },
    { type: 'tool_arguments', index, json },
  ]);
  const text: LiveEvent[] = output_text === '' ? [] : [{ type: 'text', text: output_text }];
  return [...text, ...calls, { type: 'finished', executed }];
}
