import type { ReasoningPart } from '../../../contracts/chat/chat.ts';
import type { DoneEvent } from '../failover/task-stream.ts';
import type { Completion, StreamEvent } from '../provider.ts';
import { endDetailsOf } from './end-details.ts';
import { lastKind, orderWith } from './order.ts';
import { withDetails } from './reasoning-details.ts';

/** Puts the events of a stream together to one answer. Pure. */

/** The answer before its first event. `usage` is null until the stream reports it. */
export const emptyCompletion: Completion = { text: '', tool_calls: [], finish_reason: 'stop', usage: null };

/** An answer that was stopped because it took too long or grew too long. It ends as one that reached its output limit. */
export const truncated = (collected: Completion): Completion => ({ ...collected, finish_reason: 'length' });

/**
 * Two consecutive pieces of reasoning as one, or null if the first is complete: a signature ends a piece, and encrypted reasoning is a
 * piece of its own. Pure.
 */
export function mergeReasoning(before: ReasoningPart, after: ReasoningPart): ReasoningPart | null {
  if (before.signature !== undefined || before.encrypted !== undefined || after.encrypted !== undefined)
    return null;
  const { signature } = after;
  return { text: before.text + after.text, ...(signature !== undefined && { signature }) };
}

/** Adds reasoning: to the last piece if nothing was said since and it is not complete, else as a piece of its own. */
function withReasoning(collected: Completion, { text, signature, encrypted }: ReasoningPart): Completion {
  const parts = collected.reasoning ?? [];
  const part = {
    text,
    ...(signature !== undefined && { signature }),
    ...(encrypted !== undefined && { encrypted }),
  };
  const last = lastKind(collected) === 'reasoning' ? parts.at(-1) : undefined;
  const merged = last === undefined ? null : mergeReasoning(last, part);
  if (merged !== null) return { ...collected, reasoning: [...parts.slice(0, -1), merged] };
  return { ...collected, reasoning: [...parts, part], ...orderWith(collected, { type: 'reasoning' }) };
}

/** The answer with one more event. Pure. */
export function appendEvent(collected: Completion, event: StreamEvent): Completion {
  switch (event.type) {
    case 'text':
      return {
        ...collected,
        text: collected.text + event.text,
        ...orderWith(collected, { type: 'text', length: event.text.length }),
      };
    case 'tool_call': {
      const { id, name, extra_content } = event;
      const call = { id, name, arguments: '', ...(extra_content !== undefined && { extra_content }) };
      return {
        ...collected,
        tool_calls: [...collected.tool_calls, call],
        ...orderWith(collected, { type: 'tool_call' }),
      };
    }
    case 'tool_arguments':
      return {
        ...collected,
        tool_calls: collected.tool_calls.map((call, index) =>
          index === event.index ? { ...call, arguments: call.arguments + event.json } : call,
        ),
      };
    case 'done':
      return endedBy(collected, event);
    case 'reasoning':
      return withReasoning(collected, event);
    case 'carried':
      return withCarried(collected, event);
    case 'input_told':
      return { ...collected, input_told: event.usage };
    case 'failed':
      return collected;
  }
}

/** The answer with its end. Pure. */
export function endedBy(
  collected: Completion,
  { finish_reason, usage, usage_corrected, ...details }: Omit<DoneEvent, 'type'>,
): Completion {
  return {
    ...collected,
    finish_reason: finish_reason ?? 'stop',
    usage,
    ...(usage_corrected === true && { usage_corrected }),
    ...endDetailsOf(details),
  };
}

/** Adds what a server wants back with the message: details with their pieces put together, and the newest value of each other field. */
function withCarried(
  collected: Completion,
  { reasoning_details = [], extra_content }: Extract<StreamEvent, { type: 'carried' }>,
): Completion {
  const details = withDetails(collected.reasoning_details ?? [], reasoning_details);
  return {
    ...collected,
    ...(details.length > 0 && { reasoning_details: details }),
    ...(extra_content !== undefined && { extra_content: { ...collected.extra_content, ...extra_content } }),
  };
}
