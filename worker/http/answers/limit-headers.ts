import type { KeyWindow } from '../../../contracts/wallet/key-limits.ts';
import type { ExecutionFailure } from '../../executions/failure.ts';

/** Headers by which clients see what is left of an API key's limits per minute, named as OpenAI's. Pure. */

type Headers = Record<string, string>;

function headersOf(
  kind: 'requests' | 'tokens',
  limit: number,
  remaining: number,
  resets_in_ms: number,
): Headers {
  return {
    [`x-ratelimit-limit-${kind}`]: String(limit),
    [`x-ratelimit-remaining-${kind}`]: String(remaining),
    [`x-ratelimit-reset-${kind}`]: `${Math.ceil(resets_in_ms / 1_000)}s`,
  };
}

/** Returns the headers of an answer; none for a request whose key has no such limits. */
export function limitHeaders(window: KeyWindow | null): Headers {
  if (window === null) return {};
  const { requests, tokens, resets_in_ms } = window;
  return {
    ...(requests !== null && headersOf('requests', requests.limit, requests.remaining, resets_in_ms)),
    ...(tokens !== null && headersOf('tokens', tokens.limit, tokens.remaining, resets_in_ms)),
  };
}

/** Returns the headers of a refusal by the limit of a key: nothing is left of it. */
export function refusedLimitHeaders({ code, details, retry_after_ms }: ExecutionFailure): Headers {
  if (code !== 'rate_limited' || details?.scope !== 'api_key') return {};
  const kind = details.limit === 'tokens_per_minute' ? 'tokens' : 'requests';
  return headersOf(kind, Number(details.limit_max), 0, retry_after_ms ?? 0);
}
