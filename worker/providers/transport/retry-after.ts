/** How long a provider asks to be left alone, in milliseconds. Pure: the caller brings the time. */

/** A day: a longer wait is as good as never, and a hostile one must not overflow what is computed from it. */
const RETRY_AFTER_MS_MAX = 86_400_000;

const bounded = (wait_ms: number): number | null =>
  Number.isNaN(wait_ms) ? null : Math.min(Math.max(Math.ceil(wait_ms), 0), RETRY_AFTER_MS_MAX);

const decimal = /^\d+(\.\d+)?$/;

/** A wait written as a count of seconds ("12", "1.5"); null when the text is anything else. */
export const waitFromSeconds = (text: string): number | null =>
  decimal.test(text) ? bounded(Number(text) * 1_000) : null;

/**
 * What the headers of a response ask for: `retry-after-ms`, else Retry-After in seconds or as an HTTP date. Null when
 * they ask for nothing that can be understood; a date in the past asks for no wait.
 */
export function waitFromHeaders(headers: Headers, now_ms: number): number | null {
  const exact = headers.get('retry-after-ms')?.trim() ?? '';
  if (decimal.test(exact)) return bounded(Number(exact));
  const text = headers.get('retry-after')?.trim() ?? '';
  // Every HTTP date starts with the name of a day; Date.parse alone would read "-5" as a year.
  if (/^[A-Za-z]{3}/.test(text)) return bounded(Date.parse(text) - now_ms);
  return waitFromSeconds(text);
}
