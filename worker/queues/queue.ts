import { connect, type Database } from '../db/client.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import type { Log } from '../runtime/log.ts';
import { settingsOf } from '../runtime/settings.ts';

/** Shared by the consumers of every queue. */

/** Connects to the database as a queue consumer. */
export function connectAsQueue(env: Env): Database {
  const settings = settingsOf(env);
  return connect({
    databaseUrl: settings.DATABASE_URL,
    fetchEndpoint: settings.NEON_FETCH_ENDPOINT,
    applicationName: 'vanilla-queue',
  });
}

/** Returns the dependencies of use cases that run for a message. `requestId` names the message in logs. */
export const dependenciesOfMessage = (
  env: Env,
  ctx: Pick<ExecutionContext, 'waitUntil'>,
  { log, requestId }: { log: Log; requestId: string },
): Dependencies => ({
  settings: settingsOf(env),
  log,
  requestId,
  database: connectAsQueue(env),
  wallets: env.WALLET,
  tenantWallets: env.TENANT_WALLET,
  policyUpdates: env.POLICY_UPDATES_QUEUE,
  executionJobs: env.EXECUTIONS_QUEUE,
  mailQueue: env.MAIL_QUEUE,
  webhooksQueue: env.WEBHOOKS_QUEUE,
  guards: env.GUESS_GUARD,
  objects: env.OBJECTS,
  waitUntil: (promise) => ctx.waitUntil(promise),
});

const RETRY_DELAY_BASE_S = 2;
const RETRY_DELAY_MAX_S = 300;

/** Returns the seconds to wait after delivery number `attempts`: doubling, with jitter so that messages spread out. */
export const retryDelayS = (attempts: number): number =>
  Math.min(
    RETRY_DELAY_MAX_S,
    Math.ceil(RETRY_DELAY_BASE_S ** Math.min(attempts, 10) * (0.5 + Math.random())),
  );
