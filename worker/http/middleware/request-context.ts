import { createMiddleware } from 'hono/factory';
import { v7 as uuidv7 } from 'uuid';
import { createLog } from '../../runtime/log.ts';
import { settingsOf } from '../../runtime/settings.ts';
import type { AppEnv } from '../app-env.ts';

/**
 * Gives the request an id, a logger, its URL and the parsed settings, before everything else, so that errors can name the request. The
 * id is ours: a client's could repeat. Headers are set on the response itself: Hono's `c.header` would copy a finished response.
 */
export const requestContext = createMiddleware<AppEnv>(async (c, next) => {
  const requestId = uuidv7();
  const startedAtMs = Date.now();
  c.set('requestId', requestId);
  c.set('log', createLog('info', { request_id: requestId }));
  const settings = settingsOf(c.env);
  const log = createLog(settings.LOG_LEVEL, { request_id: requestId });
  const url = new URL(c.req.url);
  c.set('settings', settings);
  c.set('log', log);
  c.set('url', url);
  await next();
  c.res.headers.set('x-request-id', requestId);
  log.info('request', {
    method: c.req.method,
    hostname: url.hostname,
    path: url.pathname,
    status: c.res.status,
    duration_ms: Date.now() - startedAtMs,
  });
});
