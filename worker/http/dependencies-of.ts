import { connect } from '../db/client.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import type { RequestContext } from './app-env.ts';

/** Returns the dependencies of this request's use cases. */
export function dependenciesOf(c: RequestContext): Dependencies {
  const { settings, log, requestId } = c.var;
  return {
    settings,
    log,
    requestId,
    database: connect({
      databaseUrl: settings.DATABASE_URL,
      fetchEndpoint: settings.NEON_FETCH_ENDPOINT,
      applicationName: 'vanilla-request',
    }),
    wallets: c.env.WALLET,
    policyUpdates: c.env.POLICY_UPDATES_QUEUE,
    executionJobs: c.env.EXECUTIONS_QUEUE,
    waitUntil: (promise) => c.executionCtx.waitUntil(promise),
  };
}
