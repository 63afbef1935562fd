import { createMiddleware } from 'hono/factory';
import { errorResponse } from '../../../contracts/errors.ts';
import { anthropicErrorOf } from '../../surfaces/anthropic/error.ts';
import { openAiErrorOf } from '../../surfaces/openai/error.ts';
import type { AppEnv } from '../app-env.ts';

/**
 * Converts every error on `/v1` to OpenAI's format, and on `/v1/messages` to Anthropic's, so that the SDKs raise their own error
 * classes.
 */
export const sdkErrors = createMiddleware<AppEnv>(async (c, next) => {
  await next();
  const isAnthropic = /^\/v1\/messages(\/|$)/.test(c.req.path);
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
  const { status, headers } = c.res;
  const shapeOf = isAnthropic ? anthropicErrorOf : openAiErrorOf;
  c.res = undefined;
  c.res = Response.json(shapeOf(parsed.data, status), { status, headers });
});
