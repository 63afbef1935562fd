import { connect, type Database } from '../db/client.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import type { Settings } from '../runtime/settings.ts';
import type { RequestContext } from './app-env.ts';

/** The isolate's database by its settings. Neon over HTTP holds no connection, so all requests can use one. */
const databases = new WeakMap<Settings, Database>();

function databaseOf(settings: Settings): Database {
  const known = databases.get(settings);
  if (known !== undefined) return known;
  const database = connect({
    databaseUrl: settings.DATABASE_URL,
    fetchEndpoint: settings.NEON_FETCH_ENDPOINT,
    applicationName: 'vanilla-request',
  });
  databases.set(settings, database);
  return database;
}

/** Returns the dependencies of this request's use cases. */
export function dependenciesOf(c: RequestContext): Dependencies {
  const settings = c.get('settings');
  return {
    settings,
    log: c.get('log'),
    requestId: c.get('requestId'),
    database: databaseOf(settings),
    wallets: c.env.WALLET,
    tenantWallets: c.env.TENANT_WALLET,
    policyUpdates: c.env.POLICY_UPDATES_QUEUE,
    executionJobs: c.env.EXECUTIONS_QUEUE,
    mailQueue: c.env.MAIL_QUEUE,
    webhooksQueue: c.env.WEBHOOKS_QUEUE,
    guards: c.env.GUESS_GUARD,
    objects: c.env.OBJECTS,
    waitUntil: (promise) => c.executionCtx.waitUntil(promise),
  };
}
