import { z } from 'zod';
import { calledToolName, toolCallId } from '../../../contracts/chat.ts';
import { fieldsOf } from '../metering/reported-usage.ts';
import type { StreamEvent } from '../provider.ts';
import type { ServerSentEvent } from '../transport/server-sent-events.ts';
import { failed, jsonOf, type StreamReader, unreadable } from '../transport/stream-reader.ts';
import { anthropicFinishReason, readAnthropicInBandError, readAnthropicUsage } from './answer.ts';

/** A type that later versions may add. Known types must match their own schema. */
const unknownOf = (...known: string[]) =>
  z.object({ type: z.string().refine((type) => !known.includes(type)) });

const typed = z.object({ type: z.string() });
const messageStart = z.object({ message: z.object({ usage: z.unknown().optional() }) });
const blockStart = z.object({
  index: z.int(),
  content_block: z.union([
    z.object({ type: z.literal('text'), text: z.string().default('') }),
    z.object({ type: z.literal('tool_use'), id: toolCallId, name: calledToolName }),
    unknownOf('text', 'tool_use'),
  ]),
});
const blockDelta = z.object({
  index: z.int(),
  delta: z.union([
    z.object({ type: z.literal('text_delta'), text: z.string() }),
    z.object({ type: z.literal('thinking_delta'), thinking: z.string() }),
    z.object({ type: z.literal('input_json_delta'), partial_json: z.string() }),
    unknownOf('text_delta', 'thinking_delta', 'input_json_delta'),
  ]),
});
const blockStop = z.object({ index: z.int() });
const messageDelta = z.object({
  delta: z.object({ stop_reason: z.string().nullish() }),
  usage: z.unknown().optional(),
});
const inBand = z.object({ error: z.unknown() });

/** A tool call of the answer: its number among the calls, and true once any of its arguments arrived. */
type OpenCall = { index: number; hasArguments: boolean };

/** Reads the blocks of the answer (texts, thoughts, calls), which are identified by their index. */
function blockReader() {
  const calls = new Map<number, OpenCall>();
  return {
    start(data: unknown): StreamEvent[] {
      const parsed = blockStart.safeParse(data);
      if (!parsed.success) return unreadable('The start of a block cannot be read');
      const { index: block, content_block } = parsed.data;
      if ('text' in content_block)
        return content_block.text === '' ? [] : [{ type: 'text', text: content_block.text }];
      if (!('id' in content_block)) return [];
      const call = { index: calls.size, hasArguments: false };
      calls.set(block, call);
      return [{ type: 'tool_call', index: call.index, id: content_block.id, name: content_block.name }];
    },

    delta(data: unknown): StreamEvent[] {
      const parsed = blockDelta.safeParse(data);
      if (!parsed.success) return unreadable('A block does not go on as one');
      const { index: block, delta } = parsed.data;
      if ('text' in delta) return delta.text === '' ? [] : [{ type: 'text', text: delta.text }];
      if ('thinking' in delta)
        return delta.thinking === '' ? [] : [{ type: 'reasoning', text: delta.thinking }];
      const call = calls.get(block);
      if (!('partial_json' in delta) || delta.partial_json === '' || call === undefined) return [];
      call.hasArguments = true;
      return [{ type: 'tool_arguments', index: call.index, json: delta.partial_json }];
    },

    /** A tool without arguments is called with an empty object, which the stream does not contain. */
    stop(data: unknown): StreamEvent[] {
      const parsed = blockStop.safeParse(data);
      const call = parsed.success ? calls.get(parsed.data.index) : undefined;
      if (call === undefined || call.hasArguments) return [];
      call.hasArguments = true;
      return [{ type: 'tool_arguments', index: call.index, json: '{}' }];
    },
  };
}

/**
 * Reads a stream of Anthropic's messages. The type of an event is in its data, since some servers omit the event's name. Usage
 * arrives in two parts: the prompt's at the start, and the answer's at the end, which may correct the first.
 */
export function readMessageStream(): StreamReader<ServerSentEvent> {
  const blocks = blockReader();
  let usage: Record<string, unknown> = {};
  let stop_reason: string | null = null;

  const report = (counts: unknown) => {
    const told = Object.entries(fieldsOf(counts) ?? {}).filter(([, count]) => count !== null);
    usage = { ...usage, ...Object.fromEntries(told) };
  };
  const done = (): StreamEvent => ({
    type: 'done',
    finish_reason: anthropicFinishReason(stop_reason),
    usage: readAnthropicUsage(usage),
  });

  const readTyped = (type: string, data: unknown): StreamEvent[] => {
    switch (type) {
      case 'message_start': {
        const parsed = messageStart.safeParse(data);
        if (!parsed.success) return unreadable('The start of the message cannot be read');
        // The output count at the start is one token. Only the last report has the whole count.
        report({ ...fieldsOf(parsed.data.message.usage), output_tokens: null });
        return [];
      }
      case 'content_block_start':
        return blocks.start(data);
      case 'content_block_delta':
        return blocks.delta(data);
      case 'content_block_stop':
        return blocks.stop(data);
      case 'message_delta': {
        const parsed = messageDelta.safeParse(data);
        if (!parsed.success) return unreadable('The end of the message cannot be read');
        stop_reason = parsed.data.delta.stop_reason ?? stop_reason;
        report(parsed.data.usage);
        return [];
      }
      case 'message_stop':
        return [done()];
      case 'error':
        return [failed(readAnthropicInBandError(inBand.safeParse(data).data?.error))];
      default:
        // `ping`, and types that later versions may add.
        return [];
    }
  };

  return {
    read({ event, data }) {
      const json = jsonOf(data);
      if (json === undefined) return unreadable('An event is not JSON');
      const type = typed.safeParse(json).data?.type ?? event;
      return type === null ? unreadable('An event has no type') : readTyped(type, json);
    },
    end: () => (stop_reason === null ? null : done()),
  };
}
