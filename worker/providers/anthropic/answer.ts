import { z } from 'zod';
import { calledToolName, type ReasoningPart } from '../../../contracts/chat/chat.ts';
import type { Usage } from '../../../contracts/usage.ts';
import { appendEvent, emptyCompletion } from '../chat/collect.ts';
import { endDetailsOf, readAppliedEdits, readRefusal } from '../chat/end-details.ts';
import { finishReasonOf, readFinishReason, statedReason, stopCauseOf } from '../chat/finish-reason.ts';
import { believedUsage, charsIn } from '../chat/said.ts';
import { callIdOf, givenCallId } from '../chat/tool-calls.ts';
import { fieldsOf } from '../metering/reported-usage.ts';
import type { FinishReason, ProviderFailure, ProviderResult, StreamEvent } from '../provider.ts';
import { bodyError, failureOfBody } from '../transport/body-error.ts';
import { statusOfError } from '../transport/error-status.ts';
import { allWordsOf, errorIn, wordedFailure } from '../transport/error-words.ts';
import {
  configurationFault,
  credentialFault,
  failureOfStatus,
  failureWithoutStatus,
  type HttpFailure,
  invalidResponse,
  waitFromHeaders,
} from '../transport/failure.ts';
import { eventsOfCompletion } from '../transport/stream-reader.ts';
import { readAnthropicUsage } from './usage.ts';

/** Reads the answers and errors of Anthropic's messages. Pure. */

const textBlock = z.object({ type: z.literal('text'), text: z.string().nullish() });
const toolUseBlock = z.object({
  type: z.literal('tool_use'),
  id: givenCallId,
  name: calledToolName,
  /** Servers leave it out where it is empty. */
  input: z.unknown().optional(),
});
const thinkingBlock = z.object({
  type: z.literal('thinking'),
  thinking: z.string().nullish(),
  signature: z.string().nullish(),
});
const redactedThinkingBlock = z.object({ type: z.literal('redacted_thinking'), data: z.string() });
const knownTypes = ['text', 'tool_use', 'thinking', 'redacted_thinking'];
/** Blocks that later versions may add. They are not part of the answer. */
const otherBlock = z
  .object({ type: z.string().refine((type) => !knownTypes.includes(type)) })
  .transform(() => ({ type: 'other' as const }));

/** A block of an answer, or the start of one in a stream. */
export const answerBlock = z.union([
  textBlock,
  toolUseBlock,
  thinkingBlock,
  redactedThinkingBlock,
  otherBlock,
]);
type AnswerBlock = z.infer<typeof answerBlock>;

/** The fields that every message has. Some servers send its text alone, or null for a block. */
const answer = z.object({
  content: z
    .union([
      z.string().transform((text): AnswerBlock[] => [{ type: 'text', text }]),
      z
        .array(answerBlock.nullish())
        .transform((blocks) => blocks.filter((block) => block !== null && block !== undefined)),
    ])
    .nullish(),
  stop_reason: z.string().nullish(),
  stop_sequence: z.string().nullish(),
  stop_details: z.unknown().optional(),
  context_management: z.unknown().optional(),
  usage: z.unknown().optional(),
});

/** The failure of a message that says nothing. */
export const nothingSaid = invalidResponse('The message holds neither content nor output');

/** The end of an answer. */
export type AnswerEnd = { stop_reason: string | null; spoke: boolean; calls: number; usage: Usage | null };

/**
 * The finish reason of an answer, or its failure: an unknown reason, or an answer that says nothing and has no output, which Bedrock ends
 * as any other. One without a reason has ended by itself.
 */
export function endOfAnswer({ stop_reason, spoke, calls, usage }: AnswerEnd): FinishReason | ProviderFailure {
  const read = readFinishReason(statedReason(stop_reason) ?? 'end_turn');
  if (!read.ok) return read.failure;
  const reason = finishReasonOf(read.finish_reason, { calls: calls > 0 });
  if (!spoke && read.finish_reason === 'tool_calls') return nothingSaid;
  return !spoke && reason === 'stop' && !usage?.output_tokens ? nothingSaid : reason;
}

/** The input of a call as JSON. Some servers send it as a text, and an empty one as an empty list. */
export function inputJson(input: unknown): string {
  if (typeof input === 'string') return input.trim() === '' ? '{}' : input;
  return Array.isArray(input) && input.length === 0 ? '{}' : JSON.stringify(input ?? {});
}

function reasoningOf(block: AnswerBlock): ReasoningPart[] {
  if (block.type === 'redacted_thinking') return [{ text: '', encrypted: block.data }];
  if (block.type !== 'thinking') return [];
  const { thinking, signature } = block;
  if (!thinking && !signature) return [];
  return [{ text: thinking ?? '', ...(signature && { signature }) }];
}

/** The events that say a block. `call` is its number if it is a tool call. */
function eventsOf(block: AnswerBlock, call: number): StreamEvent[] {
  if (block.type === 'text') return block.text ? [{ type: 'text', text: block.text }] : [];
  if (block.type !== 'tool_use') return reasoningOf(block).map((part) => ({ type: 'reasoning', ...part }));
  return [
    { type: 'tool_call', index: call, id: callIdOf(block.id), name: block.name },
    { type: 'tool_arguments', index: call, json: inputJson(block.input) },
  ];
}

/** Reads the body of a successful call. */
export function readMessage(body: unknown): ProviderResult {
  const error = bodyError(fieldsOf(body) ?? {});
  if (error !== undefined)
    return { ok: false, failure: failureOfBody(readAnthropicInBandError(error), body) };
  const parsed = answer.safeParse(body);
  if (!parsed.success || (parsed.data.content == null && !parsed.data.stop_reason))
    return { ok: false, failure: invalidResponse('The body is not a message') };
  const { content, stop_reason = null, stop_sequence, stop_details, context_management } = parsed.data;
  const blocks = content ?? [];
  let completion = emptyCompletion;
  for (const block of blocks)
    completion = eventsOf(block, completion.tool_calls.length).reduce(appendEvent, completion);
  const spoke = blocks.some(saysSomething);
  const usage = readAnthropicUsage(parsed.data.usage, { spoke });
  if (blocks.length === 0 && statedReason(stop_reason) === null) return { ok: false, failure: nothingSaid };
  const calls = completion.tool_calls.length;
  const end = endOfAnswer({ stop_reason, spoke, calls, usage });
  if (typeof end === 'object') return { ok: false, failure: end };
  return {
    ok: true,
    completion: {
      ...completion,
      finish_reason: end,
      ...endDetailsOf({
        stop_sequence: stop_sequence || undefined,
        stop_cause: stopCauseOf(stop_reason),
        refusal: readRefusal(stop_details),
        applied_edits: readAppliedEdits(context_management),
      }),
      usage: believedUsage(usage, charsIn(eventsOfCompletion(completion))),
    },
  };
}

/** True for a block that has tokens. Of a block that is not known, nothing is known. */
const saysSomething = (block: AnswerBlock): boolean =>
  block.type === 'text' ? Boolean(block.text) : block.type !== 'other';

/** The parts of the SDK's APIError that are used. */
const apiError = z.object({
  status: z.int(),
  headers: z.instanceof(Headers),
  /** The whole body as text. */
  message: z.string(),
  /** The body. */
  error: z.unknown().optional(),
  type: z.string().nullish(),
});

/** Reads an error that the SDK threw. */
export function readMessageError(error: unknown, now_ms: number): ProviderFailure {
  const parsed = apiError.safeParse(error);
  if (!parsed.success) return failureWithoutStatus(error);
  const { status, headers, type, message, error: body } = parsed.data;
  const http = { status, message: allWordsOf(errorIn(body)) ?? message };
  return failureOf(type, { ...http, retry_after_ms: waitFromHeaders(headers, now_ms) });
}

function failureOf(type: unknown, http: HttpFailure): ProviderFailure {
  const worded = wordedFailure(http);
  if (worded !== null) return worded;
  switch (type) {
    case 'authentication_error':
    case 'permission_error':
    case 'billing_error':
      return credentialFault(http);
    case 'not_found_error':
      return configurationFault(http);
    default:
      return failureOfStatus(http);
  }
}

/** Anthropic's status of an overload, which other servers tell as 503. */
const OVERLOADED = 529;

/** Reads an error within a stream: an object or a text. */
export function readAnthropicInBandError(error: unknown): ProviderFailure {
  const { type } = fieldsOf(error) ?? {};
  const status = type === 'overloaded_error' ? OVERLOADED : (statusOfError(error) ?? 500);
  const message = allWordsOf(error) ?? 'The stream reported an error';
  return failureOf(type, { status, message, retry_after_ms: null });
}
