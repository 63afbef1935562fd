import type { TestStack } from '../support/stack.ts';

/** A fault outside of the Worker, and its repair. */
export type Fault = {
  name: string;
  inject(stack: TestStack): Promise<void>;
  heal(stack: TestStack): Promise<void>;
};

async function put(url: string, body: unknown): Promise<void> {
  const answer = await fetch(url, { method: 'PUT', body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(`${url} answered ${answer.status}`);
}

const postgresFault = (mode: 'refuse' | 'hang' | 'reset_after_commit'): Fault => ({
  name: `Postgres: ${mode}`,
  inject: ({ gatewayOrigin }) => put(`${gatewayOrigin}/_faults`, { mode }),
  heal: ({ gatewayOrigin }) => put(`${gatewayOrigin}/_faults`, { mode: 'none' }),
});

const providerFault = (mode: string, more: Record<string, unknown> = {}): Fault => ({
  name: `providers: ${mode}`,
  inject: ({ simulatorOrigin }) =>
    put(`${simulatorOrigin}/_control/faults`, { provider: 'all', mode, ...more }),
  heal: ({ simulatorOrigin }) => put(`${simulatorOrigin}/_control/faults`, { provider: 'all', mode: 'none' }),
});

export const faults: Fault[] = [
  postgresFault('refuse'),
  postgresFault('hang'),
  postgresFault('reset_after_commit'),
  // A few calls hang until their timeout. More would only make the test longer.
  providerFault('hang', { remaining: 2 }),
  providerFault('slow_start', { delay_ms: 400 }),
  providerFault('reset_mid_stream'),
  providerFault('server_error'),
];
