import type { ProviderFailure } from '../provider.ts';

/** The failures all providers share, and how HTTP names them. Pure: the whole table is in docs/providers.md. */

/** What an SDK's error says about the response that caused it. */
export type HttpFailure = { status: number; message: string; retry_after_ms: number | null };

/** The model's name or the base URL, which an administrator configured, is at fault: the next candidate may be right. */
export const configurationFault = (http: HttpFailure): ProviderFailure => ({
  ...http,
  kind: 'invalid_request',
  retryable: true,
});

/**
 * The prompt, with the output it asks for, is longer than the model's context window: a candidate with a larger one may take
 * it. Which tokens a prompt is, only the provider knows, so it is the provider that says so.
 */
export const tooLong = (http: HttpFailure): ProviderFailure => ({
  ...http,
  kind: 'context_length',
  retryable: true,
  retry_after_ms: null,
});

/** The credential was refused: wrong, revoked, not permitted, or its account is unpaid. Never the user's fault. */
export const credentialFault = (http: HttpFailure): ProviderFailure => ({
  ...http,
  kind: 'authentication',
  retryable: true,
});

/** The provider's filter refused the request. Another provider is not asked: that would be going around a filter. */
export const filtered = (http: HttpFailure): ProviderFailure => ({
  ...http,
  kind: 'content_filter',
  retryable: false,
});

/** What an HTTP status alone says. Adapters look at their provider's own error codes first. */
export function failureOfStatus(http: HttpFailure): ProviderFailure {
  switch (http.status) {
    case 401:
    case 402:
    case 403:
      return credentialFault(http);
    case 404:
    case 405:
      return configurationFault(http);
    case 408:
    case 504:
      return { ...http, kind: 'timeout', retryable: true };
    case 409:
    case 425:
      return { ...http, kind: 'overloaded', retryable: true };
    case 429:
      return { ...http, kind: 'rate_limited', retryable: true };
  }
  if (http.status >= 500) return { ...http, kind: 'overloaded', retryable: true };
  if (http.status >= 400) return { ...http, kind: 'invalid_request', retryable: false };
  // Redirects are not followed: that would carry the key to another host.
  return { ...http, kind: 'invalid_response', retryable: true };
}

const withoutResponse = { retry_after_ms: null, status: null };

/** No answer within the call's time. */
export const timedOut = (timeout_ms: number): ProviderFailure => ({
  ...withoutResponse,
  kind: 'timeout',
  retryable: true,
  message: `No answer within ${timeout_ms} ms`,
});

/** The caller gave up. Nobody is at fault, and nobody waits for another attempt. */
export const cancelled: ProviderFailure = {
  ...withoutResponse,
  kind: 'timeout',
  retryable: false,
  message: 'The caller cancelled the call',
};

/** Whether a call ended because the caller gave up. */
export const wasCancelled = ({ kind, retryable }: ProviderFailure): boolean =>
  kind === cancelled.kind && retryable === cancelled.retryable;

/** The provider said "success" and sent something else. */
export const invalidResponse = (message: string): ProviderFailure => ({
  kind: 'invalid_response',
  retryable: true,
  retry_after_ms: null,
  status: 200,
  message,
});

/** A streamed answer broke off: the connection failed with `cause`, or, when null, it just ended before the answer did. */
export function cutOff(cause: unknown): ProviderFailure {
  const message = 'The stream ended before the answer did';
  return {
    kind: 'truncated',
    retryable: true,
    retry_after_ms: null,
    status: 200,
    message: cause === null ? message : `${message}: ${failureWithoutStatus(cause).message}`,
  };
}

/** An error without an HTTP status: a body that is not JSON, or a connection that failed before or within the answer. */
export function failureWithoutStatus(error: unknown): ProviderFailure {
  if (error instanceof SyntaxError) return invalidResponse('The body is not JSON');
  const message = error instanceof Error ? error.message : String(error);
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause.message : '';
  return {
    ...withoutResponse,
    kind: /timed? ?out/i.test(message) ? 'timeout' : 'network',
    retryable: true,
    message: cause === '' || message.includes(cause) ? message : `${message} (${cause})`,
  };
}
