import { z } from 'zod';
import { calledToolName } from '../../../contracts/chat.ts';
import { callIdOf, givenCallId } from '../chat/called-tool.ts';
import { fieldsOf } from '../metering/reported-usage.ts';
import type { StreamEvent } from '../provider.ts';
import { failed, jsonOf, type StreamReader, unreadable } from '../transport/stream-reader.ts';
import { finishReasonOf, readInBandError, readUsage } from './answer.ts';

/** What must be right for a chunk to be one. Servers differ in everything else, also in which of these they send. */
const chunk = z.object({
  choices: z
    .array(
      z.object({
        index: z.int().nullish(),
        delta: z
          .object({
            content: z.string().nullish(),
            refusal: z.string().nullish(),
            reasoning_content: z.string().nullish(),
            reasoning: z.string().nullish().catch(null),
            tool_calls: z
              .array(
                z.object({
                  index: z.int().nullish(),
                  id: givenCallId,
                  function: z
                    .object({
                      name: z.union([z.literal(''), calledToolName]).nullish(),
                      arguments: z.string().nullish(),
                    })
                    .nullish(),
                }),
              )
              .nullish(),
          })
          .nullish(),
        finish_reason: z.string().nullish(),
      }),
    )
    .nullish(),
  usage: z.unknown().optional(),
  error: z.unknown().optional(),
});
type ToolCallDelta = NonNullable<
  NonNullable<NonNullable<z.infer<typeof chunk>['choices']>[number]['delta']>['tool_calls']
>[number];

/**
 * Puts the pieces of tool calls in order. The first piece of a call names it; some servers number every call 0, so a new
 * name under a known number with another id begins a new call.
 */
function toolCallTracker() {
  const byNumber = new Map<number, { index: number; id: string | null }>();
  let count = 0;
  return {
    count: () => count,
    read({ index: given, id, function: call }: ToolCallDelta): StreamEvent[] {
      const number = given ?? 0;
      const known = byNumber.get(number);
      const events: StreamEvent[] = [];
      const isNew = known === undefined || (Boolean(id) && Boolean(call?.name) && id !== known.id);
      const index = isNew ? count : known.index;
      if (isNew) {
        if (!call?.name) return unreadable('A call does not say of which tool');
        byNumber.set(number, { index, id: id ?? null });
        count += 1;
        events.push({ type: 'tool_call', index, id: callIdOf(id), name: call.name });
      }
      if (call?.arguments) events.push({ type: 'tool_arguments', index, json: call.arguments });
      return events;
    },
  };
}

/**
 * Reads a stream of OpenAI's. The answer is whole when `[DONE]` came, or a reason why it ended: some servers leave out
 * the one, some the other. Usage comes after that reason, in a chunk without choices, so reading goes on to the end.
 */
export function readChatStream(): StreamReader {
  const calls = toolCallTracker();
  let reason: string | null = null;
  let refused = false;
  let isEmpty = true;
  let usage: unknown = null;

  const done = (): StreamEvent => ({
    type: 'done',
    finish_reason: finishReasonOf(reason, { refused, calls: calls.count() > 0 }),
    usage: readUsage(usage),
  });

  const readChunk = (data: unknown): StreamEvent[] => {
    const parsed = chunk.safeParse(data);
    if (!parsed.success) return unreadable('An event is not a chunk of a chat completion');
    if (parsed.data.error !== undefined && parsed.data.error !== null)
      return [failed(readInBandError(parsed.data.error))];
    isEmpty = false;
    usage = parsed.data.usage ?? usage;
    // We ask for one choice; a server that makes more is not heeded.
    const choice = parsed.data.choices?.find(({ index }) => (index ?? 0) === 0);
    reason = choice?.finish_reason ?? reason;
    const delta = choice?.delta;
    const text = delta?.content || delta?.refusal;
    const reasoning = delta?.reasoning_content || delta?.reasoning;
    refused ||= Boolean(delta?.refusal);
    return [
      ...(reasoning ? [{ type: 'reasoning' as const, text: reasoning }] : []),
      ...(text ? [{ type: 'text' as const, text }] : []),
      ...(delta?.tool_calls ?? []).flatMap(calls.read),
    ];
  };

  return {
    read({ event, data }) {
      if (data === '[DONE]') return isEmpty ? unreadable('The answer ended before it began') : [done()];
      const json = jsonOf(data);
      if (json === undefined) return unreadable('An event is not JSON');
      if (event === 'error') return [failed(readInBandError(fieldsOf(json)?.error ?? json))];
      return readChunk(json);
    },
    end: () => (reason === null ? null : done()),
  };
}
