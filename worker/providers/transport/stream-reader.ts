import type { AnswerExtras, ToolCall } from '../../../contracts/chat/chat.ts';
import { endDetailsOf } from '../chat/end-details.ts';
import { blocksInOrder } from '../chat/order.ts';
import type { Completion, ProviderFailure, StreamEvent } from '../provider.ts';
import { invalidResponse } from './failure.ts';

/**
 * Reads one provider's stream: each frame as it arrives, and the end of the body. A frame is the unit of the wire format, such as
 * a server-sent event. Pure.
 */
export type StreamReader<Frame> = {
  /** The events that a frame holds. A terminal event ends the stream. A frame that cannot be read is a failure, never thrown. */
  read(frame: Frame): StreamEvent[];
  /** The events that the answer owes before {@link end}, such as the empty arguments of a call. */
  rest?(): StreamEvent[];
  /** The terminal event if the answer is complete although nothing follows; null when its end is missing. */
  end(): StreamEvent | null;
  /**
   * The part of the stream that has not come: more of the answer, its usage, or nothing but the end of the body. A silent server is
   * waited for as long as something is expected. Without it, an answer that is complete expects nothing.
   */
  expects?(): 'answer' | 'usage' | 'nothing';
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

/** A number of so many digits may be none that JavaScript can hold. */
const LONG_NUMBER_DIGITS = 16;

const isDigit = (text: string, at: number): boolean => {
  const code = text.charCodeAt(at);
  return code >= 0x30 && code <= 0x39;
};

/** True if a text has a row of so many digits. It looks at every sixteenth character, since each frame of a stream is looked at. */
export function hasLongNumber(text: string): boolean {
  for (let at = LONG_NUMBER_DIGITS - 1; at < text.length; at += LONG_NUMBER_DIGITS) {
    let first = at;
    while (isDigit(text, first) && isDigit(text, first - 1)) first -= 1;
    let end = at;
    while (isDigit(text, end)) end += 1;
    if (end - first >= LONG_NUMBER_DIGITS) return true;
  }
  return false;
}

/** Functions of the language that its types do not know yet: the text of a number, and a number that is written as that text. */
const { parse, rawJSON } = JSON as unknown as {
  parse(
    text: string,
    reviver: (name: string, value: unknown, context: { source?: string }) => unknown,
  ): unknown;
  rawJSON(text: string): unknown;
};

const exact = (_name: string, value: unknown, { source }: { source?: string }): unknown =>
  typeof value === 'number' && source !== undefined && String(value) !== source ? rawJSON(source) : value;

/**
 * The text as JSON; undefined when it is not. Numbers that JavaScript cannot hold, such as ids beyond 2^53, are written as they came
 * when the value is written as JSON again.
 */
export function jsonOf(text: string): unknown {
  try {
    return hasLongNumber(text) ? parse(text, exact) : JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** An answer that arrived in one piece, as the events of a stream. */
export const eventsOfCompletion = (completion: Completion): StreamEvent[] => {
  const { text, tool_calls, finish_reason, usage, usage_corrected } = completion;
  return [
    ...piecesOfAnswer(text, tool_calls, completion),
    { type: 'done', finish_reason, usage, usage_corrected, ...endDetailsOf(completion) },
  ];
};

const callEvents = (call: ToolCall | undefined, index: number) =>
  call === undefined
    ? []
    : [
        {
          ...{ type: 'tool_call' as const, index, id: call.id, name: call.name },
          ...(call.extra_content !== undefined && { extra_content: call.extra_content }),
        },
        { type: 'tool_arguments' as const, index, json: call.arguments },
      ];

/** The events that say a complete answer. */
export function piecesOfAnswer(
  text: string,
  tool_calls: readonly ToolCall[],
  { reasoning = [], reasoning_details, extra_content, order }: AnswerExtras,
): Exclude<StreamEvent, { type: 'done' | 'failed' }>[] {
  const carried = {
    ...(reasoning_details !== undefined && { reasoning_details }),
    ...(extra_content !== undefined && { extra_content }),
  };
  const blocks = blocksInOrder({ reasoning, texts: [{ text }], calls: tool_calls.length, order });
  return [
    ...blocks.flatMap((block): Exclude<StreamEvent, { type: 'done' | 'failed' }>[] => {
      if (block.type === 'reasoning') return [{ type: 'reasoning', ...block.reasoning }];
      if (block.type === 'text') return [{ type: 'text', text: block.text.text }];
      return callEvents(tool_calls[block.call], block.call);
    }),
    ...(Object.keys(carried).length === 0 ? [] : [{ type: 'carried' as const, ...carried }]),
  ];
}
