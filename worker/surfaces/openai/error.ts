import type { ErrorCode, ErrorResponse } from '../../../contracts/errors.ts';
import type { OpenAiError } from '../../../contracts/v1/chat-completions-answer.ts';
import { renameFields } from '../field-names.ts';

type ErrorType = OpenAiError['error']['type'];

const typesOfStatus: Partial<Record<number, ErrorType>> = {
  401: 'authentication_error',
  402: 'insufficient_quota',
  403: 'permission_error',
  429: 'rate_limit_error',
};

/** OpenAI's codes that programs check, where they mean the same as ours. */
const namesOfCodes: Partial<Record<ErrorCode, string>> = {
  unknown_model: 'model_not_found',
  unauthenticated: 'invalid_api_key',
  rate_limited: 'rate_limit_exceeded',
};

/** Returns the code of a response that failed: `insufficient_quota` is what clients check there, and a status in an answer. */
export const failedCodeOf = (code: string): string =>
  code === 'insufficient_balance' ? 'insufficient_quota' : (namesOfCodes[code as ErrorCode] ?? code);

/** Our field names and those of chat completions, where they differ. */
const chatFieldNames = { max_output_tokens: 'max_completion_tokens' };

/** Returns the field of the error, or null. */
function fieldOf({ details }: ErrorResponse['error']): string | null {
  const issues = details?.issues;
  const [first] = Array.isArray(issues) ? issues : [];
  const field: unknown = first?.field ?? details?.field;
  return typeof field === 'string' ? field : null;
}

/** Converts an error to OpenAI's format. Its fields have the names of chat completions unless others are given. Pure. */
export function openAiErrorOf(
  response: ErrorResponse,
  status: number,
  fieldNames: Readonly<Record<string, string>> = chatFieldNames,
): OpenAiError {
  const error = renameFields(response.error, fieldNames);
  const { code, message, details, request_id } = error;
  return {
    error: {
      message,
      type: typesOfStatus[status] ?? (status >= 500 ? 'server_error' : 'invalid_request_error'),
      param: fieldOf(error),
      code: namesOfCodes[code] ?? code,
      ...(details === undefined ? {} : { details }),
      request_id,
    },
  };
}
