import type { TestProject } from 'vitest/node';
import { ACME, governAcme } from '../support/catalog.ts';
import { registerSomebody } from '../support/demo.ts';
import { hostFetch } from '../support/host-fetch.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';

/** What tests need of the stack they share; functions cannot be handed to another process. */
export type SharedStack = Pick<
  TestStack,
  'port' | 'gatewayOrigin' | 'simulatorOrigin' | 'ownerUrl' | 'jwtSecret'
>;

/** An execution that was begun with the stack, and whose it is. */
type Begun = { email: string; location: string };

declare module 'vitest' {
  export interface ProvidedContext {
    stack: SharedStack;
    /** An execution in the background that no provider ever answers. */
    unanswered: Begun;
    /** A streamed execution whose provider falls silent in the middle, while its user listens on. */
    fallenSilent: Begun;
    /** The same, but its user leaves. */
    leftInTheMiddle: Begun;
    /** A streamed execution whose user leaves while its providers have not begun. */
    leftUnheard: Begun;
  }
}

type Acme = Awaited<ReturnType<typeof governAcme>>;

/** Giving up takes two minutes: begun with the stack, it is over when it is looked at (unanswered.test.ts). */
async function beginUnanswered(stack: TestStack, acme: Acme): Promise<Begun> {
  const model = await acme.addFailing({ mode: 'server_error' }, { kind: 'google', mode: 'overloaded' });
  const user = await registerSomebody(stack.port, ACME);
  const { headers } = await user.post('/api/ai/executions', { model, prompt: 'Hello?', background: true });
  return { email: user.email, location: headers.location ?? '' };
}

/** A stream on providers that fail so. Its user listens to its end, or for `patience_ms`; when the stack is stopped before, that is its end. */
async function beginStream(
  stack: TestStack,
  acme: Acme,
  modes: Parameters<Acme['addFailing']>,
  patience_ms?: number,
): Promise<Begun> {
  const model = await acme.addFailing(...modes);
  const { email, token } = await registerSomebody(stack.port, ACME);
  const response = await hostFetch(`http://${ACME}:${stack.port}/api/ai/executions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model, prompt: 'Hello?', stream: true }),
    ...(patience_ms === undefined ? {} : { signal: AbortSignal.timeout(patience_ms) }),
  });
  response.text().catch(() => undefined);
  return { email, location: `/api/ai/executions/${response.headers.get('x-execution-id')}` };
}

/** One stack for all end-to-end tests: each test makes the users it needs, so that none meets another's leftovers. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const stack = await startTestStack();
  const { port, gatewayOrigin, simulatorOrigin, ownerUrl, jwtSecret } = stack;
  project.provide('stack', { port, gatewayOrigin, simulatorOrigin, ownerUrl, jwtSecret });
  const acme = await governAcme(stack);
  project.provide('unanswered', await beginUnanswered(stack, acme));
  project.provide('fallenSilent', await beginStream(stack, acme, [{ mode: 'hang_mid_stream' }]));
  const patience_ms = 5_000;
  project.provide(
    'leftInTheMiddle',
    await beginStream(stack, acme, [{ mode: 'hang_mid_stream' }], patience_ms),
  );
  const silent = [{ mode: 'hang' }, { mode: 'hang' }] as const;
  project.provide('leftUnheard', await beginStream(stack, acme, [...silent], patience_ms));
  return async () => {
    await stack.stop();
  };
}
