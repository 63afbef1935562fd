import type { ErrorResponse } from '../../../contracts/errors.ts';
import type { AnthropicError } from '../../../contracts/v1/messages.ts';
import { renameFields } from '../field-names.ts';

type ErrorType = AnthropicError['error']['type'];

const typesOfStatus: Partial<Record<number, ErrorType>> = {
  401: 'authentication_error',
  402: 'billing_error',
  403: 'permission_error',
  404: 'not_found_error',
  413: 'request_too_large',
  429: 'rate_limit_error',
  503: 'overloaded_error',
};

/** What Anthropic calls otherwise. */
const fieldNames = { max_output_tokens: 'max_tokens' };

/**
 * How the SDK's tool runner is told that conversations are kept nowhere here (`thread`, a beta of Anthropic's), so that it sends all of
 * one with each turn, as everybody else does. The names are those that the SDK looks for (lib/internal/threads/ThreadState).
 */
const UNTHREADED = { error_code: 'thread_unsupported_request', unsupported: ['thread'] };

const asksForThread = ({ details }: ErrorResponse['error']): boolean =>
  Array.isArray(details?.issues) && details.issues.some(({ field }) => field === 'thread');

/** One of our errors in Anthropic's shape. Pure. */
export function anthropicErrorOf({ error }: ErrorResponse, status: number): AnthropicError {
  const { code, message, details, request_id } = renameFields(error, fieldNames);
  const reason = asksForThread(error) ? UNTHREADED : { error_code: code };
  return {
    type: 'error',
    error: {
      type: typesOfStatus[status] ?? (status >= 500 ? 'api_error' : 'invalid_request_error'),
      message,
      details: { ...details, ...reason },
    },
    request_id,
  };
}
