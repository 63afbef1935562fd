import type { ErrorCode, ErrorResponse } from '../../contracts/errors.ts';
import type { OpenAiError } from '../../contracts/v1/chat-completions.ts';

type ErrorType = OpenAiError['error']['type'];

const typesOfStatus: Partial<Record<number, ErrorType>> = {
  401: 'authentication_error',
  402: 'insufficient_quota',
  403: 'permission_error',
  429: 'rate_limit_error',
};

/** Codes of OpenAI's that programs look for, where they mean the same as ours. */
const namesOfCodes: Partial<Record<ErrorCode, string>> = {
  unknown_model: 'model_not_found',
  unauthenticated: 'invalid_api_key',
  rate_limited: 'rate_limit_exceeded',
};

/** Fields that OpenAI's API has elsewhere, or calls otherwise. */
const namesOfFields: [RegExp, string][] = [
  [/^max_output_tokens$/, 'max_completion_tokens'],
  [/^tools\.(\d+)\.(name|description|parameters|strict)\b/, 'tools.$1.function.$2'],
  [/^tool_choice\.name\b/, 'tool_choice.function.name'],
  [/^response_format\.(name|description|schema|strict)\b/, 'response_format.json_schema.$1'],
  [/\.source\.(url|data|media_type|kind)$/, '.image_url.url'],
];

const nameOfField = (field: string): string =>
  namesOfFields.reduce((name, [ours, theirs]) => name.replace(ours, theirs), field);

/** The field at fault, where the error names one. */
function fieldOf({ details }: ErrorResponse['error']): string | null {
  const issues = details?.issues;
  const [first] = Array.isArray(issues) ? issues : [];
  const field: unknown = first?.field ?? details?.field;
  return typeof field === 'string' ? field : null;
}

/** One of our errors in OpenAI's shape. Pure. */
export function openAiErrorOf({ error }: ErrorResponse, status: number): OpenAiError {
  const { code, message, details, request_id } = error;
  const field = fieldOf(error);
  const param = field === null ? null : nameOfField(field);
  return {
    error: {
      message: message.startsWith(`${field}: `) ? message.replace(`${field}`, `${param}`) : message,
      type: typesOfStatus[status] ?? (status >= 500 ? 'server_error' : 'invalid_request_error'),
      param,
      code: namesOfCodes[code] ?? code,
      ...(details === undefined ? {} : { details }),
      request_id,
    },
  };
}
