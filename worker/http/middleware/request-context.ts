import { createMiddleware } from 'hono/factory';
import { v7 as uuidv7 } from 'uuid';
import { createLog } from '../../runtime/log.ts';
import { settingsOf } from '../../runtime/settings.ts';
import type { AppEnv } from '../app-env.ts';

/**
 * Gives the request an id, a logger and the parsed settings, before everything else, so that errors can name the request. The id is
 * ours: a client's could repeat.
 */
export const requestContext = createMiddleware<AppEnv>(async (c, next) => {
  const requestId = uuidv7();
  const startedAtMs = Date.now();
  c.set('requestId', requestId);
  c.set('log', createLog('info', { request_id: requestId }));
  const settings = settingsOf(c.env);
  c.set('settings', settings);
  c.set('log', createLog(settings.LOG_LEVEL, { request_id: requestId }));
  await next();
  c.header('x-request-id', requestId);
  const { hostname, pathname } = new URL(c.req.url);
  c.var.log.info('request', {
    method: c.req.method,
    hostname,
    path: pathname,
    status: c.res.status,
    duration_ms: Date.now() - startedAtMs,
  });
});
