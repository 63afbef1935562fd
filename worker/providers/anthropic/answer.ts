import { z } from 'zod';
import { calledToolName, toolCallId } from '../../../contracts/chat.ts';
import type { Usage } from '../../../contracts/usage.ts';
import { fieldsOf, normalizedUsage, optionalCount, requiredCount } from '../metering/reported-usage.ts';
import type { FinishReason, ProviderFailure, ProviderResult } from '../provider.ts';
import {
  configurationFault,
  credentialFault,
  failureOfStatus,
  failureWithoutStatus,
  type HttpFailure,
  invalidResponse,
  tooLong,
  waitFromHeaders,
} from '../transport/failure.ts';

/** Reads the answers and errors of Anthropic's messages. Pure. */

const textBlock = z.object({ type: z.literal('text'), text: z.string() });
const toolUseBlock = z.object({
  type: z.literal('tool_use'),
  id: toolCallId,
  name: calledToolName,
  input: z.unknown(),
});
/** Thinking, and blocks that later versions may add. They are not part of the answer. */
const otherBlock = z.object({ type: z.string().refine((type) => type !== 'text' && type !== 'tool_use') });

/** The fields that every message has. */
const answer = z.object({
  content: z.array(z.union([textBlock, toolUseBlock, otherBlock])),
  stop_reason: z.string().nullish(),
  usage: z.unknown().optional(),
});

const finishReasons = new Map<string, FinishReason>([
  ['max_tokens', 'length'],
  ['model_context_window_exceeded', 'length'],
  ['refusal', 'content_filter'],
  ['tool_use', 'tool_calls'],
]);

/** The finish reason of an answer. An unknown stop reason counts as `stop`. */
export const anthropicFinishReason = (stop_reason: string | null | undefined): FinishReason =>
  finishReasons.get(stop_reason ?? 'end_turn') ?? 'stop';

/** Usage in disjoint classes. Anthropic's `input_tokens` excludes both cache classes, and its output includes thinking. */
export function readAnthropicUsage(reported: unknown): Usage | null {
  const usage = fieldsOf(reported);
  if (usage === null) return null;
  return normalizedUsage({
    input_tokens: requiredCount(usage.input_tokens),
    cache_read_tokens: optionalCount(usage.cache_read_input_tokens),
    cache_write_tokens: optionalCount(usage.cache_creation_input_tokens),
    output_tokens: requiredCount(usage.output_tokens),
    reasoning_tokens: optionalCount(fieldsOf(usage.output_tokens_details)?.thinking_tokens),
  });
}

/** Reads the body of a successful call. */
export function readMessage(body: unknown): ProviderResult {
  const parsed = answer.safeParse(body);
  if (!parsed.success) return { ok: false, failure: invalidResponse('The body is not a message') };
  const { content, stop_reason, usage } = parsed.data;
  return {
    ok: true,
    completion: {
      text: content.map((block) => ('text' in block ? block.text : '')).join(''),
      tool_calls: content.flatMap((block) =>
        'input' in block
          ? [{ id: block.id, name: block.name, arguments: JSON.stringify(block.input ?? {}) }]
          : [],
      ),
      finish_reason: anthropicFinishReason(stop_reason),
      usage: readAnthropicUsage(usage),
    },
  };
}

/** The parts of the SDK's APIError that are used. */
const apiError = z.object({
  status: z.int(),
  headers: z.instanceof(Headers),
  /** The whole body as text. `apiMessage` is the message within it. */
  message: z.string(),
  apiMessage: z.string().nullish(),
  type: z.string().nullish(),
});

/** An unpaid account answers 400 `invalid_request_error`; only the message distinguishes it. */
const unpaidAccount = /credit balance is too low/i;
/** A prompt that exceeds the context window, alone or with the requested output, is also known by its message alone. */
const windowExceeded = /prompt is too long|exceed context limit/i;

/** Reads an error that the SDK threw. */
export function readMessageError(error: unknown, now_ms: number): ProviderFailure {
  const parsed = apiError.safeParse(error);
  if (!parsed.success) return failureWithoutStatus(error);
  const { status, headers, type } = parsed.data;
  const message = parsed.data.apiMessage ?? parsed.data.message;
  const http = { status, message, retry_after_ms: waitFromHeaders(headers, now_ms) };
  return failureOf(type, http);
}

function failureOf(type: string | null | undefined, http: HttpFailure): ProviderFailure {
  if (unpaidAccount.test(http.message)) return credentialFault(http);
  if (http.status === 400 && windowExceeded.test(http.message)) return tooLong(http);
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

/** An error within a stream. */
const inBandError = z.object({
  type: z.string().catch('api_error'),
  message: z.string().catch('The stream reported an error'),
});

/** The documented HTTP statuses of error types. An error within a stream has none. */
const statusOfErrorType = new Map([
  ['invalid_request_error', 400],
  ['request_too_large', 413],
  ['rate_limit_error', 429],
  ['timeout_error', 504],
  ['overloaded_error', 529],
]);

/** Reads an error within a stream, by its type. */
export function readAnthropicInBandError(error: unknown): ProviderFailure {
  const { type, message } = inBandError.parse(fieldsOf(error) ?? {});
  return failureOf(type, { status: statusOfErrorType.get(type) ?? 500, message, retry_after_ms: null });
}
