import { z } from 'zod';
import { fieldsOf } from '../metering/reported-usage.ts';

/** The HTTP statuses that errors tell of themselves where they have none: within a stream, or in a body of a success. Pure. */

/** The names of an error, and its status. */
const namedError = z.object({
  type: z.string().nullish().catch(null),
  code: z.union([z.string(), z.int()]).nullish().catch(null),
  status: z.int().nullish().catch(null),
  /** MiniMax's code. */
  status_code: z.int().nullish().catch(null),
});

/** The HTTP statuses of these codes and types. vLLM and LiteLLM write the names of Python's classes, Bedrock those of its exceptions. */
const statusOfErrorName = new Map([
  ['invalid_request_error', 400],
  ['BadRequestError', 400],
  ['content_filter', 400],
  ['context_length_exceeded', 400],
  ['invalid_api_key', 401],
  ['authentication_error', 401],
  ['AuthenticationError', 401],
  ['permission_error', 403],
  ['PermissionDeniedError', 403],
  ['model_not_found', 404],
  ['not_found_error', 404],
  ['NotFoundError', 404],
  ['insufficient_quota', 429],
  ['rate_limit_exceeded', 429],
  ['rate_limit_error', 429],
  ['rate_limit', 429],
  ['RateLimitError', 429],
  ['too_many_requests', 429],
  ['request_too_large', 413],
  ['overloaded_error', 503],
  ['timeout_error', 504],
  ['validationException', 400],
  ['accessDeniedException', 403],
  ['resourceNotFoundException', 404],
  ['modelTimeoutException', 408],
  ['throttlingException', 429],
  ['modelNotReadyException', 503],
  ['serviceUnavailableException', 503],
]);

const statusNamed = (name: string): number | undefined =>
  statusOfErrorName.get(name) ?? statusOfErrorName.get(name.charAt(0).toLowerCase() + name.slice(1));

/** The HTTP statuses of MiniMax's codes (platform.minimax.io/docs/api-reference/errorcode). */
const statusOfBaseCode = new Map([
  [1001, 504],
  [1002, 429],
  [1004, 401],
  [1008, 402],
  [1026, 403],
  [1027, 403],
  [1039, 429],
  [2013, 400],
  [2049, 401],
  [2056, 429],
]);

/** The HTTP status that a code tells: vLLM, llama.cpp and OpenRouter write it as a number, LiteLLM as its digits. Null for a name. */
function statusOfCode(code: string | number | null | undefined): number | null {
  const number = typeof code === 'string' && /^\d{3}$/.test(code) ? Number(code) : code;
  return typeof number === 'number' && number >= 400 && number < 600 ? number : null;
}

/** The HTTP status of an error: by its code, its `status` field or its type. Null if it tells none. */
export function statusOfError(error: unknown): number | null {
  const { type, code, status, status_code } = namedError.parse(fieldsOf(error) ?? {});
  const named =
    statusOfBaseCode.get(status_code ?? 0) ?? statusNamed(String(code)) ?? statusNamed(type ?? '');
  return statusOfCode(code) ?? statusOfCode(status) ?? named ?? null;
}
