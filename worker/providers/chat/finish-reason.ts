import type { EndDetails } from '../../../contracts/chat/chat.ts';
import type { FinishReason, ProviderFailure } from '../provider.ts';
import { invalidResponse } from '../transport/failure.ts';

/**
 * The reasons of an answer's end, of all kinds, since many servers pass on the reasons of the model behind them: OpenAI's, Anthropic's
 * (platform.claude.com/docs/en/build-with-claude/handling-stop-reasons), Google's (ai.google.dev/api/generate-content), Bedrock's,
 * Cohere's, those of Hugging Face's TGI, Mistral, Zhipu (`sensitive`) and Xiaomi (`repetition_truncation`). Read in November 2026. Pure.
 */

const reasonsOf: Record<FinishReason, string[]> = {
  stop: [
    'stop',
    'stopped',
    'stop_sequence',
    'stop_token',
    'end_turn',
    'end_of_turn',
    'end_of_text',
    'pause_turn',
    'eos',
    'eos_token',
    'complete',
    'completed',
    'done',
    'finish_reason_stop',
  ],
  length: [
    'length',
    'max_tokens',
    'max_output_tokens',
    'max_completion_tokens',
    'max_length',
    'model_length',
    'token_limit',
    'context_length',
    'model_context_window_exceeded',
    'repetition_truncation',
    'finish_reason_max_tokens',
  ],
  content_filter: [
    'content_filter',
    'content_filtered',
    'content_filter_error',
    'contentfilter',
    'guardrail_intervened',
    'refusal',
    'safety',
    'sensitive',
    'recitation',
    'blocklist',
    'prohibited_content',
    'language',
    'model_armor',
    'image_safety',
    'spii',
    'error_toxic',
  ],
  tool_calls: ['tool_calls', 'tool_call', 'tool_use', 'tooluse', 'function_call', 'function_calls'],
};

const known = new Map<string, FinishReason>(
  Object.entries(reasonsOf).flatMap(([reason, names]) =>
    names.map((name): [string, FinishReason] => [name, reason as FinishReason]),
  ),
);

/** Reasons that tell more than the finish reason that they stand for. `model_length` is Mistral's. */
const causes = new Map<string, EndDetails['stop_cause']>([
  ['model_context_window_exceeded', 'context_window'],
  ['context_length', 'context_window'],
  ['model_length', 'context_window'],
  ['pause_turn', 'pause'],
]);

/** Reasons by which a server says that it failed. */
const failures = new Set([
  'error',
  'failed',
  'abort',
  'aborted',
  'cancelled',
  'canceled',
  'timeout',
  'network_error',
  'server_error',
  'internal_error',
  // DeepSeek's, documented: its inference system lacked resources.
  'insufficient_system_resource',
]);

/** Failures of the model behind a router that says that the answer just stopped: OpenRouter's `native_finish_reason`. */
const nativeFailures = new Set([
  ...failures,
  ...['malformed_function_call', 'unexpected_tool_call', 'too_many_tool_calls', 'malformed_response'],
]);

/** Words for no reason, which some servers write into each chunk. The last is Protobuf's. */
const noReason = new Set(['', 'null', 'none', 'undefined', 'nil', 'finish_reason_unspecified']);

/** The reason as it is looked up: in lower case, with one separator, without the name of a type (`FinishReason.STOP`). */
const normalized = (reason: string): string =>
  reason
    .slice(reason.lastIndexOf('.') + 1)
    .toLowerCase()
    .replace(/[\s-]+/g, '_')
    .replace(/[^a-z_]/g, '');

/** True for a text that says that the answer goes on. */
export const isNoReason = (reason: string): boolean => noReason.has(reason.trim().toLowerCase());

/** True for the name of a reason, which is no sequence of the request. */
export const namesReason = (text: string): boolean =>
  text.trim() !== '' &&
  (known.has(normalized(text)) || nativeFailures.has(normalized(text)) || isNoReason(text));

/** The failure that the model behind a router has stated; null if it has stated none. */
export const nativeFailure = (reason: unknown): ProviderFailure | null =>
  typeof reason === 'string' && nativeFailures.has(normalized(reason)) ? failureFor(reason) : null;

function failureFor(reason: string): ProviderFailure {
  const failure = invalidResponse(`The answer ended with the reason ${reason.slice(0, 100)}`);
  return failures.has(normalized(reason)) ? { ...failure, kind: 'overloaded' } : failure;
}

/** The reason of an answer's end, or the failure that it stands for. An unknown reason is a failure: nothing says that the answer is whole. */
export function readFinishReason(
  reason: string,
): { ok: true; finish_reason: FinishReason } | { ok: false; failure: ProviderFailure } {
  const finish_reason = known.get(normalized(reason));
  if (finish_reason !== undefined) return { ok: true, finish_reason };
  return { ok: false, failure: failureFor(reason) };
}

/** Returns the cause that a reason tells beyond its finish reason. Undefined if it tells none. */
export const stopCauseOf = (reason: string | null): EndDetails['stop_cause'] =>
  reason === null ? undefined : causes.get(normalized(reason));

/** The stated reason; null if none is. */
export const statedReason = (reason: unknown): string | null =>
  typeof reason === 'string' && !isNoReason(reason) ? reason : null;

/**
 * The finish reason of a whole answer. One with calls ends with `tool_calls`, even if the server says that it just stopped; one without
 * any does not.
 */
export function finishReasonOf(
  told: FinishReason | null,
  { refused = false, calls }: { refused?: boolean; calls: boolean },
): FinishReason {
  if (refused) return 'content_filter';
  const reason = told ?? 'stop';
  if (calls) return reason === 'stop' ? 'tool_calls' : reason;
  return reason === 'tool_calls' ? 'stop' : reason;
}
