import { z } from 'zod';
import { calledToolName } from '../../../contracts/chat.ts';
import { callIdOf, givenCallId } from '../chat/tool-calls.ts';
import { fieldsOf } from '../metering/reported-usage.ts';
import type { StreamEvent } from '../provider.ts';
import type { ServerSentEvent } from '../transport/server-sent-events.ts';
import { failed, jsonOf, type StreamReader, unreadable } from '../transport/stream-reader.ts';
import { type ChatQuirks, openAiFinishReason, openAiQuirks, readOpenAiInBandError } from './answer.ts';

/** A chunk of a stream. Servers differ in which of these fields they send, and in all others. */
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
 * Assigns the pieces of tool calls to their calls. The first piece of a call names the tool. Some servers number every call 0, so
 * a piece with a name and another id under a known number begins a new call.
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
        if (!call?.name) return unreadable('A tool call has no name');
        byNumber.set(number, { index, id: id ?? null });
        count += 1;
        events.push({ type: 'tool_call', index, id: callIdOf(id), name: call.name });
      }
      if (call?.arguments) events.push({ type: 'tool_arguments', index, json: call.arguments });
      return events;
    },
  };
}

/** True for a field that servers leave out or send empty. */
const isAbsent = (value: unknown): boolean => value === undefined || value === null;

/**
 * The text of a chunk that holds a piece of text and nothing else, as most chunks do; null for any other. The schema would accept
 * it too, and takes longer than the rest of the work on a chunk.
 */
function plainText(data: unknown): string | null {
  const { choices, usage, error } = fieldsOf(data) ?? {};
  if (!Array.isArray(choices) || choices.length !== 1 || !isAbsent(usage) || !isAbsent(error)) return null;
  const { index, delta, finish_reason } = fieldsOf(choices[0]) ?? {};
  if ((index !== 0 && !isAbsent(index)) || !isAbsent(finish_reason)) return null;
  const { content, refusal, reasoning_content, reasoning, tool_calls } = fieldsOf(delta) ?? {};
  if (typeof content !== 'string' || content === '') return null;
  return [refusal, reasoning_content, reasoning, tool_calls].every(isAbsent) ? content : null;
}

/**
 * Reads a stream of chat completions. The answer is complete after `[DONE]` or a finish reason: some servers omit one of them.
 * Usage follows the finish reason in a chunk without choices, so the stream is read to its end.
 */
export function readChatStream(quirks: ChatQuirks = openAiQuirks): StreamReader<ServerSentEvent> {
  const calls = toolCallTracker();
  let reason: string | null = null;
  let refused = false;
  let isEmpty = true;
  let usage: unknown = null;

  const done = (): StreamEvent => ({
    type: 'done',
    finish_reason: openAiFinishReason(reason, { refused, calls: calls.count() > 0 }),
    usage: quirks.readUsage(usage),
  });

  const readChunk = (data: unknown): StreamEvent[] => {
    const parsed = chunk.safeParse(data);
    if (!parsed.success) return unreadable('An event is not a chunk of a chat completion');
    if (parsed.data.error !== undefined && parsed.data.error !== null)
      return [failed(readOpenAiInBandError(parsed.data.error))];
    isEmpty = false;
    usage = parsed.data.usage ?? usage;
    // One choice is requested; further ones are ignored.
    const choice = parsed.data.choices?.find(({ index }) => (index ?? 0) === 0);
    reason = choice?.finish_reason ?? reason;
    const failure = quirks.failureOfReason(reason ?? '');
    if (failure !== null) return [failed(failure)];
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
      if (event === 'error') return [failed(readOpenAiInBandError(fieldsOf(json)?.error ?? json))];
      const text = plainText(json);
      if (text === null) return readChunk(json);
      isEmpty = false;
      return [{ type: 'text', text }];
    },
    end: () => (reason === null ? null : done()),
  };
}
