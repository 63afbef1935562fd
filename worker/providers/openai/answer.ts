import { z } from 'zod';
import { calledToolName } from '../../../contracts/chat.ts';
import type { Usage } from '../../../contracts/usage.ts';
import { callIdOf, givenCallId } from '../chat/tool-calls.ts';
import { fieldsOf, normalizedUsage, optionalCount, requiredCount } from '../metering/reported-usage.ts';
import type { FinishReason, ProviderFailure, ProviderResult } from '../provider.ts';
import {
  configurationFault,
  credentialFault,
  failureOfStatus,
  failureWithoutStatus,
  filtered,
  type HttpFailure,
  invalidResponse,
  tooLong,
  waitFromHeaders,
} from '../transport/failure.ts';

/** Reads the answers and errors of OpenAI's chat completions. Pure. */

/** A call of a function. Other types of tools are never requested. */
const toolCall = z.object({
  id: givenCallId,
  function: z.object({ name: calledToolName, arguments: z.string().nullish() }),
});

/** The fields that every chat completion has. Compatible servers differ in everything else. */
const chatCompletion = z.object({
  choices: z
    .array(
      z.object({
        message: z.object({
          content: z.string().nullish(),
          refusal: z.string().nullish(),
          tool_calls: z.array(toolCall).nullish(),
        }),
        finish_reason: z.string().nullish(),
      }),
    )
    .min(1),
  usage: z.unknown().optional(),
});

const finishReasons = new Map<string, FinishReason>([
  ['length', 'length'],
  ['content_filter', 'content_filter'],
  ['tool_calls', 'tool_calls'],
  ['function_call', 'tool_calls'],
]);

/** The finish reason of an answer. An answer with calls ends with `tool_calls`, whatever reason the server gives. */
export const openAiFinishReason = (
  reason: string | null | undefined,
  { refused, calls }: { refused: boolean; calls: boolean },
): FinishReason => {
  if (refused) return 'content_filter';
  const known = finishReasons.get(reason ?? 'stop') ?? 'stop';
  return known === 'stop' && calls ? 'tool_calls' : known;
};

/**
 * Usage in disjoint classes. `prompt_tokens` includes what was read from and written to the cache, `completion_tokens`
 * includes reasoning. A few compatible servers exclude reasoning from it, which the reported total shows.
 */
export function readOpenAiUsage(reported: unknown): Usage | null {
  const usage = fieldsOf(reported);
  if (usage === null) return null;
  const prompt = requiredCount(usage.prompt_tokens);
  const completion = requiredCount(usage.completion_tokens);
  const promptDetails = fieldsOf(usage.prompt_tokens_details);
  const cache_read_tokens = optionalCount(promptDetails?.cached_tokens);
  const cache_write_tokens = optionalCount(promptDetails?.cache_write_tokens);
  const reasoning_tokens = optionalCount(fieldsOf(usage.completion_tokens_details)?.reasoning_tokens);
  if (prompt === null || completion === null) return null;
  if (cache_read_tokens === null || cache_write_tokens === null || reasoning_tokens === null) return null;
  const reasoningIsApart = usage.total_tokens === prompt + completion + reasoning_tokens;
  return normalizedUsage({
    input_tokens: prompt - cache_read_tokens - cache_write_tokens,
    cache_read_tokens,
    cache_write_tokens,
    output_tokens: reasoningIsApart ? completion + reasoning_tokens : completion,
    reasoning_tokens,
  });
}

/** The points in which compatible servers differ from OpenAI. */
export type ChatQuirks = {
  /** Usage in disjoint classes; null when the report is missing or impossible. */
  readUsage(reported: unknown): Usage | null;
  /** The failure that a finish reason stands for; null for a reason that ends an answer. */
  failureOfReason(reason: string): ProviderFailure | null;
};

/** OpenAI's own behaviour. */
export const openAiQuirks: ChatQuirks = { readUsage: readOpenAiUsage, failureOfReason: () => null };

/** Reads the body of a successful call. */
export function readChatCompletion(body: unknown, quirks: ChatQuirks = openAiQuirks): ProviderResult {
  const parsed = chatCompletion.safeParse(body);
  const choice = parsed.data?.choices[0];
  if (choice === undefined)
    return { ok: false, failure: invalidResponse('The body is not a chat completion') };
  const failure = quirks.failureOfReason(choice.finish_reason ?? '');
  if (failure !== null) return { ok: false, failure };
  const { content, refusal, tool_calls } = choice.message;
  const refused = typeof refusal === 'string' && refusal !== '';
  const calls = (tool_calls ?? []).map(({ id, function: { name, arguments: json } }) => ({
    id: callIdOf(id),
    name,
    arguments: json ?? '',
  }));
  return {
    ok: true,
    completion: {
      text: content || (refused ? refusal : ''),
      tool_calls: calls,
      finish_reason: openAiFinishReason(choice.finish_reason, { refused, calls: calls.length > 0 }),
      usage: quirks.readUsage(parsed.data?.usage),
    },
  };
}

/** The parts of the SDK's APIError that are used. */
const apiError = z.object({
  status: z.int(),
  headers: z.instanceof(Headers),
  message: z.string(),
  code: z.string().nullish(),
});

/** Reads an error that the SDK threw. */
export function readChatError(error: unknown, now_ms: number): ProviderFailure {
  const parsed = apiError.safeParse(error);
  if (!parsed.success) return failureWithoutStatus(error);
  const { status, headers, message, code } = parsed.data;
  return failureOf(code, { status, message, retry_after_ms: waitFromHeaders(headers, now_ms) });
}

/** Messages of compatible servers, which lack OpenAI's code, for a prompt that exceeds the context window. */
const windowExceeded =
  /maximum context length|context (length|window|size) (is )?exceeded|exceeds the (available )?context/i;
/** A request that exceeds its account's limit per minute is refused as a rate limit. Waiting does not help. */
const aboveRateLimit = /request too large/i;

/** OpenAI serves some models to verified organizations only. */
const notVerified = /organization must be verified/i;

/** Reads OpenAI's error code, which is more precise than the status, then the status. */
function failureOf(code: string | null | undefined, http: HttpFailure): ProviderFailure {
  if (http.status === 400 && windowExceeded.test(http.message)) return tooLong(http);
  if (http.status === 429 && aboveRateLimit.test(http.message)) return configurationFault(http);
  if (notVerified.test(http.message)) return configurationFault(http);
  switch (code) {
    case 'invalid_api_key':
    case 'insufficient_quota':
    case 'billing_hard_limit_reached':
      return credentialFault(http);
    case 'model_not_found':
      return configurationFault(http);
    case 'context_length_exceeded':
    case 'exceed_context_size_error':
      return tooLong(http);
    case 'content_filter':
    case 'content_policy_violation':
      return filtered(http);
    default:
      return failureOfStatus(http);
  }
}

/**
 * True when only the stream was refused: some models are not streamed, or only to verified organizations. They answer in one
 * piece.
 */
export const refusesStreams = ({ status, message }: ProviderFailure): boolean =>
  status === 400 && /must be verified to stream|'stream' does not support true/i.test(message);

/** An error within a stream: OpenAI's object, or a compatible server's variant of it. */
const inBandError = z.object({
  message: z.string().catch('The stream reported an error'),
  type: z.string().nullish().catch(null),
  code: z.union([z.string(), z.int()]).nullish().catch(null),
  status: z.int().nullish().catch(null),
});

/** The HTTP statuses of these codes and types. */
const statusOfErrorName = new Map([
  ['invalid_request_error', 400],
  ['content_filter', 400],
  ['context_length_exceeded', 400],
  ['invalid_api_key', 401],
  ['model_not_found', 404],
  ['insufficient_quota', 429],
  ['rate_limit_exceeded', 429],
  ['rate_limit_error', 429],
  ['overloaded_error', 503],
]);

/** Reads an error within a stream. It has no HTTP status, so the status comes from its code, its `status` field or its type. */
export function readOpenAiInBandError(error: unknown): ProviderFailure {
  const { message, type, code, status } = inBandError.parse(fieldsOf(error) ?? {});
  const name = typeof code === 'string' ? code : null;
  const named = statusOfErrorName.get(name ?? '') ?? statusOfErrorName.get(type ?? '');
  const told = typeof code === 'number' && code >= 400 && code < 600 ? code : status;
  return failureOf(name, { status: told ?? named ?? 500, message, retry_after_ms: null });
}
