import { bodyLimit } from 'hono/body-limit';
import { createMiddleware } from 'hono/factory';
import type { AppEnv } from '../app-env.ts';
import { problem } from '../errors.ts';

/** Refuses a body over BODY_LIMIT_BYTES, announced or chunked, before anything parses it. */
export const limitBody = createMiddleware<AppEnv>((c, next) => {
  const maxSize = c.var.settings.BODY_LIMIT_BYTES;
  return bodyLimit({
    maxSize,
    onError: () => problem(c, 'body_too_large', { details: { field: 'body', limit_bytes: maxSize } }),
  })(c, next);
});
