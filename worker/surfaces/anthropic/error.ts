import type { ErrorResponse } from '../../../contracts/errors.ts';
import type { AnthropicError } from '../../../contracts/v1/messages-answer.ts';
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

/** Our field names and Anthropic's, where they differ. */
const fieldNames = { max_output_tokens: 'max_tokens' };

/**
 * The details that tell the SDK's tool runner that threads (a beta of Anthropic's) are not supported, so that it sends the whole
 * conversation with each request. The names are those the SDK checks (lib/internal/threads/ThreadState).
 */
const UNTHREADED = { error_code: 'thread_unsupported_request', unsupported: ['thread'] };

const asksForThread = ({ details }: ErrorResponse['error']): boolean =>
  Array.isArray(details?.issues) && details.issues.some(({ field }) => field === 'thread');

/** Converts an error to Anthropic's format. Pure. */
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
