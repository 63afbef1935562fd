import type { Context } from 'hono';
import { createMiddleware } from 'hono/factory';
import { type ErrorResponse, errorResponse } from '../../../contracts/errors.ts';
import { anthropicErrorOf } from '../../surfaces/anthropic/error.ts';
import { googleErrorOf } from '../../surfaces/google/error.ts';
import { openAiErrorOf } from '../../surfaces/openai/error.ts';
import { isOfAnthropic } from '../answers/refuse-as-client.ts';
import type { AppEnv } from '../app-env.ts';

/** True for Anthropic's own path, and for those that both APIs have if the client speaks Anthropic's. */
const speaksAnthropic = (c: Pick<Context, 'req'>): boolean =>
  /^\/v1\/messages(\/|$)/.test(c.req.path) ||
  (/^\/v1\/(models|files)(\/|$)/.test(c.req.path) && isOfAnthropic(c));

function shapeOf(path: string, error: ErrorResponse, { status, headers }: Response) {
  if (path.startsWith('/v1beta/')) return googleErrorOf(error, status, headers.get('retry-after'));
  // The Responses API has our names.
  return /^\/v1\/responses(\/|$)/.test(path)
    ? openAiErrorOf(error, status, {})
    : openAiErrorOf(error, status);
}

/**
 * Converts every error on `/v1` to OpenAI's format, or to Anthropic's for its clients, and on `/v1beta` to Google's, so that the SDKs raise
 * their own error classes.
 */
export const sdkErrors = createMiddleware<AppEnv>(async (c, next) => {
  await next();
  const isAnthropic = speaksAnthropic(c);
  // Anthropic's SDKs read the request's id from this header.
  if (isAnthropic) c.res.headers.set('request-id', c.get('requestId'));
  if (c.res.status < 400) return;
  const parsed = errorResponse.safeParse(
    await c.res
      .clone()
      .json()
      .catch(() => null),
  );
  if (!parsed.success) return;
  const refused = c.res;
  const { status, headers } = refused;
  c.res = undefined;
  const body = isAnthropic
    ? anthropicErrorOf(parsed.data, status)
    : shapeOf(c.req.path, parsed.data, refused);
  c.res = Response.json(body, { status, headers });
});
