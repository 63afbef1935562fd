import type { TestProject } from 'vitest/node';
import { ACME, governAcme } from '../support/catalog.ts';
import { registerSomebody } from '../support/demo.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';

/** What tests need of the stack they share; functions cannot be handed to another process. */
export type SharedStack = Pick<
  TestStack,
  'port' | 'gatewayOrigin' | 'simulatorOrigin' | 'ownerUrl' | 'jwtSecret'
>;

declare module 'vitest' {
  export interface ProvidedContext {
    stack: SharedStack;
    /** An execution in the background that no provider ever answers, and whose it is. */
    unanswered: { email: string; location: string };
  }
}

/** Giving up takes two minutes: begun with the stack, it is over when it is looked at (unanswered.test.ts). */
async function beginUnanswered(stack: TestStack) {
  const acme = await governAcme(stack);
  const model = await acme.addFailing({ mode: 'server_error' }, { kind: 'google', mode: 'overloaded' });
  const user = await registerSomebody(stack.port, ACME);
  const { headers } = await user.post('/api/ai/executions', { model, prompt: 'Hello?', background: true });
  return { email: user.email, location: headers.location ?? '' };
}

/** One stack for all end-to-end tests: each test makes the users it needs, so that none meets another's leftovers. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const stack = await startTestStack();
  const { port, gatewayOrigin, simulatorOrigin, ownerUrl, jwtSecret } = stack;
  project.provide('stack', { port, gatewayOrigin, simulatorOrigin, ownerUrl, jwtSecret });
  project.provide('unanswered', await beginUnanswered(stack));
  return async () => {
    await stack.stop();
  };
}
