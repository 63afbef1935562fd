import { createMiddleware } from 'hono/factory';
import { errorResponse } from '../../../contracts/errors.ts';
import { anthropicErrorOf } from '../../surfaces/anthropic/error.ts';
import { openAiErrorOf } from '../../surfaces/openai/error.ts';
import type { AppEnv } from '../app-env.ts';

/**
 * On `/v1` every error, whoever answers it, is told in OpenAI's shape, and in Anthropic's where its API is: the SDKs find their own
 * error classes in it.
 */
export const sdkErrors = createMiddleware<AppEnv>(async (c, next) => {
  await next();
  const isAnthropic = /^\/v1\/messages(\/|$)/.test(c.req.path);
  // Anthropic's SDKs look for the request's id there.
  if (isAnthropic) c.header('request-id', c.var.requestId);
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
