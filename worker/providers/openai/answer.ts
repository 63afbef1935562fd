import { z } from 'zod';
import { calledToolName } from '../../../contracts/chat.ts';
import type { Usage } from '../../../contracts/usage.ts';
import { callIdOf, givenCallId } from '../chat/called-tool.ts';
import { fieldsOf, optionalCount, requiredCount, usageOf } from '../metering/reported-usage.ts';
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
} from '../transport/failure.ts';
import { waitFromHeaders } from '../transport/retry-after.ts';

/** What OpenAI's chat completions answer, read. Pure. */

/** A call of a function. Calls of anything else are not asked for. */
const toolCall = z.object({
  id: givenCallId,
  function: z.object({ name: calledToolName, arguments: z.string().nullish() }),
});

/** What must be there for the answer to be one. Servers differ in everything else. */
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

/** Why the answer ended. Calls end it as calls, whatever a server calls that. */
export const finishReasonOf = (
  reason: string | null | undefined,
  { refused, calls }: { refused: boolean; calls: boolean },
): FinishReason => {
  if (refused) return 'content_filter';
  const known = finishReasons.get(reason ?? 'stop') ?? 'stop';
  return known === 'stop' && calls ? 'tool_calls' : known;
};

/**
 * Usage in disjoint classes. `prompt_tokens` includes what was read from and written to the cache, `completion_tokens`
 * includes reasoning; a few compatible servers leave reasoning out of it, which their total gives away.
 */
export function readUsage(reported: unknown): Usage | null {
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
  return usageOf({
    input_tokens: prompt - cache_read_tokens - cache_write_tokens,
    cache_read_tokens,
    cache_write_tokens,
    output_tokens: reasoningIsApart ? completion + reasoning_tokens : completion,
    reasoning_tokens,
  });
}

/** Reads the body of a successful call. */
export function readChatCompletion(body: unknown): ProviderResult {
  const parsed = chatCompletion.safeParse(body);
  const choice = parsed.data?.choices[0];
  if (choice === undefined)
    return { ok: false, failure: invalidResponse('The body is not a chat completion') };
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
      finish_reason: finishReasonOf(choice.finish_reason, { refused, calls: calls.length > 0 }),
      usage: readUsage(parsed.data?.usage),
    },
  };
}

/** The parts of the SDK's APIError that matter. */
const apiError = z.object({
  status: z.int(),
  headers: z.instanceof(Headers),
  message: z.string(),
  code: z.string().nullish(),
});

/** Reads what the SDK threw. */
export function readChatError(error: unknown, now_ms: number): ProviderFailure {
  const parsed = apiError.safeParse(error);
  if (!parsed.success) return failureWithoutStatus(error);
  const { status, headers, message, code } = parsed.data;
  return failureOf(code, { status, message, retry_after_ms: waitFromHeaders(headers, now_ms) });
}

/** How servers without OpenAI's code for it say that a prompt is longer than the model's window. */
const windowExceeded =
  /maximum context length|context (length|window|size) (is )?exceeded|exceeds the (available )?context/i;
/** A request larger than all that its account may use in a minute comes as a rate limit, which no waiting lifts. */
const aboveRateLimit = /request too large/i;

/** OpenAI gives some models only to organizations that have shown who they are. */
const notVerified = /organization must be verified/i;

/** OpenAI's own codes say more than the status; what they do not name, the status does. */
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
 * Whether a model is refused as a stream alone: to organizations that have not shown who they are, or to everybody. In one piece it
 * would answer.
 */
export const refusesStreams = ({ status, message }: ProviderFailure): boolean =>
  status === 400 && /must be verified to stream|'stream' does not support true/i.test(message);

/** An error that came within a stream: OpenAI's own object, or what compatible servers make of it. */
const inBandError = z.object({
  message: z.string().catch('The stream reported an error'),
  type: z.string().nullish().catch(null),
  code: z.union([z.string(), z.int()]).nullish().catch(null),
  status: z.int().nullish().catch(null),
});

/** The statuses that these codes and types have outside of a stream. */
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

/** Reads an error within a stream. It has no status of its own, so a code that is one counts, and names count for theirs. */
export function readInBandError(error: unknown): ProviderFailure {
  const { message, type, code, status } = inBandError.parse(fieldsOf(error) ?? {});
  const name = typeof code === 'string' ? code : null;
  const named = statusOfErrorName.get(name ?? '') ?? statusOfErrorName.get(type ?? '');
  const told = typeof code === 'number' && code >= 400 && code < 600 ? code : status;
  return failureOf(name, { status: told ?? named ?? 500, message, retry_after_ms: null });
}
