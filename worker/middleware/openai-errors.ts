import { createMiddleware } from 'hono/factory';
import { errorResponse } from '../../contracts/errors.ts';
import type { AppEnv } from '../app-env.ts';
import { openAiErrorOf } from '../v1/openai-error.ts';

/** On `/v1` every error, whoever answers it, is told in OpenAI's shape: its SDKs find their own error classes in it. */
export const openAiErrors = createMiddleware<AppEnv>(async (c, next) => {
  await next();
  if (c.res.status < 400) return;
  const parsed = errorResponse.safeParse(
    await c.res
      .clone()
      .json()
      .catch(() => null),
  );
  if (!parsed.success) return;
  const { status, headers } = c.res;
  c.res = undefined;
  c.res = Response.json(openAiErrorOf(parsed.data, status), { status, headers });
});
