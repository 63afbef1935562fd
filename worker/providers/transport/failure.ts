import type { ProviderFailure } from '../provider.ts';

/** The failures that all providers share, by HTTP status and by cause. Pure. The whole table is in docs/providers.md. */

/** The parts of an error response that decide which failure it is. */
export type HttpFailure = { status: number; message: string; retry_after_ms: number | null };

/** The configured model name or base URL is wrong: another candidate may be right. */
export const configurationFault = (http: HttpFailure): ProviderFailure => ({
  ...http,
  kind: 'invalid_request',
  retryable: true,
});

/**
 * The prompt and the requested output exceed the model's context window: a candidate with a larger one may take it. Only the
 * provider's tokenizer can tell.
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

/** A filter refused the request. It is not retried: asking another provider would circumvent the filter. */
export const filtered = (http: HttpFailure): ProviderFailure => ({
  ...http,
  kind: 'content_filter',
  retryable: false,
});

/** An account that covers a smaller request (OpenRouter: "but can only afford 120"). */
const affordsLess = /\bafford|fewer max_tokens/i;

/** Words about the content of one request: OpenRouter's moderation, xAI's guidelines, and servers in China. */
const aboutContent =
  /\bmoderat|\bflagged\b|content[ _-]?(policy|filter|management|guideline)|usage (guidelines|polic)|safety (system|check|filter|polic)|\b(input|prompt|content|message|text)\b.{0,60}\b(violat|blocked|inappropriate|unsafe|harmful|prohibited|sensitive)|敏感|违规|審核|审核/i;
/** Words about the caller's credential, account or place, none of which is the user's. */
const aboutAccess = /\b(api[ _-]?key|credential|account|organi[sz]ation|project|country|region|territory)\b/i;
/** Cloudflare's pages for an address or a country that is banned as a whole. */
const aboutPlace = /\b(country|region)\b|error(?: code)?:? 100[6-9]\b/i;
const htmlPage = /<(!doctype html|html|head|body)\b/i;

/**
 * A refusal with 403: of the credential or, as moderation and firewalls answer it, of this request alone. A firewall answers with a
 * page of HTML.
 */
function forbidden(http: HttpFailure): ProviderFailure {
  if (htmlPage.test(http.message))
    return aboutPlace.test(http.message) ? credentialFault(http) : filtered(http);
  return aboutContent.test(http.message) && !aboutAccess.test(http.message)
    ? filtered(http)
    : credentialFault(http);
}

/** The wait that a rate limit asks for: by its headers or, as Azure, Groq and OpenAI within streams do, in words. */
const waitOf = ({ retry_after_ms, message }: HttpFailure): number | null =>
  retry_after_ms ?? waitFromWords(message);

/** The failure that an HTTP status and words about it indicate. Adapters check their provider's own error codes first. */
export function failureOfStatus(http: HttpFailure): ProviderFailure {
  switch (http.status) {
    case 401:
      return credentialFault(http);
    case 402:
      return affordsLess.test(http.message) ? configurationFault(http) : credentialFault(http);
    case 403:
      return forbidden(http);
    case 404:
    case 405:
    case 406:
    case 410:
    case 415:
    case 421:
      return configurationFault(http);
    case 408:
    case 504:
    case 524:
      return { ...http, kind: 'timeout', retryable: true };
    case 409:
    case 424:
    case 425:
    // A server's own client has left (nginx), or its capacity is used up (Groq).
    case 498:
    case 499:
      return { ...http, kind: 'overloaded', retryable: true };
    case 429:
      return { ...http, kind: 'rate_limited', retryable: true, retry_after_ms: waitOf(http) };
  }
  if (http.status >= 500) return { ...http, kind: 'overloaded', retryable: true };
  if (http.status >= 400) return { ...http, kind: 'invalid_request', retryable: false };
  // Redirects are not followed: that would carry the key to another host.
  return { ...http, kind: 'invalid_response', retryable: true };
}

const withoutResponse = { retry_after_ms: null, status: null };

/** The credential cannot be sent: it has the wrong form, or holds characters that no header can carry. */
export const unusableCredential: ProviderFailure = {
  ...withoutResponse,
  kind: 'authentication',
  retryable: true,
  message: 'The configured key is empty or holds characters that no header can carry',
};

/** No answer within the call's time. */
export const timedOut = (timeout_ms: number): ProviderFailure => ({
  ...withoutResponse,
  kind: 'timeout',
  retryable: true,
  message: `No answer within ${timeout_ms} ms`,
});

/** The caller cancelled the call. Not the provider's fault, and not retried. */
export const cancelled: ProviderFailure = {
  ...withoutResponse,
  kind: 'timeout',
  retryable: false,
  message: 'The caller cancelled the call',
};

/** True when a call ended because the caller cancelled it. */
export const wasCancelled = ({ kind, retryable }: ProviderFailure): boolean =>
  kind === cancelled.kind && retryable === cancelled.retryable;

/** The provider answered with a success status and an unexpected body. */
export const invalidResponse = (message: string): ProviderFailure => ({
  kind: 'invalid_response',
  retryable: true,
  retry_after_ms: null,
  status: 200,
  message,
});

/** A streamed answer stopped before its end. `cause` is the connection's error, or null when the body just ended. */
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

/** One day. It bounds what servers ask for, so that no hostile value overflows later arithmetic. */
const RETRY_AFTER_MS_MAX = 86_400_000;

const boundedWait = (wait_ms: number): number | null =>
  Number.isNaN(wait_ms) ? null : Math.min(Math.max(Math.ceil(wait_ms), 0), RETRY_AFTER_MS_MAX);

const decimal = /^\d+(\.\d+)?$/;

/** Milliseconds of a wait written in seconds ("12", "1.5"); null when the text is anything else. */
export const waitFromSeconds = (text: string): number | null =>
  decimal.test(text) ? boundedWait(Number(text) * 1_000) : null;

const DURATION = String.raw`\d+(?:\.\d+)? ?(?:ms|milli|h|m|s)[a-z]*`;
const worded = new RegExp(
  String.raw`\b(?:try again|retry|wait|resets?)\b[^.\d]{0,40}?((?:${DURATION}\s?)+)`,
  'i',
);
const unitsMs = { ms: 1, milli: 1, s: 1_000, m: 60_000, h: 3_600_000 };

/** Milliseconds of a wait in words: "try again in 1m2.5s", "retry after 24 seconds". Null without any. */
export function waitFromWords(text: string): number | null {
  const [, duration] = worded.exec(text) ?? [];
  if (duration === undefined) return null;
  const parts = duration.matchAll(/(\d+(?:\.\d+)?) ?(ms|milli|h|m|s)/gi);
  return boundedWait(
    parts.reduce(
      (sum, [, count, unit]) => sum + Number(count) * unitsMs[unit?.toLowerCase() as keyof typeof unitsMs],
      0,
    ),
  );
}

/**
 * Milliseconds that a response asks to wait: `retry-after-ms`, else Retry-After in seconds or as an HTTP date. Null when the
 * headers hold neither; zero for a date in the past.
 */
export function waitFromHeaders(headers: Headers, now_ms: number): number | null {
  const exact = headers.get('retry-after-ms')?.trim() ?? '';
  if (decimal.test(exact)) return boundedWait(Number(exact));
  const text = headers.get('retry-after')?.trim() ?? '';
  // Every HTTP date starts with the name of a day; Date.parse alone would read "-5" as a year.
  if (/^[A-Za-z]{3}/.test(text)) return boundedWait(Date.parse(text) - now_ms);
  return waitFromSeconds(text.replace(/ ?s(ec(onds?)?)?$/, ''));
}

const MESSAGE_LENGTH_MAX = 500;

/** Keys as providers and compatible servers write them, also half masked, as some errors quote them. */
const keyShapes =
  /\b(?:v?sk|xai|gsk|hf|pplx)[-_][\w*.…-]{6,}|\b(?:AIza|AQ\.|ya29\.)[\w*.…-]{10,}|\bBearer\s+[^\s"',]+/g;

/** Characters of a page of HTML that are looked through. */
const PAGE_LENGTH_MAX = 16_384;

/** The text of a page of HTML, without its head, styles and scripts. Any other text stays as it is. */
const textOfPage = (text: string): string =>
  htmlPage.test(text)
    ? text
        .slice(0, PAGE_LENGTH_MAX)
        .replace(/<(style|script|head)\b[\s\S]*?<\/\1\s*>/gi, ' ')
        .replace(/<[^>]*>/g, ' ')
    : text;

/**
 * A message that is safe to log and to store: one line of at most 500 characters, without the given secrets and without
 * anything shaped like a key.
 */
export function redactMessage(message: string, secrets: readonly string[]): string {
  const withoutSecrets = secrets
    .filter((secret) => secret !== '')
    .reduce((text, secret) => text.replaceAll(secret, '[key]'), message);
  const oneLine = textOfPage(withoutSecrets.replace(keyShapes, '[key]')).replace(/\s+/g, ' ').trim();
  const short =
    oneLine.length <= MESSAGE_LENGTH_MAX ? oneLine : `${oneLine.slice(0, MESSAGE_LENGTH_MAX - 1)}…`;
  // Postgres holds neither NUL nor half a surrogate pair, such as the cut may leave.
  return short.replaceAll('\u0000', '').toWellFormed();
}

/** The shortest value of an extra header that is taken for a secret. Shorter ones are names and words of messages. */
const SECRET_LENGTH_MIN = 8;

/** The failure with its message made safe to log. `credential` and `extra_headers` are those that were sent. */
export function redactFailure(
  failure: ProviderFailure,
  credential: Readonly<Record<string, string>>,
  extra_headers: Readonly<Record<string, string>> = {},
): ProviderFailure {
  const values = Object.values(extra_headers).filter(({ length }) => length >= SECRET_LENGTH_MIN);
  return {
    ...failure,
    message: redactMessage(failure.message, [...Object.values(credential), ...values]),
  };
}
