import { createRoute, OpenAPIHono } from '@hono/zod-openapi';
import { z } from 'zod';
import { checkDatabase } from '../../db/client.ts';
import type { Dependencies } from '../../runtime/dependencies.ts';
import { callWallet } from '../../wallet-access/wallet-client.ts';
import type { AppEnv } from '../app-env.ts';
import { dependenciesOf } from '../dependencies-of.ts';
import { json, open } from '../openapi/responses.ts';

const part = z
  .object({
    status: z.enum(['ok', 'down']).describe('`ok`: the part answers; `down`: it does not.'),
    latency_ms: z.int().min(0).describe('The time the check took, in milliseconds.'),
  })
  .meta({ id: 'HealthPart' });
const health = z
  .object({
    status: z.enum(['ok', 'degraded']).describe('`ok`: every part answers; `degraded`: a part is down.'),
    parts: z
      .object({
        database: part.describe('Postgres.'),
        wallets: part.describe('The Durable Objects that hold the wallets.'),
      })
      .describe('The parts of the platform.'),
  })
  .meta({ id: 'Health' });

const read = createRoute({
  method: 'get',
  path: '/health',
  operationId: 'getHealth',
  tags: ['Platform'],
  summary: "Check the platform's health.",
  description: 'Available at every hostname.',
  security: open,
  responses: {
    200: json(health, 'Every part answers.'),
    503: json(health, 'A part is down.'),
  },
});

type PartState = z.infer<typeof part>;

/** A wallet without a user. A call to it proves that Durable Objects start and answer, and writes nothing. */
const PROBE_WALLET = {
  tenant_id: '00000000-0000-0000-0000-000000000000',
  user_id: '00000000-0000-0000-0000-000000000000',
};

async function timed(check: () => Promise<boolean>): Promise<PartState> {
  const startedAtMs = Date.now();
  const healthy = await check().catch(() => false);
  return { status: healthy ? 'ok' : 'down', latency_ms: Date.now() - startedAtMs };
}

/** Checks every part of the platform. The database check also fails if the Worker's role can bypass row security. */
async function checkParts(deps: Dependencies) {
  const [database, wallets] = await Promise.all([
    timed(() => checkDatabase(deps.database)),
    timed(async () => (await callWallet(deps, PROBE_WALLET, (wallet) => wallet.ping())).ok),
  ]);
  return { database, wallets };
}

/** The platform's health, without a tenant, a token or details. */
export const healthRoutes = new OpenAPIHono<AppEnv>().openapi(read, async (c) => {
  const parts = await checkParts(dependenciesOf(c));
  const healthy = Object.values(parts).every((state) => state.status === 'ok');
  if (!healthy) {
    c.header('Retry-After', '5');
    return c.json({ status: 'degraded' as const, parts }, 503);
  }
  return c.json({ status: 'ok' as const, parts }, 200);
});
