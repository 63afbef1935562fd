import type { Completion, StreamEvent } from '../providers/provider.ts';

/** What has been said so far, as a completion would hold it. `usage` null until the stream tells it. */
export const emptyCompletion: Completion = { text: '', tool_calls: [], finish_reason: 'stop', usage: null };

/** What had been said when we broke an answer off, because it took too long or was too long: it counts as having reached its limit. */
export const truncated = (said: Completion): Completion => ({ ...said, finish_reason: 'length' });

/** The pieces of a stream put together. Pure. Reasoning is no part of the answer. */
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
