import { z } from 'zod';
import { calledToolName, type ToolCall } from '../../../contracts/chat/chat.ts';
import type { Usage } from '../../../contracts/usage.ts';
import { appendEvent, emptyCompletion } from '../chat/collect.ts';
import { finishReasonOf, readFinishReason, statedReason } from '../chat/finish-reason.ts';
import { believedUsage, charsIn } from '../chat/said.ts';
import { argumentsObject, callIdOf, givenCallId } from '../chat/tool-calls.ts';
import { fieldsOf } from '../metering/reported-usage.ts';
import type { FinishReason, ProviderFailure, ProviderResult, StreamEvent } from '../provider.ts';
import { bodyError, failureOfBody } from '../transport/body-error.ts';
import { statusOfError } from '../transport/error-status.ts';
import { allWordsOf, wordedFailure } from '../transport/error-words.ts';
import { credentialFault, failureOfStatus, invalidResponse, waitFromSeconds } from '../transport/failure.ts';
import { readGoogleUsage } from './usage.ts';

/** Reads the answers and errors of Google's generateContent. Pure. */

/** Arguments of a call. Some servers send them as a text of JSON, and empty ones as an empty list. */
const callArgs = z.union([
  z.record(z.string(), z.unknown()),
  z.string().transform(argumentsObject),
  z.tuple([]).transform(() => ({})),
]);

const part = z.object({
  text: z.string().nullish(),
  thought: z.union([z.boolean(), z.string().transform((text) => text === 'true')]).nullish(),
  thoughtSignature: z.string().nullish(),
  functionCall: z.object({ id: givenCallId, name: calledToolName, args: callArgs.nullish() }).nullish(),
});
export type AnswerPart = z.infer<typeof part>;

/** A list of values. Some servers send one alone, or null for one. */
const listOf = <Value extends z.ZodType>(value: Value) =>
  z
    .preprocess(
      (list) => (Array.isArray(list) ? list : [list]).filter((one) => one !== null && one !== undefined),
      z.array(value),
    )
    .optional();

/** An answer, or one chunk of it: candidates, or the reason why the prompt was blocked. */
const generatedContent = z.object({
  candidates: listOf(
    z.object({
      content: z.object({ parts: listOf(part) }).nullish(),
      finishReason: z.string().nullish(),
    }),
  ),
  promptFeedback: z.object({ blockReason: z.string().nullish() }).nullish(),
  usageMetadata: z.unknown().optional(),
});

/** The parts, the end and the usage of an answer or one chunk of it. */
export type Generated = {
  parts: AnswerPart[];
  reason: string | null;
  isBlocked: boolean;
  usage: unknown;
};

/** Reads an answer, or one chunk of it. Some servers wrap it in a `response`. Null for anything else. */
export function readGenerated(body: unknown): Generated | null {
  const parsed = generatedContent.safeParse(fieldsOf(body)?.response ?? body);
  if (!parsed.success) return null;
  const { candidates, promptFeedback, usageMetadata } = parsed.data;
  const candidate = candidates?.[0];
  return {
    parts: candidate?.content?.parts ?? [],
    reason: statedReason(candidate?.finishReason),
    isBlocked: Boolean(promptFeedback?.blockReason),
    usage: usageMetadata,
  };
}

/** The error in a body or a chunk; undefined without one. */
export const errorInContent = (body: unknown): unknown =>
  bodyError({ choices: [], ...fieldsOf(fieldsOf(body)?.response ?? body) });

/** The end of an answer. */
type AnswerEnd = {
  reason: string | null;
  isBlocked: boolean;
  spoke: boolean;
  calls: number;
  usage: Usage | null;
};

/**
 * The finish reason of an answer, or its failure. Reasons that are not known, such as MALFORMED_FUNCTION_CALL, UNEXPECTED_TOOL_CALL and
 * OTHER, say that the model has failed. So does an answer that says nothing and has no output. Google ends answers with tool calls with
 * STOP like any other.
 */
export function endOfContent({
  reason,
  isBlocked,
  spoke,
  calls,
  usage,
}: AnswerEnd): FinishReason | ProviderFailure {
  if (isBlocked) return 'content_filter';
  const read = readFinishReason(reason ?? 'STOP');
  if (!read.ok) return read.failure;
  const finish_reason = finishReasonOf(read.finish_reason, { calls: calls > 0 });
  return !spoke && finish_reason === 'stop' && !usage?.output_tokens ? nothingSaid : finish_reason;
}

/** A signature in the form of Google's OpenAI-compatible API. Newer models expect it back with its part. */
export const signedContent = (thought_signature: string) => ({ google: { thought_signature } });

/** A tool call. Most of Google's models give calls no id, so one is made: other providers require it. */
export const toolCallOf = (
  { id, name, args }: NonNullable<AnswerPart['functionCall']>,
  signature: string | null | undefined,
): ToolCall => ({
  id: callIdOf(id),
  name,
  arguments: JSON.stringify(args ?? {}),
  ...(signature && { extra_content: signedContent(signature) }),
});

const nothingSaid = invalidResponse('The answer says nothing, and has no reason for it');

/** Numbers the calls of an answer. */
export type CallCount = { calls: number };

/** The events that a part says. A part may have a text and a call. */
export function eventsOfPart(
  { text, thought, thoughtSignature, functionCall }: AnswerPart,
  count: CallCount,
): StreamEvent[] {
  if (thought === true) return text ? [{ type: 'reasoning', text }] : [];
  const said: StreamEvent[] = text ? [{ type: 'text', text }] : [];
  if (functionCall == null)
    return thoughtSignature
      ? [...said, { type: 'carried', extra_content: signedContent(thoughtSignature) }]
      : said;
  const { arguments: json, ...call } = toolCallOf(functionCall, thoughtSignature);
  const index = count.calls;
  count.calls += 1;
  return [...said, { type: 'tool_call', index, ...call }, { type: 'tool_arguments', index, json }];
}

/** True for an event that is part of the answer. */
export const isAnswer = ({ type }: StreamEvent): boolean => type === 'text' || type === 'tool_call';

/** Reads the body of a successful call. */
export function readContent(body: unknown): ProviderResult {
  const error = errorInContent(body);
  if (error !== undefined) return { ok: false, failure: failureOfBody(readGoogleError(error, null), body) };
  const generated = readGenerated(body);
  if (generated === null) return { ok: false, failure: invalidResponse('The body is not generated content') };
  const { parts, reason, isBlocked } = generated;
  if (parts.length === 0 && reason === null && !isBlocked) return { ok: false, failure: nothingSaid };
  const count: CallCount = { calls: 0 };
  const events = parts.flatMap((one) => eventsOfPart(one, count));
  const usage = readGoogleUsage(generated.usage, events.some(isAnswer));
  const spoke = events.some(({ type }) => type !== 'carried');
  const end = endOfContent({ reason, isBlocked, spoke, calls: count.calls, usage });
  if (typeof end === 'object') return { ok: false, failure: end };
  const completion = events.reduce(appendEvent, emptyCompletion);
  return {
    ok: true,
    completion: { ...completion, finish_reason: end, usage: believedUsage(usage, charsIn(events)) },
  };
}

const errorDetails = z.array(
  z.object({ reason: z.unknown().optional(), retryDelay: z.unknown().optional() }),
);
type ErrorDetails = z.infer<typeof errorDetails>;

function failureOf(status: number, message: string, details: ErrorDetails): ProviderFailure {
  const delay = details.find((detail) => typeof detail.retryDelay === 'string')?.retryDelay;
  const retry_after_ms = typeof delay === 'string' ? waitFromSeconds(delay.replace(/s$/, '')) : null;
  const http = { status, message, retry_after_ms };
  const keyRefused = details.some((detail) => detail.reason === 'API_KEY_INVALID');
  return keyRefused ? credentialFault(http) : (wordedFailure(http) ?? failureOfStatus(http));
}

/** An error in the body of a refusal or within a stream. */
const apiError = z.object({ details: errorDetails.catch([]) });

/** Reads an error of the API. `status` is the HTTP status of a refusal, or null within a stream. */
export function readGoogleError(error: unknown, status: number | null): ProviderFailure {
  const { details } = apiError.parse(fieldsOf(error) ?? {});
  const message = allWordsOf(error) ?? 'The provider reported an error';
  return failureOf(status ?? statusOfError(error) ?? 500, message, details);
}
