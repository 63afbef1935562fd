import { z } from 'zod';
import { fieldsOf } from '../metering/reported-usage.ts';
import type { ProviderFailure } from '../provider.ts';
import { statusOfError } from '../transport/error-status.ts';
import { allWordsOf, wordedFailure } from '../transport/error-words.ts';
import {
  configurationFault,
  credentialFault,
  failureOfStatus,
  failureWithoutStatus,
  filtered,
  type HttpFailure,
  tooLong,
  waitFromHeaders,
} from '../transport/failure.ts';

/** Reads the errors of OpenAI's chat completions. Pure. */

/** The parts of the SDK's APIError that are used. */
const apiError = z.object({
  status: z.int(),
  headers: z.instanceof(Headers),
  message: z.string(),
  code: z.unknown().optional(),
  type: z.unknown().optional(),
  error: z.unknown().optional(),
});

/** Reads an error that the SDK threw. */
export function readChatError(error: unknown, now_ms: number): ProviderFailure {
  const parsed = apiError.safeParse(error);
  if (!parsed.success) return failureWithoutStatus(error);
  const { status, headers, message, code, type, error: said } = parsed.data;
  return failureOf([code, type], {
    status,
    message: allWordsOf(said) ?? message,
    retry_after_ms: waitFromHeaders(headers, now_ms),
  });
}

/** Reads OpenAI's error code, which is more precise than the status, then the words, then the status. */
function failureOf(names: readonly unknown[], http: HttpFailure): ProviderFailure {
  return wordedFailure(http) ?? namedFailure(names, http) ?? failureOfStatus(http);
}

/** The failure that a code or, at servers that have none, a type stands for; null if neither does. */
function namedFailure(names: readonly unknown[], http: HttpFailure): ProviderFailure | null {
  const named = (set: ReadonlySet<unknown>) => names.some((name) => set.has(name));
  if (named(ofCredential)) return credentialFault(http);
  if (named(ofConfiguration) || named(ofModel)) return configurationFault(http);
  if (named(ofLength)) return tooLong(http);
  return named(ofContent) ? filtered(http) : null;
}

/** OpenAI's codes; Kimi's, DashScope's, LiteLLM's and Zhipu's of an unpaid account; those of models that are not there. */
const ofCredential = new Set<unknown>([
  ...['invalid_api_key', 'insufficient_quota', 'billing_hard_limit_reached', 'billing_not_active'],
  ...['exceeded_current_quota_error', 'Arrearage', 'insufficient_balance', 'budget_exceeded', '1113'],
]);
const ofConfiguration = new Set<unknown>([
  ...['model_not_found', 'model_not_available', 'invalid_model', 'model_not_supported', 'DeploymentNotFound'],
  ...['model_decommissioned', 'OperationNotSupported'],
]);
const ofLength = new Set<unknown>(['context_length_exceeded', 'exceed_context_size_error']);
/** Groq's codes for what its model wrote, which is no call or no JSON. Another model may write it well. */
const ofModel = new Set<unknown>(['tool_use_failed', 'json_validate_failed', 'output_parse_failed']);
/** OpenAI's codes, and DashScope's and Zhipu's. */
const ofContent = new Set<unknown>([
  ...['content_filter', 'content_policy_violation', 'ResponsibleAIPolicyViolation'],
  ...['data_inspection_failed', 'DataInspectionFailed', '1301', 1301],
]);

/**
 * True when only the stream was refused: some models are not streamed, or only to verified organizations. They answer in one
 * piece.
 */
export const refusesStreams = ({ status, message }: ProviderFailure): boolean =>
  status === 400 && /must be verified to stream|'stream' does not support true/i.test(message);

/**
 * Reads an error within a stream: an object, a flat chunk or a text. It has no HTTP status, so the status comes from its code, its
 * `status` field or its type.
 */
export function readOpenAiInBandError(error: unknown): ProviderFailure {
  const { type, code } = fieldsOf(error) ?? {};
  return failureOf([code, type], {
    status: statusOfError(error) ?? 500,
    message: allWordsOf(error) ?? 'The stream reported an error',
    retry_after_ms: null,
  });
}
