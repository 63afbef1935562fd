import { createRoute, OpenAPIHono } from '@hono/zod-openapi';
import { z } from 'zod';
import { checkDatabase } from '../../db/client.ts';
import type { Dependencies } from '../../runtime/dependencies.ts';
import { callWallet } from '../../wallet-access/wallet-client.ts';
import type { AppEnv } from '../app-env.ts';
import { dependenciesOf } from '../dependencies-of.ts';
import { json } from '../openapi/responses.ts';

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

type PartState = z.infer<typeof part>;

/** A wallet of no user. Calling it proves that Durable Objects start and answer, and writes nothing. */
const PROBE_WALLET = {
  tenant_id: '00000000-0000-0000-0000-000000000000',
  user_id: '00000000-0000-0000-0000-000000000000',
};

async function timed(check: () => Promise<boolean>): Promise<PartState> {
  const startedAtMs = Date.now();
  const healthy = await check().catch(() => false);
  return { status: healthy ? 'ok' : 'down', latency_ms: Date.now() - startedAtMs };
}

/** Checks every part that the platform needs. The database check also fails if the Worker's role can bypass row security. */
async function checkParts(deps: Dependencies) {
  const [database, wallets] = await Promise.all([
    timed(() => checkDatabase(deps.database)),
    timed(async () => (await callWallet(deps, PROBE_WALLET, (wallet) => wallet.ping())).ok),
  ]);
  return { database, wallets };
}

/** Health is about the platform, so it needs no tenant and no token, and tells no detail. */
export const healthRoutes = new OpenAPIHono<AppEnv>().openapi(read, async (c) => {
  const parts = await checkParts(dependenciesOf(c));
  const healthy = Object.values(parts).every((state) => state.status === 'ok');
  if (!healthy) {
    c.header('Retry-After', '5');
    return c.json({ status: 'degraded' as const, parts }, 503);
  }
  return c.json({ status: 'ok' as const, parts }, 200);
});
