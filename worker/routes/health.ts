import { createRoute, OpenAPIHono } from '@hono/zod-openapi';
import { z } from 'zod';
import type { AppEnv } from '../app-env.ts';
import { dependenciesOf } from '../dependencies-of.ts';
import { checkHealth } from '../services/check-health.ts';
import { json } from './responses.ts';

const part = z.object({
  status: z.enum(['ok', 'down']).describe('Whether it answers'),
  latency_ms: z.int().min(0).describe('How long it took to, in milliseconds'),
});
const health = z.object({
  status: z.enum(['ok', 'degraded']).describe('Whether every part answers'),
  parts: z
    .object({ database: part.describe('Postgres'), wallets: part.describe('The Durable Objects') })
    .describe('Part by part'),
});

const read = createRoute({
  method: 'get',
  path: '/health',
  tags: ['Platform'],
  summary: 'The state of the platform and of its parts. Answers on every hostname.',
  responses: {
    200: json(health, 'Everything works'),
    503: json(health, 'A part is down'),
  },
});

/** Health is about the platform, so it needs no tenant and no token, and tells no detail. */
export const healthRoutes = new OpenAPIHono<AppEnv>().openapi(read, async (c) => {
  const parts = await checkHealth(dependenciesOf(c));
  const healthy = Object.values(parts).every((state) => state.status === 'ok');
  if (!healthy) {
    c.header('Retry-After', '5');
    return c.json({ status: 'degraded' as const, parts }, 503);
  }
  return c.json({ status: 'ok' as const, parts }, 200);
});
