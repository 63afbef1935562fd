import { bodyLimit } from 'hono/body-limit';
import { createMiddleware } from 'hono/factory';
import type { AppEnv } from '../app-env.ts';
import { problem } from '../errors.ts';
import { jsonDepth } from '../json-depth.ts';

/** Deeper than schemas and tools in practice, and safe for recursive functions. */
const JSON_DEPTH_MAX = 100;

/** Paths that accept prompts, which can contain images. */
const takesPrompts = (path: string) => path.startsWith('/v1/') || path === '/api/ai/executions';

/** Refuses a body over BODY_LIMIT_BYTES, or PROMPT_LIMIT_BYTES where prompts are sent, announced or chunked, before it is parsed. */
export const limitBody = createMiddleware<AppEnv>((c, next) => {
  const { BODY_LIMIT_BYTES, PROMPT_LIMIT_BYTES } = c.get('settings');
  const maxSize = takesPrompts(c.req.path) ? PROMPT_LIMIT_BYTES : BODY_LIMIT_BYTES;
  const onError = () => problem(c, 'body_too_large', { details: { field: 'body', limit_bytes: maxSize } });
  const announced = c.req.header('content-length');
  // Only a body of unknown length has to be counted.
  if (announced === undefined || c.req.header('transfer-encoding') !== undefined)
    return bodyLimit({ maxSize, onError })(c, next);
  return Number(announced) > maxSize ? Promise.resolve(onError()) : next();
});

/** Refuses JSON that is nested too deep for recursive functions. */
export const limitDepth = createMiddleware<AppEnv>(async (c, next) => {
  const isJson = /^application\/([a-z-.]+\+)?json/i.test(c.req.header('content-type') ?? '');
  if (isJson && jsonDepth(await c.req.text()) > JSON_DEPTH_MAX)
    return problem(c, 'invalid_json', {
      message: `The body is nested deeper than ${JSON_DEPTH_MAX} levels.`,
      details: { field: 'body', rule: 'too_deep', depth_max: JSON_DEPTH_MAX },
    });
  return next();
});
