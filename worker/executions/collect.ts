import type { Completion, StreamEvent } from '../providers/provider.ts';

/** The completion before the first event. `usage` is null until the stream reports it. */
export const emptyCompletion: Completion = { text: '', tool_calls: [], finish_reason: 'stop', usage: null };

/** Returns the part of an answer that was received before it was cut off for its time or its length, as ended at its output limit. */
export const truncated = (said: Completion): Completion => ({ ...said, finish_reason: 'length' });

/** Returns the completion with an event added. Pure. Reasoning is no part of the answer. */
export function appendEvent(said: Completion, event: StreamEvent): Completion {
  switch (event.type) {
    case 'text':
      return { ...said, text: said.text + event.text };
    case 'tool_call': {
      const { id, name } = event;
      return { ...said, tool_calls: [...said.tool_calls, { id, name, arguments: '' }] };
    }
    case 'tool_arguments':
      return {
        ...said,
        tool_calls: said.tool_calls.map((call, index) =>
          index === event.index ? { ...call, arguments: call.arguments + event.json } : call,
        ),
      };
    case 'done':
      return { ...said, finish_reason: event.finish_reason, usage: event.usage };
    case 'reasoning':
    case 'failed':
      return said;
  }
}
