import type { WebhookDelivery } from '../../contracts/api/tenant/webhooks.ts';
import type { Fetch } from '../providers/transport/guarded-fetch.ts';

/** The longest wait for an answer. */
export const POST_TIMEOUT_MS = 10_000;

/** The result of an attempt. `error` is null if the endpoint answered 2xx. */
export type Posted = {
  status: number | null;
  error: WebhookDelivery['last_error'];
  duration_ms: number;
};

/** Judges an answer. A redirect that was not followed has the status 0 in some runtimes. Pure. */
function errorOf({ status }: Pick<Response, 'status'>): Posted['error'] {
  if (status >= 200 && status < 300) return null;
  return status === 0 || (status >= 300 && status < 400) ? 'redirect' : 'status';
}

/**
 * Posts an event and returns what happened. `fetch` must not follow redirects. The body of the answer is not read: an endless one costs
 * nothing.
 */
export async function postEvent(
  fetch: Fetch,
  url: string,
  headers: Record<string, string>,
  body: string,
  timeout_ms = POST_TIMEOUT_MS,
): Promise<Posted> {
  const begun_ms = Date.now();
  const lasted = () => Math.max(0, Date.now() - begun_ms);
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json', 'user-agent': 'vanilla-saas-webhooks/1' },
      body,
      signal: AbortSignal.timeout(timeout_ms),
    });
    await response.body?.cancel().catch(() => undefined);
    const { status } = response;
    return { status: status === 0 ? null : status, error: errorOf(response), duration_ms: lasted() };
  } catch (error) {
    const isLate = error instanceof Error && error.name === 'TimeoutError';
    return { status: null, error: isLate ? 'timeout' : 'unreachable', duration_ms: lasted() };
  }
}
