import type { ErrorResponse } from '../../../contracts/errors.ts';
import type { GoogleError, GoogleStatus } from '../../../contracts/v1beta/generate-content-answer.ts';
import { renameFields } from '../field-names.ts';

/** Google's names for statuses (google.rpc.Code, cloud.google.com/apis/design/errors). */
const names: Partial<Record<number, GoogleStatus>> = {
  401: 'UNAUTHENTICATED',
  402: 'FAILED_PRECONDITION',
  403: 'PERMISSION_DENIED',
  404: 'NOT_FOUND',
  405: 'UNIMPLEMENTED',
  409: 'ABORTED',
  429: 'RESOURCE_EXHAUSTED',
  503: 'UNAVAILABLE',
};

/** Our field names and Google's, where they differ. */
const fieldNames = {
  max_output_tokens: 'generationConfig.maxOutputTokens',
  stop: 'generationConfig.stopSequences',
  response_format: 'generationConfig.responseMimeType',
  messages: 'contents',
};

type Issue = { field?: unknown; message?: unknown };

const issuesOf = ({ details }: ErrorResponse['error']): Issue[] =>
  Array.isArray(details?.issues) ? details.issues : [];

/** Returns the figures of the details as texts: the metadata of an ErrorInfo holds nothing else. */
const metadataOf = ({ details = {}, request_id }: ErrorResponse['error']): Record<string, string> => ({
  ...Object.fromEntries(
    Object.entries(details).flatMap(([name, value]) =>
      typeof value === 'string' || typeof value === 'number' ? [[name, String(value)]] : [],
    ),
  ),
  request_id,
});

const typeOf = (name: string) => ({ '@type': `type.googleapis.com/google.rpc.${name}` });

/** Converts an error to Google's format. `retry_after_s`: the seconds to wait, if they are known. Pure. */
export function googleErrorOf(
  response: ErrorResponse,
  status: number,
  retry_after_s: string | null = null,
): GoogleError {
  const error = renameFields(response.error, fieldNames);
  const violations = issuesOf(error).map(({ field, message }) => ({
    field: String(field),
    description: String(message),
  }));
  return {
    error: {
      code: status,
      message: error.message,
      status: names[status] ?? (status >= 500 ? 'INTERNAL' : 'INVALID_ARGUMENT'),
      details: [
        { ...typeOf('ErrorInfo'), reason: error.code.toUpperCase(), metadata: metadataOf(error) },
        ...(violations.length > 0 ? [{ ...typeOf('BadRequest'), fieldViolations: violations }] : []),
        ...(retry_after_s === null ? [] : [{ ...typeOf('RetryInfo'), retryDelay: `${retry_after_s}s` }]),
      ],
    },
  };
}
